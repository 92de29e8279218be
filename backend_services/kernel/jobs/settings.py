"""Settings of workers."""

from __future__ import annotations

from functools import lru_cache

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from backend_services.kernel.jobs.schemas import Queue


class WorkerSettings(BaseSettings):
    """What one worker process serves."""

    model_config = SettingsConfigDict(env_prefix="OMNI_WORKER_", extra="ignore", frozen=True)

    queues: str = Field(default="default,heavy,io", description="Queues this worker serves, comma separated.")
    concurrency: int = Field(default=4, ge=1, le=64, description="Jobs this worker does at the same time.")
    heavy_slots: int = Field(default=1, ge=1, le=64, description="How many of them may be of the queue heavy.")
    lease_s: float = Field(default=10.0, gt=0, description="A job whose worker is silent this long is taken up anew.")
    beat_s: float = Field(default=3.0, gt=0, description="How often a worker says that it still works on its jobs.")
    sweep_s: float = Field(default=2.0, gt=0, description="How often a worker looks for jobs that nobody works on.")

    @property
    def served(self) -> tuple[Queue, ...]:
        """The queues as values."""
        return tuple(Queue(name.strip()) for name in self.queues.split(",") if name.strip())


@lru_cache(maxsize=1)
def get_worker_settings() -> WorkerSettings:
    """Return the settings of this process, read once."""
    return WorkerSettings()
