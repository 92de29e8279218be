"""What goes into and comes out of the use cases of embeds."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from backend_services.dashboards.prose import Block
from backend_services.dashboards.schemas import LegendEntry, NumberView, TableView
from backend_services.dashboards.spec import ChartKind, TileId
from backend_services.datasets.catalogue import FieldId, Filter, RelativePeriod, Scalar
from backend_services.kernel.i18n import field_text
from backend_services.kernel.schemas import Strict

Origin = Annotated[
    str,
    StringConstraints(pattern=r"^(https://(\*\.)?|http://)[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?(:\d{1,5})?$"),
]
"""Scheme, host and port of a page that may show the embed; ``https://*.example.org`` stands for every host below."""


class EmbedMode(StrEnum):
    """What opens an embed."""

    LINK = "link"
    SIGNED = "signed"


class EmbedState(StrEnum):
    """Whether an embed can be opened just now, and why not."""

    ACTIVE = "active"
    EXPIRED = "expired"
    NO_ACCESS = "no_access"
    REVOKED = "revoked"


class EmbedChange(Strict):
    """Everything a person chooses of an embed.

    Attributes:
        tile_id: The one tile that is shown; ``None`` shows the whole dashboard.
        reader_id: Whose present rights it reads with; ``None`` is who makes it.
        locked_filters: Always hold, below everything; no viewer sees or lifts them.
        signed_fields: Fields that every signed token must fix to a value.
        open_fields: Fields that viewers may filter by, among the values that the locked filters leave.
        period: Replaces the dashboard's period.
        period_open: Viewers may choose another period.
        origins: Pages that may show it in a frame; none at all: it opens as a page of its own only.
    """

    title: str = Field(min_length=1, max_length=120)
    tile_id: TileId | None = None
    reader_id: UUID | None = None
    locked_filters: tuple[Filter, ...] = Field(default=(), max_length=10)
    signed_fields: tuple[FieldId, ...] = Field(default=(), max_length=5)
    open_fields: tuple[FieldId, ...] = Field(default=(), max_length=5)
    period: RelativePeriod | None = None
    period_open: bool = False
    expires_at: datetime
    origins: tuple[Origin, ...] = Field(default=(), max_length=10)
    theme: Literal["auto", "light", "dark"] = "auto"
    language: Literal["en", "sl"] = "en"
    show_title: bool = True
    allow_csv: bool = False

    @model_validator(mode="after")
    def _fields_differ(self) -> Self:
        closed = {one.field for one in self.locked_filters} | set(self.signed_fields)
        both = sorted(closed & set(self.open_fields))
        if both:
            raise ValueError(field_text("fields.both_fixed_and_open", names=", ".join(both)))
        if self.expires_at.tzinfo is None:
            raise ValueError(field_text("fields.offset"))
        return self


class EmbedCreate(EmbedChange):
    """A new embed."""

    dashboard_id: UUID
    mode: EmbedMode = EmbedMode.LINK

    @model_validator(mode="after")
    def _only_tokens_carry_filters(self) -> Self:
        if self.mode is EmbedMode.LINK and self.signed_fields:
            raise ValueError(field_text("fields.signed_mode"))
        return self


class EmbedView(EmbedChange):
    """An embed as those who manage it see it; its secret is never in it."""

    id: UUID
    dashboard_id: UUID
    owner_id: UUID
    mode: EmbedMode
    state: EmbedState
    address: str = Field(description="Of its page; the secret or token follows as its fragment.")
    uses: int
    last_used_at: datetime | None
    rotated_until: datetime | None = Field(description="Until when the secret before the last rotation is still good.")
    version: int
    created_at: datetime
    updated_at: datetime


class EmbedSecret(Strict):
    """An embed with its secret, which is shown this one time.

    Attributes:
        link: What to open or put into a frame; ``None`` where tokens open it.
    """

    embed: EmbedView
    secret: str
    link: str | None


class EmbedAsk(Strict):
    """What a viewer's page asks for: all figures, with what the viewer chose."""

    credential: str = Field(min_length=1, max_length=4000, description="The key of the link, or a signed token.")
    period: RelativePeriod | None = None
    filters: dict[FieldId, tuple[Scalar, ...]] = Field(default_factory=dict, max_length=5)
    opened: bool = Field(default=False, description="The page was just opened; this counts as a use.")


class EmbedExport(EmbedAsk):
    """A request for one tile's answer as CSV."""

    tile_id: TileId


class EmbeddedTile(Strict):
    """A tile as a viewer on another site sees it: no SQL, no rules, no names of datasets."""

    id: str
    title: str
    chart: ChartKind
    width: int
    height: int | None = Field(default=None, description="Rows that it takes at least; else as many as it needs.")
    state: Literal["ready", "insufficient_data", "failed"]
    figure: dict[str, Any] | None = None
    phone_layout: dict[str, Any] | None = None
    legend: tuple[LegendEntry, ...] = ()
    number: NumberView | None = None
    table: TableView | None = None
    text: tuple[Block, ...] = ()
    finding: str = ""
    period: str = ""
    accessible: str = ""
    notes: tuple[str, ...] = ()
    message: str = Field(default="", description="Why there is no figure.")
    data_as_of: str = ""


class OpenField(Strict):
    """A field that viewers may filter by, with its most frequent values among the rows that they may see."""

    field: FieldId
    label: str
    values: tuple[Scalar, ...]


class EmbeddedView(Strict):
    """Everything the page of an embed shows; a single tile carries its title itself."""

    title: str
    language: Literal["en", "sl"]
    theme: Literal["auto", "light", "dark"]
    tiles: tuple[EmbeddedTile, ...]
    open_fields: tuple[OpenField, ...] = ()
    period: RelativePeriod | None = None
    period_open: bool = False
    allow_csv: bool = False
    refresh_s: int = Field(default=0, description="After how many seconds the page asks again; 0 for never.")


class EmbedFrame(Strict):
    """What the page itself needs before any figure: who may show it, and its language."""

    origins: tuple[str, ...]
    language: Literal["en", "sl"]
    theme: Literal["auto", "light", "dark"]
