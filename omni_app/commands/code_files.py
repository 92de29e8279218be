"""Dashboards as files: one reviewable YAML a dashboard, and beside them what they were made from."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import ValidationError

from backend_services.dashboards.code_schemas import Document
from backend_services.kernel.errors import InvalidInputError
from backend_services.kernel.i18n import fault_text

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping
    from pathlib import Path

STATE = ".omni-dashboards.json"
"""Name → fingerprint of the state that each file was made from; belongs under version control with the files."""
WIDTH = 110


class _Writer(yaml.SafeDumper):  # type: ignore[misc] # the library has no types
    """Writes texts of several lines as blocks, and lists indented below their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002, ARG002 - the library's signature
        super().increase_indent(flow, False)  # noqa: FBT003


def _text(writer: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return writer.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Writer.add_representer(str, _text)


class _Reader(yaml.SafeLoader):  # type: ignore[misc] # the library has no types
    """Reads YAML as 1.2 means it: ``no`` is a country and ``2026-01-31`` a text; a key stands once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - the library's signature
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = next((key for index, key in enumerate(keys) if key in keys[:index]), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(None, None, f"the key {twice} stands twice", node.start_mark)
        found: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return found


_Reader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _first in "tTfF":
    _Reader.yaml_implicit_resolvers.setdefault(_first, [])
_Reader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def written(document: Document) -> str:
    """Return the text of a document's file."""
    return str(
        yaml.dump(document.model_dump(mode="json"), Dumper=_Writer, sort_keys=False, allow_unicode=True, width=WIDTH)
    )


def read(text: str, *, name: str) -> Document:
    """Return the document of a file's text.

    Raises:
        InvalidInputError: It is no YAML, or no document; ``fields`` says where.
    """
    try:
        return Document.model_validate(yaml.load(text, Loader=_Reader))  # noqa: S506 - derived from the safe loader
    except yaml.YAMLError as error:
        raise InvalidInputError(fields={name: " ".join(str(error).split())}) from error
    except ValidationError as error:
        told = {f"{name}: {'.'.join(map(str, one['loc']))}": fault_text(one, "en") for one in error.errors()}
        raise InvalidInputError(fields=told) from error


def read_folder(folder: Path) -> tuple[tuple[Document, ...], dict[str, str]]:
    """Return the documents of a folder by name, and what they were made from.

    Raises:
        InvalidInputError: A file cannot be read, is not called as its dashboard, or there is no such folder.
    """
    if not folder.is_dir():
        raise InvalidInputError(fields={str(folder): "There is no such folder."})
    documents = []
    for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
        document = read(path.read_text(encoding="utf-8"), name=path.name)
        if document.name != path.stem:
            raise InvalidInputError(fields={path.name: f"Call the file {document.name}.yaml, or mend its name."})
        documents.append(document)
    return tuple(documents), read_state(folder)


def read_state(folder: Path) -> dict[str, str]:
    """Return the fingerprints that were written beside the files."""
    path = folder / STATE
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def write_folder(folder: Path, documents: Iterable[Document], fingerprints: Mapping[str, str]) -> None:
    """Write each document into its file, and their fingerprints; other files stay as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    for document in documents:
        (folder / f"{document.name}.yaml").write_text(written(document), encoding="utf-8")
    write_state(folder, {**read_state(folder), **fingerprints})


def write_state(folder: Path, fingerprints: Mapping[str, str]) -> None:
    """Write what the files were made from."""
    text = json.dumps(dict(sorted(fingerprints.items())), indent=2) + "\n"
    (folder / STATE).write_text(text, encoding="utf-8")
