"""A contact becomes a case, once."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from contact.events import CaseOpened, CaseSolved
from contact.operations.reasons import seed_reasons
from contact.operations.rows import staff_among
from contact.queries.reasons import ReasonRow, reasons_of
from contact.rules import CaseState, Deed, Direction, OpenCase, Opened, due_moment, fault_of_opening
from core.actor import Actor
from core.db import operation, rows
from core.errors import Refusal
from core.operations import series_for
from core.outbox import announce
from core.queries import company_context
from core.text import clean_text
from core.words import gettext_noop as _
from customers.queries import CustomerRow, customer_rows
from customers.rules import CustomerStatus, erased, not_found

_KNOWN = """
SELECT id, public_id, number, company_id, once_key FROM contact_case
WHERE (company_id, once_key) IN (SELECT * FROM unnest(%s::bigint[], %s::text[]))
"""

# The story's first words, the solution where there is one, and the orders it is about are written with the case.
_OPEN = """
WITH s AS MATERIALIZED (
    SELECT c.*, nextval('contact_case_id_seq') AS id, {number} AS number
    FROM unnest(%(place)s::bigint[], %(customer)s::bigint[], %(desk)s::text[], %(reason)s::bigint[], %(theme)s::text[], %(state)s::text[],
        %(priority)s::text[], %(complaint)s::boolean[], %(caller_name)s::text[], %(caller_contact)s::text[], %(owner)s::bigint[],
        %(occurred_at)s::timestamptz[], %(due_at)s::timestamptz[], %(last_at)s::timestamptz[], %(solved_at)s::timestamptz[],
        %(cause_class)s::text[], %(cause_detail)s::text[], %(resolution)s::text[], %(once_key)s::text[])
        AS c (place, customer_id, desk, reason_id, theme, state, priority, complaint, caller_name, caller_contact, owner_id, occurred_at,
              due_at, last_at, solved_at, cause_class, cause_detail, resolution, once_key)
),
made AS (
    INSERT INTO contact_case (id, number, company_id, customer_id, desk, reason_id, theme, state, priority, complaint, caller_name,
        caller_contact, owner_id, occurred_at, due_at, last_at, solved_at, cause_class, cause_detail, resolution, once_key,
        actor_kind, actor_id, actor_label, on_behalf_of)
    SELECT id, number, %(company)s, customer_id, desk, reason_id, theme, state, priority, complaint, caller_name, caller_contact, owner_id,
        occurred_at, due_at, last_at, solved_at, cause_class, cause_detail, resolution, once_key,
        %(actor_kind)s, %(actor_id)s, %(actor_label)s, %(on_behalf_of)s
    FROM s ORDER BY place ON CONFLICT (company_id, once_key) DO NOTHING RETURNING id, public_id
),
about AS (
    INSERT INTO contact_caseorder (case_id, order_ref)
    SELECT s.id, o.ref FROM unnest(%(about_place)s::bigint[], %(about_ref)s::uuid[]) AS o (place, ref) JOIN s USING (place) JOIN made USING (id)
),
said AS (
    INSERT INTO contact_interaction (case_id, deed, channel, direction, body, visibility, at, author_kind, author_id, author_label)
    SELECT s.id, w.deed, w.channel, w.direction, w.body, w.visibility, w.at, %(actor_kind)s, %(actor_id)s, %(actor_label)s
    FROM unnest(%(said_place)s::bigint[], %(said_deed)s::text[], %(said_channel)s::text[], %(said_direction)s::text[], %(said_body)s::text[],
        %(said_visibility)s::text[], %(said_at)s::timestamptz[]) WITH ORDINALITY
        AS w (place, deed, channel, direction, body, visibility, at, turn) JOIN s USING (place) JOIN made USING (id) ORDER BY w.turn
)
SELECT s.place, s.number, made.id, made.public_id FROM made JOIN s USING (id) ORDER BY s.place
"""


@operation
def open_cases(asks: Sequence[OpenCase], *, actor: Actor, at: datetime) -> list[Opened | Refusal]:
    """Every contact is kept as a case with its first interaction, solved at once where a solution is told.

    Five statements and one per company, however many. Once per company and ``once_key``. Announces CaseOpened, and CaseSolved.
    A company without reasons gets the usual ones. Refuses "contact.text_missing", "contact.text_too_long",
    "contact.in_future", "contact.reason_unknown", "contact.owner_unknown", "customers.not_found", "customers.erased".
    """
    people = {row.customer_id: row for row in customer_rows(sorted({ask.customer_id for ask in asks if ask.customer_id is not None}))}
    reasons = _reasons_for(sorted({ask.company_id for ask in asks}), actor=actor)
    staff = staff_among({ask.owner_id for ask in asks if ask.owner_id is not None})
    answers: dict[int, Opened | Refusal] = {}
    fresh: dict[int, dict[int, OpenCase]] = defaultdict(dict)
    known = _known(asks)
    for place, ask in enumerate(asks):
        fault = fault_of_opening(ask, at=at) or _fault_of_whom(ask, people, staff=staff)
        if fault is None and (ask.company_id, ask.reason) not in reasons:
            fault = Refusal("contact.reason_unknown", _("The company has no such reason."), field="/reason")
        if fault is not None:
            answers[place] = fault
        elif (ask.company_id, ask.once_key) in known:
            answers[place] = known[ask.company_id, ask.once_key]
        else:
            fresh[ask.company_id][place] = ask
    for company_id, group in sorted(fresh.items()):
        answers |= _write(company_id, group, reasons=reasons, actor=actor, at=at)
    if len(answers) < len(asks):  # somebody else, or an earlier item of this batch, used the key
        again = _known(asks)
        answers |= {p: again[asks[p].company_id, asks[p].once_key] for p in range(len(asks)) if p not in answers}
    return [answers[place] for place in range(len(asks))]


def _reasons_for(company_ids: Sequence[int], *, actor: Actor) -> dict[tuple[int, str], ReasonRow]:
    found = reasons_of(company_ids)
    bare = set(company_ids) - {company_id for company_id, _code in found}
    if not bare:
        return found
    for company_id in sorted(bare):
        seed_reasons(company_id, actor=actor)
    return reasons_of(company_ids)


def _fault_of_whom(ask: OpenCase, people: dict[int, CustomerRow], *, staff: frozenset[int]) -> Refusal | None:
    if ask.customer_id is not None:
        customer = people.get(ask.customer_id)
        if customer is None or customer.company_id != ask.company_id:
            return not_found()
        if customer.status == CustomerStatus.ERASED:
            return erased()
    if ask.owner_id is not None and ask.owner_id not in staff:
        return Refusal("contact.owner_unknown", _("There is no such member of staff."), field="/owner_id")
    return None


def _known(asks: Sequence[OpenCase]) -> dict[tuple[int, str], Opened]:
    keyed = [ask for ask in asks if ask.once_key]
    if not keyed:
        return {}
    found = rows(_KNOWN, ([ask.company_id for ask in keyed], [ask.once_key for ask in keyed]))
    return {(r.company_id, r.once_key): Opened(case_id=r.id, public_id=r.public_id, number=r.number, repeated=True) for r in found}


def _write(
    company_id: int, group: dict[int, OpenCase], *, reasons: dict[tuple[int, str], ReasonRow], actor: Actor, at: datetime
) -> dict[int, Opened | Refusal]:
    series = series_for(company_id, kind="case", prefix="CS-", digits=6)
    number = series.sql(company_context(company_id).business_date(at))
    cases = [_case(place, ask, reason=reasons[company_id, ask.reason], at=at) for place, ask in group.items()]
    said = list(chain.from_iterable(_words(place, ask, at=at) for place, ask in group.items()))
    about = [(place, ref) for place, ask in group.items() for ref in dict.fromkeys(ask.order_refs)]
    given = {name: [case[name] for case in cases] for name in cases[0]}
    given |= {f"said_{name}": [words[name] for words in said] for name in said[0]}
    who = {"actor_kind": str(actor.kind), "actor_id": actor.id, "actor_label": actor.label, "on_behalf_of": actor.on_behalf_of}
    about_columns = {"about_place": [place for place, _ref in about], "about_ref": [ref for _place, ref in about]}
    made = rows(_OPEN.format(number=number), {"company": company_id, **given, **about_columns, **who}, prepare=False)
    for row in made:
        _tell(row, company_id, group[row.place], case=next(case for case in cases if case["place"] == row.place))
    return {row.place: Opened(case_id=row.id, public_id=row.public_id, number=row.number) for row in made}


def _tell(row: Any, company_id: int, ask: OpenCase, *, case: dict[str, Any]) -> None:
    about: dict[str, Any] = {"case_id": row.id, "case_ref": row.public_id, "company_id": company_id, "customer_id": ask.customer_id}
    opened = CaseOpened(
        **about, number=row.number, desk=case["desk"], reason=ask.reason, priority=case["priority"], complaint=case["complaint"]
    )
    if ask.solution is None:
        announce(opened)
    else:
        announce(opened, CaseSolved(**about, cause_class=str(ask.solution.cause_class or "")))


def _case(place: int, ask: OpenCase, *, reason: ReasonRow, at: datetime) -> dict[str, Any]:
    """The columns of a new case."""
    occurred, solution = ask.occurred_at or at, ask.solution
    return {
        "place": place,
        "customer": ask.customer_id,
        "desk": str(ask.desk or reason.desk),
        "reason": reason.id,
        "theme": clean_text(ask.theme),
        "state": str(CaseState.SOLVED if solution else CaseState.OPEN),
        "priority": str(ask.priority),
        "complaint": reason.complaint if ask.complaint is None else ask.complaint,
        "caller_name": clean_text(ask.caller_name),
        "caller_contact": clean_text(ask.caller_contact),
        "owner": ask.owner_id,
        "occurred_at": occurred,
        "due_at": ask.due_at or due_moment(occurred, hours=reason.due_hours, priority=ask.priority),
        "last_at": at if solution else occurred,
        "solved_at": at if solution else None,
        "cause_class": str(solution.cause_class) if solution and solution.cause_class else None,
        "cause_detail": clean_text(solution.cause_detail) if solution else "",
        "resolution": solution.resolution.strip() if solution else "",
        "once_key": ask.once_key or None,
    }


def _words(place: int, ask: OpenCase, *, at: datetime) -> list[dict[str, Any]]:
    """The first interaction, and the solution's."""
    first = {
        "place": place,
        "deed": str(Deed.TALK),
        "channel": str(ask.channel),
        "direction": str(ask.direction),
        "body": ask.body.strip(),
        "visibility": str(ask.visibility),
        "at": ask.occurred_at or at,
    }
    if ask.solution is None:
        return [first]
    solved = {"deed": str(Deed.SOLUTION), "channel": None, "direction": str(Direction.INTERNAL), "visibility": "staff", "at": at}
    return [first, {**first, **solved, "body": ask.solution.resolution.strip()}]
