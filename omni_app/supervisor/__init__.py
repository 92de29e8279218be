"""Starts the servers, the worker and the web process, watches them, and starts again what ends.

Only the standard library and the cellar are imported here, so the process that watches stays small.
"""
