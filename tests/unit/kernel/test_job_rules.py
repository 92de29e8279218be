"""The pure rules of jobs, usage, log lines and exports."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_services.kernel.actor import ActorKind
from backend_services.kernel.errors import InvalidInputError, RateLimitedError, UnavailableError
from backend_services.kernel.files.errors import FileKeyInvalidError
from backend_services.kernel.files.store import checked_key
from backend_services.kernel.ids import new_id
from backend_services.kernel.jobs.actors import restored, snapshot_of
from backend_services.kernel.jobs.broker import broker_url
from backend_services.kernel.jobs.errors import JobCancelledError, JobTimeLimitError
from backend_services.kernel.jobs.outcome import MAX_BACKOFF_S, Cancelled, Failed, outcome_of_error, pause_s
from backend_services.kernel.logging import REDACTED, redacted
from backend_services.kernel.tabular import safe_cell
from backend_services.kernel.usage import Call, Recorder
from tests.factories.identity import plain_actor


@given(job_id=st.uuids(), attempt=st.integers(min_value=1, max_value=1000), first_s=st.floats(0.01, 100))
def test_pauses_double_with_bounds_and_are_the_same_each_time(job_id: UUID, attempt: int, first_s: float) -> None:
    pause = pause_s(job_id, attempt, first_s=first_s)
    middle = min(MAX_BACKOFF_S, first_s * 2.0 ** min(attempt - 1, 30))
    assert middle * 0.75 <= pause <= middle * 1.25
    assert pause == pause_s(job_id, attempt, first_s=first_s)


def test_a_pause_is_never_shorter_than_asked_for() -> None:
    assert pause_s(new_id(), 1, first_s=1.0, least_s=50.0) == 50.0


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (InvalidInputError(), False),
        (UnavailableError(), True),
        (RateLimitedError(retry_after_s=5.0), True),
        (JobTimeLimitError(), False),
        (ValueError("x"), True),
    ],
)
def test_which_failures_may_pass(error: Exception, *, passing: bool) -> None:
    outcome = outcome_of_error(error)
    assert isinstance(outcome, Failed)
    assert outcome.passing is passing
    assert "x" not in str(outcome.problem.get("message")).split()


def test_a_cancelled_job_is_no_failure() -> None:
    assert outcome_of_error(JobCancelledError()) == Cancelled()


def test_an_actor_is_restored_as_it_was() -> None:
    actor = plain_actor()
    assert restored(snapshot_of(actor)) == actor
    snapshot = snapshot_of(actor)
    snapshot["permissions"].append("gone:long:ago")
    assert restored(snapshot) == actor
    assert restored(snapshot).kind is ActorKind.SESSION


@pytest.mark.parametrize(
    ("redis", "broker"),
    [
        ("redis://:pw@127.0.0.1:1/0", "redis://:pw@127.0.0.1:1/0"),
        ("rediss://h/2", "rediss://h/2"),
        ("unix://:pw@/run/v.sock?db=3", "redis+socket://:pw@/run/v.sock?virtual_host=3"),
        ("unix:///run/v.sock", "redis+socket:///run/v.sock?virtual_host=0"),
    ],
)
def test_the_broker_takes_the_same_address(redis: str, broker: str) -> None:
    assert broker_url(redis) == broker


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1+1", "-x", "-1e3", "@x", "\t=1", "\r=1"])
def test_formulas_become_text(value: str) -> None:
    assert safe_cell(value) == f"'{value}"


@pytest.mark.parametrize("value", ["a=b", "", 5, 1.5, "-1", "-9007199254740993", "-12.5"])
def test_other_cells_stay(value: object) -> None:
    assert safe_cell(value) == value


@pytest.mark.parametrize(
    "key", ["", "/a", "a/", "a//b", "../a", "a/../b", "a/./b", ".hidden", "a\\b", "a\0b", "ä", "a b", "x" * 600]
)
def test_keys_of_files_stay_in_their_folder(key: str) -> None:
    with pytest.raises(FileKeyInvalidError):
        checked_key(key)


def test_usual_keys_are_taken() -> None:
    key = f"tenants/{new_id()}/datasets/{new_id()}/v1.parquet"
    assert checked_key(key) == key


def test_log_lines_hide_secrets() -> None:
    line = redacted(
        {
            "password": "hunter2",
            "nested": {"api_key": "abc", "tokens": 5},
            "url": "redis://:pw@127.0.0.1:1/0",
            "text": "key dev-key-free-abcDEF123 and Bearer abc.def",
            "list": ["postgresql://u:p@h/db"],
        }
    )
    assert line["password"] == REDACTED
    assert line["nested"] == {"api_key": REDACTED, "tokens": 5}
    assert line["url"] == f"redis://:{REDACTED}@127.0.0.1:1/0"
    assert line["text"] == f"key {REDACTED} and {REDACTED}"
    assert line["list"] == [f"postgresql://u:{REDACTED}@h/db"]


def _call() -> Call:
    return Call(tenant_id=new_id(), method="GET", route="/x", status=200, latency_ms=1.0)


async def test_a_full_buffer_drops_and_a_failing_sink_keeps() -> None:
    recorder = Recorder(size=2)
    calls = [_call() for _ in range(3)]
    for call in calls:
        recorder.record(call)
    stored: list[Call] = []

    async def fail(_calls: object) -> None:
        raise ConnectionError

    async def keep(batch: object) -> None:
        stored.extend(batch)  # type: ignore[call-overload]

    with pytest.raises(ConnectionError):
        await recorder.flush(fail)
    assert await recorder.flush(keep) == 2
    assert stored == calls[:2]
