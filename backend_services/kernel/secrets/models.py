"""Tables of secrets."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from backend_services.kernel.models import TenantRow


class StoredSecret(TenantRow, table=True):
    """A secret that a tenant entrusted to the platform, sealed.

    Attributes:
        sealed: See :mod:`backend_services.kernel.secrets.crypto`.
        key_id: Which root key sealed it; those of an old key are sealed anew.
    """

    __tablename__ = "secrets"
    __table_args__ = (UniqueConstraint("tenant_id", "name", name="uq_secrets_tenant_id_name"),)

    name: str = Field(nullable=False)
    sealed: str = Field(nullable=False)
    key_id: str = Field(nullable=False)
