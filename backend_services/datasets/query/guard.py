"""The guard of free SQL: reads it, refuses what is not on the lists of :mod:`.allowed`, and confines the rest.

What comes out is a new text written from the syntax tree, never the text that came in. Every mention of the table
``data`` has become what the actor may see of it, so no wording reaches a row or column outside. Pure: no I/O.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from rapidfuzz import process
from sqlglot import exp
from sqlglot.dialects import Dialect
from sqlglot.errors import ParseError, SqlglotError, TokenError
from sqlglot.tokenizer_core import TokenType

from backend_services.datasets.query import allowed, errors, growth
from backend_services.datasets.query.compile import Compiled
from backend_services.datasets.query.source import Engine
from backend_services.datasets.query.view import View, relation, visible_columns
from backend_services.datasets.query.writing import render

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlglot.tokenizer_core import Token

TABLE: Final = "data"
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_DEEPENING: Final = frozenset({TokenType.CASE, TokenType.NOT, TokenType.DASH, TokenType.TILDE, TokenType.ARROW})
_SNIPPET: Final = 80
_NUL: Final = "\\x00"
_RECURSIVE: Final = "RECURSIVE"


def guard(sql: str, view: View, *, limit: int) -> Compiled:
    """Return the query that ``sql`` stands for, confined to what the actor may see.

    Raises:
        SqlRefusedError: A part of it is not allowed; the error says which part, where, and why.
    """
    try:
        tree = _read(sql, view)
        _normalise(tree, view.source.engine)
        _check(tree, sql)
        growth.check(tree, lambda node: _snippet(str(node)), lambda node: _position(node, sql))
        growth.limit_joined(tree)
        _freeze_clock(tree, view)
        _confine(tree, relation(view, columns=visible_columns(view).values(), fenced=True))
        return Compiled(sql=render(_capped(tree, limit=limit), engine=view.source.engine), limit=limit)
    except RecursionError as error:
        raise errors.SqlTooDeepError(_snippet(sql)) from error
    except SqlglotError as error:  # it can be read, but not be written for this engine
        raise errors.SqlConstructRefusedError(_snippet(sql)) from error


def _read(sql: str, view: View) -> exp.Query:
    dialect = Dialect.get_or_raise(view.source.engine.value)
    if "\x00" in sql:
        raise errors.SqlSyntaxError(_NUL, position=sql.index("\x00"))
    try:
        tokens = dialect.tokenize(sql)
        _check_size(tokens)
        _check_numbers(tokens, sql)
        trees = [tree for tree in dialect.parser().parse(tokens, sql) if tree is not None]
    except TokenError as error:
        raise errors.SqlSyntaxError(_snippet(sql)) from error
    except ParseError as error:
        raise _syntax_error(error, sql) from error
    if not trees:
        raise errors.SqlSyntaxError(_snippet(sql))
    if len(trees) > 1:
        raise errors.SqlStatementRefusedError(_snippet(str(trees[1])), position=_position(trees[1], sql))
    tree = trees[0]
    if not isinstance(tree, exp.Select | exp.SetOperation | exp.Subquery):
        raise errors.SqlStatementRefusedError(_snippet(sql), position=0)
    return tree


def _check_size(tokens: Sequence[Token]) -> None:
    """Refuse what would take the parser too long or too deep, before it begins."""
    if len(tokens) > allowed.MAX_TOKENS:
        raise errors.SqlTooLongError(_more_than(len(tokens), allowed.MAX_TOKENS))
    depth = run = 0
    for token in tokens:
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        run = run + 1 if token.token_type in _DEEPENING else max(0, run - (token.token_type is TokenType.END))
        if max(depth, 0) + (run if run > allowed.MAX_NESTING * 3 else 0) > allowed.MAX_NESTING:
            raise errors.SqlTooDeepError(token.text, position=token.start)


def _check_numbers(tokens: Sequence[Token], sql: str) -> None:
    """Refuse digits that run into letters: engines read ``0x41`` as one number, the reader here as 0 named x41."""
    for one, other in pairwise(tokens):
        if one.token_type is TokenType.NUMBER and other.start == one.end + 1 and other.text[:1].isidentifier():
            raise errors.SqlSyntaxError(_snippet(sql[one.start : other.end + 1]), position=one.start)


def _syntax_error(error: ParseError, sql: str) -> errors.SqlSyntaxError:
    found = error.errors[0] if error.errors else {}
    part = str(found.get("highlight") or _snippet(sql))
    at = sql.find(part)
    return errors.SqlSyntaxError(_snippet(part), position=at if at >= 0 else None)


def _normalise(tree: exp.Query, engine: Engine) -> None:
    """Spell names as the engine reads them, so that the names compared here are the names it looks up.

    PostgreSQL lowers names without quotes; DuckDB takes no account of case, quoted or not.
    """
    if engine is Engine.POSTGRES:
        for node in tree.find_all(exp.Identifier):
            if not node.args.get("quoted"):
                node.set("this", node.name.lower())
        return
    for owner in tree.find_all(exp.Table, exp.TableAlias):
        if isinstance(owner.this, exp.Identifier):
            owner.this.set("this", owner.this.name.lower())


def _check(tree: exp.Query, sql: str) -> None:
    _check_names(tree, sql)
    for node in tree.walk():
        _check_node(node, sql)


def _check_names(tree: exp.Query, sql: str) -> None:
    """Refuse every table but ``data`` and the parts of the one WITH at the beginning, each after it is defined.

    A name used before or outside its definition would be looked up among the engine's own tables.
    """
    tables = list(tree.find_all(exp.Table))
    if len(tables) > allowed.MAX_TABLES:
        raise errors.SqlTooLongError(_more_than(len(tables), allowed.MAX_TABLES))
    known = {TABLE}
    begun = tree.args.get("with_")
    inner: set[int] = set()
    for cte in begun.expressions if begun is not None else ():
        for table in cte.find_all(exp.Table):
            inner.add(id(table))
            _check_table(table, sql, known=known)
        known.add(str(cte.alias))
    for table in tables:
        if id(table) not in inner:
            _check_table(table, sql, known=known)
    for other in tree.find_all(exp.With):
        if other is not begun:
            raise errors.SqlConstructRefusedError(_snippet(str(other)), position=_position(other, sql))


def _check_node(node: exp.Expr, sql: str) -> None:  # noqa: C901, PLR0912 - one flat list of what is refused
    """Refuse ``node`` unless it is on the lists. What is asked here is asked of every node of the tree."""
    match node:
        case exp.TableAlias():
            _check_alias(node, sql)
        case exp.Star() if any(node.args.values()):
            raise errors.SqlConstructRefusedError(_snippet(str(node)), position=_position(node, sql))
        case exp.Select() if not node.expressions:
            raise errors.SqlSyntaxError(_snippet(sql), position=_position(node, sql))
        case exp.Rollup() if len(node.expressions) > allowed.MAX_ROLLUP:
            raise errors.SqlTooLongError(_more_than(len(node.expressions), allowed.MAX_ROLLUP))
        case exp.With() if node.args.get("recursive"):
            raise errors.SqlConstructRefusedError(_RECURSIVE, position=_find(sql, "recursive"))
        case exp.Select() if node.args.get("into") or node.args.get("locks") or node.args.get("sample"):
            raise errors.SqlStatementRefusedError(_snippet(str(node)), position=_position(node, sql))
        case exp.DataType():
            if node.this not in allowed.TYPES:
                raise errors.SqlTypeRefusedError(_snippet(str(node)), position=_position(node, sql))
        case exp.Anonymous():
            if node.name.lower() not in allowed.PLAIN_FUNCTIONS:
                raise _function_error(node.name, node, sql)
        case exp.Func() if type(node) not in allowed.NODES:
            if node.sql_name() not in allowed.FUNCTIONS:
                raise _function_error(_written(node, sql), node, sql)
        case _ if type(node) not in allowed.NODES:
            raise errors.SqlConstructRefusedError(_snippet(str(node)), position=_position(node, sql))
        case _:
            return


def _check_table(node: exp.Table, sql: str, *, known: set[str]) -> None:
    name = node.this
    plain = isinstance(name, exp.Identifier) and not node.args.get("db") and not node.args.get("catalog")
    if not plain or str(node.name) not in known:
        shown = str(name) if isinstance(name, exp.Func) else str(node)
        raise errors.SqlTableRefusedError(_snippet(shown), position=_position(node, sql))
    extra = {key for key, value in node.args.items() if value} - {"this", "alias", "joins"}
    if extra:
        raise errors.SqlConstructRefusedError(_snippet(str(node)), position=_position(node, sql))


def _check_alias(node: exp.TableAlias, sql: str) -> None:
    """Refuse anything but the table itself that takes its name: it would be mistaken for it."""
    if node.name != TABLE:
        return
    owner = node.parent
    if not (isinstance(owner, exp.Table) and owner.name == TABLE):
        raise errors.SqlShadowedError(TABLE, position=_position(node, sql))


def _freeze_clock(tree: exp.Query, view: View) -> None:
    """Put the moment of the question for "now", so that one answer has one day and can be kept."""
    local = view.now.astimezone(view.zone)
    clocks = list(tree.find_all(exp.CurrentDate, exp.CurrentTimestamp, exp.Anonymous))
    for node in clocks:
        match node:
            case exp.CurrentDate():
                node.replace(exp.cast(exp.Literal.string(local.date().isoformat()), "date"))
            case exp.CurrentTimestamp():
                node.replace(_minute(local))
            case _ if node.name.lower() == "now":
                node.replace(_minute(local))
            case _:
                continue


def _minute(local: datetime) -> exp.Expr:
    at = local.replace(second=0, microsecond=0)
    return exp.cast(exp.Literal.string(at.isoformat(sep=" ")), "timestamptz")


def _confine(tree: exp.Query, source: exp.Expr) -> None:
    """Replace every mention of the table by what the actor may see of it."""
    for table in list(tree.find_all(exp.Table)):
        if table.name != TABLE:
            continue
        confined = source.copy()
        alias = table.args.get("alias")
        if alias is not None:
            confined.set("alias", alias)
        joins = table.args.get("joins")
        if joins:
            confined.set("joins", joins)
        table.replace(confined)


def _capped(tree: exp.Query, *, limit: int) -> exp.Query:
    """Return the query asking for one row more than ``limit``, or for fewer if it says so itself."""
    own = tree.args.get("limit")
    if own is None:
        return tree.limit(limit + 1, copy=False)
    count = own.expression if isinstance(own, exp.Limit) else None
    if isinstance(count, exp.Literal) and count.is_int and not own.args.get("expressions"):
        own.set("expression", exp.Literal.number(min(int(count.name), limit + 1)))
        return tree
    raise errors.SqlConstructRefusedError(_snippet(str(own)))


def _function_error(written: str, node: exp.Expr, sql: str) -> errors.SqlFunctionRefusedError:
    nearest = [name for name, _, _ in process.extract(written.lower(), allowed.SUGGESTED, limit=3, score_cutoff=60)]
    return errors.SqlFunctionRefusedError(_snippet(written), position=_position(node, sql), nearest=nearest)


def _written(node: exp.Func, sql: str) -> str:
    """Return the function's name as it was written, where the reader kept its place."""
    start, end = node.meta.get("start"), node.meta.get("end")
    if isinstance(start, int) and isinstance(end, int):
        return sql[start : end + 1]
    return node.sql_name().lower()


def _position(node: exp.Expr, sql: str) -> int | None:
    """Return where ``node`` begins in the text: the first place kept by it or by anything in it."""
    places = [one.meta["start"] for one in node.walk() if isinstance(one.meta.get("start"), int)]
    return min(places) if places else _find(sql, str(node)[:_SNIPPET])


def _find(sql: str, text: str) -> int | None:
    at = sql.lower().find(text.lower())
    return at if at >= 0 else None


def _more_than(count: int, most: int) -> str:
    return f"{count} > {most}"


def _snippet(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SNIPPET else f"{flat[: _SNIPPET - 1]}…"
