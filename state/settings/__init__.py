"""State of the pages about settings."""
