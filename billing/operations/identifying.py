"""Money whose payer wasn't known finds its customer, and settles what they owe."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from billing.operations.applying import Match, lock_open_receivables, lock_payments, no_payment, settled_for_others, write_matches
from billing.operations.intents import capture_paid
from billing.operations.posting import post_entries
from billing.rules import (
    EntryDraft,
    EntryKind,
    Identified,
    IdentifyAsk,
    OpenReceivable,
    PaymentStatus,
    Share,
    identification_sides,
    oldest_due_first,
    settle,
)
from core.actor import Actor
from core.db import operation, rows
from core.errors import Refusal
from core.outbox import announce
from core.queries import company_context
from core.words import gettext_noop as _
from customers.queries import customer_rows

_OWN = """
UPDATE billing_payment p SET customer_id = w.customer_id
FROM unnest(%s::bigint[], %s::bigint[]) AS w (id, customer_id) WHERE p.id = w.id RETURNING p.id
"""


@operation
def identify_payments(asks: Sequence[IdentifyAsk], *, actor: Actor, at: datetime, reason: str = "") -> list[Identified | Refusal]:
    """Each payment belongs to its customer now: it left suspense, settled what they owe, oldest due first, and the
    rest is their deposit.

    Repeating it changes nothing. Refuses with "billing.payment_not_found", "billing.payment_owned" (it is another
    customer's), "billing.payment_reversed" and "billing.customer_not_found" (unknown, or of another company).
    Locks payments, then receivables, in the order of ids. Announces ReceivableSettled for each order it paid.
    """
    if not asks:
        return []
    payments = lock_payments(ask.payment_id for ask in asks)
    companies = {row.customer_id: row.company_id for row in customer_rows(sorted({ask.customer_id for ask in asks}))}
    results: dict[int, Identified | Refusal] = {}
    fresh: dict[int, IdentifyAsk] = {}
    for place, ask in enumerate(asks):
        payment: Any = payments.get(ask.payment_id)
        refusal = _refusal(ask, payment=payment, company_id=companies.get(ask.customer_id))
        if refusal:
            results[place] = refusal
        elif payment.customer_id is None and ask.payment_id not in fresh:
            fresh[ask.payment_id] = ask
        else:
            results[place] = Identified(payment_id=ask.payment_id, applied=0, unapplied=payment.unapplied_amount, is_new=False)
    applied = _identify([(payments[key], ask.customer_id) for key, ask in fresh.items()], actor=actor, at=at)
    for place, ask in enumerate(asks):
        if place not in results:
            used = applied.get(ask.payment_id, 0)
            left = payments[ask.payment_id].unapplied_amount - used
            results[place] = Identified(payment_id=ask.payment_id, applied=used, unapplied=left)
    return [results[place] for place in range(len(asks))]


def _refusal(ask: IdentifyAsk, *, payment: Any, company_id: int | None) -> Refusal | None:
    if payment is None:
        return no_payment(ask.payment_id)
    if payment.customer_id not in (None, ask.customer_id):
        return Refusal("billing.payment_owned", _("This payment already belongs to another customer."), {"payment": ask.payment_id})
    if payment.status == PaymentStatus.REVERSED:
        return Refusal("billing.payment_reversed", _("The payment was reversed; there is nothing left of it."), {})
    if company_id != payment.company_id:
        return Refusal("billing.customer_not_found", _("This company has no such customer."), {"customer": ask.customer_id}, "/customer")
    return None


def _identify(found: Sequence[tuple[Any, int]], *, actor: Actor, at: datetime) -> dict[int, int]:
    """What each payment settles once it is its customer's."""
    if not found:
        return {}
    today = {payment.company_id: company_context(payment.company_id).business_date(at) for payment, _customer in found}
    matches = _matches(found, owed=lock_open_receivables(customer_ids=sorted({customer for _payment, customer in found})), today=today)
    moved = [
        EntryDraft(
            company_id=payment.company_id,
            kind=EntryKind.IDENTIFICATION,
            once_key=f"identification:{payment.public_id}",
            reference=payment.reference or payment.once_key[:80],
            order_ref=payment.order_ref,
            booked_on=today[payment.company_id],
            sides=identification_sides(
                company_id=payment.company_id, currency=payment.currency, customer_id=customer_id, amount=payment.unapplied_amount
            ),
        )
        for payment, customer_id in found
        if payment.unapplied_amount
    ]
    rows(_OWN, ([payment.id for payment, _customer in found], [customer_id for _payment, customer_id in found]))
    entries = post_entries(moved + [m.entry for m in matches], actor=actor, at=at)
    write_matches(matches, entries=entries, actor=actor, at=at)
    capture_paid([m.order_ref for m in matches], at=at)
    announce(*settled_for_others(matches, sent_for={payment.id: payment.order_ref for payment, _customer in found}))
    applied: dict[int, int] = {}
    for match in matches:
        applied[int(str(match.payment))] = applied.get(int(str(match.payment)), 0) + match.amount
    return applied


def _matches(found: Sequence[tuple[Any, int]], *, owed: Sequence[OpenReceivable], today: dict[int, date]) -> list[Match]:
    left = {debt.receivable_id: debt.open_amount for debt in owed}
    queue = oldest_due_first(owed)
    matches = []
    for payment, customer_id in found:
        debts = {
            debt.receivable_id: debt
            for debt in queue
            if (debt.company_id, debt.currency, debt.customer_id) == (payment.company_id, payment.currency, customer_id)
        }
        for share in settle(payment.unapplied_amount, owed=[Share(key=key, amount=left[key]) for key in debts]):
            left[share.key] -= share.amount
            matches.append(
                Match(
                    payment=payment.id,
                    receivable=share.key,
                    amount=share.amount,
                    company_id=payment.company_id,
                    currency=payment.currency,
                    payer_id=customer_id,
                    debtor_id=customer_id,
                    order_ref=debts[share.key].order_ref,
                    booked_on=today[payment.company_id],
                    reference=payment.reference or payment.once_key[:80],
                )
            )
    return matches
