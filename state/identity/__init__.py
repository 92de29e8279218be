"""State of the pages about identity."""
