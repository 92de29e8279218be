"""What goes into and comes out of the library of dashboards: people, folders, marks, comments, differences."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from backend_services.dashboards.schemas import Origin
from backend_services.dashboards.spec import TileId
from backend_services.kernel.schemas import Strict

MAX_AT_ONCE = 200
FolderName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^/\\]+$")]
Body = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class Choice(StrEnum):
    """Which dashboards a list shows."""

    ALL = "all"
    FAVOURITES = "favourites"
    MINE = "mine"
    RECENT = "recent"
    SHARED = "shared"


class LibraryFilter(Strict):
    """What narrows the list of dashboards.

    Attributes:
        folder: A folder, or ``root`` for those outside all folders; ``None`` does not look at folders.
    """

    choice: Choice = Choice.ALL
    folder: UUID | Literal["root"] | None = None
    origins: tuple[Origin, ...] = ()


class PersonShare(Strict):
    """Share with a person of one's own team, by e-mail address."""

    email: str = Field(min_length=3, max_length=254)
    access: Literal["read", "edit"] = "read"


class PersonShareView(Strict):
    """A person with whom a dashboard is shared; one who was deactivated cannot open it."""

    user_id: UUID
    name: str
    email: str
    access: Literal["read", "edit"]
    active: bool
    shared_by: str
    created_at: datetime


class RoleShareView(Strict):
    """A role, or the whole team (``*``), with which a dashboard is shared."""

    role: str
    access: Literal["read", "edit"]
    shared_by: str
    created_at: datetime


class Person(Strict):
    """A person as others of the team see them."""

    user_id: UUID
    name: str
    email: str


class Reason(Strict):
    """Why the caller sees a dashboard: it is the owner's, the team's, or shared in this way."""

    kind: Literal["owner", "team", "everybody", "role", "person"]
    role: str = ""


class SharingView(Strict):
    """With whom a dashboard is shared, and why the caller sees it.

    Attributes:
        owner: ``None`` when it belongs to the team.
    """

    owner: Person | None
    roles: tuple[RoleShareView, ...]
    people: tuple[PersonShareView, ...]
    because: tuple[Reason, ...]


class FolderCreate(Strict):
    """A new folder."""

    name: FolderName
    parent_id: UUID | None = None


class FolderUpdate(Strict):
    """A new name and place; both are set."""

    name: FolderName
    parent_id: UUID | None = None


class FolderDelete(Strict):
    """The typed confirmation, and what becomes of the contents."""

    confirmation: str = Field(max_length=80)
    contents: Literal["refuse", "move_up"] = "refuse"


class FolderView(Strict):
    """A folder.

    Attributes:
        depth: 1 at the top.
        path: Its names from the top.
        dashboards: How many the caller may open directly in it.
        folders: How many folders lie directly in it.
    """

    id: UUID
    parent_id: UUID | None
    name: str
    depth: int
    path: tuple[str, ...]
    dashboards: int
    folders: int
    created_at: datetime
    updated_at: datetime


class MoveRequest(Strict):
    """Dashboards to move; without a folder they leave all folders."""

    dashboard_ids: tuple[UUID, ...] = Field(min_length=1, max_length=MAX_AT_ONCE)
    folder_id: UUID | None = None


class Moved(Strict):
    """How many were moved; all of them or none."""

    moved: int


class CommentCreate(Strict):
    """A comment on the dashboard, on one of its tiles, or an answer in a thread.

    ``@Name`` or ``@address`` mentions a person who may see the dashboard.
    """

    body: Body
    tile_id: TileId | None = None
    thread_id: UUID | None = None


class CommentUpdate(Strict):
    """A changed comment."""

    body: Body


class CommentResolve(Strict):
    """Close a thread, or open it again."""

    resolved: bool


class CommentView(Strict):
    """A comment; ``body`` is plain text, empty when it was deleted while it had answers.

    Attributes:
        mine: The caller wrote it.
        removable: The caller may delete it.
        resolvable: The caller may close or open its thread.
        replies: Oldest first; on the first comment of a thread only.
    """

    id: UUID
    tile_id: str | None
    thread_id: UUID | None
    author_id: UUID | None
    author: str
    body: str
    mentions: tuple[Person, ...]
    mine: bool
    removable: bool
    resolvable: bool
    created_at: datetime
    edited_at: datetime | None
    deleted: bool
    resolved_at: datetime | None
    resolved_by: str
    replies: tuple[CommentView, ...] = ()


class VersionNote(Strict):
    """A version's name and note."""

    name: str = Field(default="", max_length=80)
    note: str = Field(default="", max_length=500)


class FieldChange(Strict):
    """One value that differs; paths are those of the specification, values are JSON, ``None`` is nothing there."""

    path: str
    before: str | None
    after: str | None


class TileChange(Strict):
    """A tile that was added, removed, changed, or only moved; a changed one may have moved, too."""

    tile_id: str
    title: str
    kind: Literal["added", "removed", "changed", "moved"]
    moved: bool = False
    fields: tuple[FieldChange, ...] = ()


class Difference(Strict):
    """What changed from one version to another."""

    before: int
    after: int
    dashboard: tuple[FieldChange, ...]
    tiles: tuple[TileChange, ...]
