"""Where services of ours may live: what a department writes down as an address is called from the gateway's machine.

Loopback and link-local addresses are the gateway's own and the cloud's metadata: without the option
`catalog.service_networks` they are never called; with it nothing but the networks it names. Asked where the connection
is made, whatever a name means at that moment.
"""

import ipaddress
import socket
from functools import lru_cache
from typing import Any

from aiohttp import ThreadedResolver
from django.core.exceptions import ImproperlyConfigured

from hexi.blocks.catalog import exchange_options as options

#: the same few are asked about with every call
_address = lru_cache(maxsize=1_000)(ipaddress.ip_address)


def may_be(address: str) -> bool:
    """True if a service may be at this IP address."""
    found = _address(address)
    found = getattr(found, "ipv4_mapped", None) or found
    if named := _networks(options.SERVICE_NETWORKS.value):
        return any(found in network for network in named)
    return not (found.is_loopback or found.is_link_local or found.is_unspecified or found.is_multicast)


@lru_cache(maxsize=8)
def _networks(said: str) -> list[Any]:
    try:
        return [ipaddress.ip_network(one.strip()) for one in said.split(",") if one.strip()]
    except ValueError as error:
        raise ImproperlyConfigured(f"{options.SERVICE_NETWORKS.key}: {error}") from error


def literal(host: str) -> bool:
    """True if a host is an IP address, which no resolver is asked about."""
    try:
        _address(host)
    except ValueError:
        return False
    return True


class Resolver(ThreadedResolver):
    """Names as the machine knows them, without addresses where no service may be."""

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> Any:
        """Raises OSError if nothing is left."""
        found = [one for one in await super().resolve(host, port, family) if may_be(one["host"].partition("%")[0])]
        if not found:
            raise OSError(f"{host}: no service may be there (catalog.service_networks)")
        return found
