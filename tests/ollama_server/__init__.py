"""An Ollama-compatible server with a real small model, for the tests."""
