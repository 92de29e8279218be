"""The query engine on real PostgreSQL, Valkey and files."""
