"""State of the pages about datasets."""
