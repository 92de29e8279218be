"""Facts written beside the change they tell of, and those who listen."""
