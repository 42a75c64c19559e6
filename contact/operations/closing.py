"""Cases are solved, and opened again where they were not."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from contact.events import CallerNamed, CaseReopened, CaseSolved
from contact.operations.rows import locked_cases, told_of, word, write_words
from contact.rules import CaseState, Deed, Moved, NameCaller, SolveCase, case_not_found, fault_of_solution, fault_of_words
from core.actor import Actor
from core.db import operation, run
from core.errors import Refusal
from core.outbox import announce
from core.text import clean_text
from core.words import gettext_noop as _
from customers.queries import customer_rows
from customers.rules import CustomerStatus, erased, not_found

_SOLVE = """
UPDATE contact_case c SET state = 'solved', solved_at = %(at)s::timestamptz, last_at = greatest(c.last_at, %(at)s::timestamptz),
    cause_class = s.cause_class, cause_detail = s.cause_detail, resolution = s.resolution, version = c.version + 1
FROM unnest(%(ids)s::bigint[], %(cause_class)s::text[], %(cause_detail)s::text[], %(resolution)s::text[])
    AS s (id, cause_class, cause_detail, resolution) WHERE c.id = s.id
"""
_REOPEN = """
UPDATE contact_case SET state = 'open', solved_at = NULL, last_at = greatest(last_at, %s::timestamptz), version = version + 1,
    reopened_count = reopened_count + 1 WHERE id = ANY(%s::bigint[])
"""
_NAME = """
UPDATE contact_case c SET customer_id = n.customer_id, last_at = greatest(c.last_at, %s::timestamptz), version = c.version + 1
FROM unnest(%s::bigint[], %s::bigint[]) AS n (id, customer_id) WHERE c.id = n.id
"""


@operation
def solve_cases(asks: Sequence[SolveCase], *, actor: Actor, at: datetime) -> list[Moved | Refusal]:
    """The cases are solved, and say how and where the cause lay.

    Four statements however many. Locks the cases in id order. Announces CaseSolved. A case that is solved already stays as it
    is. Refuses "contact.case_not_found", "contact.text_missing", "contact.text_too_long".
    """
    cases = locked_cases(ask.case_id for ask in asks)
    answers: list[Moved | Refusal] = []
    going: dict[int, SolveCase] = {}
    for ask in asks:
        case: Any = cases.get(ask.case_id)
        fault = case_not_found() if case is None else fault_of_solution(ask.solution)
        if fault is not None:
            answers.append(fault)
            continue
        repeated = case.state == CaseState.SOLVED or ask.case_id in going
        answers.append(Moved(case_id=ask.case_id, repeated=repeated))
        if not repeated:
            going[ask.case_id] = ask
    if going:
        ids = sorted(going)
        said = [going[i].solution for i in ids]
        columns = {
            "cause_class": [str(one.cause_class) if one.cause_class else None for one in said],
            "cause_detail": [clean_text(one.cause_detail) for one in said],
            "resolution": [one.resolution.strip() for one in said],
        }
        run(_SOLVE, {"ids": ids, "at": at, **columns})
        write_words([word(i, deed=Deed.SOLUTION, body=going[i].solution.resolution, at=at) for i in ids], actor=actor)
        announce(*(CaseSolved(**told_of(cases[i]), cause_class=str(going[i].solution.cause_class or "")) for i in ids))
    return answers


@operation
def reopen_cases(case_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime) -> list[Moved | Refusal]:
    """Solved cases are in progress again; what had been the solution stays to be read.

    Four statements however many. Locks the cases in id order. Announces CaseReopened. An unsolved case stays as it is.
    Refuses "contact.case_not_found", "contact.text_missing", "contact.text_too_long".
    """
    fault = fault_of_words(reason, name="note", needed=True)
    if fault is not None:
        return [fault] * len(case_ids)
    cases = locked_cases(case_ids)
    ids = sorted(i for i, case in cases.items() if case.state == CaseState.SOLVED)
    if ids:
        run(_REOPEN, (at, ids))
        write_words([word(i, deed=Deed.REOPENING, body=reason, at=at) for i in ids], actor=actor)
        announce(*(CaseReopened(**told_of(cases[i])) for i in ids))
    fresh = set(ids)
    return [Moved(case_id=i, repeated=i not in fresh) if i in cases else case_not_found() for i in case_ids]


@operation
def name_callers(asks: Sequence[NameCaller], *, actor: Actor, at: datetime) -> list[Moved | Refusal]:
    """Unknown callers' cases belong to the customers they turned out to be.

    Five statements however many. Locks the cases in id order. Announces CallerNamed. Refuses "contact.case_not_found",
    "contact.caller_known", "customers.not_found" (also where the customer is another company's), "customers.erased".
    """
    cases = locked_cases(ask.case_id for ask in asks)
    people = {row.customer_id: row for row in customer_rows(sorted({ask.customer_id for ask in asks}))}
    answers: list[Moved | Refusal] = []
    going: dict[int, int] = {}
    for ask in asks:
        case, customer = cases.get(ask.case_id), people.get(ask.customer_id)
        if case is None:
            answers.append(case_not_found())
        elif customer is None or customer.company_id != case.company_id:
            answers.append(not_found())
        elif customer.status == CustomerStatus.ERASED:
            answers.append(erased())
        elif case.customer_id not in (None, ask.customer_id) or going.get(case.id, ask.customer_id) != ask.customer_id:
            answers.append(Refusal("contact.caller_known", _("This case belongs to another customer already."), field="/customer_id"))
        else:
            answers.append(Moved(case_id=case.id, repeated=case.customer_id == ask.customer_id or case.id in going))
            if case.customer_id is None:
                going[case.id] = ask.customer_id
    if going:
        ids = sorted(going)
        run(_NAME, (at, ids, [going[i] for i in ids]))
        write_words([word(i, deed=Deed.IDENTIFIED, body="", at=at, to_whom=people[going[i]].number) for i in ids], actor=actor)
        announce(*(CallerNamed(**{**told_of(cases[i]), "customer_id": going[i]}) for i in ids))
    return answers
