"""Measurements against a peer in the same run; `omni bench` prints them."""
