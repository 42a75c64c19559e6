"""What is said in a case, and who looks after it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from contact.events import CaseHandedOver, CaseReopened, InteractionAdded
from contact.operations.rows import locked_cases, staff_among, told_of, word, write_words
from contact.queries.staff import staff_names
from contact.rules import (
    Added,
    CaseState,
    Deed,
    Direction,
    HandOver,
    Moved,
    NewInteraction,
    case_not_found,
    case_solved,
    fault_of_handover,
    fault_of_words,
    state_after,
)
from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.events import Event
from core.outbox import announce
from core.words import gettext_noop as _
from customers.rules import Visibility

_KNOWN = """
SELECT id, case_id, once_key FROM contact_interaction
WHERE (case_id, once_key) IN (SELECT * FROM unnest(%s::bigint[], %s::text[]))
"""
_TURN = """
UPDATE contact_case c SET state = t.state, last_at = greatest(c.last_at, t.at), version = c.version + 1,
    solved_at = CASE WHEN t.state = 'solved' THEN c.solved_at END,
    reopened_count = c.reopened_count + CASE WHEN c.state = 'solved' AND t.state <> 'solved' THEN 1 ELSE 0 END
FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[]) AS t (id, state, at) WHERE c.id = t.id
"""
_HAND = """
UPDATE contact_case c SET owner_id = h.owner_id, desk = h.desk, priority = h.priority, handover_note = h.note,
    last_at = greatest(c.last_at, %(at)s::timestamptz), version = c.version + 1
FROM unnest(%(ids)s::bigint[], %(owner)s::bigint[], %(desk)s::text[], %(priority)s::text[], %(note)s::text[])
    AS h (id, owner_id, desk, priority, note) WHERE c.id = h.id
"""


@operation
def add_interactions(asks: Sequence[NewInteraction], *, actor: Actor, at: datetime) -> list[Added | Refusal]:
    """Every word stands in its case, and whose turn it is follows; the customer's word on a solved case opens it again.

    Four statements however many. Locks the cases in id order. Once per case and ``once_key``. Announces InteractionAdded, and
    CaseReopened. Refuses "contact.case_not_found", "contact.text_missing", "contact.text_too_long", "contact.in_future",
    "contact.channel_missing", "contact.not_for_customers".
    """
    cases = locked_cases(ask.case_id for ask in asks)
    keyed = [ask for ask in asks if ask.once_key]
    known = (
        {(r.case_id, r.once_key): r.id for r in rows(_KNOWN, ([a.case_id for a in keyed], [a.once_key for a in keyed]))} if keyed else {}
    )
    states = {case.id: CaseState(case.state) for case in cases.values()}
    answers: list[Added | Refusal | None] = []
    fresh: list[tuple[int, NewInteraction]] = []
    reopened: set[int] = set()
    for place, ask in enumerate(asks):
        fault = case_not_found() if ask.case_id not in cases else _fault(ask, at=at)
        if fault is None and (ask.case_id, ask.once_key) in known:
            answers.append(Added(case_id=ask.case_id, interaction_id=known[ask.case_id, ask.once_key], repeated=True))
            continue
        answers.append(fault)
        if fault is None and not _repeats(ask, fresh):
            after = state_after(states[ask.case_id], direction=ask.direction, waits=ask.waits)
            if states[ask.case_id] is CaseState.SOLVED and after is not CaseState.SOLVED:
                reopened.add(ask.case_id)
            states[ask.case_id] = after
            fresh.append((place, ask))
    written = write_words([_word(ask, at=at) for _place, ask in fresh], actor=actor)
    touched = sorted({ask.case_id for _place, ask in fresh})
    latest = [max(ask.at or at for _place, ask in fresh if ask.case_id == number) for number in touched]
    if touched:
        run(_TURN, (touched, [str(states[number]) for number in touched], latest))
    told: list[Event] = [CaseReopened(**told_of(cases[number])) for number in sorted(reopened)]
    for (place, ask), number in zip(fresh, written, strict=True):
        answers[place] = Added(case_id=ask.case_id, interaction_id=number)
        known[ask.case_id, ask.once_key] = number
        case, state = cases[ask.case_id], str(states[ask.case_id])
        told.append(InteractionAdded(**told_of(case), interaction_id=number, direction=str(ask.direction), state=state))
    announce(*told)
    return [
        answer or Added(case_id=ask.case_id, interaction_id=known[ask.case_id, ask.once_key], repeated=True)
        for ask, answer in zip(asks, answers, strict=True)
    ]


def _repeats(ask: NewInteraction, fresh: Sequence[tuple[int, NewInteraction]]) -> bool:
    """Whether an earlier item of the batch says the same once."""
    return bool(ask.once_key) and any((one.case_id, one.once_key) == (ask.case_id, ask.once_key) for _place, one in fresh)


def _fault(ask: NewInteraction, *, at: datetime) -> Refusal | None:
    fault = fault_of_words(ask.body, name="body", needed=True)
    if fault is None and ask.at is not None and ask.at > at:
        return Refusal("contact.in_future", _("This lies in the future."), field="/at")
    if fault is None and ask.direction is not Direction.INTERNAL and ask.channel is None:
        return Refusal("contact.channel_missing", _("Say by which channel it was said."), field="/channel")
    if fault is None and ask.direction is Direction.INTERNAL and ask.visibility is Visibility.CUSTOMER:
        return Refusal("contact.not_for_customers", _("What staff tell each other isn't shown to the customer."), field="/visibility")
    return fault


def _word(ask: NewInteraction, *, at: datetime) -> dict[str, Any]:
    spoken = {
        "channel": str(ask.channel) if ask.channel and ask.direction is not Direction.INTERNAL else None,
        "direction": str(ask.direction),
        "visibility": str(ask.visibility),
        "once_key": ask.once_key or None,
    }
    return {**word(ask.case_id, deed=Deed.TALK, body=ask.body, at=ask.at or at), **spoken}


@operation
def hand_over(asks: Sequence[HandOver], *, actor: Actor, at: datetime) -> list[Moved | Refusal]:
    """The cases are looked after by somebody else, or wait for whoever takes them at another desk; the note tells why.

    Five statements however many. Locks the cases in id order. Announces CaseHandedOver. Repeating it changes nothing.
    Refuses "contact.case_not_found", "contact.case_solved", "contact.to_nobody", "contact.owner_unknown".
    """
    cases = locked_cases(ask.case_id for ask in asks)
    owners = {ask.owner_id for ask in asks if ask.owner_id is not None}
    staff = staff_among(owners)
    names = staff_names(sorted(staff))
    answers: list[Moved | Refusal] = []
    going: dict[int, HandOver] = {}
    for ask in asks:
        case: Any = cases.get(ask.case_id)
        fault = case_not_found() if case is None else fault_of_handover(ask)
        if fault is None and case.state == CaseState.SOLVED:
            fault = case_solved()
        if fault is None and ask.owner_id is not None and ask.owner_id not in staff:
            fault = Refusal("contact.owner_unknown", _("There is no such member of staff."), field="/owner_id")
        if fault is not None:
            answers.append(fault)
            continue
        same = (case.owner_id, case.desk) == (ask.owner_id, str(ask.desk or case.desk)) and not ask.note and ask.priority is None
        answers.append(Moved(case_id=ask.case_id, repeated=same or ask.case_id in going))
        if not same:
            going.setdefault(ask.case_id, ask)
    if going:
        _write_handover(going, cases=cases, names=names, actor=actor, at=at)
    return answers


def _write_handover(going: dict[int, HandOver], *, cases: dict[int, Any], names: dict[int, str], actor: Actor, at: datetime) -> None:
    ids = sorted(going)
    desks = {i: str(going[i].desk or cases[i].desk) for i in ids}
    columns = {
        "ids": ids,
        "owner": [going[i].owner_id for i in ids],
        "desk": [desks[i] for i in ids],
        "priority": [str(going[i].priority or cases[i].priority) for i in ids],
        "note": [going[i].note.strip() for i in ids],
        "at": at,
    }
    run(_HAND, columns)
    words = [word(i, deed=Deed.HANDOVER, body=going[i].note, at=at, to_whom=_whom(going[i], names=names, desk=desks[i])) for i in ids]
    write_words(words, actor=actor)
    announce(*(CaseHandedOver(**told_of(cases[i]), owner_id=going[i].owner_id, desk=desks[i]) for i in ids))


def _whom(ask: HandOver, *, names: dict[int, str], desk: str) -> str:
    """A person's name, or "desk:success"."""
    return names.get(ask.owner_id, "") if ask.owner_id is not None else f"desk:{desk}"
