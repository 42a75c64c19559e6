"""Purchase orders are approved by a second person, sent to the supplier, closed short or cancelled."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.clock import business_date
from core.db import operation, rows, run
from core.errors import Refusal
from core.outbox import announce
from core.queries import add_business_days, company_context
from core.words import gettext_noop
from inventory.events import PurchaseOrderEnded, PurchaseOrderSent
from inventory.queries import PurchaseLineRow, purchase_lines, somebody_else_may, supplier_terms
from inventory.rules import FIRM, OPEN, PurchaseStatus

APPROVE = "inventory.approve_purchaseorder"


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseStep:
    """The order has this status; ``repeated`` when it had it before."""

    purchase_order_id: int
    number: str
    status: PurchaseStatus
    repeated: bool = False


@operation
def approve_purchase_orders(
    purchase_order_ids: Sequence[int], *, actor: Actor, at: datetime, versions: Mapping[int, int] | None = None
) -> list[PurchaseStep | Refusal]:
    """The drafts may be sent; one result per id, already approved ones are left as they are. ``versions`` says what was looked at.

    Whoever drafted or last rewrote an order does not approve it, unless nobody else in use has the right to. Locks the
    orders by id. Refuses with "purchase.not_found", "purchase.not_a_draft", "purchase.own_draft", "purchase.rewritten".
    """
    others: dict[int, bool] = {}

    def fault(order: Any) -> Refusal | None:
        if order.status != PurchaseStatus.DRAFT:
            return _wrong(order, "purchase.not_a_draft", gettext_noop("%(number)s is no draft any more."))
        if refused := rewritten(order, (versions or {}).get(order.id)):
            return refused
        if _wrote(actor, order):
            if order.company_id not in others:
                others[order.company_id] = somebody_else_may(APPROVE, company_id=order.company_id, besides=actor)
            if not others[order.company_id]:
                return None
            return Refusal(
                "purchase.own_draft",
                gettext_noop("You wrote %(number)s yourself. Somebody else with the right to approve has to look at it."),
                {"number": order.number},
            )
        return None

    done, results = _sorted(purchase_order_ids, to=(PurchaseStatus.APPROVED,), fault=fault)
    run(
        """
        UPDATE inventory_purchaseorder SET status = 'approved', approved_at = %s::timestamptz, approved_by_label = %s
        WHERE id = ANY(%s::bigint[])
        """,
        (at, actor.label or actor.ref, [order.id for order in done]),
    )
    return results


@operation
def send_purchase_orders(purchase_order_ids: Sequence[int], *, actor: Actor, at: datetime) -> list[PurchaseStep | Refusal]:
    """The suppliers have the orders, and their goods are incoming; one result per id.

    Where no date was agreed, the lead time counts from today. Locks the orders by id. Announces PurchaseOrderSent.
    Refuses with "purchase.not_found", "purchase.not_approved".
    """

    def fault(order: Any) -> Refusal | None:
        if order.status == PurchaseStatus.APPROVED:
            return None
        words = gettext_noop("%(number)s is not approved, or has ended. Only an approved order is sent.")
        return _wrong(order, "purchase.not_approved", words)

    done, results = _sorted(purchase_order_ids, to=(PurchaseStatus.SENT,), fault=fault)
    if not done:
        return results
    lines = purchase_lines([order.id for order in done])
    run(
        "UPDATE inventory_purchaseorder SET status = 'sent', sent_at = %s::timestamptz WHERE id = ANY(%s::bigint[])",
        (at, [order.id for order in done]),
    )
    _expect(done, lines, at=at)
    announce(*(PurchaseOrderSent(**_told(order, lines.get(order.id, ()), at=at)) for order in done))
    return results


@operation
def close_purchase_orders(purchase_order_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime) -> list[PurchaseStep | Refusal]:
    """What of these orders is still missing is not waited for any more; one result per id.

    Locks the orders by id. Announces PurchaseOrderEnded. Refuses with "purchase.not_found", "purchase.not_sent".
    """

    def fault(order: Any) -> Refusal | None:
        if order.status in FIRM:
            return None
        words = gettext_noop("%(number)s was not sent, or has ended. Only an order that was sent is closed; a draft is cancelled.")
        return _wrong(order, "purchase.not_sent", words)

    return _end(purchase_order_ids, PurchaseStatus.CLOSED, fault=fault, at=at)


@operation
def cancel_purchase_orders(purchase_order_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime) -> list[PurchaseStep | Refusal]:
    """The orders are off, for a reason; one result per id.

    Locks the orders by id. Announces PurchaseOrderEnded. Refuses with "purchase.not_found", and "purchase.partly_received"
    where goods have come: such an order is closed.
    """

    def fault(order: Any) -> Refusal | None:
        if order.status in OPEN and order.status != PurchaseStatus.PARTLY_RECEIVED:
            return None
        words = gettext_noop(
            "Goods of %(number)s have come, or it has ended. Close it instead: what is missing is not waited for any more."
        )
        return _wrong(order, "purchase.partly_received", words)

    return _end(purchase_order_ids, PurchaseStatus.CANCELLED, fault=fault, at=at)


def locked_orders(purchase_order_ids: Sequence[int]) -> dict[int, Any]:
    """The orders by id, locked in the order of their ids."""
    found = rows(
        """
        SELECT id, number, company_id, supplier_id, location_id, status, expected_on, version, actor_kind, actor_id,
            changed_by_kind, changed_by_id
        FROM inventory_purchaseorder WHERE id = ANY(%s::bigint[]) ORDER BY id FOR UPDATE
        """,
        (sorted(set(purchase_order_ids)),),
    )
    return {row.id: row for row in found}


def not_found() -> Refusal:
    """No order has this id."""
    return Refusal("purchase.not_found", gettext_noop("There is no such purchase order."))


def rewritten(order: Any, seen: int | None) -> Refusal | None:
    """Why somebody who looked at the draft as it was does not decide on it as it is."""
    if seen is None or seen == order.version:
        return None
    return Refusal(
        "purchase.rewritten",
        gettext_noop("%(number)s was rewritten meanwhile: you saw version %(seen)s, it is at version %(version)s. Look at it again."),
        {"number": order.number, "seen": seen, "version": order.version},
    )


def _wrote(actor: Actor, order: Any) -> bool:
    """Whether somebody drafted or last rewrote the order. Of old rewritings only the id is known: whoever has it may be the one."""
    own = (str(actor.kind), actor.id)
    return own in ((order.actor_kind, order.actor_id), (order.changed_by_kind, order.changed_by_id)) or (
        not order.changed_by_kind and order.changed_by_id == actor.id
    )


def _wrong(order: Any, code: str, words: str) -> Refusal:
    return Refusal(code, words, {"number": order.number})


def _sorted(
    ids: Sequence[int], *, to: tuple[PurchaseStatus, ...], fault: Callable[[Any], Refusal | None]
) -> tuple[list[Any], list[PurchaseStep | Refusal]]:
    """The orders to change, and a result for every id in the order asked."""
    orders = locked_orders(ids)
    done: dict[int, Any] = {}
    results: list[PurchaseStep | Refusal] = []
    for one in ids:
        order = orders.get(one)
        if order is None:
            results.append(not_found())
        elif order.status in to or one in done:
            results.append(PurchaseStep(purchase_order_id=one, number=order.number, status=to[0], repeated=True))
        elif refused := fault(order):
            results.append(refused)
        else:
            done[one] = order
            results.append(PurchaseStep(purchase_order_id=one, number=order.number, status=to[0]))
    return list(done.values()), results


def _end(
    ids: Sequence[int], status: PurchaseStatus, *, fault: Callable[[Any], Refusal | None], at: datetime
) -> list[PurchaseStep | Refusal]:
    done, results = _sorted(ids, to=(status,), fault=fault)
    if done:
        run(
            "UPDATE inventory_purchaseorder SET status = %s, closed_at = %s::timestamptz WHERE id = ANY(%s::bigint[])",
            (str(status), at, [order.id for order in done]),
        )
        lines = purchase_lines([order.id for order in done])
        announce(*(PurchaseOrderEnded(**_told(order, lines.get(order.id, ()), at=at), status=str(status)) for order in done))
    return results


def _told(order: Any, lines: Sequence[PurchaseLineRow], *, at: datetime) -> dict[str, Any]:
    return {
        "company_id": order.company_id,
        "purchase_order_id": order.id,
        "number": order.number,
        "supplier_id": order.supplier_id,
        "location_id": order.location_id,
        "stock_item_ids": tuple(line.stock_item_id for line in lines),
        "at": at,
    }


def _expect(done: Sequence[Any], lines: dict[int, tuple[PurchaseLineRow, ...]], *, at: datetime) -> None:
    """The lines of orders without an agreed date are expected when the lead time from today says."""
    open_dated = [order for order in done if order.expected_on is None]
    suppliers = {
        row.id: row
        for row in rows(
            "SELECT id, lead_time_days::int AS lead_time_days, calendar_id FROM inventory_supplier WHERE id = ANY(%s::bigint[])",
            (sorted({order.supplier_id for order in open_dated}),),
        )
    }
    days: dict[tuple[int, int], int] = {}
    for company_id in sorted({order.company_id for order in open_dated}):
        items = [line.stock_item_id for order in open_dated if order.company_id == company_id for line in lines.get(order.id, ())]
        days |= {(term.supplier_id, term.stock_item_id): term.lead_time_days for term in supplier_terms(items, company_id=company_id)}
    dated = []
    for order in open_dated:
        supplier, today = suppliers[order.supplier_id], business_date(at, company_context(order.company_id).timezone)
        for line in lines.get(order.id, ()):
            lead = days.get((supplier.id, line.stock_item_id), supplier.lead_time_days)
            dated.append((line.id, add_business_days(today, days=lead, calendar_id=supplier.calendar_id)))
    if dated:
        run(
            """
            UPDATE inventory_purchaseorderline l SET expected_on = q.expected_on
            FROM unnest(%s::bigint[], %s::date[]) AS q (id, expected_on) WHERE l.id = q.id
            """,
            ([line_id for line_id, _ in dated], [on for _, on in dated]),
        )
