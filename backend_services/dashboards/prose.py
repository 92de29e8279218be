"""A text among figures: a small part of Markdown as plain blocks and spans. No HTML is ever made or kept. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Final, Literal

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from pydantic import ConfigDict

from backend_services.kernel.schemas import Strict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_BLOCKS: Final = 200
_READER: Final = MarkdownIt("commonmark", {"html": False}).disable(["html_block", "html_inline", "image"])
_SAFE: Final = re.compile(r"^(?:https?://|mailto:|/(?!/)|#)", re.IGNORECASE)
_HEADINGS: Final = frozenset({"h1", "h2"})


class Span(Strict):
    """A piece of a line; ``href`` is only ever an address of the web, of mail, or of this site."""

    model_config = ConfigDict(str_strip_whitespace=False)  # the spaces at its ends part it from its neighbours

    text: str
    strong: bool = False
    emphasis: bool = False
    code: bool = False
    href: str = ""


class Block(Strict):
    """A paragraph, heading, entry of a list, quotation, piece of code or rule."""

    kind: Literal["heading", "subheading", "paragraph", "bullet", "step", "quote", "code", "rule"]
    spans: tuple[Span, ...] = ()
    mark: str = ""
    depth: int = 0


@dataclass(frozen=True, slots=True)
class _Around:
    """What a block stands in."""

    depth: int = 0
    mark: str = ""
    quoted: bool = False


def blocks_of(source: str) -> tuple[Block, ...]:
    """Return what ``source`` says, at most :data:`MOST_BLOCKS` blocks of it."""
    return tuple(islice(_blocks(SyntaxTreeNode(_READER.parse(source)), _Around()), MOST_BLOCKS))


def _blocks(node: SyntaxTreeNode, around: _Around) -> Iterator[Block]:
    for place, child in enumerate(node.children):
        # what follows in the same entry of a list has no mark of its own
        here = around if place == 0 else replace(around, mark="")
        match child.type:
            case "heading":
                kind: Literal["heading", "subheading"] = "heading" if child.tag in _HEADINGS else "subheading"
                yield Block(kind=kind, spans=_line(child))
            case "paragraph":
                yield _paragraph(child, here)
            case "bullet_list" | "ordered_list":
                yield from _entries(child, around)
            case "blockquote":
                yield from _blocks(child, replace(around, quoted=True))
            case "fence" | "code_block":
                code = Span(text=child.content.rstrip("\n"), code=True)
                yield Block(kind="code", spans=(code,), depth=around.depth)
            case "hr":
                yield Block(kind="rule")
            case _:
                continue


def _entries(node: SyntaxTreeNode, around: _Around) -> Iterator[Block]:
    first = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else 0
    for place, entry in enumerate(node.children):
        mark = f"{first + place}." if node.type == "ordered_list" else "\N{BULLET}"
        yield from _blocks(entry, replace(around, depth=around.depth + 1, mark=mark))


def _paragraph(node: SyntaxTreeNode, around: _Around) -> Block:
    spans = _line(node)
    if around.mark:
        kind: Literal["bullet", "step"] = "bullet" if around.mark == "\N{BULLET}" else "step"
        return Block(kind=kind, spans=spans, mark=around.mark, depth=around.depth - 1)
    return Block(kind="quote" if around.quoted else "paragraph", spans=spans, depth=around.depth)


def _line(node: SyntaxTreeNode) -> tuple[Span, ...]:
    return tuple(span for inline in node.children for child in inline.children for span in _spans(child, Span(text="")))


def _spans(node: SyntaxTreeNode, style: Span) -> Iterator[Span]:
    match node.type:
        case "softbreak" | "hardbreak":
            yield style.model_copy(update={"text": " " if node.type == "softbreak" else "\n"})
            return
        case "text" | "code_inline":
            if node.content:
                yield style.model_copy(update={"text": node.content, "code": node.type == "code_inline"})
            return
        case "strong":
            style = style.model_copy(update={"strong": True})
        case "em":
            style = style.model_copy(update={"emphasis": True})
        case "link":
            wanted = str(node.attrs.get("href", ""))
            style = style.model_copy(update={"href": wanted if _SAFE.match(wanted) else ""})
        case _:
            return
    for child in node.children:
        yield from _spans(child, style)


def plain(blocks: Sequence[Block]) -> str:
    """Return the words alone, for where there is no room for a layout."""
    return " ".join("".join(span.text for span in block.spans) for block in blocks if block.spans)
