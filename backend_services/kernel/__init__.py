"""What every domain stands on: settings, database, jobs, events, secrets. Knows no domain."""
