"""The grid with many at once: two close one incident, one draft is sent thrice, two answer one wish, two files of cells."""

import io
from functools import partial

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.cases.models import Case, Event
from hexi.blocks.documents.models import Document
from hexi.blocks.documents.tests import make as documents
from hexi.blocks.indicators.counted import sources
from hexi.blocks.indicators.queries import differences
from hexi.blocks.people.tests import make as people
from hexi.domains.livelihood.grid.models import Cell, CheckIn, Duty, Incident
from hexi.domains.livelihood.grid.operations import handling, keeping, mapping, reporting
from hexi.domains.livelihood.grid.tests import make
from hexi.domains.livelihood.grid.tests.test_figures import ALWAYS
from hexi.kernel.actors import Denied
from tests.races.together import parted, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def test_two_close_one_incident_and_one_is_told():
    incident = make.make_verifying()
    judges = [make.acting("grid_centre") for _ in range(4)]
    work = [partial(handling.close, incident.case, by=judge) for judge in judges[:2]]
    work += [partial(handling.rework, incident.case, by=judge, opinion="没好。") for judge in judges[2:]]
    done, refused = parted(together(*work, expect=(ValidationError, Denied)), (ValidationError, Denied))
    assert (len(done), len(refused)) == (1, 3)
    assert Event.objects.filter(action__in=("close", "rework")).count() == 1
    assert differences(sources()["grid.received"], *ALWAYS) == []


def test_two_dispatch_one_incident_to_two_units():
    incident = make.make_incident()
    centre = make.acting("grid_centre")
    handling.file(incident.case, by=centre)
    units = [make.make_unit(), people.make_department("yumen-housing")]
    work = [partial(handling.dispatch, incident.case, unit=unit, by=make.acting("grid_centre")) for unit in units]
    done, refused = parted(together(*work, expect=(ValidationError, Denied)), (ValidationError, Denied))
    assert (len(done), len(refused)) == (1, 1)
    assert incident.rounds.count() == 1


def test_one_draft_sent_thrice_at_once_is_one_incident_with_its_photo_once():
    cell = make.make_cells()[0]
    by = people.acting(make.make_worker(cell))
    photo = documents.make_image(seed=5)

    def send():
        sent = reporting.Report(subject="E0102", text="垃圾。", cell=cell, photos=[(io.BytesIO(photo), "1.jpg")])
        return reporting.report(sent, submission="one", by=by)

    found = together(*[send] * 3)
    assert sorted(new for _incident, new in found) == [False, False, True]
    assert {incident.pk for incident, _new in found} == {Incident.objects.get().pk}
    assert Case.objects.count() == 1
    present = Document.objects.present()
    assert list(present.values_list("of_kind", "of_ref")) == [("grid.incident", str(Incident.objects.get().pk))]


def test_one_check_in_sent_thrice_at_once_counts_once():
    cell = make.make_cells()[0]
    by = people.acting(make.make_worker(cell))
    sent = keeping.Presence(cell, None, make.WEST + 0.001, make.SOUTH + 0.001)
    found = together(*[partial(keeping.check_in, sent, submission="one", by=by)] * 3)
    assert sorted(new for _one, new in found) == [False, False, True]
    assert CheckIn.objects.count() == 1
    assert differences(sources()["gridcells.received"], *ALWAYS) == []


def test_two_answer_one_wish():
    incident = make.make_handling()
    due = incident.case.next_due
    handling.ask_delay(incident.case, amount=5, by=make.acting("grid_unit"), opinion="等配件。")
    work = [partial(handling.grant, incident.case, by=make.acting("grid_centre")) for _ in range(2)]
    done, refused = parted(together(*work, expect=(ValidationError,)), ValidationError)
    assert (len(done), len(refused)) == (1, 1)
    assert (make.fresh(incident).case.next_due - due).total_seconds() == 5 * 3600


def test_two_files_with_the_same_cells_leave_each_cell_once():
    make.make_rules()
    facts = {"scheme": "gbt30428_cell", "region": make.YUMEN, "department": make.make_centre(), "by": make.BY}
    features = [make.feature(1 + x, make.square(x)) for x in range(5)]
    take = partial(mapping.import_cells, make.collection(*features), name="x", **facts)
    together(take, take, take, expect=(ValidationError,))
    assert Cell.objects.count() == 5


def test_two_give_one_cell_to_the_same_worker():
    cell = make.make_cells(1)[0]
    worker = make.make_official("grid_worker")
    together(*[partial(mapping.assign, cell, worker, by=make.BY)] * 3)
    assert Duty.objects.count() == 1


def test_two_files_that_overlap_are_not_both_taken():
    make.make_rules()
    facts = {
        "name": "x",
        "scheme": "gbt30428_cell",
        "region": make.YUMEN,
        "department": make.make_centre(),
        "by": make.BY,
    }
    files = [make.collection(make.feature(n, make.square(0))) for n in (1, 2, 3)]
    found = together(*[partial(mapping.import_cells, file, **facts) for file in files])
    assert sorted(run.taken for run in found) == [0, 0, 1]
    assert Cell.objects.count() == 1
