"""What dashboards as code are written in, and what applying them would do."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, JsonValue, StringConstraints

from backend_services.dashboards.library_schemas import Difference
from backend_services.kernel.schemas import Strict

MOST_DOCUMENTS = 500
CodeName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?$")]
Fingerprint = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Document(Strict):
    """A dashboard as code: datasets by name, no id that another install would not have.

    Attributes:
        name: Stays the same for the life of the dashboard; the name of the file.
        folder: Path such as ``Sales/Weekly``; empty is outside all folders.
        dashboard: The specification with ``dataset`` in place of ``dataset_id``, without what is the default.
    """

    model_config = ConfigDict(str_strip_whitespace=False)  # a space in a filter's value is part of the value

    format: Literal["omni.dashboard.code/1"] = "omni.dashboard.code/1"
    name: CodeName
    folder: str = Field(default="", max_length=400)
    dashboard: dict[str, JsonValue]


class Exported(Strict):
    """A dashboard as code with the fingerprint of its present state."""

    document: Document
    fingerprint: Fingerprint


class Skipped(Strict):
    """A dashboard that cannot be written as code, and why."""

    title: str
    reason: str


class CodeExport(Strict):
    """All dashboards asked for, by name."""

    dashboards: tuple[Exported, ...]
    skipped: tuple[Skipped, ...]


class CodeApply(Strict):
    """What to apply.

    Attributes:
        bases: Name → fingerprint of the state that the document was made from, as an export gave it.
        prune: Delete dashboards that were applied from code before and are not among the documents.
        force: Overwrite what somebody changed in between.
        dry_run: Only say what would be done.
    """

    documents: tuple[Document, ...] = Field(max_length=MOST_DOCUMENTS)
    bases: dict[CodeName, Fingerprint] = Field(default_factory=dict, max_length=MOST_DOCUMENTS)
    prune: bool = False
    force: bool = False
    dry_run: bool = False


class Step(Strict):
    """What happens to one dashboard.

    Attributes:
        changed_meanwhile: Somebody changed it since it was exported or applied.
        problems: Why it cannot be applied; path → what to do.
        fingerprint: Of the state after it; empty when it is deleted.
    """

    name: str
    title: str
    action: Literal["create", "update", "unchanged", "delete"]
    changed_meanwhile: bool = False
    difference: Difference | None = None
    folder: tuple[str, str] | None = Field(default=None, description="Folder before and after, when it changes.")
    problems: dict[str, str] = Field(default_factory=dict)
    fingerprint: str = ""


class Plan(Strict):
    """What applying does, or did.

    Attributes:
        applied: It was done; otherwise nothing was written.
    """

    applied: bool
    steps: tuple[Step, ...]
