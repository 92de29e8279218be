"""Connections against real servers."""
