"""What a demonstration starts with: every domain's part, in the order they need each other."""

from __future__ import annotations

from backend_services.datasets import service as datasets
from backend_services.identity import service as identity


async def seed() -> identity.Demo:
    """Make the demonstration; what is there already stays, so it may be called at every start."""
    demo = await identity.seed_demo()
    for owner in (demo.operator, demo.customer):
        await datasets.seed_demo(owner)
    return demo
