"""What holds for the whole tree: imports, sizes, names, row-level security."""
