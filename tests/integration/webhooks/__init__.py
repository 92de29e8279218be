"""Webhooks against a real server that verifies what it gets."""
