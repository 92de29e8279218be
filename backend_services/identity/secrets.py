"""Texts that open doors: how they are made, told apart and turned into what is stored."""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import string
from dataclasses import dataclass
from hashlib import sha256

from backend_services.kernel.secrets.crypto import derive_key

_ALPHABET = string.ascii_letters + string.digits
_RANDOM_LENGTH = 40
_SHOWN_LENGTH = 6


@dataclass(frozen=True, slots=True)
class NewKey:
    """A fresh API key: the text to show once, and what is kept of it."""

    text: str
    prefix: str
    last4: str
    key_hash: str


def hash_token(text: str) -> str:
    """Return what is stored of an unguessable token. Fast on purpose: such a token cannot be tried out."""
    return sha256(b"omni token\0" + text.encode("utf-8", "surrogatepass")).hexdigest()


def keyed_hash(purpose: str, text: str) -> str:
    """Return a hash that only this install can make, for guessable texts such as addresses."""
    return hmac.new(derive_key(f"identity.{purpose}"), text.encode("utf-8", "surrogatepass"), sha256).hexdigest()


def new_api_key(environment: str, tier: str) -> NewKey:
    """Return a fresh key ``{environment}-key-{tier}-{random}``."""
    random = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_LENGTH))
    head = f"{environment}-key-{tier}-"
    return kept_of(head + random, prefix=head + random[:_SHOWN_LENGTH])


def kept_of(text: str, *, prefix: str) -> NewKey:
    """Return what is kept of a key's text."""
    return NewKey(text=text, prefix=prefix, last4=text[-4:], key_hash=hash_token(text))


def looks_like_api_key(text: str) -> bool:
    """Return whether ``text`` has the form of an API key rather than of an access token."""
    return text.startswith(("prod-key-", "dev-key-"))


def network_of(ip: str) -> str:
    """Return what counts as one address: an IPv4 address, or the /64 that one IPv6 customer holds."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
