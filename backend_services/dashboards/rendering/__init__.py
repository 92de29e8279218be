"""Dashboards as files for paper and mail: PDF and PNG, drawn in a process of their own without a browser."""
