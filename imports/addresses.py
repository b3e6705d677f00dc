"""Addresses on the web: which of them may be visited, and how they are shown."""

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_network

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_USER = re.compile(r"^([^/]*//)[^/]*@")
# What ipaddress takes for global, here or in some release, and what leads to private networks or belongs to
# nobody: the IETF's own (RFC 6890), relays of 6to4 (RFC 7526), Teredo and others (RFC 2928), 6to4 (RFC 3056),
# site-local (RFC 3879), documentation (RFC 9637).
_NOT_PUBLIC = tuple(
    ip_network(network)
    for network in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16", "fec0::/10", "3fff::/20")
)

Address = IPv4Address | IPv6Address
Allowed = Callable[[Address], bool]


def is_public(address: Address) -> bool:
    """Whether everybody may reach it. IPv4 addresses in the clothes of IPv6 never count as public."""
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    return not any(address in network for network in _NOT_PUBLIC if network.version == address.version)


def is_url(text: str) -> bool:
    return _SCHEME.match(text) is not None


def masked(url: str) -> str:
    """The address without what may be secret in it: user, password, query and fragment."""
    place, question, _ = url.partition("#")[0].partition("?")
    return _USER.sub(r"\1", place) + ("?…" if question else "")
