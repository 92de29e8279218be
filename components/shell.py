"""The frames of all pages: the console with its sidebar, the portal with its top navigation, the open page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import reflex as rx
from reflex_components_core.core.banner import has_connection_errors

from components.text import t
from components.theme import MODES, choose
from components.ui.button import icon_button
from components.ui.dialog import dialog
from components.ui.field import native_form
from components.ui.flash import flash_host
from components.ui.icon import brand_mark, hidden, icon
from components.ui.link import link, outside_link
from components.ui.menu import menu, menu_item, menu_link

Words = rx.Var[str] | str


@dataclass(frozen=True, slots=True, kw_only=True)
class NavigationItem:
    """An entry of a navigation.

    Attributes:
        name: The route's name; the current page's entry is marked by it.
        allowed: Whether the reader may open it; ``None`` is everybody.
        count: What waits there, shown when above zero.
        key: Letter that goes there after ``g``.
    """

    name: str
    href: str
    label: rx.Var[str]
    icon_name: str
    group: str = ""
    allowed: rx.Var[bool] | None = None
    count: rx.Var[int] | None = None
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Variables and handlers of the shell: who looks, what runs, what was said.

    Attributes:
        ready: The reader is known and the page has its data.
        found: Objects for the palette, ``{"label", "href", "kind", "icon"}``.
        on_language: Takes ``en`` or ``sl``.
        on_search: Takes the palette's text.
    """

    language: rx.Var[str]
    name: rx.Var[str]
    initials: rx.Var[str]
    tenant: rx.Var[str]
    version: str
    accent: rx.Var[dict[str, str]]
    ready: rx.Var[bool]
    running_jobs: rx.Var[int]
    flashes: rx.Var[list[dict[str, str]]]
    found: rx.Var[list[dict[str, str]]]
    on_dismiss: Any
    on_language: Any
    on_search: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Crumb:
    """A step of the breadcrumb; the last one has no address."""

    label: Words
    href: Words = ""


def console_shell(
    *content: Any, viewer: Viewer, navigation: Sequence[NavigationItem], current: str, crumbs: Sequence[Crumb]
) -> rx.Component:
    """Return a console page: skip link, sidebar (a drawer under 820 px), top bar, content, palette, messages."""
    side = _navigation(navigation, current)
    return _root(
        viewer,
        rx.el.div(
            rx.el.aside(
                _brand(viewer), side, _foot(viewer), class_name="o-side", custom_attrs={"aria-label": t("ui.main")}
            ),
            rx.el.div(
                _top(viewer, crumbs),
                rx.el.main(*content, class_name="o-page", id="main", tab_index=-1),
                class_name="o-main-col",
            ),
            class_name="o-app",
        ),
        dialog(_brand(viewer), _navigation(navigation, current), name="drawer", title=t("ui.areas")),
        _palette(viewer, navigation),
        _shortcuts(navigation),
    )


def portal_shell(*content: Any, viewer: Viewer, navigation: Sequence[NavigationItem], current: str) -> rx.Component:
    """Return a customer's page: own top navigation, the tenant's name and accent, no sidebar."""
    return _root(
        viewer,
        rx.el.header(
            icon_button("menu", t("ui.open_navigation"), class_name="only-phone", custom_attrs={"data-open": "drawer"}),
            link(brand_mark(), viewer.tenant, href="/portal", class_name="o-brand"),
            rx.el.nav(
                *[_portal_entry(item, current) for item in navigation], custom_attrs={"aria-label": t("ui.areas")}
            ),
            rx.el.span(class_name="sp"),
            _account(viewer, settings="/portal/settings"),
            class_name="o-ptop",
        ),
        rx.el.main(*content, class_name="o-ppage", id="main", tab_index=-1),
        dialog(_navigation(navigation, current), name="drawer", title=t("ui.areas")),
        _palette(viewer, navigation),
        _shortcuts(navigation),
        accented=True,
    )


def open_shell(*content: Any, viewer: Viewer, aside: Sequence[Any]) -> rx.Component:
    """Return a page without an account: sign-in, set-up."""
    return _root(
        viewer,
        rx.el.div(
            rx.el.aside(
                rx.el.span(brand_mark(), "Omni", class_name="o-brand"),
                *aside,
                _open_choices(viewer),
                custom_attrs={"aria-label": t("ui.about")},
            ),
            rx.el.main(*content, id="main", tab_index=-1),
            class_name="o-wiz",
        ),
    )


def _root(viewer: Viewer, *content: Any, accented: bool = False) -> rx.Component:
    own = {"data-accent": viewer.accent.length() > 0, "style": viewer.accent} if accented else {}
    return rx.el.div(
        rx.el.a(t("ui.skip"), href="#main", class_name="skip"),
        *content,
        rx.cond(
            has_connection_errors,
            rx.el.div(icon("unplug"), t("ui.connection_lost"), class_name="o-offline", role="status"),
        ),
        flash_host(viewer.flashes, viewer.on_dismiss),
        id="omni",
        custom_attrs={
            "data-lang": viewer.language,
            "data-ready": rx.cond(viewer.ready, "true", "false"),
            "data-say-empty": t("ui.fill_in"),
            "data-say-wrong": t("ui.fits_not"),
            **own,
        },
    )


def _brand(viewer: Viewer) -> rx.Component:
    return link(brand_mark(), "Omni", rx.el.span(viewer.tenant), href="/", class_name="o-brand")


def _foot(viewer: Viewer) -> rx.Component:
    return rx.el.p("Omni ", viewer.version, class_name="o-side-foot")


def _navigation(navigation: Sequence[NavigationItem], current: str) -> rx.Component:
    groups: dict[str, list[NavigationItem]] = {}
    for item in navigation:
        groups.setdefault(item.group, []).append(item)
    parts: list[Any] = []
    for group, items in groups.items():
        if group:
            parts.append(_heading(group, items))
        parts.append(rx.el.ul(*[_entry(item, current) for item in items]))
    return rx.el.nav(*parts, class_name="o-nav", custom_attrs={"aria-label": t("ui.areas")})


def _heading(group: str, items: Sequence[NavigationItem]) -> rx.Component:
    """Return the name of a group, unless the reader may open nothing in it."""
    heading = rx.el.h2(t(f"nav.group.{group}"))
    rights = [item.allowed for item in items if item.allowed is not None]
    return rx.cond(reduce(or_, rights), heading) if len(rights) == len(items) else heading


def _current(item: NavigationItem, current: str) -> dict[str, str]:
    return {"aria-current": "page"} if item.name == current else {}


def _entry(item: NavigationItem, current: str) -> rx.Component:
    entry = rx.el.li(
        link(
            icon(item.icon_name),
            item.label,
            *_counted(item),
            href=item.href,
            custom_attrs={**_current(item, current), "data-go": item.key},
        )
    )
    return entry if item.allowed is None else rx.cond(item.allowed, entry, rx.fragment())


def _counted(item: NavigationItem) -> list[rx.Component]:
    if item.count is None:
        return []
    return [rx.cond(item.count > 0, rx.el.span(item.count, hidden(t("nav.waiting")), class_name="n"))]


def _portal_entry(item: NavigationItem, current: str) -> rx.Component:
    entry = link(
        item.label, *_counted(item), href=item.href, custom_attrs={**_current(item, current), "data-go": item.key}
    )
    return entry if item.allowed is None else rx.cond(item.allowed, entry, rx.fragment())


def _top(viewer: Viewer, crumbs: Sequence[Crumb]) -> rx.Component:
    jobs = rx.cond(
        viewer.running_jobs > 0,
        rx.el.span(viewer.running_jobs, class_name="dot", custom_attrs={"aria-hidden": "true"}),
        rx.fragment(),
    )
    return rx.el.header(
        icon_button("menu", t("ui.open_navigation"), class_name="only-narrow", custom_attrs={"data-open": "drawer"}),
        _breadcrumb(crumbs),
        rx.el.span(class_name="sp no-phone"),
        rx.el.button(
            icon("search"),
            t("ui.search_or_jump"),
            rx.el.kbd("Ctrl K"),
            type="button",
            class_name="o-search no-phone",
            custom_attrs={"data-open": "palette"},
        ),
        icon_button("search", t("ui.search"), class_name="only-phone", custom_attrs={"data-open": "palette"}),
        link(
            icon("loader"),
            hidden(t("nav.jobs_running", n=viewer.running_jobs.to_string())),
            jobs,
            href="/jobs",
            class_name="o-iconbtn",
            title=t("nav.jobs"),
        ),
        icon_button("circle-help", t("ui.help"), class_name="no-phone", custom_attrs={"data-open": "shortcuts"}),
        _account(viewer),
        class_name="o-top",
    )


def _breadcrumb(crumbs: Sequence[Crumb]) -> rx.Component:
    items = [
        rx.el.li(link(crumb.label, href=crumb.href), icon("chevron-right", size=14))
        if isinstance(crumb.href, rx.Var) or crumb.href
        else rx.el.li(rx.el.span(crumb.label, custom_attrs={"aria-current": "page"}))
        for crumb in crumbs
    ]
    return rx.el.nav(
        rx.el.ol(*items, class_name="o-crumbs"), class_name="o-crumbs", custom_attrs={"aria-label": t("ui.breadcrumb")}
    )


def _choices(viewer: Viewer) -> list[Any]:
    mode_icons = dict(zip(MODES, ("monitor", "sun", "moon"), strict=True))
    return [
        rx.el.h3(t("ui.language")),
        menu_item("English", icon_name="languages", on_click=viewer.on_language("en"), lang="en"),
        menu_item("Slovenščina", icon_name="languages", on_click=viewer.on_language("sl"), lang="sl"),
        rx.el.h3(t("ui.theme")),
        *[
            menu_item(
                t(f"ui.theme.{mode}"),
                icon_name=mode_icons[mode],
                on_click=choose(mode),
                custom_attrs={"data-theme": mode},
            )
            for mode in MODES
        ],
    ]


def _account(viewer: Viewer, *, settings: str = "/settings") -> rx.Component:
    return menu(
        rx.el.p(rx.el.b(viewer.name), rx.el.span(viewer.tenant), class_name="who"),
        menu_link(t("nav.settings"), href=settings, icon_name="settings"),
        *_choices(viewer),
        native_form(
            rx.el.button(
                icon("log-out"), t("account.sign_out"), type="submit", custom_attrs={"data-menu-item": "true"}
            ),
            action="/auth/sign-out",
        ),
        name="account",
        label=t("ui.account_of", initials=viewer.initials, name=viewer.name),
        trigger=rx.fragment(
            rx.el.span(viewer.initials, class_name="o-ava", custom_attrs={"aria-hidden": "true"}),
            hidden(t("ui.account_of", initials=viewer.initials, name=viewer.name)),
        ),
        class_name="o-iconbtn",
    )


def _open_choices(viewer: Viewer) -> rx.Component:
    return rx.el.div(
        rx.el.button("English", type="button", class_name="o-linkbtn", on_click=viewer.on_language("en"), lang="en"),
        rx.el.button(
            "Slovenščina", type="button", class_name="o-linkbtn", on_click=viewer.on_language("sl"), lang="sl"
        ),
        class_name="row foot",
    )


def _option(
    label: Words, href: Words, kind: Words, icon_name: str, *, page: bool = False, **props: Any
) -> rx.Component:
    """Return an entry of the palette; the link itself is the option, for no control may lie in another."""
    attributes = {"aria-selected": "false", **({"data-page": "true"} if page else {})}
    entry = link(
        icon(icon_name),
        rx.el.span(label),
        rx.el.small(kind),
        href=href,
        tab_index=-1,
        role="option",
        custom_attrs=attributes,
    )
    return rx.el.li(entry, role="presentation", **props)


def _palette(viewer: Viewer, navigation: Sequence[NavigationItem]) -> rx.Component:
    pages = []
    for item in navigation:
        entry = _option(item.label, item.href, t("palette.page"), item.icon_name, page=True)
        pages.append(entry if item.allowed is None else rx.cond(item.allowed, entry, rx.fragment()))
    objects = rx.foreach(
        viewer.found, lambda one: _option(one["label"], one["href"], one["kind"], "arrow-right", key=one["href"])
    )
    return rx.el.dialog(
        rx.el.label(t("ui.search_or_jump"), html_for="palette-input", class_name="vh"),
        rx.el.input(
            id="palette-input",
            type="text",
            role="combobox",
            auto_complete="off",
            placeholder=t("ui.search_or_jump"),
            on_change=viewer.on_search.debounce(150),
            custom_attrs={"aria-expanded": "true", "aria-controls": "palette-list", "aria-autocomplete": "list"},
        ),
        rx.el.ul(*pages, objects, id="palette-list", role="listbox", custom_attrs={"aria-label": t("palette.results")}),
        rx.el.p(t("palette.nothing"), class_name="none", role="status"),
        id="palette",
        class_name="o-pal",
        custom_attrs={"aria-label": t("ui.search_or_jump")},
    )


def _shortcuts(navigation: Sequence[NavigationItem]) -> rx.Component:
    keys: list[tuple[str, rx.Var[str]]] = [
        ("Ctrl K", t("keys.palette")),
        ("/", t("keys.search")),
        ("T", t("keys.table")),
        ("F", t("keys.full")),
        ("?", t("keys.help")),
        ("Esc", t("keys.escape")),
        *[(f"g {item.key}", item.label) for item in navigation if item.key],
    ]
    return dialog(
        rx.el.dl(
            *[part for key, text in keys for part in (rx.el.dt(rx.el.kbd(key)), rx.el.dd(text))], class_name="o-dl"
        ),
        rx.el.div(
            rx.el.input(type="checkbox", id="single-keys", custom_attrs={"data-single-keys": "true"}),
            rx.el.label(t("keys.single"), html_for="single-keys"),
            class_name="o-check",
        ),
        rx.el.div(
            outside_link(t("ui.api_reference"), href="/api/docs"),
            rx.el.button(t("ui.close"), type="button", class_name="o-btn", custom_attrs={"data-close": "true"}),
            class_name="o-dialog-foot",
        ),
        name="shortcuts",
        title=t("keys.title"),
    )
