"""Repairs, collections and purchases: asked for, and led from step to step by one table."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from core.actor import Actor, ActorKind
from core.db import operation, rows, run
from core.errors import Refusal
from core.operations import series_for, take_numbers
from core.outbox import announce
from core.queries import company_context
from core.words import gettext_noop as _
from orders.events import (
    ServiceAccepted,
    ServiceDecided,
    ServiceEnded,
    ServiceEstimated,
    ServiceEvent,
    ServiceReceived,
    ServiceRefused,
    ServiceRequested,
)
from orders.operations.service_ends import Ended, end_services, standing_of
from orders.rules import (
    ENDS,
    OPEN_SERVICES,
    ServiceAsk,
    ServiceDeed,
    ServiceDone,
    ServiceKind,
    ServiceStatus,
    ServiceStep,
    service_ask_fault,
    service_step_fault,
    step_of,
    was_done,
)

SERIES: Final = "service"

_CUSTOMERS = "SELECT id, company_id, status FROM customers_customer WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE"
_KNOWN = """
SELECT id, public_id, number, customer_id, once_key, status FROM orders_servicerequest
WHERE customer_id = ANY(%s::bigint[]) AND once_key = ANY(%s::text[])
"""
# A line is hers where her group bought it.
_LINES = """
SELECT l.id, l.public_id, coalesce(c.principal_id, c.id) AS of FROM orders_line l JOIN orders_order o ON o.id = l.order_id
JOIN customers_customer c ON c.id = o.customer_id WHERE l.public_id = ANY(%s::uuid[])
"""
_GROUPS = "SELECT id, coalesce(principal_id, id) AS of FROM customers_customer WHERE id = ANY(%s::bigint[])"
_WRITE = """
INSERT INTO orders_servicerequest (company_id, number, kind, customer_id, line_id, goods, maker, model, serial, bought_from, bought_on, remark,
    currency, once_key, requested_at, actor_kind, actor_id, actor_label, on_behalf_of)
SELECT q.*, %(at)s, %(actor_kind)s, %(actor_id)s, %(actor_label)s, %(for)s
FROM unnest(%(companies)s::bigint[], %(numbers)s::text[], %(kinds)s::text[], %(customers)s::bigint[], %(lines)s::bigint[], %(goods)s::text[],
    %(makers)s::text[], %(models)s::text[], %(serials)s::text[], %(froms)s::text[], %(ons)s::date[], %(remarks)s::text[], %(currencies)s::text[],
    %(keys)s::text[]) AS q
RETURNING id, public_id, number, customer_id, once_key, company_id, kind, status
"""
# Customers first, as everywhere; they are given points, and erased.
_LOCK_CUSTOMERS = """
SELECT id FROM customers_customer WHERE id IN (SELECT customer_id FROM orders_servicerequest WHERE id = ANY(%s::bigint[])) ORDER BY id FOR NO KEY UPDATE
"""
_LOCK = "SELECT * FROM orders_servicerequest WHERE id = ANY(%s::bigint[]) ORDER BY id FOR UPDATE"
_STEP = """
UPDATE orders_servicerequest s SET status = n.status, version = s.version + 1,
    postage_in_by = coalesce(n.in_by, s.postage_in_by), postage_out_by = coalesce(n.out_by, s.postage_out_by),
    amount = coalesce(n.amount, s.amount), estimate_note = CASE WHEN n.deed = 'estimate' THEN n.note ELSE s.estimate_note END,
    payout_way = coalesce(n.payout_way, s.payout_way), decision_reason = CASE WHEN n.reason <> '' THEN n.reason ELSE s.decision_reason END,
    identity_note = CASE WHEN n.identity <> '' THEN n.identity ELSE s.identity_note END,
    charged_total = n.charged, payout_total = n.payout, stock_item_id = n.item, location_id = n.location,
    paid_out_at = CASE WHEN n.paid THEN %(at)s::timestamptz ELSE s.paid_out_at END,
    accepted_at = CASE WHEN n.deed = 'accept' THEN %(at)s::timestamptz ELSE s.accepted_at END,
    received_at = CASE WHEN n.deed = 'receive' THEN %(at)s::timestamptz ELSE s.received_at END,
    estimated_at = CASE WHEN n.deed = 'estimate' THEN %(at)s::timestamptz ELSE s.estimated_at END,
    decided_at = CASE WHEN n.deed IN ('agree', 'disagree') THEN %(at)s::timestamptz ELSE s.decided_at END,
    ended_at = CASE WHEN n.status = ANY(%(open)s::text[]) THEN NULL ELSE %(at)s::timestamptz END
FROM unnest(%(ids)s::bigint[], %(statuses)s::text[], %(deeds)s::text[], %(in_by)s::text[], %(out_by)s::text[], %(amounts)s::bigint[],
    %(notes)s::text[], %(ways)s::text[], %(reasons)s::text[], %(identities)s::text[], %(charged)s::bigint[], %(payouts)s::bigint[],
    %(items)s::bigint[], %(locations)s::bigint[], %(paid)s::boolean[])
    AS n (id, status, deed, in_by, out_by, amount, note, payout_way, reason, identity, charged, payout, item, location, paid)
WHERE s.id = n.id
"""
_PAY_OUT = """
UPDATE orders_servicerequest SET paid_out_at = %(at)s, version = version + 1 WHERE id = ANY(%(ids)s::bigint[])
    AND payout_total > 0 AND paid_out_at IS NULL RETURNING id
"""


@operation
def request_services(asks: Sequence[ServiceAsk], *, actor: Actor, at: datetime) -> list[ServiceDone | Refusal]:
    """Repairs, collections and purchases are asked for: one request per ask, once per customer and key.

    Refuses "customers.not_found", "service.no_such_line" (not bought by the customer) and what ``service_ask_fault`` finds. Locks the
    customers by id. Announces ServiceRequested. A constant number of statements, but for a number series of each company.
    """
    who = {row.id: row for row in rows(_CUSTOMERS, (sorted({ask.customer_id for ask in asks}),))}
    known = {(row.customer_id, row.once_key): row for row in rows(_KNOWN, (list(who), [ask.once_key for ask in asks]))}
    groups = {row.id: row.of for row in rows(_GROUPS, (list(who),))}
    lines = {row.public_id: row for row in rows(_LINES, ([ask.line_ref for ask in asks if ask.line_ref],))}
    answers: list[Refusal | tuple[int, str]] = []
    new: dict[tuple[int, str], ServiceAsk] = {}
    for ask in asks:
        key = (ask.customer_id, ask.once_key)
        fault = None if key in known or key in new else _fault(ask, who.get(ask.customer_id), lines, groups, at=at)
        answers.append(fault or key)
        if fault is None and key not in known:
            new.setdefault(key, ask)
    written = {(row.customer_id, row.once_key): row for row in _write(list(new.values()), lines, actor=actor, at=at)}
    announce(*(ServiceRequested(**_about(row)) for row in written.values()))
    given: set[tuple[int, str]] = set()
    results: list[ServiceDone | Refusal] = []
    for answer in answers:
        if isinstance(answer, Refusal):
            results.append(answer)
            continue
        results.append(_done((known | written)[answer], repeated=answer in known or answer in given))
        given.add(answer)
    return results


def _fault(ask: ServiceAsk, customer: Any, lines: dict[Any, Any], groups: dict[int, int], *, at: datetime) -> Refusal | None:
    if customer is None or customer.company_id != ask.company_id or customer.status == "erased":
        return Refusal("customers.not_found", _("There is no such customer."), {}, "/customer")
    line = lines.get(ask.line_ref)
    if ask.line_ref is not None and (line is None or line.of != groups[ask.customer_id]):
        return Refusal("service.no_such_line", _("The customer bought no such thing here."), {}, "/line")
    return service_ask_fault(ask, today=company_context(ask.company_id).business_date(at))


def _write(asks: Sequence[ServiceAsk], lines: dict[Any, Any], *, actor: Actor, at: datetime) -> list[Any]:
    if not asks:
        return []
    numbers: dict[int, list[str]] = {}
    for company_id in sorted({ask.company_id for ask in asks}):
        count = sum(1 for ask in asks if ask.company_id == company_id)
        on = company_context(company_id).business_date(at)
        numbers[company_id] = take_numbers(series_for(company_id, kind=SERIES, prefix="V"), count=count, on=on)[::-1]
    return rows(
        _WRITE,
        {
            "companies": [ask.company_id for ask in asks],
            "numbers": [numbers[ask.company_id].pop() for ask in asks],
            "kinds": [str(ask.kind) for ask in asks],
            "customers": [ask.customer_id for ask in asks],
            "lines": [lines[ask.line_ref].id if ask.line_ref else None for ask in asks],
            "goods": [ask.goods.strip() for ask in asks],
            "makers": [ask.maker.strip() for ask in asks],
            "models": [ask.model.strip() for ask in asks],
            "serials": [ask.serial.strip() for ask in asks],
            "froms": [ask.bought_from.strip() for ask in asks],
            "ons": [ask.bought_on for ask in asks],
            "remarks": [ask.remark.strip() for ask in asks],
            "currencies": [company_context(ask.company_id).currency for ask in asks],
            "keys": [ask.once_key for ask in asks],
            "at": at,
            "actor_kind": str(actor.kind),
            "actor_id": actor.id,
            "actor_label": actor.label,
            "for": actor.on_behalf_of,
        },
    )


@operation
def step_services(steps: Sequence[ServiceStep], *, actor: Actor, at: datetime) -> list[ServiceDone | Refusal]:
    """Each request goes one step on, as ``STEPS`` allows; what ends one is invoiced, paid or taken into stock with it.

    Customers withdraw, agree (to the amount they name) and disagree, whatever the request is; whether it is theirs is the counter's to
    know. Repeating a step that was done changes nothing; an estimate is only repeated by the same amount. Refuses "service.not_found", "service.once_a_call" and what
    ``service_step_fault`` finds. Raises ServiceNotEnded. Locks customers, requests, points, stock, then as billing does. Announces
    ServiceAccepted, ServiceRefused, ServiceReceived, ServiceEstimated, ServiceDecided, ServiceEnded.
    """
    ids = [step.request_id for step in steps]
    rows(_LOCK_CUSTOMERS, (ids,))
    found = {row.id: row for row in rows(_LOCK, (ids,))}
    going: dict[int, tuple[Any, ServiceStep, ServiceStatus]] = {}
    answers: list[Refusal | None] = []
    for step in steps:
        row: Any = found.get(step.request_id)
        fault = _step_fault(step, row, by_customer=actor.kind == ActorKind.CUSTOMER, twice=step.request_id in going)
        answers.append(fault)
        if fault is None and not _stands(step, row):
            after = step_of(step.deed, kind=ServiceKind(row.kind), status=ServiceStatus(row.status))
            assert after is not None
            going[row.id] = (row, step, after)
    ended = end_services([(row, step) for row, step, _after in going.values() if step.deed in ENDS], actor=actor, at=at)
    if going:
        _store(list(going.values()), ended, at=at)
        announce(*(_event(row, step, after, ended.get(row.id)) for row, step, after in going.values()))
    results: list[ServiceDone | Refusal] = []
    for step, answer in zip(steps, answers, strict=True):
        moved = going.get(step.request_id)
        results.append(answer or _done(found[step.request_id], status=moved[2] if moved else None, repeated=moved is None))
    return results


def _stands(step: ServiceStep, row: Any) -> bool:
    """Whether what the step says is so already."""
    if not was_done(step.deed, kind=ServiceKind(row.kind), status=ServiceStatus(row.status)):
        return False
    return step.deed is not ServiceDeed.ESTIMATE or (step.amount, step.note.strip()) == (row.amount, row.estimate_note)


def _step_fault(step: ServiceStep, row: Any, *, by_customer: bool, twice: bool) -> Refusal | None:
    if row is None:
        return Refusal("service.not_found", _("There is no such request."))
    if twice:
        return Refusal("service.once_a_call", _("Name each request once."))
    return None if _stands(step, row) else service_step_fault(step, standing_of(row), by_customer=by_customer)


def _store(going: Sequence[tuple[Any, ServiceStep, ServiceStatus]], ended: dict[int, Ended], *, at: datetime) -> None:
    ends = [ended.get(row.id, Ended()) for row, _step, _after in going]
    steps = [step for _row, step, _after in going]
    run(
        _STEP,
        {
            "ids": [row.id for row, _step, _after in going],
            "statuses": [str(after) for _row, _step, after in going],
            "deeds": [str(step.deed) for step in steps],
            "in_by": [str(step.postage_in_by) if step.postage_in_by else None for step in steps],
            "out_by": [str(step.postage_out_by) if step.postage_out_by else None for step in steps],
            "amounts": [step.amount if step.deed is ServiceDeed.ESTIMATE else None for step in steps],
            "notes": [step.note.strip()[:1000] for step in steps],
            "ways": [str(step.payout_way) if step.payout_way and step.deed is ServiceDeed.AGREE else None for step in steps],
            "reasons": [step.reason.strip()[:200] for step in steps],
            "identities": [step.identity_note.strip()[:200] for step in steps],
            "charged": [one.charged for one in ends],
            "payouts": [one.payout for one in ends],
            "items": [step.stock_item_id for step in steps],
            "locations": [step.location_id for step in steps],
            "paid": [one.is_paid for one in ends],
            "open": [str(one) for one in OPEN_SERVICES],
            "at": at,
        },
    )


def _about(row: Any) -> dict[str, Any]:
    return {
        "service_id": row.id,
        "service_ref": row.public_id,
        "company_id": row.company_id,
        "customer_id": row.customer_id,
        "kind": row.kind,
    }


def _event(row: Any, step: ServiceStep, after: ServiceStatus, ended: Ended | None) -> ServiceEvent:
    about = _about(row)
    if ended is not None:
        return ServiceEnded(**about, outcome=str(after), charged=ended.charged, payout=ended.payout, currency=row.currency)
    if step.deed is ServiceDeed.ESTIMATE:
        return ServiceEstimated(**about, amount=step.amount or 0, currency=row.currency)
    if step.deed in (ServiceDeed.AGREE, ServiceDeed.DISAGREE):
        return ServiceDecided(**about, agreed=step.deed is ServiceDeed.AGREE)
    if step.deed in (ServiceDeed.DECLINE, ServiceDeed.WITHDRAW):
        return ServiceRefused(**about, withdrawn=step.deed is ServiceDeed.WITHDRAW)
    return ServiceAccepted(**about) if step.deed is ServiceDeed.ACCEPT else ServiceReceived(**about)


def _done(row: Any, *, status: ServiceStatus | None = None, repeated: bool = False) -> ServiceDone:
    return ServiceDone(
        request_id=row.id, public_id=row.public_id, number=row.number, status=str(status or row.status), repeated=repeated,
    )  # fmt: skip


@operation
def note_service_payouts(request_ids: Sequence[int], *, actor: Actor, at: datetime) -> list[ServiceDone | Refusal]:
    """The price of what we bought has left our account or till. Refuses "service.not_found", "service.nothing_to_pay". Repeating changes nothing."""
    found = {row.id: row for row in rows(_LOCK, (list(request_ids),))}
    paid = {row.id for row in rows(_PAY_OUT, {"ids": list(request_ids), "at": at})}
    results: list[ServiceDone | Refusal] = []
    for request_id in request_ids:
        row = found.get(request_id)
        if row is None:
            results.append(Refusal("service.not_found", _("There is no such request.")))
        elif not row.payout_total:
            results.append(Refusal("service.nothing_to_pay", _("Nothing is to be paid for request %(number)s."), {"number": row.number}))
        else:
            results.append(_done(row, repeated=request_id not in paid))
    return results
