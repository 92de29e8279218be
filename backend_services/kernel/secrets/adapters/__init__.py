"""Places that secrets come from."""
