"""Whose turn it is, when an answer is owed, what may not be said: without a database."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact.rules import (
    CaseState,
    Direction,
    HandOver,
    OpenCase,
    Priority,
    due_moment,
    fault_of_handover,
    fault_of_opening,
    is_overdue,
    state_after,
)

NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@given(state=st.sampled_from(CaseState), waits=st.booleans())
def test_the_customers_word_is_always_ours_to_answer_and_colleagues_change_nothing(state: CaseState, waits: bool) -> None:
    assert state_after(state, direction=Direction.INBOUND, waits=waits) is CaseState.OPEN
    assert state_after(state, direction=Direction.INTERNAL, waits=waits) is state


@pytest.mark.parametrize(
    ("_case", "state", "waits", "after"),
    [
        ("answered", CaseState.OPEN, False, CaseState.OPEN),
        ("asked back", CaseState.OPEN, True, CaseState.WAITING),
        ("still waiting", CaseState.WAITING, False, CaseState.WAITING),
        ("a late word of ours", CaseState.SOLVED, True, CaseState.SOLVED),
    ],
)
def test_our_word_leaves_the_turn_unless_we_wait(_case: str, state: CaseState, waits: bool, after: CaseState) -> None:
    assert state_after(state, direction=Direction.OUTBOUND, waits=waits) is after


@given(hours=st.integers(0, 10_000))
def test_haste_only_ever_shortens_what_is_owed(hours: int) -> None:
    owed = [due_moment(NOON, hours=hours, priority=p) for p in (Priority.URGENT, Priority.HIGH, Priority.NORMAL, Priority.LOW)]

    if hours == 0:
        assert owed == [None] * 4
    else:
        moments = [moment for moment in owed if moment]
        assert len(moments) == 4
        assert moments == sorted(moments)
        assert moments[2] == NOON + timedelta(hours=hours)


def test_only_unsolved_cases_are_overdue() -> None:
    assert is_overdue(CaseState.OPEN, due_at=NOON, at=NOON + timedelta(seconds=1))
    assert not is_overdue(CaseState.OPEN, due_at=NOON, at=NOON)
    assert not is_overdue(CaseState.SOLVED, due_at=NOON, at=NOON + timedelta(days=1))
    assert not is_overdue(CaseState.WAITING, due_at=None, at=NOON)


def test_a_handover_needs_a_person_or_a_desk() -> None:
    fault = fault_of_handover(HandOver(case_id=1))

    assert fault is not None
    assert (fault.code, fault.field) == ("contact.to_nobody", "/owner_id")


@given(theme=st.text(max_size=300), body=st.text(max_size=50))
def test_whatever_is_typed_is_kept_or_refused_with_its_field(theme: str, body: str) -> None:
    fault = fault_of_opening(OpenCase(company_id=1, theme=theme, body=body), at=NOON)

    assert fault is None or fault.field in ("/theme", "/body")
    if fault is None:
        assert theme.strip()
        assert len(theme) <= 200
