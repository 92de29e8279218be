"""What was done, by whom: a hash-chained log of each tenant that only grows."""
