"""Embeds: dashboards and tiles inside other sites, with filters that cannot be lifted."""
