"""REST: routes that parse, call one service and answer. Imports no reflex."""
