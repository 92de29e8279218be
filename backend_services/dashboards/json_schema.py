"""The documented JSON schema of a specification, and the page made from it. ``docs/reference`` holds both."""

from __future__ import annotations

import json
from typing import Any

from backend_services.dashboards.spec import DashboardSpec

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TITLE = "Dashboard specification, version 1"
_HEAD = f"""# {TITLE}

What is stored, exported, imported and made by the builder. The machine-readable form is
[dashboard-spec.json](dashboard-spec.json); `GET /api/v1/dashboards/schema` answers with the same.
Unknown fields are refused. Beyond this schema a specification must fit its data: named fields exist in the dataset's
catalogue, a line has a time or a number along its axis, a pie has six parts at most, a scatter chart has two measures,
a number has no dimension. A heat map has two dimensions and one measure; a histogram one number to cut into bins and
one measure; a map latitude and longitude, or countries, and one measure; a pivot table one to four dimensions, of which
`series` lies across; a text has the source `text`, and no other chart has it. `compare` is for lines, areas and bars.
[Choose a tile](../how-to/choose-a-tile.md) has an example of each.
"""


def json_schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of :class:`DashboardSpec`."""
    return {"$schema": DIALECT, **DashboardSpec.model_json_schema(), "title": TITLE}


def as_json() -> str:
    """Return the schema as the file ``docs/reference/dashboard-spec.json``."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def as_page() -> str:
    """Return the page ``docs/reference/dashboard-spec.md``."""
    schema = json_schema()
    parts: dict[str, dict[str, Any]] = {
        "DashboardSpec": {key: schema[key] for key in ("properties", "required") if key in schema}
    }
    parts |= dict(sorted(schema["$defs"].items()))
    return _HEAD + "".join(_section(name, part) for name, part in parts.items())


def _section(name: str, part: dict[str, Any]) -> str:
    said = str(part.get("description", "")).split("\n\n", maxsplit=1)[0].replace("\n", " ").replace("``", "`")
    lines = [f"\n## {name}\n", f"\n{said}\n" if said else ""]
    if "enum" in part:
        lines.append("\nOne of " + ", ".join(f"`{value}`" for value in part["enum"]) + ".\n")
    if "properties" in part:
        required = set(part.get("required", ()))
        lines.append("\n| field | type | default | meaning |\n|---|---|---|---|\n")
        lines.extend(_row(field, value, required=field in required) for field, value in part["properties"].items())
    return "".join(lines)


def _row(field: str, value: dict[str, Any], *, required: bool) -> str:
    default = "required" if required else f"`{json.dumps(value.get('default'), ensure_ascii=False)}`"
    said = " ".join(filter(None, [str(value.get("description", "")).replace("``", "`"), _limits(value)]))
    return f"| `{field}` | {_type(value)} | {default} | {said} |\n"


def _type(value: dict[str, Any]) -> str:
    if "$ref" in value:
        name = value["$ref"].rsplit("/", maxsplit=1)[-1]
        return f"[{name}](#{name.lower()})"
    for key in ("anyOf", "oneOf"):
        if key in value:
            return " or ".join(_type(one) for one in value[key])
    if "const" in value:
        return f"`{json.dumps(value['const'])}`"
    if "enum" in value:
        return " or ".join(f"`{one}`" for one in value["enum"])
    if value.get("type") == "array":
        return f"list of {_type(value['items'])}" if isinstance(value.get("items"), dict) else "list"
    return str(value.get("format") or value.get("type", "any"))


def _limits(value: dict[str, Any]) -> str:
    names = {
        "maxItems": "at most {} items",
        "maxLength": "at most {} characters",
        "maximum": "at most {}",
        "minLength": "at least {} characters",
        "minimum": "at least {}",
        "pattern": "matches `{}`",
    }
    said = [text.format(str(value[key]).replace("|", "\\|")) for key, text in names.items() if key in value]
    return "; ".join(said)
