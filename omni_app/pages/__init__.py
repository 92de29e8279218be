"""Pages: one function a file, which binds parts of ``components`` to a state."""
