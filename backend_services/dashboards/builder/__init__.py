"""The builder: a question in plain language becomes a checked dashboard. No model ever writes code that is run."""
