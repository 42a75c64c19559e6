"""Estimates: an order's money promised until a day, and the order made of it."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

import orjson

from core.actor import Actor
from core.clock import business_date
from core.db import operation, rows, run
from core.errors import Refusal
from core.operations import series_for, take_numbers
from core.outbox import announce
from core.queries import company_context
from core.words import gettext_noop as _
from customers.operations import recognise_customers
from customers.rules import Recognise
from orders.events import EstimateDeclined, EstimateIssued
from orders.operations.placing import place_orders
from orders.operations.quoting import quote_orders
from orders.rules import (
    EstimateAsk,
    Estimated,
    EstimateStatus,
    OrderDraft,
    Placed,
    Refused,
    estimate_fault,
    kept_draft,
    opened_draft,
    priced_draft,
    shown_lines_of,
)

SERIES: Final = "estimate"

_KNOWN: Final = "SELECT id, public_id, number, customer_id, total, currency, once_key FROM orders_estimate WHERE once_key = ANY(%s::uuid[])"
_WRITE: Final = """
INSERT INTO orders_estimate (company_id, channel_id, customer_id, number, issued_at, valid_until_on, currency, total, buyer_name, note, draft, shown,
    once_key, actor_kind, actor_id, actor_label, on_behalf_of)
SELECT %(company)s, %(channel)s, %(customer)s, %(number)s, %(at)s, %(until)s, %(currency)s, %(total)s, c.shown_name, %(note)s, %(draft)s::jsonb,
    %(shown)s::jsonb, %(once)s, %(actor_kind)s, %(actor_id)s, %(actor_label)s, %(for)s
FROM (SELECT CASE WHEN organisation_name <> '' THEN trim(organisation_name || ' ' || family_name || ' ' || given_name)
    ELSE trim(family_name || ' ' || given_name) END AS shown_name FROM customers_customer WHERE id = %(customer)s) c
ON CONFLICT (once_key) DO NOTHING RETURNING id, public_id
"""
_READ: Final = """
SELECT e.id, e.public_id, e.number, e.status, e.company_id, e.customer_id, e.valid_until_on, e.total, e.draft, e.order_id, c.timezone
FROM orders_estimate e JOIN core_company c ON c.id = e.company_id WHERE e.id = ANY(%s::bigint[]) ORDER BY e.id
"""
_DECLINE: Final = """
UPDATE orders_estimate SET status = 'declined', decided_at = %(at)s, decline_reason = %(reason)s
WHERE id = ANY(%(ids)s::bigint[]) AND status = 'open' RETURNING id, public_id, company_id, customer_id
"""


@operation
def issue_estimates(asks: Sequence[EstimateAsk], *, actor: Actor, at: datetime) -> list[Estimated | Refused]:
    """Each draft is priced as placing would price it, and the customer is promised those prices until the day.

    An unknown buyer gets a ledger entry. Refuses what placing refuses but for stock, "estimate.valid_until", "estimate.no_card",
    "estimate.no_subscription". The same ``once_key`` is the same estimate. Announces EstimateIssued.
    """
    known = {row.once_key: row for row in rows(_KNOWN, ([ask.once_key for ask in asks],))}
    return [_again(known[ask.once_key]) if ask.once_key in known else _issue(ask, actor=actor, at=at) for ask in asks]


def _again(row: Any) -> Estimated:
    return Estimated(
        estimate_id=row.id, public_id=row.public_id, number=row.number, customer_id=row.customer_id, total=row.total, currency=row.currency,
        repeated=True,
    )  # fmt: skip


def _issue(ask: EstimateAsk, *, actor: Actor, at: datetime) -> Estimated | Refused:
    draft, company = ask.draft, company_context(ask.draft.company_id)
    today = company.business_date(at)
    if fault := estimate_fault(ask, today=today):
        return Refused.because(fault)
    # The lines wait as long as they must: an estimate promises prices, the day is told when it is ordered.
    (quote,) = quote_orders([replace(draft, expected_total=None)], at=at)
    if isinstance(quote, Refused):
        return quote
    place = draft.destinations[0].place if draft.destinations else None
    (who,) = recognise_customers(
        [
            Recognise(
                company_id=draft.company_id, channel_id=draft.channel_id, customer_id=draft.customer_id, account_id=draft.account_id,
                identity=draft.identity, person=draft.person, address=place,
            )
        ],
        actor=actor,
        at=at,
    )  # fmt: skip
    if isinstance(who, Refusal):
        return Refused.because(who)
    (number,) = take_numbers(series_for(draft.company_id, kind=SERIES, channel_id=draft.channel_id, prefix="Q"), count=1, on=today)
    kept = priced_draft(draft, quote.sums, customer_id=who.customer_id, reason=number)
    shown = {
        "lines": [asdict(line) for line in shown_lines_of(quote.sums)],
        "taxes": [{"rate_bp": t.rate_bp, "included": t.included, "tax": t.tax} for t in quote.sums.taxes],
        "tax_basis": str(quote.sums.tax_basis),
        "goods_total": quote.sums.goods_total,
        "discount_total": quote.sums.discount_total,
        "fee_total": quote.sums.fee_total,
        "tax_total": quote.sums.tax_total,
    }
    told = {
        "company": draft.company_id, "channel": draft.channel_id, "customer": who.customer_id, "number": number, "at": at,
        "until": ask.valid_until_on, "currency": quote.sums.currency, "total": quote.sums.total, "note": ask.note.strip()[:1000],
        "draft": orjson.dumps(kept_draft(kept)).decode(), "shown": orjson.dumps(shown).decode(), "once": ask.once_key,
        "actor_kind": str(actor.kind), "actor_id": actor.id, "actor_label": actor.label, "for": actor.on_behalf_of,
    }  # fmt: skip
    made = rows(_WRITE, told)
    if not made:  # somebody with the same key was quicker
        return _again(rows(_KNOWN, ([ask.once_key],))[0])
    announce(
        EstimateIssued(
            estimate_id=made[0].id, estimate_ref=made[0].public_id, company_id=draft.company_id, customer_id=who.customer_id, number=number,
            total=quote.sums.total, currency=quote.sums.currency,
        )
    )  # fmt: skip
    return Estimated(
        estimate_id=made[0].id, public_id=made[0].public_id, number=number, customer_id=who.customer_id, total=quote.sums.total,
        currency=quote.sums.currency,
    )  # fmt: skip


def order_estimates(estimate_ids: Sequence[int], *, actor: Actor, at: datetime) -> list[Placed | Refused | Refusal]:
    """The orders that estimates promise are placed, at their prices; each estimate makes one order, however often it is asked.

    Refuses "estimate.not_found", "estimate.declined", "estimate.out_of_date", and what placing refuses: stock, and a tax rate that has
    changed since ("order.price_changed").
    """
    found = {row.id: row for row in rows(_READ, (list(estimate_ids),))}
    drafts: dict[int, OrderDraft] = {}
    answers: dict[int, Placed | Refused | Refusal] = {}
    for key in dict.fromkeys(estimate_ids):
        refused = _not_orderable(found.get(key), at=at)
        if refused is not None:
            answers[key] = refused
        else:
            drafts[key] = _draft_of(found[key])
    for key, draft in drafts.items():
        (answers[key],) = place_orders([draft], actor=actor, at=at)
    return [answers[key] for key in estimate_ids]


def _not_orderable(row: Any, *, at: datetime) -> Refusal | None:
    if row is None:
        return Refusal("estimate.not_found", _("There is no such estimate."))
    if row.status == EstimateStatus.DECLINED:
        return Refusal("estimate.declined", _("Estimate %(number)s was declined. Issue a new one."), {"number": row.number})
    if row.status == EstimateStatus.OPEN and row.valid_until_on < business_date(at, row.timezone):
        return Refusal(
            "estimate.out_of_date",
            _("Estimate %(number)s was valid until %(day)s. Issue a new one at today's prices."),
            {"number": row.number, "day": row.valid_until_on.isoformat()},
        )
    return None


def _draft_of(row: Any) -> OrderDraft:
    return replace(opened_draft(row.draft), cart_ref=row.public_id, estimate_id=row.id, expected_total=row.total)


@operation
def decline_estimates(estimate_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime) -> int:
    """The customer does not want them; answers with how many were still open. Announces EstimateDeclined."""
    gone = rows(_DECLINE, {"ids": sorted(estimate_ids), "reason": reason[:200], "at": at})
    announce(
        *(
            EstimateDeclined(estimate_id=row.id, estimate_ref=row.public_id, company_id=row.company_id, customer_id=row.customer_id)
            for row in gone
        )
    )
    return len(gone)


@operation
def blank_estimates(customer_ids: Sequence[int], *, actor: Actor) -> None:
    """Names and places leave the estimates of these customers; open ones can be ordered no more."""
    run(
        "UPDATE orders_estimate SET buyer_name = '', note = '', decline_reason = '', draft = '{}'::jsonb, status = CASE status WHEN 'open' THEN 'declined' ELSE status END,"
        " decided_at = coalesce(decided_at, clock_timestamp()) WHERE customer_id = ANY(%s::bigint[]) AND draft <> '{}'::jsonb",
        (list(customer_ids),),
    )
