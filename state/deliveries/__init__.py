"""What the pages of deliveries and of the inbox show."""
