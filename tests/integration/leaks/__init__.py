"""Whether anything is shown that row-level rules hide, on any way out."""
