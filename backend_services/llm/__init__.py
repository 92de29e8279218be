"""Language models: where they run and how a checked answer is got out of one."""
