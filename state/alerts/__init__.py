"""What the pages of alerts show."""
