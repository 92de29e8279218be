"""Prints every event handler of the application and its rule, as JSON. Started as a process of its own."""

from __future__ import annotations

import inspect
import json
import sys

from reflex_base.registry import RegistrationContext

from omni_app.omni_app import app
from state import policy

found = []
with RegistrationContext.ensure_context():
    for name, registered in sorted(RegistrationContext.get().event_handlers.items()):
        rule = policy.rule_of(registered.handler)
        function = getattr(registered.handler.fn, "func", registered.handler.fn)
        hints = registered.handler._get_type_hints()
        arguments = [one for one in inspect.signature(function).parameters if one != "self"]
        found.append(
            {
                "name": name,
                "function": function.__name__,
                "ours": not function.__module__.startswith("reflex"),
                "rule": None
                if rule is None
                else {"signed_in": rule.signed_in, "permissions": sorted(rule.permissions)},
                "arguments": arguments,
                "types": {one: str(hints.get(one)) for one in arguments},
            }
        )
assert app is not None
sys.stdout.write(json.dumps(found))
