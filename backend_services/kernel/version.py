"""The version of the product, in one place for pages, REST and the command line; pyproject.toml says the same."""

VERSION = "0.1.0"
