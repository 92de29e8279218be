"""What Prometheus reads of dashboards. Both labels have few values."""

from __future__ import annotations

from prometheus_client import Counter

from backend_services.kernel.metrics import REGISTRY

TILES = Counter(
    "omni_tiles_answered_total", "Tiles answered, by chart and outcome.", ("chart", "outcome"), registry=REGISTRY
)
