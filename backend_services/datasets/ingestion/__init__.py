"""From an uploaded file to a typed Parquet file, its rejected rows and its profile."""
