"""Why a job or an upload failed, told in the language of who asks; it was stored without one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

from fastapi import Request
from pydantic import BaseModel

from backend_services.kernel.i18n import stored_text
from state.api.problems import language_of


class _Fault(Protocol):
    @property
    def code(self) -> str: ...

    @property
    def message(self) -> str: ...

    @property
    def params(self) -> Mapping[str, Any]: ...

    def model_copy(self, *, update: Mapping[str, Any]) -> Any: ...


View = TypeVar("View", bound=BaseModel)


def in_language(view: View, request: Request) -> View:
    """Return ``view`` with the message of its ``error``, if it has one, in the language of the request."""
    fault: _Fault | None = getattr(view, "error", None)
    if fault is None:
        return view
    message = stored_text(fault.code, fault.params, language_of(request), otherwise=fault.message)
    return view.model_copy(update={"error": fault.model_copy(update={"message": message})})
