"""Which addresses may be reached from here: networks as settings name them, and the public internet. Pure."""

from __future__ import annotations

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def parse_networks(text: str) -> tuple[Network, ...]:
    """Return the networks in ``text``, which has commas between them.

    Raises:
        ValueError: One of them is none.
    """
    return tuple(ipaddress.ip_network(one.strip()) for one in text.split(",") if one.strip())


def parse_address(text: str) -> Address:
    """Return the address in ``text``: the IPv4 address inside an IPv6 one, if there is one.

    Raises:
        ValueError: It is none.
    """
    address = ipaddress.ip_address(text.split("%", maxsplit=1)[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return inner or address
    return address


def is_public(address: Address) -> bool:
    """Return whether ``address`` is one of a single machine on the public internet."""
    return address.is_global and not address.is_multicast and not address.is_reserved
