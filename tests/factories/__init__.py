"""Makes rows and objects for tests."""
