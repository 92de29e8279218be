"""State of the pages about dashboards."""
