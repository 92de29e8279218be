"""What opens an embed: the secret of a link, or a token signed with it (RFC 7519, HMAC-SHA256)."""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import Field, ValidationError

from backend_services.dashboards.embeds.errors import EmbedTokenError
from backend_services.dashboards.embeds.schemas import EmbedMode
from backend_services.dashboards.embeds.settings import get_embed_settings
from backend_services.datasets.catalogue import FieldId, Filter, Operator, Scalar
from backend_services.kernel.clock import now
from backend_services.kernel.schemas import Strict
from backend_services.kernel.secrets.crypto import seal, unseal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backend_services.dashboards.embeds.models import Embed

ALGORITHM: Final = "HS256"
PURPOSE: Final = "dashboards.embed"
SECRET_BYTES: Final = 32
_LEEWAY_S: Final = 30


class _Claims(Strict, extra="ignore"):
    """The claims of a token that matter here; others may be in it."""

    exp: int
    nbf: int = 0
    filters: dict[FieldId, Scalar | tuple[Scalar, ...]] = Field(default_factory=dict, max_length=5)


def new_secret() -> str:
    """Return a fresh secret: 256 bits, as text that fits an address."""
    return secrets.token_urlsafe(SECRET_BYTES)


def sealed(secret: str) -> str:
    """Return the secret as it is stored."""
    return seal(secret.encode(), PURPOSE)


def opened_filters(row: Embed, credential: str, *, signed_fields: tuple[str, ...]) -> tuple[Filter, ...]:
    """Return the filters that the credential brings, once it is found good; a link brings none.

    Raises:
        EmbedTokenError: It is not good, or does not fix exactly the fields that it must.
    """
    good = _secrets_of(row)
    if row.mode == EmbedMode.LINK.value:
        if not any(hmac.compare_digest(credential.encode(), one.encode()) for one in good):
            raise EmbedTokenError
        return ()
    claims = _claims(credential, good)
    if set(claims.filters) != set(signed_fields):
        raise EmbedTokenError
    return tuple(_fixed(field, value) for field, value in claims.filters.items())


def _secrets_of(row: Embed) -> tuple[str, ...]:
    found = [row.sealed]
    if row.sealed_before is not None and row.before_until is not None and row.before_until > now():
        found.append(row.sealed_before)
    return tuple(unseal(one, PURPOSE).decode() for one in found)


def _claims(token: str, good: Iterable[str]) -> _Claims:
    moment = now().timestamp()
    for secret in good:
        try:
            decoded = jwt.decode(token, OctKey.import_key(secret), algorithms=[ALGORITHM])
            claims = _Claims.model_validate(decoded.claims)
        except (JoseError, ValidationError, ValueError, TypeError):
            continue
        in_time = moment < claims.exp <= moment + get_embed_settings().max_token_s + _LEEWAY_S
        if in_time and claims.nbf <= moment + _LEEWAY_S:
            return claims
    raise EmbedTokenError


def _fixed(field: str, value: Scalar | tuple[Scalar, ...]) -> Filter:
    values = value if isinstance(value, tuple) else (value,)
    if not values:
        raise EmbedTokenError
    return Filter(field=field, operator=Operator.IN, values=values)
