"""How a case lives: whose turn it is after each word, when it is due, and what may not be done to it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from contact.rules.asks import LIMITS, HandOver, OpenCase, Solution
from contact.rules.statuses import CaseState, Direction, Priority
from core.errors import Refusal
from core.text import clean_text, has_unstorable
from core.words import gettext_noop as _

UNSOLVED = (CaseState.OPEN, CaseState.WAITING)

_HASTE: Mapping[Priority, tuple[int, int]] = {Priority.URGENT: (1, 4), Priority.HIGH: (1, 2), Priority.NORMAL: (1, 1), Priority.LOW: (2, 1)}


def state_after(state: CaseState, *, direction: Direction, waits: bool) -> CaseState:
    """Whose turn it is after a word was said.

    The customer's word is ours to answer, also on a case we thought was solved. Our word leaves the turn where it is unless
    we now wait. What colleagues tell each other changes nothing.
    """
    if direction is Direction.INTERNAL:
        return state
    if direction is Direction.INBOUND:
        return CaseState.OPEN
    if state is CaseState.SOLVED:
        return CaseState.SOLVED
    return CaseState.WAITING if waits else state


def due_moment(occurred_at: datetime, *, hours: int, priority: Priority) -> datetime | None:
    """When an answer is owed: the reason's hours, shortened by haste; None where the reason asks for none."""
    if hours <= 0:
        return None
    share, of = _HASTE[priority]
    return occurred_at + timedelta(minutes=hours * 60 * share // of)


def is_overdue(state: CaseState, *, due_at: datetime | None, at: datetime) -> bool:
    """Whether an unsolved case should have been answered by now."""
    return state in UNSOLVED and due_at is not None and due_at < at


def fault_of_words(text: str, *, name: str, needed: bool = False) -> Refusal | None:
    """What is wrong with a text of a case, if anything."""
    if has_unstorable(text):
        return Refusal("contact.text_unstorable", _("This text holds characters that can't be kept."), field=f"/{name}")
    if needed and not clean_text(text):
        return Refusal("contact.text_missing", _("Write something here."), field=f"/{name}")
    if len(text) > LIMITS[name]:
        return Refusal("contact.text_too_long", _("At most %(limit)s characters fit here."), {"limit": LIMITS[name]}, f"/{name}")
    return None


def fault_of_solution(solution: Solution) -> Refusal | None:
    """A solution says what was done."""
    return fault_of_words(solution.resolution, name="resolution", needed=True) or fault_of_words(solution.cause_detail, name="cause_detail")


def fault_of_opening(ask: OpenCase, *, at: datetime) -> Refusal | None:
    """What can be seen to be wrong with a new case without asking anybody."""
    fault = fault_of_words(ask.theme, name="theme", needed=True) or fault_of_words(ask.body, name="body")
    fault = fault or fault_of_words(ask.caller_name, name="caller_name") or fault_of_words(ask.caller_contact, name="caller_contact")
    if fault is None and ask.solution is not None:
        fault = fault_of_solution(ask.solution)
    if fault is None and ask.direction is Direction.INTERNAL:
        return Refusal("contact.nobody_spoke", _("A case begins with a word from or to the customer."), field="/direction")
    if fault is None and ask.occurred_at is not None and ask.occurred_at > at:
        return Refusal("contact.in_future", _("This lies in the future."), field="/occurred_at")
    return fault


def fault_of_handover(ask: HandOver) -> Refusal | None:
    """A case is handed to a person or to a desk."""
    if ask.owner_id is None and ask.desk is None:
        return Refusal("contact.to_nobody", _("Say who takes the case over, or which desk."), field="/owner_id")
    return fault_of_words(ask.note, name="note")


def case_not_found() -> Refusal:
    """The refusal of an id that is no case here."""
    return Refusal("contact.case_not_found", _("There is no such case."), field="/case_id")


def case_solved() -> Refusal:
    """The refusal of a verb that only unsolved cases know."""
    return Refusal("contact.case_solved", _("The case is solved. Reopen it first."), field="/case_id")
