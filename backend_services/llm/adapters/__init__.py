"""Places where models run: Ollama, the embedded small model, none."""
