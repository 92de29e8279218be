"""State of what a customer used."""
