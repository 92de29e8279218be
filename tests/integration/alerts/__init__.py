"""Alerts against real tables, queries and a mail server."""
