"""What opens an embed and what does not: keys, tokens signed as a customer signs them, ends."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlalchemy import select
from sqlmodel import col

from backend_services.dashboards.embeds import service, viewing
from backend_services.dashboards.embeds.errors import (
    EmbedClosedError,
    EmbedRevokedError,
    EmbedTokenError,
)
from backend_services.dashboards.embeds.models import Embed
from backend_services.dashboards.embeds.schemas import (
    EmbedAsk,
    EmbedMode,
    EmbedState,
)
from backend_services.dashboards.embeds.settings import get_embed_settings
from backend_services.kernel.actor import Actor
from backend_services.kernel.clock import frozen, now
from backend_services.kernel.db import transaction
from backend_services.kernel.ids import new_id
from tests.integration.embeds.making import (
    ADDRESS,
    countries,
    make,
    show,
    shows_only_slovenia,
    token,
)


async def test_a_signed_token_shows_its_customers_rows_only(ana: Actor, board: UUID) -> None:
    made = await make(ana, board, mode=EmbedMode.SIGNED, signed_fields=("country",))
    assert made.link is None
    shows_only_slovenia(await show(made, token(made.secret, filters={"country": "Slovenia"})))
    both = await show(made, token(made.secret, filters={"country": ["Slovenia", "Croatia"]}))
    assert countries(both) == {"Slovenia", "Croatia"}
    assert [(one.width, one.height) for one in both.tiles][:2] == [(6, 4), (6, None)]


async def test_a_token_must_be_whole_short_lived_and_signed_with_the_secret(ana: Actor, board: UUID) -> None:
    made = await make(ana, board, mode=EmbedMode.SIGNED, signed_fields=("country",))
    filters = {"country": "Slovenia"}
    good = token(made.secret, filters=filters)
    head, _, signature = good.split(".")
    forged = token("another-secret-of-enough-length", filters={"country": "Croatia"}).split(".")[1]
    unsigned = jwt.encode(
        {"alg": "HS512"}, {"exp": int(now().timestamp()) + 60, "filters": filters}, OctKey.import_key(made.secret),
        algorithms=["HS512"],
    )  # fmt: skip
    refused = {
        "the secret itself": made.secret,
        "another secret": token("another-secret-of-enough-length", filters=filters),
        "a changed body": f"{head}.{forged}.{signature}",
        "another algorithm": unsigned,
        "no filters": token(made.secret),
        "another field": token(made.secret, filters={"product": "x"}),
        "one field too many": token(made.secret, filters={**filters, "product": "x"}),
        "no value": token(made.secret, filters={"country": []}),
        "an empty value": token(made.secret, filters={"country": None}),
        "too long a life": token(made.secret, filters=filters, life_s=get_embed_settings().max_token_s + 3600),
        "expired": token(made.secret, filters=filters, life_s=-1),
        "not yet": token(made.secret, filters=filters, nbf=int(now().timestamp()) + 600),
        "no end": jwt.encode(
            {"alg": "HS256"}, {"filters": filters}, OctKey.import_key(made.secret), algorithms=["HS256"]
        ),
    }
    for why, credential in refused.items():
        try:
            await show(made, credential)
        except EmbedTokenError:
            continue
        pytest.fail(f"opened with {why}")
    with frozen(now() + timedelta(seconds=301)), pytest.raises(EmbedTokenError):
        await show(made, good)


async def test_the_key_of_another_embed_opens_nothing(ana: Actor, board: UUID) -> None:
    one, other = await make(ana, board), await make(ana, board)
    with pytest.raises(EmbedTokenError):
        await show(one, other.secret)
    with pytest.raises(EmbedTokenError):
        await viewing.show(new_id(), EmbedAsk(credential=one.secret), address=ADDRESS)


async def test_an_embed_ends_when_it_expires_or_is_revoked(ana: Actor, board: UUID) -> None:
    made = await make(ana, board)
    await show(made)
    with frozen(now() + timedelta(days=31)), pytest.raises(EmbedClosedError):
        await show(made)
    async with transaction(ana) as session:
        revoked = await service.revoke(ana, session, made.embed.id)
    assert revoked.state is EmbedState.REVOKED
    with pytest.raises(EmbedClosedError):
        await show(made)
    async with transaction(ana) as session:
        with pytest.raises(EmbedRevokedError):
            await service.rotate_secret(ana, session, made.embed.id)


async def test_the_old_secret_stays_good_for_the_overlap_only(ana: Actor, board: UUID) -> None:
    made = await make(ana, board)
    async with transaction(ana) as session:
        rotated = await service.rotate_secret(ana, session, made.embed.id)
    assert rotated.secret != made.secret
    await show(made, rotated.secret)
    await show(made, made.secret)
    with frozen(now() + timedelta(hours=get_embed_settings().overlap_hours, seconds=1)):
        await show(made, rotated.secret)
        with pytest.raises(EmbedTokenError):
            await show(made, made.secret)
    async with transaction(ana) as session:
        last = await service.rotate_secret(ana, session, made.embed.id, at_once=True)
    await show(made, last.secret)
    with pytest.raises(EmbedTokenError):
        await show(made, rotated.secret)


async def test_secrets_are_kept_sealed_and_shown_once(ana: Actor, board: UUID) -> None:
    made = await make(ana, board)
    async with transaction(ana) as session:
        row = (await session.scalars(select(Embed).where(col(Embed.id) == made.embed.id))).one()
        view = await service.get_embed(ana, session, made.embed.id)
    assert made.secret not in repr(row.model_dump())
    assert made.secret not in view.model_dump_json()
