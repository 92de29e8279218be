"""What was changed since something was opened, so that it can be taken back and done again. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Generic, TypeVar

STEPS: Final = 40
"""How many changes can be taken back; older ones are forgotten."""

Content = TypeVar("Content")


@dataclass(frozen=True, slots=True)
class Change(Generic[Content]):
    """What a person is told was changed, and how it was on the other side of the change."""

    said: str
    content: Content


@dataclass(frozen=True, slots=True)
class History(Generic[Content]):
    """What is there now, between what was before and what was taken back.

    Attributes:
        saved: How it was when it was opened.
        past: Changes with what was there before each, the last one last.
        future: Changes that were taken back, with what was there after each, the next one last.
    """

    present: Content
    saved: Content
    past: tuple[Change[Content], ...] = ()
    future: tuple[Change[Content], ...] = ()

    @classmethod
    def of(cls, content: Content) -> History[Content]:
        """Return the history of something that was just opened."""
        return cls(present=content, saved=content)

    @property
    def is_changed(self) -> bool:
        """Return whether what is there differs from what was opened."""
        return self.present != self.saved

    @property
    def undoes(self) -> str:
        """Return what would be taken back, empty where there is nothing."""
        return self.past[-1].said if self.past else ""

    @property
    def redoes(self) -> str:
        """Return what would be done again, empty where there is nothing."""
        return self.future[-1].said if self.future else ""

    def changed(self, content: Content, said: str) -> History[Content]:
        """Return the history after a change; what was taken back before is forgotten. The same content is no change."""
        if content == self.present:
            return self
        past = (*self.past, Change(said, self.present))[-STEPS:]
        return replace(self, present=content, past=past, future=())

    def undone(self) -> History[Content]:
        """Return the history with the last change taken back, or as it is where there is none."""
        if not self.past:
            return self
        *past, last = self.past
        future = (*self.future, Change(last.said, self.present))
        return replace(self, present=last.content, past=tuple(past), future=future)

    def redone(self) -> History[Content]:
        """Return the history with what was taken back last done again, or as it is where there is none."""
        if not self.future:
            return self
        *future, following = self.future
        past = (*self.past, Change(following.said, self.present))
        return replace(self, present=following.content, past=past, future=tuple(future))
