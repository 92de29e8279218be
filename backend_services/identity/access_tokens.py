"""Access tokens: JWTs that say who somebody is for a quarter of an hour (RFC 9068, signed with HMAC-SHA256)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from backend_services.kernel.clock import now
from backend_services.kernel.errors import UnauthenticatedError
from backend_services.kernel.ids import new_id
from backend_services.kernel.secrets.crypto import derive_key

ISSUER = "omni"
AUDIENCE = "omni-api"
ALGORITHM = "HS256"


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a token that is genuine and not expired says."""

    user_id: UUID
    tenant_id: UUID
    family_id: UUID
    expires_at: datetime


def _key() -> OctKey:
    return OctKey.import_key(derive_key("identity.access_token"))


def issue(*, user_id: UUID, tenant_id: UUID, family_id: UUID, life_s: int) -> str:
    """Return a signed token."""
    moment = now()
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(user_id),
        "tid": str(tenant_id),
        "sid": str(family_id),
        "jti": str(new_id()),
        "iat": int(moment.timestamp()),
        "exp": int((moment + timedelta(seconds=life_s)).timestamp()),
    }
    return jwt.encode({"alg": ALGORITHM, "typ": "at+jwt"}, claims, _key(), algorithms=[ALGORITHM])


def read(text: str) -> AccessClaims:
    """Return what the token says.

    Raises:
        UnauthenticatedError: It is not ours, was changed, is of another kind, or is expired.
    """
    try:
        token = jwt.decode(text, _key(), algorithms=[ALGORITHM])
        claims = token.claims
        if token.header.get("typ") != "at+jwt" or claims["iss"] != ISSUER or claims["aud"] != AUDIENCE:
            raise UnauthenticatedError
        expires_at = datetime.fromtimestamp(int(claims["exp"]), tz=now().tzinfo)
        found = AccessClaims(UUID(claims["sub"]), UUID(claims["tid"]), UUID(claims["sid"]), expires_at)
    except (JoseError, KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise UnauthenticatedError from None
    if found.expires_at <= now():
        raise UnauthenticatedError
    return found
