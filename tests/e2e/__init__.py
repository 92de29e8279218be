"""The running product: processes and pages."""
