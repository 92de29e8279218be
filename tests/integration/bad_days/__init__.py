"""Bad input and bad days: the whole system, seen from outside, on days when everything goes wrong."""
