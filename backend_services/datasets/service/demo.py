"""The data that a demonstration starts with."""

from __future__ import annotations

from backend_services.datasets.samples import COUNTRIES, DEMO_COMPANY, WEATHER
from backend_services.datasets.schemas import IngestionStarted
from backend_services.datasets.service.samples import take_sample
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction

DEMO_SAMPLES = (DEMO_COMPANY.id, WEATHER.id, COUNTRIES.id)


async def seed_demo(actor: Actor) -> tuple[IngestionStarted, ...]:
    """Take the demo company and two real samples for the actor's tenant; what is there already stays."""
    started = []
    for sample_id in DEMO_SAMPLES:
        async with transaction(actor) as session:
            started.append(await take_sample(actor, session, sample_id))
    return tuple(started)
