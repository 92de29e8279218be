"""The composition root: pages, routes, the command line and the supervisor."""
