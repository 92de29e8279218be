"""Children of a process with hard limits: for work that must not be able to take its parent along."""
