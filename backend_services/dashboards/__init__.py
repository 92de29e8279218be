"""Dashboards: specifications, what they show, who may see them, and the built-in types."""
