"""Receiving money: the payment, its entry, what it settles at once, and what is held as a deposit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from billing.events import PaymentReceived
from billing.operations.applying import Key, Match, lock_open_receivables, lock_orders, settled_for_others, write_matches
from billing.operations.intents import capture_paid
from billing.operations.posting import by, post_entries
from billing.rules import (
    EntryDraft,
    EntryKind,
    OpenReceivable,
    PaymentAsk,
    Received,
    Share,
    differs,
    oldest_due_first,
    payment_refusal,
    payment_sides,
    settle,
)
from core.actor import Actor
from core.db import operation, rows
from core.errors import Refusal
from core.outbox import announce
from core.queries import company_context
from core.words import gettext_noop as _

# Whose order it is: billing was told when its payment was requested, or when it was invoiced.
_OWNERS = """
SELECT DISTINCT ON (order_ref) order_ref, company_id, customer_id, currency FROM (
    SELECT order_ref, company_id, customer_id, currency, 1 AS rank FROM billing_paymentintent WHERE order_ref = ANY (%(orders)s::uuid[])
    UNION ALL
    SELECT order_ref, company_id, customer_id, currency, 2 FROM billing_receivable WHERE order_ref = ANY (%(orders)s::uuid[])
) s ORDER BY order_ref, rank
"""

_KNOWN = """
SELECT id, public_id, once_key, company_id, currency, amount, unapplied_amount,
       coalesce((SELECT sum(a.amount) FROM billing_application a WHERE a.payment_id = p.id), 0)::bigint AS applied
FROM billing_payment p WHERE once_key = ANY (%s::text[])
"""

_WRITE = """
INSERT INTO billing_payment (once_key, company_id, customer_id, order_ref, method, currency, amount, unapplied_amount, payer_name,
    reference, received_on, received_at, entry_id, actor_kind, actor_id, actor_label, on_behalf_of)
SELECT once_key, company_id, customer_id, order_ref, method, currency, amount, amount, payer_name, reference, received_on,
    %(at)s::timestamptz, entry_id, %(actor_kind)s::text, %(actor_id)s::text, %(actor_label)s::text, %(on_behalf_of)s::text
FROM unnest(%(once)s::text[], %(company)s::bigint[], %(customer)s::bigint[], %(order)s::uuid[], %(method)s::text[], %(currency)s::text[],
    %(amount)s::bigint[], %(payer)s::text[], %(reference)s::text[], %(received)s::date[], %(entry)s::bigint[]) WITH ORDINALITY
    AS p (once_key, company_id, customer_id, order_ref, method, currency, amount, payer_name, reference, received_on, entry_id, place)
ORDER BY place
RETURNING id, public_id, once_key
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Incoming:
    """A payment about to be written, with the customer it is known to come from."""

    ask: PaymentAsk
    customer_id: int | None
    today: date

    @property
    def once_key(self) -> str:
        return f"payment:{self.ask.once_key}"

    @property
    def entry(self) -> EntryDraft:
        """Cash comes in and is held for the payer."""
        ask = self.ask
        return EntryDraft(
            company_id=ask.company_id,
            kind=EntryKind.PAYMENT,
            once_key=self.once_key,
            reference=ask.reference or ask.once_key[:80],
            order_ref=ask.order_ref,
            booked_on=ask.received_on,
            sides=payment_sides(company_id=ask.company_id, currency=ask.currency, customer_id=self.customer_id, amount=ask.amount),
        )

    def may_settle(self, owed: OpenReceivable) -> bool:
        """A payment of an order pays that order; one of a customer pays whatever they owe; else nobody knows yet."""
        ask = self.ask
        if (owed.company_id, owed.currency) != (ask.company_id, ask.currency):
            return False
        if ask.order_ref:
            return owed.order_ref == ask.order_ref
        return self.customer_id is not None and owed.customer_id == self.customer_id


@operation
def receive_payments(asks: Sequence[PaymentAsk], *, actor: Actor, at: datetime) -> list[Received | Refusal]:
    """Every payment is booked and has settled what it may, oldest due first; the rest is the payer's deposit.

    Once per ``once_key``: a repeat gives the payment there is, and changes nothing. An order paid in full has its
    intent captured. Thirteen statements or fewer however many asks. Refuses with "billing.amount_not_positive",
    "billing.no_reference", "billing.received_in_future", "billing.currency_differs", "billing.reference_taken". Locks
    orders and references, then receivables in the order of invoices, ledger accounts last. Announces PaymentReceived.
    """
    if not asks:
        return []
    todays = {company_id: company_context(company_id).business_date(at) for company_id in sorted({ask.company_id for ask in asks})}
    lock_orders([ask.order_ref for ask in asks], facts=[ask.once_key for ask in asks])
    known = {row.once_key: row for row in rows(_KNOWN, ([ask.once_key for ask in asks],))}
    orders = sorted({ask.order_ref for ask in asks if ask.order_ref})
    owners = {row.order_ref: row for row in rows(_OWNERS, {"orders": orders})} if orders else {}
    results: dict[int, Received | Refusal] = {}
    fresh: dict[str, PaymentAsk] = {}
    for place, ask in enumerate(asks):
        refusal = payment_refusal(ask, today=todays[ask.company_id]) or _other_order(
            ask, owner=owners.get(ask.order_ref) if ask.order_ref else None
        )
        same = known.get(ask.once_key) or fresh.get(ask.once_key)
        if same is not None and refusal is None:
            refusal = differs(ask, company_id=same.company_id, currency=same.currency, amount=same.amount)
        if refusal:
            results[place] = refusal
        elif ask.once_key not in known:
            fresh[ask.once_key] = ask
    incoming = [_Incoming(ask=ask, customer_id=_payer(ask, owners=owners), today=todays[ask.company_id]) for ask in fresh.values()]
    received = {key: _as_known(row) for key, row in known.items()} | _receive(incoming, actor=actor, at=at)
    return [results.get(place) or received[ask.once_key] for place, ask in enumerate(asks)]


def _payer(ask: PaymentAsk, *, owners: Mapping[UUID, Any]) -> int | None:
    if ask.customer_id is not None or ask.order_ref is None or ask.order_ref not in owners:
        return ask.customer_id
    return int(owners[ask.order_ref].customer_id)


def _other_order(ask: PaymentAsk, *, owner: Any | None) -> Refusal | None:
    if owner is None or (owner.company_id, owner.currency) == (ask.company_id, ask.currency):
        return None
    return Refusal(
        "billing.currency_differs",
        _("This order is another company's or in another currency (%(currency)s)."),
        {"currency": owner.currency},
        "/currency",
    )


def _as_known(row: Any) -> Received:
    return Received(payment_id=row.id, public_id=row.public_id, applied=row.applied, unapplied=row.unapplied_amount, is_new=False)


def _receive(incoming: Sequence[_Incoming], *, actor: Actor, at: datetime) -> dict[str, Received]:
    if not incoming:
        return {}
    orders = sorted({p.ask.order_ref for p in incoming if p.ask.order_ref})
    customers = sorted({p.customer_id for p in incoming if p.ask.order_ref is None and p.customer_id is not None})
    matches = _settle_from(incoming, owed=lock_open_receivables(order_refs=orders, customer_ids=customers))
    entries = post_entries([p.entry for p in incoming] + [m.entry for m in matches], actor=actor, at=at)
    written = {row.once_key: row for row in rows(_WRITE, {**_columns(incoming, entries=entries), "at": at, **by(actor)})}
    write_matches([replace(m, payment=written[m.payment].id) for m in matches], entries=entries, actor=actor, at=at)
    capture_paid(orders + [m.order_ref for m in matches], at=at)
    applied: dict[Any, int] = {}
    for match in matches:
        applied[match.payment] = applied.get(match.payment, 0) + match.amount
    received = {}
    for payment in incoming:
        key = payment.ask.once_key
        used = applied.get(key, 0)
        received[key] = Received(
            payment_id=written[key].id, public_id=written[key].public_id, applied=used, unapplied=payment.ask.amount - used
        )
    orders_of: dict[Key, UUID | None] = {payment.ask.once_key: payment.ask.order_ref for payment in incoming}
    announce(*(_event(payment, received[payment.ask.once_key]) for payment in incoming), *settled_for_others(matches, sent_for=orders_of))
    return received


def _settle_from(incoming: Sequence[_Incoming], *, owed: Sequence[OpenReceivable]) -> list[Match]:
    left = {debt.receivable_id: debt.open_amount for debt in owed}
    queue = oldest_due_first(owed)
    matches = []
    for payment in incoming:
        debts = {debt.receivable_id: debt for debt in queue if payment.may_settle(debt)}
        for share in settle(payment.ask.amount, owed=[Share(key=key, amount=left[key]) for key in debts]):
            debt = debts[share.key]
            left[share.key] -= share.amount
            matches.append(
                Match(
                    payment=payment.ask.once_key,
                    receivable=share.key,
                    amount=share.amount,
                    company_id=debt.company_id,
                    currency=debt.currency,
                    payer_id=payment.customer_id,
                    debtor_id=debt.customer_id,
                    order_ref=debt.order_ref,
                    booked_on=payment.today,
                    reference=payment.ask.reference or payment.ask.once_key[:80],
                )
            )
    return matches


def _columns(incoming: Sequence[_Incoming], *, entries: Mapping[str, int]) -> dict[str, Any]:
    asks = [payment.ask for payment in incoming]
    return {
        "once": [a.once_key for a in asks],
        "company": [a.company_id for a in asks],
        "customer": [payment.customer_id for payment in incoming],
        "order": [a.order_ref for a in asks],
        "method": [str(a.method) for a in asks],
        "currency": [a.currency for a in asks],
        "amount": [a.amount for a in asks],
        "payer": [a.payer_name[:160] for a in asks],
        "reference": [a.reference[:80] for a in asks],
        "received": [a.received_on for a in asks],
        "entry": [entries[payment.once_key] for payment in incoming],
    }


def _event(payment: _Incoming, made: Received) -> PaymentReceived:
    ask = payment.ask
    return PaymentReceived(
        company_id=ask.company_id,
        customer_id=payment.customer_id,
        order_ref=ask.order_ref,
        currency=ask.currency,
        payment_id=made.payment_id,
        payment_public_id=made.public_id,
        method=str(ask.method),
        amount=ask.amount,
        applied=made.applied,
    )
