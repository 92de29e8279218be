"""Use cases of datasets: the only face that doors and other domains see."""

from __future__ import annotations

from backend_services.datasets.service.catalogues import get_catalogue, update_catalogue
from backend_services.datasets.service.demo import seed_demo
from backend_services.datasets.service.ingestions import (
    cancel_ingestion,
    export_rejects,
    get_ingestion,
    latest_ingestion,
    list_rejects,
    rejects_of_job,
    retry_ingestion,
)
from backend_services.datasets.service.library import (
    delete_dataset,
    get_dataset,
    get_profile,
    get_schema,
    list_datasets,
    list_versions,
    readable_version,
    readable_versions,
    rename_dataset,
)
from backend_services.datasets.service.rows import read_rows
from backend_services.datasets.service.samples import list_samples, take_sample
from backend_services.datasets.service.uploads import discard_staged, stage_upload, start_upload, start_version

__all__ = [
    "cancel_ingestion",
    "delete_dataset",
    "discard_staged",
    "export_rejects",
    "get_catalogue",
    "get_dataset",
    "get_ingestion",
    "get_profile",
    "get_schema",
    "latest_ingestion",
    "list_datasets",
    "list_rejects",
    "list_samples",
    "list_versions",
    "read_rows",
    "readable_version",
    "readable_versions",
    "rejects_of_job",
    "rename_dataset",
    "retry_ingestion",
    "seed_demo",
    "stage_upload",
    "start_upload",
    "start_version",
    "take_sample",
    "update_catalogue",
]
