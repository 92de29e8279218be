"""State of the pages about home."""
