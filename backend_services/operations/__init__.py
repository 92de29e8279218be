"""Is it up, and how is it doing."""
