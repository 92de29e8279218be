"""Files of the platform in one store: a local folder, S3 or Google Cloud Storage."""

from backend_services.kernel.files.store import FileStore, get_files, open_store

__all__ = ["FileStore", "get_files", "open_store"]
