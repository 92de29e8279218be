"""Alerts: a metric that is watched, and people who are told when it leaves what is expected."""
