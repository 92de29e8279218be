"""State of the pages about audit."""
