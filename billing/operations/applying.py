"""Matching money to what is owed (消込): the rows that change are locked first, payments before receivables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from billing.events import ReceivableSettled
from billing.operations.posting import by
from billing.rules import EntryDraft, EntryKind, OpenReceivable, application_sides
from core.actor import Actor
from core.db import LockSpace, lock_advisory, rows
from core.errors import Refusal
from core.ids import new_id
from core.words import gettext_noop as _

_OPEN_RECEIVABLES = """
SELECT invoice_id AS receivable_id, company_id, customer_id, order_ref, currency, due_on, open_amount
FROM billing_receivable
WHERE open_amount > 0 AND (order_ref = ANY (%s::uuid[]) OR customer_id = ANY (%s::bigint[]))
ORDER BY invoice_id FOR UPDATE
"""

_PAYMENTS = """
SELECT id, public_id, company_id, customer_id, order_ref, method, currency, amount, unapplied_amount, status, reference, once_key, entry_id
FROM billing_payment WHERE id = ANY (%s::bigint[]) ORDER BY id FOR UPDATE
"""

# The counters of both sides move with the rows that move them.
_APPLY = """
WITH applied AS MATERIALIZED (
    SELECT * FROM unnest(%(entry)s::bigint[], %(payment)s::bigint[], %(receivable)s::bigint[], %(amount)s::bigint[], %(reverses)s::bigint[])
        WITH ORDINALITY AS a (entry_id, payment_id, receivable_id, amount, reverses_id, place)
), written AS (
    INSERT INTO billing_application (entry_id, payment_id, receivable_id, amount, reverses_id, applied_on, at,
                                     actor_kind, actor_id, actor_label, on_behalf_of)
    SELECT a.entry_id, a.payment_id, a.receivable_id, a.amount, a.reverses_id, e.booked_on, %(at)s::timestamptz,
           %(actor_kind)s::text, %(actor_id)s::text, %(actor_label)s::text, %(on_behalf_of)s::text
    FROM applied a JOIN billing_entry e ON e.id = a.entry_id ORDER BY a.place
), owed AS (
    UPDATE billing_receivable r SET open_amount = r.open_amount - s.amount
    FROM (SELECT receivable_id, sum(amount) AS amount FROM applied GROUP BY receivable_id) s WHERE r.invoice_id = s.receivable_id
), held AS (
    UPDATE billing_payment p SET unapplied_amount = p.unapplied_amount - s.amount,
        status = CASE WHEN p.status = 'reversed' THEN 'reversed' WHEN p.unapplied_amount = s.amount THEN 'applied' ELSE 'received' END
    FROM (SELECT payment_id, sum(amount) AS amount FROM applied GROUP BY payment_id) s WHERE p.id = s.payment_id
)
SELECT count(*) AS n FROM applied
"""


Key = int | str | UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """So much of a payment settles a receivable (negative: no longer does), booked by an entry of its own.

    ``payment`` and ``receivable`` are ids, or any key of a row still to be written; then ``replace`` puts the id in.
    """

    payment: Key
    receivable: Key
    amount: int
    company_id: int
    currency: str
    payer_id: int | None
    debtor_id: int
    order_ref: UUID
    booked_on: date
    reference: str
    reverses_id: int | None = None
    once_key: str = field(default_factory=lambda: f"application:{new_id()}")

    @property
    def entry(self) -> EntryDraft:
        """The entry that books it."""
        return EntryDraft(
            company_id=self.company_id,
            kind=EntryKind.APPLICATION,
            once_key=self.once_key,
            reference=self.reference,
            order_ref=self.order_ref,
            booked_on=self.booked_on,
            sides=application_sides(
                company_id=self.company_id, currency=self.currency, payer_id=self.payer_id, debtor_id=self.debtor_id, amount=self.amount
            ),
        )


def lock_orders(order_refs: Sequence[UUID | None], *, facts: Sequence[str] = ()) -> None:
    """Nobody else books anything on these orders, or under these outside facts, until the transaction ends.

    An invoice and a payment of one order that come at once would each miss the other; one of them waits instead.
    One lock per key until commit: keep a batch to some thousands, the server's lock table is finite.
    """
    keys = {f"order:{ref}" for ref in order_refs if ref} | {f"fact:{fact}" for fact in facts}
    if keys:
        lock_advisory(LockSpace.LEDGER_ACCOUNT, *sorted(keys))


def lock_open_receivables(*, order_refs: Sequence[UUID] = (), customer_ids: Sequence[int] = ()) -> list[OpenReceivable]:
    """What is still owed on these orders and by these customers, locked in the order of invoices."""
    if not order_refs and not customer_ids:
        return []
    return [OpenReceivable(**row._asdict()) for row in rows(_OPEN_RECEIVABLES, (list(order_refs), list(customer_ids)))]


def lock_payments(payment_ids: Iterable[int]) -> dict[int, Any]:
    """The payments by id, locked in the order of ids; the unknown are missing."""
    return {row.id: row for row in rows(_PAYMENTS, (sorted(set(payment_ids)),))}


def no_payment(payment_id: int) -> Refusal:
    """The answer for a payment that isn't there."""
    return Refusal("billing.payment_not_found", _("There is no such payment."), {"payment": payment_id})


def settled_for_others(matches: Sequence[Match], *, sent_for: Mapping[Key, UUID | None]) -> list[ReceivableSettled]:
    """What to announce of money that settled (or no longer settles) an order it wasn't sent for; one event per order."""
    sums: dict[UUID, int] = {}
    first: dict[UUID, Match] = {}
    for match in matches:
        if sent_for[match.payment] != match.order_ref:
            sums[match.order_ref] = sums.get(match.order_ref, 0) + match.amount
            first.setdefault(match.order_ref, match)
    return [
        ReceivableSettled(company_id=m.company_id, customer_id=m.debtor_id, order_ref=ref, currency=m.currency, amount=sums[ref])
        for ref, m in first.items()
    ]


def write_matches(matches: Sequence[Match], *, entries: dict[str, int], actor: Actor, at: datetime) -> None:
    """The applications stand, and receivables and payments know what is left of them. One statement."""
    if not matches:
        return
    rows(
        _APPLY,
        {
            "entry": [entries[m.once_key] for m in matches],
            "payment": [m.payment for m in matches],
            "receivable": [m.receivable for m in matches],
            "amount": [m.amount for m in matches],
            "reverses": [m.reverses_id for m in matches],
            "at": at,
            **by(actor),
        },
    )
