"""Who may come in: tenants, users, memberships, sessions, tokens and keys."""
