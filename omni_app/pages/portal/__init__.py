"""Pages of a customer's portal."""
