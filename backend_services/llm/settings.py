"""Settings of language models, from ``OMNI_LLM_…`` and ``OMNI_OLLAMA_…``."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class LlmSettings(BaseSettings):
    """Which model helps, and how long it may take."""

    model_config = SettingsConfigDict(env_prefix="OMNI_LLM_", extra="ignore", frozen=True)

    provider: Literal["auto", "ollama", "embedded", "none"] = Field(
        default="auto", description="Which model helps; auto takes Ollama where it answers, else none."
    )
    timeout_s: float = Field(default=8.0, gt=0, le=120, description="Time for a model's answer with all repairs.")
    repairs: int = Field(default=2, ge=0, le=2, description="Rounds in which a model may mend an invalid answer.")
    max_tokens: int = Field(default=200, ge=16, le=4096, description="Longest answer of a model, in tokens.")
    decide_min_parameters: int = Field(
        default=3_000_000_000,
        ge=0,
        description="Smallest model, in parameters, that may choose between two close readings of a question.",
    )
    embed_timeout_s: float = Field(default=0.15, gt=0, le=5, description="Time for the search by meaning.")


class OllamaSettings(BaseSettings):
    """Where Ollama is."""

    model_config = SettingsConfigDict(env_prefix="OMNI_OLLAMA_", extra="ignore", frozen=True)

    url: str = Field(default="http://127.0.0.1:11434", description="Address of the Ollama server.")
    model: str = Field(default="", description="Model to use; empty means the first that can chat.")
    connect_timeout_s: float = Field(default=1.0, gt=0, le=30, description="Time to reach the server.")


@lru_cache(maxsize=1)
def get_llm_settings() -> LlmSettings:
    """Return the settings of language models, read once."""
    return LlmSettings()


@lru_cache(maxsize=1)
def get_ollama_settings() -> OllamaSettings:
    """Return the settings of Ollama, read once."""
    return OllamaSettings()
