"""Small parts: each is one function that takes texts, variables and handlers and returns a component."""
