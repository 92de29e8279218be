"""A refused set-up says what to do, whatever code stands in the address."""

from __future__ import annotations

import pytest

from backend_services.kernel.i18n import text
from state.identity.setup import refusal_text


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("weak_password", "errors.weak_password"),
        ("weak_password_common", "errors.weak_password"),
        ("invalid_email", "people.fix.email"),
        ("invalid_tenant_name", "people.fix.name"),
        ("buy_cheap_watches", "errors.invalid_input"),
    ],
)
def test_code_becomes_a_sentence_of_ours(code: str, key: str) -> None:
    assert refusal_text(code, "sl") == text(key, "sl")
