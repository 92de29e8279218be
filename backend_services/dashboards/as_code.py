"""Specifications as documents that people review: datasets by name, defaults left out, one order. Pure."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import BaseModel, ValidationError

from backend_services.dashboards.code_schemas import Document
from backend_services.dashboards.spec import DashboardSpec
from backend_services.kernel.i18n import fault_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

_IDS = {"dataset_id": "dataset", "default_dataset_id": "default_dataset"}
_NAMES = {name: field for field, name in _IDS.items()}
_ALWAYS = frozenset({"kind"})
"""Fields that tell kinds apart stay though they have a default: without them a document could not be read."""
MAX_NAME = 70


class NotAsCodeError(ValueError):
    """A dataset has no name, or a name has no dataset, or several; ``path`` says where, ``name`` which."""

    def __init__(self, path: str, name: str, code: str) -> None:
        self.path, self.name, self.code = path, name, code
        super().__init__(f"{path}: {name}")


def document_of(spec: DashboardSpec, *, name: str, folder: str, datasets: Mapping[UUID, str]) -> Document:
    """Return ``spec`` as code; ``datasets`` are the names by id of those that have a name of their own.

    Raises:
        NotAsCodeError: A dataset has no name that means it alone.
    """

    def named(path: str, dataset_id: str) -> str:
        found = datasets.get(UUID(dataset_id))
        if found is None:
            raise NotAsCodeError(path, dataset_id, "no_name")
        return found

    dashboard = _renamed(_plain(spec), _IDS, named)
    return Document(name=name, folder=folder, dashboard=dashboard)


def spec_of(document: Document, datasets: Mapping[str, Collection[UUID]]) -> DashboardSpec:
    """Return the specification that a document means here; ``datasets`` are the ids by name.

    Raises:
        NotAsCodeError: A dataset's name means none here, or several.
        ValidationError: The document is no specification.
    """

    def found(path: str, name: str) -> str:
        ids = list(datasets.get(name, ()))
        if len(ids) != 1:
            raise NotAsCodeError(path, name, "several" if ids else "none")
        return str(ids[0])

    dashboard: dict[str, Any] = document.dashboard
    return DashboardSpec.model_validate(_renamed(dashboard, _NAMES, found))


def problems_of(error: ValidationError, language: str) -> dict[str, str]:
    """Return the paths of a document that cannot be read, and why."""
    return {
        ".".join(str(part) for part in one["loc"]): fault_text(one, language) for one in error.errors(include_url=False)
    }


def fingerprint(document: Document) -> str:
    """Return the SHA-256 of a document's content, whatever the order of its keys."""
    content = {"folder": document.folder, "dashboard": document.dashboard}
    written = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def name_for(title: str, taken: Collection[str]) -> str:
    """Return a name made of ``title`` that is not taken, such as ``prodaja-po-tednih``."""
    letters = unicodedata.normalize("NFKD", title.replace("đ", "d").replace("Đ", "D"))
    plain = re.sub(r"[^a-z0-9]+", "-", letters.encode("ascii", "ignore").decode().lower()).strip("-")
    name = plain[:MAX_NAME].strip("-") or "dashboard"
    candidates = (name if number == 1 else f"{name}-{number}" for number in range(1, len(taken) + 2))
    return next(one for one in candidates if one not in taken)


def _plain(value: Any) -> Any:
    """Return a model as JSON without what is the default, in the order of its fields."""
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        return {
            name: _plain(inner)
            for name, inner in value
            if name in _ALWAYS
            or fields[name].is_required()
            or inner != fields[name].get_default(call_default_factory=True)
        }
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    return value if value is None or type(value) in {bool, int, float, str} else str(value)


def _renamed(value: Any, names: Mapping[str, str], replaced: Callable[[str, str], str], path: str = "dashboard") -> Any:
    """Return ``value`` with keys renamed and the texts under them replaced, at every depth."""
    if isinstance(value, list):
        return [_renamed(one, names, replaced, f"{path}[{index}]") for index, one in enumerate(value)]
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for key, inner in value.items():
        below = f"{path}.{key}"
        if key in names and isinstance(inner, str):
            found[names[key]] = replaced(below, inner)
        else:
            found[key] = _renamed(inner, names, replaced, below)
    return found
