"""What the page of webhooks shows."""
