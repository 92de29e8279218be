"""Subscriptions: dashboards and tiles that reach people by themselves, each with the recipient's own rights."""
