"""The design system: pure functions of texts, variables and handlers. Knows no page and no service."""
