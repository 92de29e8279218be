"""Sealing: only the right key and the right purpose open, and the root key can be changed."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_services.kernel.secrets.crypto import Keyring, new_root_key
from backend_services.kernel.secrets.errors import RootKeyError, SecretUnreadableError

KEYS = Keyring(base64.b64encode(b"a" * 32).decode())


@given(data=st.binary(max_size=300), purpose=st.text(min_size=1, max_size=40))
def test_what_is_sealed_opens_again(data: bytes, purpose: str) -> None:
    token = KEYS.seal(data, purpose)
    assert KEYS.unseal(token, purpose) == data
    assert KEYS.seal(data, purpose) != token


@given(position=st.integers(min_value=0, max_value=400))
def test_any_change_is_noticed(position: int) -> None:
    token = KEYS.seal(b"a secret that is long enough", "test")
    position %= len(token) - 1  # the last letter may hold bits that mean nothing
    other = "A" if token[position] != "A" else "B"
    with pytest.raises(SecretUnreadableError):
        KEYS.unseal(token[:position] + other + token[position + 1 :], "test")


@pytest.mark.parametrize("token", ["", "v1", "v1.x.y", "v1..", "a.b.c.d", "v2.000000000000.AAAA"])
def test_nonsense_is_refused(token: str) -> None:
    with pytest.raises(SecretUnreadableError):
        KEYS.unseal(token, "test")


def test_another_purpose_does_not_open() -> None:
    with pytest.raises(SecretUnreadableError):
        KEYS.unseal(KEYS.seal(b"x", "one"), "two")


def test_the_root_key_is_changed_without_loss() -> None:
    old_root, new_root = new_root_key(), new_root_key()
    token = Keyring(old_root).seal(b"x", "p")
    with pytest.raises(SecretUnreadableError):
        Keyring(new_root).unseal(token, "p")
    both = Keyring(new_root, old=(old_root,))
    assert both.unseal(token, "p") == b"x"
    assert not both.is_current(token)
    anew = both.reseal(token, "p")
    assert both.is_current(anew)
    assert Keyring(new_root).unseal(anew, "p") == b"x"


@pytest.mark.parametrize("root", ["", "short", base64.b64encode(b"a" * 31).decode(), "ä" * 44])
def test_a_bad_root_key_is_refused(root: str) -> None:
    with pytest.raises(RootKeyError):
        Keyring(root)


def test_keys_differ_by_purpose() -> None:
    assert KEYS.derive_key("a") != KEYS.derive_key("b")
    assert KEYS.derive_key("a") == KEYS.derive_key("a")
    assert len(KEYS.derive_key("a")) == 32
