"""Ways for messages to leave."""
