"""Settings: profile, password, organisation, own sessions."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

import reflex as rx
from pydantic import ValidationError

from backend_services.identity import service as identity
from backend_services.identity.schemas import PasswordChange, ProfileUpdate, TenantUpdate
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import text
from backend_services.kernel.permissions import Permission
from state.feedback import flash, refusals_as_flash
from state.forms import problems_of
from state.policy import requires
from state.session import actor_of
from state.settings.models import ModelsState
from state.shell import ShellState

TABS = ("profile", "password", "organisation", "models")


class SettingsState(rx.State):
    """What the settings page shows."""

    tab: str = "profile"
    loaded: bool = False
    name: str = ""
    email: str = ""
    language: str = "en"
    time_zone: str = "UTC"
    zones: list[dict[str, str]] = []
    roles: str = ""
    tenant_name: str = ""
    tenant_zone: str = ""
    accent: str = ""
    problems: list[dict[str, str]] = []

    @rx.event
    @requires(Permission.SELF_ACCOUNT_READ)
    async def load(self) -> Any:
        """Read the account and the organisation, and the models where they are looked at."""
        actor = await actor_of(self)
        tab = self.router.url.query_parameters.get("tab", "profile")
        self.tab, self.problems = tab if tab in TABS else "profile", []
        async with refusals_as_flash(self), transaction(actor) as session:
            account = await identity.me(actor, session)
            self.name, self.email = account.name, account.email
            self.language, self.time_zone = account.language, account.time_zone
            self.tenant_name, self.tenant_zone = account.tenant.name, account.tenant.time_zone
            self.accent = account.tenant.accent_colour
            self.zones = [
                {"value": zone, "label": zone} for zone in sorted(available_timezones()) if "/" in zone or zone == "UTC"
            ]
            self.loaded = True
        return ModelsState.load if self.tab == "models" and actor.can(Permission.LLM_MODEL_READ) else None

    @rx.event
    @requires(Permission.SELF_ACCOUNT_WRITE)
    async def save_profile(self, form: dict[str, Any]) -> Any:
        """Keep name, language and time zone."""
        actor = await actor_of(self)
        try:
            change = ProfileUpdate(
                name=form.get("name"), language=form.get("language"), time_zone=form.get("time_zone")
            )
        except ValidationError as error:
            self.problems = problems_of(error, actor.language, area="settings")
            return None
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                account = await identity.update_profile(actor, session, change)
            await flash(self, text("settings.profile_saved", account.language))
            return [ShellState.open_page, SettingsState.load]
        return None

    @rx.event
    @requires(Permission.SELF_ACCOUNT_WRITE)
    async def save_password(self, form: dict[str, Any]) -> None:
        """Change the password; every other session of the account ends."""
        actor = await actor_of(self)
        self.problems = []
        try:
            change = PasswordChange(
                current_password=form.get("current_password", ""), new_password=form.get("new_password", "")
            )
        except ValidationError as error:
            self.problems = problems_of(error, actor.language, area="settings")
            return
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                await identity.change_password(actor, session, change)
            await flash(self, text("settings.password_saved", actor.language))

    @rx.event
    @requires(Permission.IDENTITY_TENANT_WRITE)
    async def save_tenant(self, form: dict[str, Any]) -> Any:
        """Keep the organisation's name, time zone and accent."""
        actor = await actor_of(self)
        try:
            change = TenantUpdate(
                name=form.get("tenant_name"), time_zone=form.get("tenant_zone"), accent_colour=form.get("accent")
            )
        except ValidationError as error:
            self.problems = problems_of(error, actor.language, area="settings")
            return None
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                await identity.update_tenant(actor, session, change)
            await flash(self, text("settings.tenant_saved", actor.language))
            return [ShellState.open_page, SettingsState.load]
        return None
