"""All rules, a package a domain. Imports neither Reflex nor a web framework."""
