"""Webhooks: signed messages to servers of the tenant's own."""
