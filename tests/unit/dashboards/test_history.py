"""Changes are taken back and done again in order, and only so many are kept."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backend_services.dashboards.history import STEPS, History


def written(*words: str) -> History[str]:
    found = History.of("start")
    for word in words:
        found = found.changed(word, f"wrote {word}")
    return found


def test_changes_are_taken_back_and_done_again_and_say_which() -> None:
    two = written("one", "two")
    assert (two.undoes, two.redoes) == ("wrote two", "")
    one = two.undone()
    assert (one.present, one.undoes, one.redoes) == ("one", "wrote one", "wrote two")
    assert one.redone() == two
    start = one.undone()
    assert (start.present, start.undoes, start.redoes) == ("start", "", "wrote one")
    assert start.undone() is start
    assert two.redone() is two


def test_a_new_change_forgets_what_was_taken_back() -> None:
    found = written("one", "two").undone().changed("other", "wrote other")
    assert (found.present, found.redoes) == ("other", "")
    assert found.undone().present == "one"


def test_what_is_the_same_is_no_change_and_what_was_opened_is_not_changed() -> None:
    one = written("one")
    assert one.changed("one", "again") is one
    assert one.is_changed
    assert not one.undone().is_changed
    assert not one.changed("start", "typed it back").is_changed


def test_only_so_many_changes_are_kept() -> None:
    found = written(*(str(number) for number in range(STEPS + 5)))
    assert len(found.past) == STEPS
    for _ in range(STEPS + 5):
        found = found.undone()
    assert found.present == "4"
    assert found.is_changed


@given(st.lists(st.sampled_from(["undo", "redo", "a", "b", "c"]), max_size=60))
def test_undo_and_redo_follow_each_other_whatever_comes(moves: list[str]) -> None:
    found = History.of("")
    for move in moves:
        before = found
        match move:
            case "undo":
                found = found.undone()
                assert found is before or found.redone() == before
            case "redo":
                found = found.redone()
                assert found is before or found.undone() == before
            case word:
                found = found.changed(word, word)
                assert found is before or found.undone().present == before.present
        assert len(found.past) + len(found.future) <= STEPS
