"""``python -m omni_app.supervisor``: what ``omni run`` turns into."""

from __future__ import annotations

import os
import sys

from backend_services.kernel.embedded.account import serving_account
from backend_services.kernel.embedded.errors import NoAccountError
from omni_app.supervisor.install import EXPECTED, Install, stop_quietly
from omni_app.supervisor.plan import PlanError, read_plan
from omni_app.supervisor.terminal import Terminal
from omni_app.supervisor.watch import StopAskedError, Watch


def main() -> int:
    """Run until asked to stop; return the exit code."""
    terminal = Terminal()
    try:
        plan = read_plan(os.environ)  # noqa: TID251 - the supervisor hands the environment on to its children
        account = serving_account()
    except (PlanError, NoAccountError) as error:
        sys.stderr.write(f"omni: {error}\n")
        return 2
    watch = Watch(terminal)
    with watch.signals():
        install = Install(plan, terminal, watch, account=account)
        try:
            install.start()
            watch.run()
        except StopAskedError:
            terminal.event("Stopping before the start was finished")
        except EXPECTED as error:
            stop_quietly(install)
            sys.stderr.write(f"omni: {error}\n")
            return 1
        else:
            terminal.event("Stopping")
        install.stop()
    terminal.event("Stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
