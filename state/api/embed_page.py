"""The page of an embed: light, without cookies, and the only one that another site may show in a frame."""

from __future__ import annotations

import json
from html import escape
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from backend_services.dashboards.embeds import viewing
from backend_services.dashboards.embeds.errors import EmbedNotFoundError
from backend_services.dashboards.embeds.schemas import EmbedFrame
from backend_services.kernel.i18n import text
from backend_services.kernel.product import VERSION
from state.api.deps import public

router = APIRouter(prefix="/embed", include_in_schema=False)

WORDS = (
    "all", "busy", "chart", "closed", "failed", "filters", "period", "period_last_30", "period_own",
    "period_previous_month", "period_previous_year", "period_this_month", "period_this_quarter", "period_this_year",
    "retry", "stale", "table", "token", "view",
)  # fmt: skip
STYLES = (
    "/styles/tokens.css",
    "/styles/parts.css",
    "/styles/app.css",
    "/styles/figures.css",
    "/embedded/embed.css",
)
POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",  # what the chart library sets on its own elements
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
)


@router.get("/{embed_id:uuid}", response_class=HTMLResponse, **public())
async def page(embed_id: UUID) -> HTMLResponse:
    """Return the page; whoever has no key or token sees nothing on it."""
    try:
        frame = await viewing.frame_of(embed_id)
    except EmbedNotFoundError:
        missing = EmbedFrame(origins=(), language="en", theme="auto")
        return _answer(missing, _missing(missing.language), status=404)
    return _answer(frame, _shell(embed_id, frame), status=200)


def _answer(frame: EmbedFrame, body: str, *, status: int) -> HTMLResponse:
    styles = "".join(f'<link rel="stylesheet" href="{name}?v={VERSION}">' for name in STYLES)
    title = escape(text("embeds.view", frame.language))
    page = (
        f'<!doctype html><html lang="{frame.language}"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"{styles}</head>{body}</html>"
    )
    ancestors = " ".join(frame.origins) or "'none'"
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "; ".join((*POLICY, f"frame-ancestors {ancestors}")),
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Referrer-Policy": "no-referrer",
    }
    return HTMLResponse(page, status_code=status, headers=headers)


def _shell(embed_id: UUID, frame: EmbedFrame) -> str:
    texts = {name: text(f"embeds.{name}", frame.language, time="{time}") for name in WORDS}  # the page fills it in
    data = escape(json.dumps(texts, ensure_ascii=False), quote=True)
    loading = escape(text("embeds.loading", frame.language))
    needs_script = escape(text("embeds.needs_script", frame.language))
    return (
        f'<body data-id="{embed_id}" data-theme="{frame.theme}" data-texts="{data}">'
        f'<main class="o-embed" aria-busy="true"><p>{loading}</p><noscript><p>{needs_script}</p></noscript></main>'
        f'<script src="/embedded/embed.js?v={VERSION}" defer></script></body>'
    )


def _missing(language: str) -> str:
    return f'<body><main class="o-embed"><p>{escape(text("embeds.closed", language))}</p></main></body>'
