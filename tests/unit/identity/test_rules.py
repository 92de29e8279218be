"""Roles, passwords, locks and addresses: the rules without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_services.identity.errors import RoleUnknownError, WeakPasswordError
from backend_services.identity.lockout import ACCOUNT, ADDRESS
from backend_services.identity.passwords import hash_password, require_strong, verify_password, weakness
from backend_services.identity.roles import PERMISSIONS, Role, parse_roles, permissions_of
from backend_services.identity.secrets import hash_token, looks_like_api_key, network_of, new_api_key
from backend_services.kernel.permissions import Permission
from state.api.forms import local_path

MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_every_permission_is_in_a_role_and_every_role_is_described() -> None:
    assert set(PERMISSIONS) == set(Role)
    assert frozenset[Permission]().union(*(held for role, held in PERMISSIONS.items())) == frozenset(Permission)
    below_owner = [held for role, held in PERMISSIONS.items() if role not in {Role.OWNER, Role.ADMIN}]
    for permission in (Permission.IDENTITY_TENANT_WRITE, Permission.IDENTITY_MEMBER_WRITE):
        assert not any(permission in held for held in below_owner)


def test_everybody_may_see_and_change_the_own_account() -> None:
    for held in PERMISSIONS.values():
        assert {Permission.SELF_ACCOUNT_READ, Permission.SELF_ACCOUNT_WRITE} <= held


def test_a_role_that_is_gone_allows_nothing() -> None:
    assert permissions_of(["emperor"]) == frozenset()
    with pytest.raises(RoleUnknownError):
        parse_roles(["viewer", "emperor"])
    with pytest.raises(RoleUnknownError):
        parse_roles([])
    assert parse_roles(["viewer", "analyst", "viewer"]) == (Role.ANALYST, Role.VIEWER)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "short"),
        ("x" * 257, "long"),
        ("password1", "common"),
        ("password1234", "common"),
        ("qwertyuiop12", "common"),
        ("ananovak2", "personal"),
        ("Ana.Novak@example.org", "personal"),
        ("kamen-most-oblak-7-reka", ""),
        ("t7#Kq9!vLz", ""),
    ],
)
def test_what_would_be_guessed_is_weak(password: str, reason: str) -> None:
    assert weakness(password, ("ana.novak@example.org", "Ana Novak")) == reason


async def test_a_weak_password_is_refused_with_the_reason() -> None:
    with pytest.raises(WeakPasswordError) as refused:
        await require_strong("short")
    assert refused.value.params == {"reason": "short"}


async def test_only_the_right_password_fits() -> None:
    stored = await hash_password("pravo geslo")
    assert stored.startswith("$argon2id$")
    assert await verify_password("pravo geslo", stored) == (True, None)
    assert await verify_password("napačno", stored) == (False, None)
    assert await verify_password("pravo geslo", None) == (False, None)
    assert (await verify_password("x" * 100_000, stored))[0] is False


@given(st.integers(min_value=0, max_value=10_000))
def test_delays_grow_and_end(failures: int) -> None:
    for rule in (ACCOUNT, ADDRESS):
        assert rule.delay_s(failures) <= rule.delay_s(failures + 1) <= rule.longest_s
    assert (ACCOUNT.delay_s(failures) > 0) == (failures >= 5)


def test_a_lock_ends_by_itself() -> None:
    assert ACCOUNT.wait_s(5, MOMENT, MOMENT) == 30
    assert ACCOUNT.wait_s(5, MOMENT, MOMENT + timedelta(seconds=30)) == 0
    assert ACCOUNT.wait_s(6, MOMENT, MOMENT) == 60
    assert ACCOUNT.wait_s(0, None, MOMENT) == 0


def test_keys_have_their_form_and_are_kept_as_hashes() -> None:
    key = new_api_key("prod", "enterprise")
    assert key.text.startswith("prod-key-enterprise-")
    assert key.text.startswith(key.prefix)
    assert key.text.endswith(key.last4)
    assert key.key_hash == hash_token(key.text)
    assert key.text not in repr(key.key_hash)
    assert looks_like_api_key(key.text)
    assert new_api_key("prod", "enterprise").text != key.text


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
    ],
)
def test_one_customer_is_one_address(ip: str, network: str) -> None:
    assert network_of(ip) == network


@given(st.text(max_size=60))
def test_a_redirect_stays_here(wanted: str) -> None:
    path = local_path(wanted)
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))
    assert "\n" not in path
    assert "\\" not in path
