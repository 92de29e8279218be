"""Where a customer finds a page of the console, what stops a customer, how long something runs."""

from __future__ import annotations

import pytest

from state.operations.page import duration
from state.shell import accent_variables, portal_path


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("/", "/portal"),
        ("/keys/", "/portal/keys"),
        ("/deliveries", "/portal/deliveries"),
        ("/people", "/portal/team"),
        ("/settings", "/portal/settings"),
        ("/dashboards/0199", "/portal/dashboards/0199"),
        ("/dashboards/0199/edit", ""),
        ("/portal", ""),
        ("/portal/keys", ""),
        ("/datasets", ""),
    ],
)
def test_a_customer_is_led_to_the_page_in_the_portal(path: str, there: str) -> None:
    assert portal_path(path) == there


def test_accent_becomes_variables_only_when_it_can_be_read() -> None:
    assert accent_variables("#7A1FA2")["--o-tenant-light"] == "#7A1FA2"
    assert accent_variables("#FFD400") == {}


@pytest.mark.parametrize(
    ("seconds", "said"), [(59, "0 min"), (3599, "59 min"), (3600, "1 h"), (47 * 3600, "47 h"), (3 * 86_400, "3 d")]
)
def test_duration_takes_the_unit_that_fits(seconds: float, said: str) -> None:
    assert duration(seconds, "en").replace("\N{NO-BREAK SPACE}", " ") == said
