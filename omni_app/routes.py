"""Every page there is: one table for navigation, guards, documentation and tests."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from backend_services.kernel.permissions import Permission


class Face(StrEnum):
    """Who a page is for."""

    CONSOLE = "console"
    OPEN = "open"
    PORTAL = "portal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A page.

    Attributes:
        path: Address; ``[name]`` is a parameter.
        page: Module below ``omni_app.pages`` whose function ``page`` makes it.
        title: Text key of the browser's title.
        permission: What the reader needs; ``None`` is everybody.
        group: Heading in the navigation; empty for the one without.
        icon: Lucide name; empty keeps the page out of the navigation.
        key: Letter that goes there after ``g``.
        area: Entry of the navigation that is marked while this page is open; default is the page itself.
    """

    path: str
    page: str
    title: str
    face: Face = Face.CONSOLE
    permission: Permission | None = None
    group: str = ""
    icon: str = ""
    key: str = ""
    area: str = ""

    @property
    def name(self) -> str:
        """Return the page's module path, which is unique."""
        return self.page


P = Permission

ROUTES: Final[tuple[Route, ...]] = (
    Route(path="/sign-in", page="open.sign_in", title="account.sign_in", face=Face.OPEN),
    Route(path="/setup", page="open.setup", title="setup.title", face=Face.OPEN),
    Route(path="/welcome", page="open.welcome", title="setup.title", permission=P.DATASETS_DATASET_WRITE),
    Route(path="/", page="console.home", title="home.title", permission=P.SELF_ACCOUNT_READ, icon="house", key="h"),
    Route(
        path="/dashboards",
        page="console.dashboards",
        title="dashboards.title",
        permission=P.DASHBOARDS_DASHBOARD_READ,
        group="analyse",
        icon="layout-dashboard",
        key="d",
    ),
    Route(
        path="/dashboards/[dashboard_id]",
        page="console.dashboard",
        title="dashboards.one",
        permission=P.DASHBOARDS_DASHBOARD_READ,
        area="console.dashboards",
    ),
    Route(
        path="/dashboards/[dashboard_id]/edit",
        page="console.edit",
        title="ui.edit",
        permission=P.DASHBOARDS_DASHBOARD_WRITE,
        area="console.dashboards",
    ),
    Route(
        path="/deliveries",
        page="console.deliveries",
        title="deliveries.title",
        permission=P.DASHBOARDS_SUBSCRIPTION_WRITE,
        group="analyse",
        icon="send",
        key="y",
    ),
    Route(
        path="/embeds",
        page="console.embeds",
        title="embeds.page",
        permission=P.DASHBOARDS_EMBED_WRITE,
        group="analyse",
        icon="code",
        key="m",
    ),
    Route(
        path="/alerts",
        page="console.alerts",
        title="alerts.title",
        permission=P.DASHBOARDS_ALERT_WRITE,
        group="analyse",
        icon="bell-ring",
        key="w",
    ),
    Route(
        path="/alerts/[alert_id]",
        page="console.alert",
        title="alerts.one",
        permission=P.DASHBOARDS_ALERT_READ,
        area="console.alerts",
    ),
    Route(
        path="/alerts/[alert_id]/edit",
        page="console.alert_edit",
        title="alerts.edit",
        permission=P.DASHBOARDS_ALERT_WRITE,
        area="console.alerts",
    ),
    Route(
        path="/inbox",
        page="console.inbox",
        title="deliveries.inbox",
        permission=P.DASHBOARDS_DASHBOARD_READ,
        group="analyse",
        icon="inbox",
        key="i",
    ),
    Route(
        path="/builder",
        page="console.builder",
        title="builder.nav",
        permission=P.DASHBOARDS_DASHBOARD_BUILD,
        group="analyse",
        icon="message-square-text",
        key="b",
    ),
    Route(
        path="/datasets",
        page="console.datasets",
        title="datasets.title",
        permission=P.DATASETS_DATASET_READ,
        group="analyse",
        icon="table-2",
        key="s",
    ),
    Route(
        path="/datasets/[dataset_id]",
        page="console.dataset",
        title="datasets.one",
        permission=P.DATASETS_DATASET_READ,
        area="console.datasets",
    ),
    Route(
        path="/connections",
        page="console.connections",
        title="connections.title",
        permission=P.DATASETS_CONNECTION_READ,
        area="console.datasets",
    ),
    Route(
        path="/connections/[connection_id]",
        page="console.connection",
        title="connections.one",
        permission=P.DATASETS_CONNECTION_READ,
        area="console.datasets",
    ),
    Route(
        path="/people",
        page="console.people",
        title="people.title",
        permission=P.IDENTITY_MEMBER_READ,
        group="trust",
        icon="users",
        key="p",
    ),
    Route(
        path="/keys",
        page="console.keys",
        title="keys.page",
        permission=P.IDENTITY_API_KEY_READ,
        group="trust",
        icon="key-round",
        key="k",
    ),
    Route(
        path="/webhooks",
        page="console.webhooks",
        title="webhooks.title",
        permission=P.KERNEL_WEBHOOK_READ,
        group="trust",
        icon="webhook",
        key="o",
    ),
    Route(
        path="/audit",
        page="console.audit",
        title="audit.title",
        permission=P.AUDIT_EVENT_READ,
        group="trust",
        icon="scroll-text",
        key="a",
    ),
    Route(
        path="/jobs",
        page="console.jobs",
        title="jobs.title",
        permission=P.KERNEL_JOB_READ,
        group="run",
        icon="list-checks",
        key="j",
    ),
    Route(
        path="/jobs/[job_id]", page="console.job", title="jobs.one", permission=P.KERNEL_JOB_READ, area="console.jobs"
    ),
    Route(
        path="/health",
        page="console.health",
        title="health.title",
        permission=P.OPERATIONS_HEALTH_READ,
        group="run",
        icon="activity",
        key="e",
    ),
    Route(path="/settings", page="console.settings", title="settings.title", permission=P.SELF_ACCOUNT_READ),
    Route(
        path="/portal",
        page="portal.home",
        title="portal.home",
        face=Face.PORTAL,
        permission=P.SELF_ACCOUNT_READ,
        icon="house",
        key="h",
    ),
    Route(
        path="/portal/dashboards",
        page="portal.dashboards",
        title="dashboards.title",
        face=Face.PORTAL,
        permission=P.DASHBOARDS_DASHBOARD_READ,
        icon="layout-dashboard",
        key="d",
    ),
    Route(
        path="/portal/dashboards/[dashboard_id]",
        page="portal.dashboard",
        title="dashboards.one",
        face=Face.PORTAL,
        permission=P.DASHBOARDS_DASHBOARD_READ,
        area="portal.dashboards",
    ),
    Route(
        path="/portal/deliveries",
        page="portal.deliveries",
        title="deliveries.title",
        face=Face.PORTAL,
        permission=P.DASHBOARDS_SUBSCRIPTION_WRITE,
        icon="send",
        key="y",
    ),
    Route(
        path="/portal/inbox",
        page="portal.inbox",
        title="deliveries.inbox",
        face=Face.PORTAL,
        permission=P.DASHBOARDS_DASHBOARD_READ,
        icon="inbox",
        key="i",
    ),
    Route(
        path="/portal/alerts",
        page="portal.alerts",
        title="alerts.title",
        face=Face.PORTAL,
        permission=P.DASHBOARDS_ALERT_READ,
        icon="bell-ring",
        key="w",
    ),
    Route(
        path="/portal/keys",
        page="portal.keys",
        title="portal.keys",
        face=Face.PORTAL,
        permission=P.IDENTITY_API_KEY_READ,
        icon="key-round",
        key="k",
    ),
    Route(
        path="/portal/team",
        page="portal.team",
        title="portal.team",
        face=Face.PORTAL,
        permission=P.IDENTITY_MEMBER_READ,
        icon="users",
        key="t",
    ),
    Route(
        path="/portal/settings",
        page="portal.settings",
        title="settings.title",
        face=Face.PORTAL,
        permission=P.SELF_ACCOUNT_READ,
    ),
)


def route_of(name: str) -> Route:
    """Return the route whose page is ``name``.

    Raises:
        KeyError: There is none.
    """
    for route in ROUTES:
        if route.page == name:
            return route
    raise KeyError(name)
