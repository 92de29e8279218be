"""What ``omni`` does besides running: one module a command."""
