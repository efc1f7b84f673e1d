"""What search engines are told: nothing that needs a sign-in, and where the open data are."""

from urllib.robotparser import RobotFileParser

import pytest
from django.urls import reverse

from hexi.kernel.manifest import added
from hexi.ui import doors

pytestmark = pytest.mark.django_db


def test_only_what_everybody_may_read_is_offered(client):
    answer = client.get("/robots.txt", headers={"host": "localhost"})
    assert answer["Content-Type"].startswith("text/plain")
    read = RobotFileParser()
    read.parse(answer.content.decode().splitlines())
    addresses = [f"/{doors.DOORS[page.door]}{page.path}" for page in added(doors.Page)]
    closed = [one for one in addresses if one.startswith(("/work/", "/command/", "/my/", "/documents/", "/apply/"))]
    assert len(closed) > 50
    assert [one for one in closed if read.can_fetch("*", one)] == []
    assert read.can_fetch("*", "/data/")
    assert read.site_maps() == [f"http://localhost{reverse('catalog.sitemap')}"]
