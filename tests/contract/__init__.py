"""Promises to the outside: routes, adapters, isolation."""
