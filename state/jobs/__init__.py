"""State of the pages about jobs."""
