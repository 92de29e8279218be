"""State of the pages about operations."""
