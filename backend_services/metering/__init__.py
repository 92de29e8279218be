"""What was used, by whom: every call to the API, one row each."""
