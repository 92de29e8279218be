"""Dashboards on a real database."""
