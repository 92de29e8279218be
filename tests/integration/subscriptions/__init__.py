"""Subscriptions on a real database, with a real mail server and real workers."""
