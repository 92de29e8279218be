"""State of the pages about builder."""
