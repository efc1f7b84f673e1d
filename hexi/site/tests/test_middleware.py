"""Where a request comes from, as the rate limits count it."""

import pytest
from django.http import HttpResponse

from hexi.site.middleware import client_address


@pytest.mark.parametrize(
    ("seen", "forwarded", "address"),
    [
        ("192.0.2.7", "", "192.0.2.7"),
        ("192.0.2.7", "10.0.0.1", "192.0.2.7"),
        ("127.0.0.1", "10.0.0.1, 192.0.2.9", "192.0.2.9"),
        ("127.0.0.1", "", "127.0.0.1"),
    ],
)
def test_behind_a_proxy_on_this_machine_what_the_proxy_saw_counts(rf, seen, forwarded, address):
    request = rf.get("/", REMOTE_ADDR=seen, headers={"X-Forwarded-For": forwarded} if forwarded else {})
    client_address(lambda request: HttpResponse())(request)
    assert request.META["REMOTE_ADDR"] == address
