"""Tables whose rows, order and pages come from the server; each has an address."""

from components.tables.listing import list_search, listing
from components.tables.table import Column, data_table, figure_table

__all__ = ["Column", "data_table", "figure_table", "list_search", "listing"]
