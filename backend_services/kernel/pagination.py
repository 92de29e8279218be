"""Pages of a list: the same words in REST, in the pages and in services."""

from __future__ import annotations

from collections.abc import Collection
from typing import Generic, TypeVar

from pydantic import Field

from backend_services.kernel.errors import InvalidInputError
from backend_services.kernel.i18n import field_text
from backend_services.kernel.schemas import Strict

Item = TypeVar("Item")


class PageRequest(Strict):
    """Which part of a list is wanted.

    Attributes:
        sort: Field to order by, descending with a leading ``-``; each list names its sortable fields.
        search: Free text; each list says which fields it looks in.
    """

    limit: int = Field(default=25, ge=1, le=200)
    offset: int = Field(default=0, ge=0, le=1_000_000)
    sort: str = Field(default="", max_length=64, pattern=r"^-?[a-z0-9_]*$")
    search: str = Field(default="", max_length=200)

    @property
    def sort_field(self) -> str:
        """Name of the field to order by, or an empty text."""
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        """Return whether the order is downwards."""
        return self.sort.startswith("-")

    def require(self, *, sortable: Collection[str], searched: bool = True) -> None:
        """Refuse an order or a search that the list does not have, rather than leave it out of account.

        Raises:
            InvalidInputError: The field is none of ``sortable``, or there is a text and the list is not searched.
        """
        refused: dict[str, str] = {}
        if self.sort_field and self.sort_field not in sortable:
            names = ", ".join(sorted(sortable))
            refused["sort"] = field_text("fields.sort", names=names) if names else field_text("fields.one_order")
        if self.search and not searched:
            refused["search"] = field_text("fields.not_searched")
        if refused:
            raise InvalidInputError(fields=refused)


class Page(Strict, Generic[Item]):
    """A part of a list and how long the whole is."""

    items: tuple[Item, ...]
    total: int = Field(ge=0)
    limit: int
    offset: int
