"""The twenty built-in dashboard types: names, what data each needs, and the specification of those whose data exists.

Pure. A type without tiles is one whose data no part of the platform records yet; it says what is missing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend_services.dashboards.blueprints import BLUEPRINTS, Piece
from backend_services.dashboards.spec import ChartKind, DashboardSpec, MetricSource, Tile
from backend_services.datasets.catalogue import Catalogue, GroupBy, MetricQuery, Sort, Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

NOTHING = Text(en="")
_WORD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class DashboardType:
    """A built-in dashboard.

    Attributes:
        id: Stable name in addresses.
        aliases: Further names by which it may be asked for.
        lacks: What no part of the platform records yet; empty when the type has tiles.
        listed: One of the twenty; a few more names are known but not listed.
    """

    id: str
    name: Text
    description: Text
    priority: int
    aliases: tuple[str, ...] = ()
    lacks: Text = NOTHING
    listed: bool = True

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """Return its tiles as they are drawn up."""
        return BLUEPRINTS.get(self.id, ())

    @property
    def needs(self) -> tuple[str, ...]:
        """Return the names of the platform's datasets that it reads."""
        return tuple(dict.fromkeys(piece.dataset for piece in self.pieces))


def _type(
    type_id: str,
    names: tuple[str, str],
    said: tuple[str, str],
    priority: int,
    *,
    lacks: tuple[str, str] = ("", ""),
    aliases: tuple[str, ...] = (),
    listed: bool = True,
) -> DashboardType:
    return DashboardType(
        id=type_id,
        name=Text(en=names[0], sl=names[1]),
        description=Text(en=said[0], sl=said[1]),
        priority=priority,
        aliases=aliases,
        lacks=Text(en=lacks[0], sl=lacks[1]),
        listed=listed,
    )


TYPES: tuple[DashboardType, ...] = (
    _type(
        "revenue-analytics",
        ("Revenue Analytics", "Analitika prihodkov"),
        ("Revenue by month, plan and country.", "Prihodki po mesecih, paketih in državah."),
        1,
        lacks=("paid invoices", "plačani računi"),
    ),
    _type(
        "user-analytics",
        ("User Analytics", "Analitika uporabnikov"),
        ("Who belongs to the team and how often they sign in.", "Kdo je v ekipi in kako pogosto se prijavlja."),
        1,
        aliases=("User Engagement",),
    ),
    _type(
        "ai-performance",
        ("AI Performance", "Delovanje UI"),
        ("Models' calls, latency, errors and cost.", "Klici modelov, odzivnost, napake in stroški."),
        1,
        lacks=("calls to AI models", "klici modelov UI"),
        aliases=("ML Performance",),
    ),
    _type(
        "subscription-metrics",
        ("Subscription Metrics", "Kazalniki naročnin"),
        ("Subscriptions, churn and recurring revenue.", "Naročnine, odhodi in ponavljajoči se prihodki."),
        1,
        lacks=("subscriptions", "naročnine"),
    ),
    _type(
        "system-health",
        ("System Health", "Zdravje sistema"),
        ("Jobs and their outcome, requests and their latency.", "Opravila in njihov izid, zahtevki in odzivnost."),
        1,
    ),
    _type(
        "security-auth",
        ("Security & Auth", "Varnost in prijave"),
        ("Sign-ins, refusals and what was done.", "Prijave, zavrnitve in opravljena dejanja."),
        1,
        aliases=("Security Monitoring",),
    ),
    _type(
        "affiliate-tracking",
        ("Affiliate Tracking", "Sledenje partnerjem"),
        ("Partners' clicks, sign-ups and commissions.", "Kliki, registracije in provizije partnerjev."),
        2,
        lacks=("partners and their clicks", "partnerji in njihovi kliki"),
    ),
    _type(
        "marketplace-overview",
        ("Marketplace Overview", "Pregled tržnice"),
        ("Offers, subscribers and payouts.", "Ponudbe, naročniki in izplačila."),
        2,
        lacks=("marketplace offers", "ponudbe na tržnici"),
        aliases=("Marketplace Analytics",),
    ),
    _type(
        "churn-prediction",
        ("Churn Prediction", "Napoved odhodov"),
        ("Customers at risk of leaving, and why.", "Stranke, ki bi lahko odšle, in zakaj."),
        2,
        lacks=("a trained churn model", "naučen model odhodov"),
    ),
    _type(
        "forecast-dashboard",
        ("Forecast Dashboard", "Napovedi"),
        ("Forecasts with intervals and backtests.", "Napovedi z intervali in preizkusom na preteklih podatkih."),
        2,
        lacks=("stored forecasts", "shranjene napovedi"),
    ),
    _type(
        "sentiment-analysis",
        ("Sentiment Analysis", "Analiza razpoloženja"),
        ("Sentiment of texts over time.", "Razpoloženje v besedilih skozi čas."),
        2,
        lacks=("analysed texts", "analizirana besedila"),
    ),
    _type(
        "anomaly-detection",
        ("Anomaly Detection", "Zaznavanje odstopanj"),
        ("Unusual values and their reasons.", "Neobičajne vrednosti in razlogi zanje."),
        2,
        lacks=("runs of anomaly detection", "izvedbe zaznavanja odstopanj"),
    ),
    _type(
        "payment-gateway",
        ("Payment Gateway", "Plačilni prehod"),
        ("Payments by state, provider and amount.", "Plačila po stanju, ponudniku in znesku."),
        2,
        lacks=("payments", "plačila"),
        aliases=("Payment Analytics",),
    ),
    _type(
        "api-usage-dashboard",
        ("API Usage Dashboard", "Poraba API-ja"),
        (
            "Calls by route, status and time, and how fast they were.",
            "Klici po poti, stanju in času ter njihova hitrost.",
        ),
        2,
        aliases=("API Usage", "API Performance"),
    ),
    _type(
        "growth-engine",
        ("Growth Engine", "Rast"),
        ("Campaigns, segments and their uplift.", "Kampanje, segmenti in njihov učinek."),
        2,
        lacks=("campaigns", "kampanje"),
    ),
    _type(
        "gamification-dashboard",
        ("Gamification Dashboard", "Igrifikacija"),
        ("Badges and points from recorded events.", "Značke in točke iz zabeleženih dogodkov."),
        3,
        lacks=("badges and points", "značke in točke"),
    ),
    _type(
        "recommendation-engine",
        ("Recommendation Engine", "Priporočila"),
        ("Recommendations shown and taken up.", "Prikazana in upoštevana priporočila."),
        3,
        lacks=("recommendations shown", "prikazana priporočila"),
    ),
    _type(
        "neo4j-graph-insights",
        ("Neo4j Graph Insights", "Vpogled v graf povezav"),
        ("Links between tenants, keys, models and partners.", "Povezave med strankami, ključi, modeli in partnerji."),
        3,
        lacks=("a graph of relations", "graf povezav"),
    ),
    _type(
        "swarm-intelligence",
        ("Swarm Intelligence", "Skupinska inteligenca"),
        ("Runs of agents with several steps.", "Izvedbe agentov v več korakih."),
        3,
        lacks=("runs of agents", "izvedbe agentov"),
    ),
    _type(
        "agi-dashboard",
        ("AGI Dashboard", "Načrtovanje pomočnika"),
        ("The assistant's plans and its use of tools.", "Načrti pomočnika in njegova raba orodij."),
        3,
        lacks=("the assistant's runs", "izvedbe pomočnika"),
    ),
    _type(
        "overview",
        ("Overview", "Pregled"),
        ("People, calls, jobs and actions at a glance.", "Ljudje, klici, opravila in dejanja na enem mestu."),
        1,
        listed=False,
    ),
    _type(
        "cache-analytics",
        ("Cache Analytics", "Analitika predpomnilnika"),
        ("Hits and misses of the answer cache.", "Zadetki in zgrešitve predpomnilnika odgovorov."),
        2,
        lacks=("records of the answer cache", "zapisi predpomnilnika odgovorov"),
        listed=False,
    ),
    _type(
        "gdpr-compliance",
        ("GDPR Compliance", "Skladnost z GDPR"),
        ("Requests of data subjects and their deadlines.", "Zahteve posameznikov in roki zanje."),
        2,
        lacks=("requests of data subjects", "zahteve posameznikov"),
        listed=False,
    ),
)


def slug(name: str) -> str:
    """Return ``name`` as it stands in an address."""
    return _WORD.sub("-", name.lower().replace("&", "")).strip("-")


def find_type(name: str) -> DashboardType | None:
    """Return the type that is called so: by its id, its name in either language, or an alias."""
    wanted = slug(name)
    for one in TYPES:
        if wanted in {one.id, slug(one.name.en), slug(one.name.sl), *(slug(alias) for alias in one.aliases)}:
            return one
    return None


def spec_of(
    kind: DashboardType, language: str, ids: Mapping[str, UUID], catalogues: Mapping[str, Catalogue]
) -> DashboardSpec:
    """Return the specification of a type over the platform's datasets; ``ids`` and ``catalogues`` go by their names."""
    return DashboardSpec(
        title=kind.name.in_language(language),
        description=kind.description.in_language(language),
        tiles=tuple(_tile(piece, language, ids[piece.dataset], catalogues[piece.dataset]) for piece in kind.pieces),
    )


def _tile(piece: Piece, language: str, dataset_id: UUID, catalogue: Catalogue) -> Tile:
    by = [GroupBy(field=one) for one in piece.by]
    if piece.over is not None and catalogue.default_time is not None:
        by.insert(0, GroupBy(field=catalogue.default_time, grain=piece.over))
    sort: tuple[Sort, ...] = ()
    if piece.chart is ChartKind.TABLE and piece.measures:
        sort = (Sort(field=piece.measures[0], descending=True),)
    query = MetricQuery(
        dataset_id=dataset_id,
        measures=piece.measures,
        dimensions=tuple(by),
        filters=piece.filters,
        period=piece.period,
        sort=sort,
        limit=piece.limit,
    )
    return Tile(
        id=piece.id,
        title=piece.title.in_language(language),
        chart=piece.chart,
        source=MetricSource(query=query),
        width=piece.width,
        series=piece.series,
        stacked=piece.stacked,
    )
