"""Seals small secrets: AES-256-GCM under keys derived from the root key by purpose (HKDF-SHA256, RFC 5869).

A sealed value is ``v1.<key id>.<nonce and ciphertext, base64url>``. The purpose is part of the key and authenticated,
so a value sealed for one purpose opens for no other. The key id says which root key it was, so that the root key can be
changed: the old one moves to ``OMNI_SECRET_KEYS_OLD`` until everything is sealed anew.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backend_services.kernel.secrets.errors import RootKeyError, SecretUnreadableError
from backend_services.kernel.settings import get_settings

KEY_BYTES = 32
NONCE_BYTES = 12
VERSION = "v1"


def new_root_key() -> str:
    """Return a fresh root key as it is written in ``OMNI_SECRET_KEY``."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


class Keyring:
    """The present root key and those before it."""

    def __init__(self, current: str, *, old: tuple[str, ...] = ()) -> None:
        roots = [_decoded(text) for text in (current, *old)]
        self._current = roots[0]
        self._by_id = {_key_id(root): root for root in reversed(roots)}

    @property
    def key_id(self) -> str:
        """Identifier of the present root key; says nothing about the key."""
        return _key_id(self._current)

    def derive_key(self, purpose: str) -> bytes:
        """Return the 32-byte key for ``purpose`` under the present root key."""
        return _derived(self._current, purpose)

    def seal(self, data: bytes, purpose: str) -> str:
        """Return ``data`` encrypted and authenticated for ``purpose``."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(self.derive_key(purpose)).encrypt(nonce, data, purpose.encode())
        return f"{VERSION}.{self.key_id}.{base64.urlsafe_b64encode(nonce + sealed).decode().rstrip('=')}"

    def unseal(self, token: str, purpose: str) -> bytes:
        """Return what :meth:`seal` was given.

        Raises:
            SecretUnreadableError: It was changed, is for another purpose, or its root key is unknown.
        """
        try:
            version, key_id, body = token.split(".")
            raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
            root = self._by_id[key_id]
        except (ValueError, KeyError, binascii.Error):
            raise SecretUnreadableError from None
        if version != VERSION or len(raw) <= NONCE_BYTES:
            raise SecretUnreadableError
        try:
            return AESGCM(_derived(root, purpose)).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], purpose.encode())
        except InvalidTag:
            raise SecretUnreadableError from None

    def is_current(self, token: str) -> bool:
        """Return whether ``token`` was sealed under the present root key."""
        return token.startswith(f"{VERSION}.{self.key_id}.")

    def reseal(self, token: str, purpose: str) -> str:
        """Return ``token`` sealed under the present root key."""
        return self.seal(self.unseal(token, purpose), purpose)


def _decoded(text: str) -> bytes:
    try:
        root = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise RootKeyError from None
    if len(root) != KEY_BYTES:
        raise RootKeyError
    return root


def _derived(root: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"omni/" + purpose.encode()).derive(root)


def _key_id(root: bytes) -> str:
    return _derived(root, "key id")[:6].hex()


@lru_cache(maxsize=1)
def get_keyring() -> Keyring:
    """Return this process's keys, from ``OMNI_SECRET_KEY`` or the file it may lie in."""
    settings = get_settings()
    current = settings.secret_key.get_secret_value()
    if not current and settings.secret_key_file is not None:
        try:
            current = settings.secret_key_file.read_text().strip()
        except OSError as error:
            message = f"The root key cannot be read from OMNI_SECRET_KEY_FILE, {settings.secret_key_file}."
            raise RootKeyError(message) from error
    old = tuple(part for part in settings.secret_keys_old.get_secret_value().split(",") if part)
    return Keyring(current, old=old)


def seal(data: bytes, purpose: str) -> str:
    """Return ``data`` encrypted and authenticated for ``purpose``."""
    return get_keyring().seal(data, purpose)


def unseal(token: str, purpose: str) -> bytes:
    """Return what :func:`seal` was given.

    Raises:
        SecretUnreadableError: It was changed, is for another purpose, or its root key is unknown.
    """
    return get_keyring().unseal(token, purpose)


def derive_key(purpose: str) -> bytes:
    """Return the 32-byte key for ``purpose``, derived from the root key."""
    return get_keyring().derive_key(purpose)
