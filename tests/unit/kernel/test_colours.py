"""Contrast against known pairs, and the accent of a tenant."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from backend_services.identity.schemas import TenantUpdate
from backend_services.kernel.colours import DARK_GROUNDS, LEAST_CONTRAST, accent_of, contrast, is_readable


def test_contrast_of_known_pairs() -> None:
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.478, abs=0.001)
    assert contrast("#0B6274", "#FFFFFF") == pytest.approx(7.0, abs=0.05)
    assert contrast("#123456", "#123456") == pytest.approx(1.0)


@pytest.mark.parametrize("colour", ["#0B6274", "#7A1FA2", "#000000", "#B0251D"])
def test_accent_can_be_read_in_both_modes(colour: str) -> None:
    accent = accent_of(colour)
    assert accent is not None
    assert accent.light == colour
    assert is_readable(accent.dark, DARK_GROUNDS)
    assert contrast(accent.light, accent.on_light) >= LEAST_CONTRAST
    assert contrast(accent.dark, accent.on_dark) >= LEAST_CONTRAST


@pytest.mark.parametrize("colour", ["", "#FFD400", "#8C8C8C"])
def test_no_accent_where_none_was_chosen_or_it_is_too_pale(colour: str) -> None:
    assert accent_of(colour) is None


def test_too_pale_an_accent_is_refused_with_the_field() -> None:
    with pytest.raises(ValidationError) as refused:
        TenantUpdate(accent_colour="#FFD400")
    assert refused.value.errors()[0]["loc"] == ("accent_colour",)
    assert TenantUpdate(accent_colour="#7A1FA2").accent_colour == "#7A1FA2"
    assert TenantUpdate(accent_colour="").accent_colour == ""
