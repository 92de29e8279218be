"""Services on real PostgreSQL and Valkey."""
