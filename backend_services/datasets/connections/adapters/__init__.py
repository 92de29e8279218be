"""One file a kind of database; each fulfils ``ports.Reader``."""
