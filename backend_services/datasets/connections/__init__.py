"""Connections: databases of a tenant's own whose tables become datasets."""
