"""How the kernel's own use cases reach the audit trail, which lies above it: ``omni_app.wiring`` says who writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor


class Journal(Protocol):
    """Writes what was done into the audit trail, in the transaction of the change."""

    async def __call__(
        self,
        actor: Actor,
        session: AsyncSession,
        *,
        action: str,
        subject_type: str,
        subject_id: UUID | None,
        subject_label: str,
    ) -> object:
        """Write one entry."""


_journal: Journal | None = None


def set_journal(journal: Journal | None) -> None:
    """Set who writes the audit trail in this process."""
    global _journal  # noqa: PLW0603 - set once by the composition root
    _journal = journal


async def note(
    actor: Actor,
    session: AsyncSession,
    *,
    action: str,
    subject_type: str,
    subject_id: UUID | None,
    subject_label: str,
) -> None:
    """Write an entry; in a process without a composition root there is no trail to write to."""
    if _journal is not None:
        await _journal(
            actor,
            session,
            action=action,
            subject_type=subject_type,
            subject_id=subject_id,
            subject_label=subject_label,
        )
