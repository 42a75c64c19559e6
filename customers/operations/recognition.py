"""Who is buying? Known customers are found, new ones get a ledger entry, in a handful of statements per batch.

Two simultaneous first orders of one person end as ONE customer: the look-up takes, in the same statement, a
transaction-scoped advisory lock on (company, phone, reading) and on (company, outside number) of everybody it did not
find; the registration then looks again with a fresh snapshot, so the second order waits for the first to commit and
finds its customer. People who are only alike are put before a person by the handler of CustomerRegistered.
"""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from core.actor import Actor
from core.clock import business_date
from core.db import operation, rows, run
from core.errors import Refusal
from core.queries import company_context
from core.text import has_unstorable
from core.words import gettext_noop as _
from customers.operations.asking import ASK, STANDING, Asked, columns_of_asks, keys_of_ask, recognised
from customers.operations.registering import register
from customers.rules import Recognise, Recognised, faults_of_person, faults_of_place

_LOOK_UP = f"""
WITH {ASK},
locked AS MATERIALIZED (
    SELECT count(pg_advisory_xact_lock(n)) AS locks
    FROM (
        SELECT DISTINCT v.n FROM hit CROSS JOIN LATERAL (VALUES (hit.lock_person), (hit.lock_identity)) v (n)
        WHERE hit.found IS NULL AND hit.customer IS NULL AND v.n IS NOT NULL
        ORDER BY v.n
    ) s
)
SELECT hit.place, hit.found AS customer_id, false AS is_new, hit.strength, locked.locks,
    hit.provider IS NOT NULL AND hit.found IS NOT NULL AND hit.strength IN (2, 4) AND NOT EXISTS (
        SELECT FROM customers_identity i WHERE i.company_id = hit.company AND i.provider = hit.provider
           AND i.subject = hit.subject AND i.ended_at IS NULL) AS identity_unknown,
    {STANDING}
FROM hit CROSS JOIN locked LEFT JOIN customers_customer c ON c.id = hit.found
ORDER BY hit.place
"""

# The same for batches where everybody is given by id, which is most of what a busy shop asks: a plan a tenth the size.
_GIVEN = f"""
SELECT hit.place, c.id AS customer_id, false AS is_new, 1 AS strength, false AS identity_unknown, {STANDING}
FROM unnest((SELECT %(place)s::int[]), (SELECT %(company)s::bigint[]), (SELECT %(customer)s::bigint[]), (SELECT %(brand)s::bigint[]))
    AS hit (place, company, customer, brand)
LEFT JOIN customers_customer given ON given.id = hit.customer AND given.company_id = hit.company AND given.status <> 'erased'
LEFT JOIN customers_customer c ON c.id = coalesce(given.principal_id, given.id)
"""


@operation
def recognise_customers(asks: Sequence[Recognise], *, actor: Actor, at: datetime) -> list[Recognised | Refusal]:
    """Every ask has its customer: the one given, else that of the account, of the outside number, of phone + reading, else a new one.

    One statement for known customers and recognised guests, three with new ones, whatever the size of the batch. Merged
    customers answer with their principal; erased ones are never found; closed ones ask for attention. Nobody is ever
    linked to an account here. A proven outside number is kept for next time; a prospect who buys becomes active.
    Locks: advisory on person and outside number of those not found. Announces CustomerRegistered. Refuses with
    "customers.not_found", "customers.person_missing", "customers.identity_unreadable" and the faults of person and place.
    """
    answers: dict[int, Recognised | Refusal] = {}
    asked: list[Asked] = []
    for place, ask in enumerate(asks):
        if fault := _fault_of_ask(ask):
            answers[place] = fault
        else:
            asked.append(Asked(place, ask, keys_of_ask(ask)))
    pending: list[Asked] = []
    prospects: list[int] = []
    for one, found in zip(asked, _looked_up(asked, at), strict=True):
        if found.customer_id is not None:
            answers[one.place] = recognised(found)
            if found.status == "prospect":
                prospects.append(found.customer_id)
            if found.identity_unknown:
                pending.append(one)
        elif fault := _fault_of_newcomer(one.ask, at):
            answers[one.place] = fault
        else:
            pending.append(one)
    if pending:
        answers |= register(pending, at)
    if prospects:
        run(
            "UPDATE customers_customer SET status = 'active', version = version + 1 WHERE id = ANY(%s::bigint[]) AND status = 'prospect'",
            (prospects,),
        )
    return [answers[place] for place in range(len(asks))]


def _fault_of_ask(ask: Recognise) -> Refusal | None:
    if ask.customer_id is not None and not 0 < ask.customer_id < 2**63:
        return customer_not_found()
    if ask.identity is not None:
        provider, subject = ask.identity
        if not (0 < len(provider) <= 40 and 0 < len(subject) <= 254) or has_unstorable(provider + subject):
            return Refusal("customers.identity_unreadable", _("This outside number can't be kept."), field="/identity")
    return None


def customer_not_found(*, field: str = "/customer_id") -> Refusal:
    """The refusal of an id that is no customer of the company."""
    return Refusal("customers.not_found", _("There is no such customer."), field=field)


def _fault_of_newcomer(ask: Recognise, at: datetime) -> Refusal | None:
    if ask.customer_id is not None:
        return customer_not_found()
    if ask.person is None:
        return Refusal("customers.person_missing", _("Say who the customer is."), field="/person")
    today = business_date(at, company_context(ask.company_id).timezone) if ask.person.birth_on else None
    faults = faults_of_person(ask.person, pointer="/person", today=today)
    if not faults and ask.address is not None:
        faults = faults_of_place(ask.address, pointer="/address")
    return faults[0] if faults else None


def _looked_up(asked: Sequence[Asked], at: datetime) -> list[Any]:
    if not asked:
        return []
    if all(one.ask.customer_id is not None and one.ask.identity is None for one in asked):
        given = {
            "place": [one.place for one in asked],
            "company": [one.ask.company_id for one in asked],
            "customer": [one.ask.customer_id for one in asked],
            "brand": [one.ask.brand_id for one in asked],
        }
        return sorted(rows(_GIVEN, {**given, "at": at}), key=attrgetter("place"))
    return rows(_LOOK_UP, {**columns_of_asks(asked), "at": at})
