"""Pages of the operator's console."""
