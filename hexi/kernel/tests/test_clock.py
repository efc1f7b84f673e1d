"""The demo clock: shared by a file, moved forward, put back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from hexi.kernel import clock


@pytest.fixture
def demo(tmp_path):
    clock.use_file(tmp_path / "clock")
    yield tmp_path / "clock"
    clock.use_file(None)


def test_real_clock_cannot_be_moved():
    clock.use_file(None)
    with pytest.raises(RuntimeError):
        clock.move(60)


def test_moves_add_up_and_other_processes_read_the_file(demo):
    clock.move(3600)
    clock.move(86400)
    assert demo.read_text() == "90000.0"
    assert timedelta(seconds=89_990) < clock.now() - datetime.now(UTC) < timedelta(seconds=90_010)


def test_zero_goes_back(demo):
    clock.move(3600)
    clock.move(0)
    assert clock.offset() == 0


def test_day_is_chinas():
    assert clock.local_day(datetime(2026, 11, 24, 16, 30, tzinfo=UTC)).isoformat() == "2026-11-25"


def test_a_told_moment_is_now_until_the_telling_ends():
    moment = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)
    with clock.told_at(moment):
        assert (clock.now(), clock.today().isoformat()) == (moment, "2026-11-02")
        with ThreadPoolExecutor(1) as other:
            assert other.submit(clock.now).result() > moment
    assert clock.now() > moment


def test_a_told_moment_ends_with_an_error_too():
    moment = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)
    with pytest.raises(ZeroDivisionError), clock.told_at(moment):
        raise ZeroDivisionError
    assert clock.now() > moment
