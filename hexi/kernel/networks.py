"""The network an address belongs to, as limits count it: one address of IPv4, the /64 of IPv6."""

from ipaddress import IPv6Address, ip_address


def counted(address: str) -> str:
    """What stands for who is at an address: a household or phone has a /64 to itself (RFC 6177 §2, RFC 8981 §1) and may
    take another address in it for every request. An IPv4 address inside IPv6 is itself; what is no address stays."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return f"{IPv6Address(int(found) >> 64 << 64)}/64"
