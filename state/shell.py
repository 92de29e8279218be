"""What the frame of every page shows: who looks, in which language, what runs, what was said."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any

import reflex as rx
from reflex.state import OnLoadInternalState

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.alerts import service as alerts
from backend_services.dashboards.subscriptions import service as subscriptions
from backend_services.datasets import service as datasets
from backend_services.identity import service as identity
from backend_services.identity.schemas import ProfileUpdate
from backend_services.kernel.colours import accent_of
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import LANGUAGES, text
from backend_services.kernel.jobs import service as jobs
from backend_services.kernel.jobs.schemas import JobState
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission
from backend_services.kernel.settings import get_settings
from state.feedback import refusals_as_flash
from state.policy import public, requires
from state.session import actor_of

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor

LANGUAGE_COOKIE = "omni_language"
FOUND_OF_EACH = 5
PORTAL = "/portal"
TWINS = {
    "": "",
    "/dashboards": "/dashboards",
    "/deliveries": "/deliveries",
    "/keys": "/keys",
    "/people": "/team",
    "/settings": "/settings",
}
"""Pages of the console that a customer has in the portal, by their address there."""
DASHBOARD_PARTS = 3


class ShellState(rx.State):
    """The reader's name, language, rights (for what is shown, never for what is allowed) and messages."""

    language: str = "en"
    ready: bool = False
    customer: bool = False
    name: str = ""
    initials: str = ""
    tenant: str = ""
    base_url: str = ""
    accent: dict[str, str] = {}
    permissions: list[str] = []
    running_jobs: int = 0
    unread: int = 0
    unread_alerts: int = 0
    flashes: list[dict[str, str]] = []
    found: list[dict[str, str]] = []

    @rx.event
    @requires(Permission.SELF_ACCOUNT_READ)
    async def open_page(self) -> Any:
        """Settle reader and language before a page shows itself; a customer's home is the portal."""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            account = await identity.me(actor, session)
            self.name, self.tenant = account.name, account.tenant.name
            self.base_url = get_settings().base_url
            self.initials = initials_of(account.name)
            self.accent = accent_variables(account.tenant.accent_colour)
            self.language = account.language if account.language in LANGUAGES else get_settings().default_language
            self.permissions = sorted(permission.value for permission in account.permissions)
            if actor.can(Permission.KERNEL_JOB_READ):
                self.running_jobs = (await jobs.count_jobs(actor, session, JobState.RUNNING))[JobState.RUNNING]
            if actor.can(Permission.DASHBOARDS_DASHBOARD_READ):
                self.unread = (await subscriptions.count_unread(actor, session)).unread
            if actor.can(Permission.DASHBOARDS_ALERT_READ):
                self.unread_alerts = (await alerts.count_unread(actor, session)).unread
            self.ready = True
            self.customer = account.tenant.kind == "customer"
            twin = portal_path(str(self.router.url.path)) if self.customer else ""
            return rx.redirect(twin + _query(self), replace=True) if twin else None
        return None

    @rx.event
    @public
    async def open_public(self) -> None:
        """Settle the language of a page without an account: by cookie, else by the browser."""
        if not self.ready:
            self.language = self._language_of_browser()
        self.ready = True

    def _language_of_browser(self) -> str:
        headers = self.router.headers
        try:
            cookie = SimpleCookie(headers.cookie).get(LANGUAGE_COOKIE)
        except CookieError:
            cookie = None
        if cookie is not None and cookie.value in LANGUAGES:
            return cookie.value
        for part in headers.accept_language.split(","):
            language = part.split(";")[0].strip().split("-")[0].lower()
            if language in LANGUAGES:
                return language
        return get_settings().default_language

    @rx.event
    @public
    async def choose_language(self, language: str) -> Any:
        """Show every text in ``language`` from now on; a signed-in reader keeps it.

        The page is read again for the texts that the services made; the editor is not, for what is unsaved in it.
        """
        if language not in LANGUAGES:
            return None
        self.language = language
        if not self.name:
            return None
        await self._keep_language(language)
        unsaved = str(self.router.url.path).rstrip("/").endswith("/edit")
        return None if unsaved else OnLoadInternalState.on_load_internal

    async def _keep_language(self, language: str) -> None:
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            change = ProfileUpdate.model_validate({"language": language})
            await identity.update_profile(actor, session, change)

    @rx.event
    @public
    async def dismiss(self, flash_id: str) -> None:
        """Take a message away."""
        self.flashes = [flash for flash in self.flashes if flash["id"] != flash_id]

    @rx.event
    @requires(Permission.SELF_ACCOUNT_READ)
    async def search(self, wanted: str) -> None:
        """Find dashboards and datasets for the palette."""
        actor = await actor_of(self)
        self.found = []
        if not wanted.strip():
            return
        request = PageRequest(limit=FOUND_OF_EACH, search=wanted.strip()[:200])
        found: list[dict[str, str]] = []
        async with refusals_as_flash(self), transaction(actor) as session:
            if actor.can(Permission.DASHBOARDS_DASHBOARD_READ):
                kind = text("dashboards.one", self.language)
                page = await dashboards.list_dashboards(actor, session, request)
                base = f"{PORTAL}/dashboards" if self.customer else "/dashboards"
                found += [{"label": one.title, "href": f"{base}/{one.id}", "kind": kind} for one in page.items]
            if actor.can(Permission.DATASETS_DATASET_READ):
                kind = text("datasets.one", self.language)
                listed = await datasets.list_datasets(actor, session, request)
                found += [
                    {
                        "label": one.title.in_language(self.language) or one.name,
                        "href": f"/datasets/{one.id}",
                        "kind": kind,
                    }
                    for one in listed.items
                ]
        self.found = found


async def count_alerts(state: rx.State, actor: Actor, session: AsyncSession) -> None:
    """Let the navigation say how many messages of alerts the reader has not read now."""
    shell: ShellState = await state.get_state(ShellState)
    shell.unread_alerts = (await alerts.count_unread(actor, session)).unread


def initials_of(name: str) -> str:
    """Return up to two initials of a name."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words[:1])).upper()


def portal_path(path: str) -> str:
    """Return where a customer finds the console's page at ``path``; empty where the portal has none."""
    wanted = path.rstrip("/")
    if wanted in TWINS:
        return PORTAL + TWINS[wanted]
    parts = wanted.split("/")
    return PORTAL + wanted if parts[:2] == ["", "dashboards"] and len(parts) == DASHBOARD_PARTS else ""


def accent_variables(colour: str) -> dict[str, str]:
    """Return a tenant's accent as variables of the style sheet; none where there is no readable one."""
    accent = accent_of(colour)
    if accent is None:
        return {}
    return {
        "--o-tenant-light": accent.light,
        "--o-tenant-on-light": accent.on_light,
        "--o-tenant-dark": accent.dark,
        "--o-tenant-on-dark": accent.on_dark,
    }


def _query(state: rx.State) -> str:
    query = str(state.router.url.query)
    return f"?{query.removeprefix('?')}" if query else ""
