"""What is sent for goods that come back: an order of its own, placed like any other, and held until the goods are here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext

from billing.queries import paid_by_order
from billing.rules import PaymentMethod
from core.actor import Actor
from core.db import rows, run
from core.errors import Refusal
from customers.rules import PlaceOfDelivery
from orders.operations.holding import HoldAsk, hold
from orders.operations.placing import place_orders
from orders.rules import (
    DraftDestination,
    DraftDiscount,
    DraftLine,
    ExchangeTiming,
    HoldKind,
    OrderDraft,
    Placed,
    Refused,
    ReturnKind,
    part_of_total,
)

_EXCHANGES = """
SELECT x.case_id, x.variant_id, x.quantity, l.id AS line_id, l.quantity AS ordered, l.unit_price, l.discount, l.destination_id,
    l.variant_id AS was_variant, v.product_id = w.product_id AS same_product,
    (SELECT coalesce(sum(y.quantity), 0) FROM orders_exchangeline y WHERE y.case_id = x.case_id AND y.line_id = x.line_id
        AND y.position < x.position)::int AS before
FROM orders_exchangeline x JOIN orders_line l ON l.id = x.line_id JOIN catalog_variant v ON v.id = x.variant_id
JOIN catalog_variant w ON w.id = l.variant_id
WHERE x.case_id = ANY(%s::bigint[]) ORDER BY x.case_id, x.position
"""
# An undeliverable parcel is sent once more as it was.
_AGAIN = """
SELECT rl.case_id, l.variant_id, rl.quantity, l.id AS line_id, l.quantity AS ordered, l.unit_price, l.discount, l.destination_id,
    l.variant_id AS was_variant, true AS same_product, 0 AS before
FROM orders_returnline rl JOIN orders_line l ON l.id = rl.line_id WHERE rl.case_id = ANY(%s::bigint[]) ORDER BY rl.case_id, rl.position
"""
_PLACES = """
SELECT d.id, d.order_id, d.name, d.kana, d.organisation_name, d.country, d.postal_code, d.prefecture, d.city, d.street, d.building, d.phone
FROM orders_destination d WHERE d.order_id = ANY(%s::bigint[]) ORDER BY d.order_id, d.position
"""
_LINK = "UPDATE orders_returncase c SET exchange_order_id = n.o FROM unnest(%s::bigint[], %s::bigint[]) AS n (id, o) WHERE c.id = n.id"
PREPAID = frozenset({PaymentMethod.CARD, PaymentMethod.STORE_CREDIT, PaymentMethod.POINTS})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """An order about to be placed for a case."""

    case: Any
    draft: OrderDraft


def place_exchanges(cases: Sequence[Any], *, actor: Actor, at: datetime, again: bool = False) -> dict[int, Refusal]:
    """The orders of these locked cases are placed, linked and, where they wait for the goods, held; answers with the cases whose
    order was refused. ``again`` sends undeliverable parcels once more. Call it inside an operation.
    """
    found: dict[int, list[Any]] = {}
    for row in rows(_AGAIN if again else _EXCHANGES, ([case.id for case in cases],)):
        found.setdefault(row.case_id, []).append(row)
    waiting = [case for case in cases if case.id in found and case.exchange_order_id is None]
    if not waiting:
        return {}
    places: dict[int, list[Any]] = {}
    for row in rows(_PLACES, ([case.order_id for case in waiting],)):
        places.setdefault(row.order_id, []).append(row)
    paid = paid_by_order([case.order_ref for case in waiting])
    wanted = [
        _Wanted(case=case, draft=_draft(case, found[case.id], places.get(case.order_id, ()), paid=paid.get(case.order_ref, 0)))
        for case in waiting
    ]
    results = place_orders([one.draft for one in wanted], actor=actor, at=at)
    refused: dict[int, Refusal] = {}
    placed: dict[int, Placed] = {}
    for one, result in zip(wanted, results, strict=True):
        if isinstance(result, Refused):
            refused[one.case.id] = result.reasons[0].at("/exchanges")
        else:
            placed[one.case.id] = result
    run(_LINK, (list(placed), [result.order_id for result in placed.values()]))
    _hold(wanted, placed, actor=actor, at=at)
    return refused


def _draft(case: Any, lines: Sequence[Any], places: Sequence[Any], *, paid: int) -> OrderDraft:
    used = [place for place in places if place.id in {line.destination_id for line in lines}] or list(places[:1])
    position = {place.id: number for number, place in enumerate(used, 1)}
    with translation.override(case.language):
        reason = gettext("Exchange %(number)s") % {"number": case.number}
    return OrderDraft(
        company_id=case.company_id,
        channel_id=case.channel_id,
        customer_id=case.customer_id,
        lines=tuple(_line(case, line, destination=position.get(line.destination_id, 1), reason=reason) for line in lines),
        destinations=tuple(DraftDestination(place=_place(place)) for place in used),
        payment_method=_method(case, paid=paid),
        language=case.language,
        cart_ref=case.public_id,
        fees=(),
        days_agreed=True,
    )


def _line(case: Any, line: Any, *, destination: int, reason: str) -> DraftLine:
    """What replaces faulty goods costs nothing; the same product costs what was paid for it, another what it costs today."""
    if case.kind == ReturnKind.CLAIM:
        return DraftLine(variant_id=line.variant_id, quantity=line.quantity, destination=destination, unit_price=0, price_reason=reason)
    if not line.same_product:
        return DraftLine(variant_id=line.variant_id, quantity=line.quantity, destination=destination)
    off = part_of_total(line.discount, quantity=line.ordered, before=line.before, now=line.quantity)
    return DraftLine(
        variant_id=line.variant_id,
        quantity=line.quantity,
        destination=destination,
        unit_price=line.unit_price,
        price_reason=reason,
        discounts=(DraftDiscount(amount=off, source=f"return:{case.number}", reason=reason),) if off else (),
    )


def _place(row: Any) -> PlaceOfDelivery:
    """The snapshot as a place: it holds the name in one line, the organisation's with it."""
    name = row.name.removeprefix(row.organisation_name).strip() if row.organisation_name else row.name
    return PlaceOfDelivery(
        family_name=name,
        family_kana=row.kana,
        organisation_name=row.organisation_name,
        country=row.country,
        postal_code=row.postal_code,
        prefecture=row.prefecture,
        city=row.city,
        street=row.street,
        building=row.building,
        phone=row.phone,
    )


def _method(case: Any, *, paid: int) -> PaymentMethod:
    """What had been paid pays it; a parcel that nobody paid for is sent once more to be paid as before."""
    method = PaymentMethod(case.payment_method)
    if case.kind == ReturnKind.UNDELIVERED and not paid and method not in PREPAID:
        return method
    return PaymentMethod.STORE_CREDIT


def _hold(wanted: Sequence[_Wanted], placed: Mapping[int, Placed], *, actor: Actor, at: datetime) -> None:
    asks = [
        HoldAsk(placed[one.case.id].order_id, one.case.number)
        for one in wanted
        if one.case.id in placed
        and one.case.kind == ReturnKind.EXCHANGE
        and one.case.exchange_timing == ExchangeTiming.AFTER_ARRIVAL
        and not placed[one.case.id].repeated
    ]
    if asks:
        hold(asks, kind=HoldKind.EXCHANGE, actor=actor, at=at)
