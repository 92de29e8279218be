"""What the form of an embed says, as the service takes it."""

from __future__ import annotations

from backend_services.dashboards.embeds.schemas import EmbedCreate, EmbedMode
from backend_services.kernel.ids import new_id
from state.dashboards.embedding import chosen_of


def _made(**form: object) -> EmbedCreate:
    return EmbedCreate.model_validate(chosen_of({"embed_title": "Sales", **form}) | {"dashboard_id": new_id()})


def test_sites_are_parted_by_spaces_commas_and_semicolons() -> None:
    made = _made(origins="https://A.example/, https://b.example; https://*.c.example")
    assert made.origins == ("https://a.example", "https://b.example", "https://*.c.example")


def test_a_link_takes_no_field_that_only_tokens_carry() -> None:
    assert _made(mode="link", signed_field="country").signed_fields == ()
    signed = _made(mode="signed", signed_field="country", open_field="product", embed_tile="one")
    assert (signed.mode, signed.signed_fields, signed.open_fields) == (EmbedMode.SIGNED, ("country",), ("product",))
    assert signed.tile_id == "one"


def test_fields_that_are_not_shown_take_the_careful_choice() -> None:
    made = _made(signed_field=None, open_field=None, days="many")
    assert (made.allow_csv, made.period_open, made.origins, made.tile_id) == (False, False, (), None)
