"""Pure rules of the query engine."""
