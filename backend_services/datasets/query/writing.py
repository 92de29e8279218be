"""From a syntax tree to the text that an engine reads. Pure: no I/O.

For some functions an engine has only a longer way of saying the same, which names an argument several times. Nested
in each other they would be written out exponentially long, so the writer takes no more steps than a tree of that
size needs.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sqlglot.dialects import Dialect

from backend_services.datasets.query.errors import SqlTooLongError

if TYPE_CHECKING:
    from sqlglot import exp
    from sqlglot.generator import Generator

    from backend_services.datasets.query.source import Engine

_STEPS_A_NODE: Final = 30
_STEPS_AT_LEAST: Final = 3_000


def render(tree: exp.Expr, *, engine: Engine) -> str:
    """Return the text of a tree in the dialect of ``engine``, every name quoted. The tree is used up.

    Raises:
        SqlTooLongError: Written out it would be many times as long.
    """
    steps = _STEPS_AT_LEAST + _STEPS_A_NODE * sum(1 for _ in tree.walk())
    writer = _writer(engine)(steps, dialect=engine.value, pretty=True, identify=True, comments=False)
    return str(writer.generate(tree, copy=False))


@lru_cache(maxsize=2)
def _writer(engine: Engine) -> Any:
    """Return the writer of a dialect that counts its steps."""
    base: type[Generator] = Dialect.get_or_raise(engine.value).generator_class

    class Writer(base):  # type: ignore[misc, valid-type] # the dialect is only known here
        def __init__(self, steps: int, **options: Any) -> None:
            super().__init__(**options)
            self._steps = steps
            self._allowed = steps

        def sql(self, *args: Any, **options: Any) -> str:
            self._steps -= 1
            if self._steps < 0:
                part = f"> {self._allowed}"
                raise SqlTooLongError(part)
            return str(super().sql(*args, **options))

    return Writer
