"""Goods fetched in a store: prepared, handed over against a code, reminded of, and given up when nobody comes."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from billing.rules import PaymentMethod
from core.actor import Actor
from core.clock import business_date
from core.db import operation, rows, run
from core.errors import Refusal
from core.errors import Refused as RuleRefused
from core.outbox import announce
from core.words import gettext_noop as _
from customers.operations import count_tries, forgive_tries
from customers.rules import TryAsk, TryKind
from orders.events import PickupHandedOver, PickupLapsed, PickupReady, PickupReminded
from orders.operations.cancelling import Cancelled, cancel_orders
from orders.operations.inserting import choose_inserts, hold_contents
from orders.operations.picking import pick_shipments
from orders.operations.shipping import Leaving, hold_parcels, mark_delivered, may_be_prepared, ship_shipments, uninspected
from orders.operations.till import LaidDown, take_at_till
from orders.queries import PickupRow, pickup_by_code, stores_by_id
from orders.rules import MOST_WRONG_CODES, NOT_FETCHED, USUAL_TERMS, PickupState, ShipmentStatus, Tender, kept_until, slip_fault

CODE_DIGITS = 6
MOST_DUE = 200


@dataclass(frozen=True, slots=True)
class Prepared:
    """The parcel lies ready under its code; `repeated` when it did before."""

    shipment_id: int
    code: str
    repeated: bool = False


_DESTINATIONS = """
SELECT s.id, d.pickup_at_id, s.location_id, p.state, p.code FROM orders_shipment s JOIN orders_destination d ON d.id = s.destination_id
LEFT JOIN orders_pickup p ON p.shipment_id = s.id WHERE s.id = ANY(%s::bigint[])
"""
_READY = """
INSERT INTO orders_pickup (shipment_id, company_id, location_id, state, code, ready_at, until_on, actor_kind, actor_id, actor_label, on_behalf_of)
SELECT s.id, s.company_id, s.location_id, 'ready', n.code, %(at)s, n.until_on, %(kind)s, %(who)s, %(label)s, %(for)s
FROM unnest(%(ids)s::bigint[], %(codes)s::text[], %(days)s::date[]) AS n (id, code, until_on) JOIN orders_shipment s ON s.id = n.id
ON CONFLICT DO NOTHING RETURNING shipment_id, code
"""


@operation
def prepare_pickups(shipment_ids: Sequence[int], *, actor: Actor, at: datetime) -> list[Prepared | Refusal]:
    """The parcels lie ready in their stores, each under a code of its own, with their inserts and lots; their buyers are told, with the last day.

    Refuses "order.not_found", "order.no_pickup" (it is no parcel that is fetched where it lies), what keeps work from beginning
    (``may_be_prepared``), an insert that it waits for, a lot that is lacking, and "order.not_inspected" or
    "order.changed_since_inspected" where the store wants it inspected first. Again answers with the same code. Locks orders, parcels,
    then stock. Announces PickupReady.
    """
    orders, held = hold_parcels(shipment_ids)
    parcels = {s.id: s for s in held}
    known = {row.id: row for row in rows(_DESTINATIONS, (list(parcels),))}
    answers: dict[int, Prepared | Refusal] = {}
    going: dict[int, Any] = {}
    for i in dict.fromkeys(shipment_ids):
        answer = _unready(parcels.get(i), orders, known.get(i))
        if answer is None:
            going[i] = known[i]
        else:
            answers[i] = answer
    for i, refusal in _unpacked(list(going), actor=actor, at=at).items():
        answers[i] = refusal
        del going[i]
    for i, code in _give_codes(going, orders, parcels, actor=actor, at=at).items():
        answers[i] = Prepared(i, code)
    announce(*(_event(PickupReady, parcels[i], orders) for i in going))
    return [answers[i] for i in shipment_ids]


def _unready(parcel: Any, orders: Mapping[int, Any], row: Any) -> Prepared | Refusal | None:
    if parcel is None or row is None:
        return Refusal("order.not_found", _("There is no such shipment."))
    if row.pickup_at_id is None or row.pickup_at_id != row.location_id:
        return Refusal("order.no_pickup", _("Parcel %(number)s is not fetched where it lies."), {"number": parcel.number})
    if row.state == PickupState.READY:
        return Prepared(parcel.id, row.code, repeated=True)
    answer = may_be_prepared(parcel, orders[parcel.order_id])
    if answer is None and parcel.status != ShipmentStatus.PLANNED:
        return Refusal("order.not_open", _("Parcel %(number)s is not open any more."), {"number": parcel.number})
    if answer is not None and not isinstance(answer, Refusal):
        return Refusal("order.already_shipped", _("Order %(number)s has left already. Register a return instead."), {"number": orders[parcel.order_id].number})  # fmt: skip
    return answer


def _unpacked(ids: Sequence[int], *, actor: Actor, at: datetime) -> dict[int, Refusal]:
    """Inserts and lots are chosen for these parcels; answers with those that cannot lie ready yet."""
    if not ids:
        return {}
    hold_contents(ids, actor=actor, at=at)
    chosen = zip(ids, choose_inserts(ids, actor=actor, at=at), strict=True)
    refused = {i: answer for i, answer in chosen if isinstance(answer, Refusal)}
    left = [i for i in ids if i not in refused]
    refused |= {i: answer for i, answer in zip(left, pick_shipments(left, actor=actor, at=at), strict=True) if isinstance(answer, Refusal)}
    return refused | uninspected([s for s in hold_parcels(left)[1] if s.id not in refused])


def _give_codes(
    going: Mapping[int, Any], orders: Mapping[int, Any], parcels: Mapping[int, Any], *, actor: Actor, at: datetime
) -> dict[int, str]:
    """Every parcel gets a code that no other one in its store has now; who meets a taken one draws again."""
    stores = stores_by_id({row.location_id for row in going.values()}) if going else {}
    told: dict[int, str] = {}
    who = {"kind": actor.kind, "who": actor.id, "label": actor.label, "for": actor.on_behalf_of, "at": at}
    while left := [i for i in going if i not in told]:
        codes = [_drawn() for _i in left]
        days = [kept_until(business_date(at, stores[going[i].location_id].timezone), stores[going[i].location_id].terms) for i in left]
        told |= {row.shipment_id: row.code for row in rows(_READY, {**who, "ids": left, "codes": codes, "days": days})}
    return told


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Somebody stands at the counter with a code; ``paid`` says that what is still owed was paid there and then, by ``tender``.

    ``slip`` is the number that the card terminal printed.
    """

    shipment_id: int
    code: str
    identity_note: str = ""
    paid: int = 0
    tender: Tender = Tender.CASH
    slip: str = ""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The goods are their buyer's; `repeated` when they were before."""

    shipment_id: int
    order_id: int
    invoice_number: str = ""
    repeated: bool = False


class NotHandedOver(RuleRefused):
    """Something of a handing over could not be done; nothing of it was."""


_HELD = """
SELECT p.shipment_id, p.state, p.code, p.wrong_codes, o.total - o.paid_total AS owed, o.payment_method, l.name AS store FROM orders_pickup p
JOIN orders_shipment s ON s.id = p.shipment_id JOIN orders_order o ON o.id = s.order_id JOIN inventory_location l ON l.id = p.location_id
WHERE p.shipment_id = %s FOR UPDATE OF p
"""
_HAND = """
UPDATE orders_pickup SET state = 'handed_over', handed_at = %s, handed_by = %s, identity_note = %s, ended_at = %s WHERE shipment_id = %s
"""


@operation
def hand_over_pickup(ask: HandOver, *, actor: Actor, at: datetime) -> HandedOver | Refusal:
    """The goods are handed over against their code: they leave the stock, the sale is posted, and what was paid at the counter is booked.

    Refuses "order.not_ready", "order.slip_too_long", "order.wrong_code" (which is counted), "order.code_locked" (it was said wrong too
    often: ``renew_pickup_code``), "order.pay_at_store" (with what is still owed), and what ``ship_shipments`` refuses.
    Again changes nothing. Locks the order, the parcel, then the pickup. Announces PickupHandedOver.
    """
    orders, held = hold_parcels([ask.shipment_id])
    parcel = next((s for s in held if s.id == ask.shipment_id), None)
    row = next(iter(rows(_HELD, (ask.shipment_id,))), None) if parcel is not None else None
    if parcel is None or row is None:
        return Refusal("order.not_ready", _("It is not ready to be fetched. Prepare it first."))
    if row.state == PickupState.READY and row.wrong_codes >= MOST_WRONG_CODES:
        words = _("The code of parcel %(number)s was said wrong %(times)s times. Give its buyer a new code.")
        return Refusal("order.code_locked", words, {"number": parcel.number, "times": MOST_WRONG_CODES}, "/code")
    if not secrets.compare_digest(row.code.encode(), ask.code.strip().encode()):
        note_wrong_code(parcel.id, actor=actor)
        return Refusal("order.wrong_code", _("This is not the code of this parcel. Look at the buyer’s mail once more."), {}, "/code")
    if row.state == PickupState.HANDED_OVER:
        return HandedOver(parcel.id, parcel.order_id, repeated=True)
    if row.state != PickupState.READY:
        return Refusal("order.pickup_over", _("It was not fetched in time, or cancelled. Its order stands no more."))
    order = orders[parcel.order_id]
    owed = max(int(row.owed), 0) if row.payment_method == PaymentMethod.CASH_AT_STORE else 0
    if owed and ask.paid != owed:
        words = _("%(owed)s are still to be paid at the counter.")
        return Refusal("order.pay_at_store", words, {"owed": owed}, "/paid")
    if fault := slip_fault(ask.slip):
        return fault
    (left,) = ship_shipments([Leaving(shipment_id=parcel.id, handed=True)], actor=actor, at=at)
    if isinstance(left, Refusal):
        return left
    if owed:
        laid = LaidDown(
            order_id=order.id, order_ref=order.public_id, company_id=order.company_id, customer_id=order.customer_id, currency=order.currency,
            amount=owed, store=row.store, timezone=order.timezone, once_key=f"pickup:{parcel.public_id}", tender=ask.tender, slip=ask.slip,
        )  # fmt: skip
        if refusal := take_at_till(laid, actor=actor, at=at):
            raise NotHandedOver(refusal.code, refusal.message, params=refusal.params, field=refusal.field)
    mark_delivered([parcel.id], actor=actor, at=at)
    run(_HAND, (at, (actor.label or actor.id)[:128], ask.identity_note.strip()[:120], at, parcel.id))
    announce(_event(PickupHandedOver, parcel, orders))
    return HandedOver(parcel.id, order.id, left.invoice_number)


@operation
def look_for_pickup(
    code: str, *, location_ids: Collection[int], company_id: int, account_id: int, actor: Actor, at: datetime
) -> PickupRow | Refusal:
    """The parcel that lies ready under a code in one of these stores, for somebody who works there; codes are not found by trying them out.

    Refuses "order.no_such_code", which is counted, and "order.too_many_codes" after ten of them until a quarter of an hour is over.
    """
    (judged,) = count_tries([TryAsk(account_id=account_id, company_id=company_id, kind=TryKind.PICKUP, subject=code)], actor=actor, at=at)
    if isinstance(judged, Refusal):
        words = _("Too many wrong codes were typed here. Try again in a quarter of an hour, or give the buyer a new code.")
        return Refusal("order.too_many_codes", words, {}, "/code")
    found = pickup_by_code(code, location_ids=location_ids)
    if found is None:
        words = _("No parcel lies ready here under this code. Look at the buyer’s mail once more.")
        return Refusal("order.no_such_code", words, {}, "/code")
    forgive_tries(account_id, company_id=company_id, kind=TryKind.PICKUP, actor=actor, at=at)
    return found


@operation
def note_wrong_code(shipment_id: int, *, actor: Actor) -> None:
    """A code of this parcel was said wrong once more. For whoever undoes what ``hand_over_pickup`` wrote when it refuses."""
    run(
        "UPDATE orders_pickup SET wrong_codes = wrong_codes + 1 WHERE shipment_id = %s AND state = 'ready' AND wrong_codes < 1000",
        (shipment_id,),
    )


_RENEW = """
UPDATE orders_pickup p SET code = %(code)s, wrong_codes = 0 WHERE p.shipment_id = %(id)s AND p.state = 'ready'
    AND NOT EXISTS (SELECT FROM orders_pickup o WHERE o.location_id = p.location_id AND o.state = 'ready' AND o.code = %(code)s)
RETURNING p.code
"""


@operation
def renew_pickup_code(shipment_id: int, *, actor: Actor, at: datetime) -> Prepared | Refusal:
    """The parcel lies ready under another code, which its buyer is sent; the old one is worth nothing.

    Refuses "order.not_ready". Locks the order, the parcel, then the pickup. Announces PickupReady once more.
    """
    orders, held = hold_parcels([shipment_id])
    parcel = next((s for s in held if s.id == shipment_id), None)
    row = next(iter(rows(_HELD, (shipment_id,))), None) if parcel is not None else None
    if parcel is None or row is None or row.state != PickupState.READY:
        return Refusal("order.not_ready", _("It is not ready to be fetched. Prepare it first."))
    while not (found := rows(_RENEW, {"id": shipment_id, "code": _drawn()})):
        pass
    announce(_event(PickupReady, parcel, orders))
    return Prepared(shipment_id, found[0].code)


def _drawn() -> str:
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def _event(kind: Any, parcel: Any, orders: Mapping[int, Any]) -> Any:
    order = orders[parcel.order_id]
    return kind(
        order_id=order.id, order_ref=order.public_id, company_id=order.company_id, customer_id=order.customer_id, shipment_id=parcel.id,
        shipment_ref=parcel.public_id,
    )  # fmt: skip


_TO_REMIND = """
SELECT p.shipment_id FROM orders_pickup p JOIN core_company c ON c.id = p.company_id LEFT JOIN LATERAL (
    SELECT remind_days FROM orders_pickupterms t WHERE t.company_id = p.company_id AND t.ended_at IS NULL
        AND (t.location_id = p.location_id OR t.location_id IS NULL) ORDER BY t.location_id NULLS LAST LIMIT 1) t ON true
WHERE p.state = 'ready' AND p.reminded_at IS NULL AND coalesce(t.remind_days, %(usual)s::int) > 0
    AND p.until_on - coalesce(t.remind_days, %(usual)s::int)::int <= (%(at)s::timestamptz AT TIME ZONE c.timezone)::date
ORDER BY p.until_on, p.shipment_id LIMIT %(most)s
"""
_REMINDED = "UPDATE orders_pickup SET reminded_at = %s WHERE shipment_id = ANY(%s::bigint[]) AND state = 'ready' AND reminded_at IS NULL RETURNING shipment_id"
_OVERDUE = """
SELECT p.shipment_id, p.until_on, s.order_id FROM orders_pickup p JOIN orders_shipment s ON s.id = p.shipment_id JOIN core_company c ON c.id = p.company_id
WHERE p.state = 'ready' AND p.until_on < (%(at)s::timestamptz AT TIME ZONE c.timezone)::date
    AND (p.until_on, p.shipment_id) > (%(day)s::date, %(id)s::bigint)
ORDER BY p.until_on, p.shipment_id LIMIT %(most)s
"""
_LAPSED = """
UPDATE orders_pickup SET state = 'lapsed', ended_at = %s WHERE shipment_id = ANY(%s::bigint[]) AND state = 'cancelled' RETURNING shipment_id
"""


@operation
def remind_pickups(*, actor: Actor, at: datetime) -> int:
    """Buyers whose goods will be kept for some days only are reminded, once. Answers how many; call it until none is due."""
    due = [row.shipment_id for row in rows(_TO_REMIND, {"at": at, "usual": USUAL_TERMS.remind_days, "most": MOST_DUE})]
    orders, held = hold_parcels(due) if due else ({}, [])
    now = {row.shipment_id for row in rows(_REMINDED, (at, due))} if due else set()
    announce(*(_event(PickupReminded, parcel, orders) for parcel in held if parcel.id in now))
    return len(now)


@operation
def lapse_pickups(*, actor: Actor, at: datetime, most: int = MOST_DUE) -> int:
    """What nobody fetched by its last day is given up: the order is cancelled, the goods are on sale again, what was paid is a deposit.

    Answers how many, of so many looked at together; call it until none is due. An order that cannot be cancelled any more keeps its
    pickup, and keeps nobody else's. Announces PickupLapsed.
    """
    after: tuple[date, int] = (date.min, 0)
    while due := rows(_OVERDUE, {"at": at, "most": most, "day": after[0], "id": after[1]}):
        if lapsed := _lapse(due, actor=actor, at=at):
            return lapsed
        after = due[-1].until_on, due[-1].shipment_id  # none of these can be given up: others may
    return 0


def _lapse(due: Sequence[Any], *, actor: Actor, at: datetime) -> int:
    orders, held = hold_parcels([row.shipment_id for row in due])
    ids = list(dict.fromkeys(row.order_id for row in due))
    results = cancel_orders(ids, reason=NOT_FETCHED, actor=actor, at=at)
    gone = {i for i, answer in zip(ids, results, strict=True) if isinstance(answer, Cancelled) and not answer.repeated}
    lapsed = {row.shipment_id for row in rows(_LAPSED, (at, [row.shipment_id for row in due if row.order_id in gone]))}
    announce(*(_event(PickupLapsed, parcel, orders) for parcel in held if parcel.id in lapsed))
    return len(lapsed)
