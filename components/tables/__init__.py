"""Tables whose rows, order and pages come from the server; each has an address."""

from components.tables.table import Column, data_table, figure_table
from components.tables.listing import listing, list_search

__all__ = ["Column", "data_table", "figure_table", "list_search", "listing"]
