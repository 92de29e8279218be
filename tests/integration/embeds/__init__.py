"""Embeds."""
