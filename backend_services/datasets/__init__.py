"""Tables people ask about: ingestion, catalogue, rules, and the engine that answers."""
