"""Baskets of the retail data once more, as orders of today: placed with stock, shipped, paid and in part returned by the house's operations."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from django.core.management import CommandError, call_command

from benchmarks.journey_returns import give_back
from billing.operations import receive_payments
from billing.rules import PaymentAsk, PaymentMethod
from core import clock
from core.actor import Actor, ActorKind
from core.db import acting, rows, run
from core.errors import Refusal
from core.operations import carry
from core.queries import CompanyContext, channel_context, company_coded
from customers.rules import PlaceOfDelivery
from inventory.operations import receive_stock
from inventory.rules import MovementKind, Receipt
from orders.operations import Leaving, place_orders, ship_shipments
from orders.rules import DraftDestination, DraftDiscount, DraftLine, OrderDraft, Placed

BATCH: Final = 100
REPLAYER: Final = Actor(ActorKind.SYSTEM, "replay", "journey replay")

# The first baskets whose every line has a price today, as they were agreed.
_BASKETS: Final = """
WITH basket AS (
    SELECT o.id, o.outside_number, o.customer_id FROM orders_order o
    WHERE o.company_id = %(company)s AND o.origin = 'imported' AND o.total > 0 AND NOT EXISTS (
        SELECT 1 FROM orders_line l WHERE l.order_id = o.id AND NOT EXISTS (SELECT 1 FROM catalog_price p WHERE p.variant_id = l.variant_id))
    ORDER BY o.id LIMIT %(baskets)s
)
SELECT b.id, b.outside_number, b.customer_id, c.outside_number AS household, l.position, l.variant_id, l.quantity, l.unit_price,
    (SELECT array_agg(d.source ORDER BY d.id) FROM orders_linediscount d WHERE d.line_id = l.id) AS sources,
    (SELECT array_agg(d.amount ORDER BY d.id) FROM orders_linediscount d WHERE d.line_id = l.id) AS amounts
FROM basket b JOIN customers_customer c ON c.id = b.customer_id JOIN orders_line l ON l.order_id = b.id ORDER BY b.id, l.position
"""
_MINE: Final = "o.company_id = %(company)s AND o.origin = 'placed' AND o.outside_number LIKE 'replay-%%'"
_PARCELS: Final = f"""
SELECT s.id FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id WHERE {_MINE} AND s.status = 'planned' ORDER BY s.id
"""
_UNPAID: Final = (
    f"SELECT o.public_id, o.customer_id, o.number, o.total FROM orders_order o WHERE {_MINE} AND o.payment_status <> 'paid' ORDER BY o.id"
)
_STATE: Final = f"""
SELECT count(*) AS orders, count(*) FILTER (WHERE o.fulfilment_status = 'shipped' OR o.return_status <> 'none') AS shipped,
    count(*) FILTER (WHERE o.payment_status = 'paid' OR o.return_status <> 'none') AS paid,
    count(*) FILTER (WHERE o.status = 'completed') AS completed, sum(o.total)::bigint AS cents, sum(i.total)::bigint AS imported
FROM orders_order o JOIN orders_order i ON i.company_id = o.company_id AND i.origin = 'imported' AND o.outside_number = 'replay-' || i.outside_number
WHERE {_MINE}
"""


def replay(baskets: int) -> bool:
    """So many baskets are placed, shipped and paid, at the money they had, a tenth comes back, and every promise of the house still holds."""
    company, at = company_coded("journey"), clock.now()
    told = rows(_BASKETS, {"company": company.id, "baskets": baskets}, prepare=False)
    print(f"Replaying {len({r.id for r in told}):,} baskets of {len(told):,} lines", flush=True)
    _timed("stock items received", lambda: _receive(company, told, at))
    results = _timed("orders placed", lambda: _place(company, told, at))
    refused = [r for r in results if not isinstance(r, Placed)]
    for one in refused[:5]:
        print(f"  refused: {one.reasons[0].code} {one.reasons[0].text()}", flush=True)
    _timed("parcels shipped", lambda: _ship(company, at))
    _timed("payments received", lambda: _pay(company, at))
    _timed("deliveries to handlers", _carry)
    state = rows(_STATE, {"company": company.id}, prepare=False)[0]
    good = not refused and state.orders == state.shipped == state.paid == state.completed and state.cents == state.imported
    print(
        f"  {state.orders:,} orders, {state.shipped:,} shipped, {state.paid:,} paid, {state.completed:,} completed; {state.cents:,} cents, {state.imported:,} when bought",
        flush=True,
    )
    good &= give_back(company, _MINE, actor=REPLAYER, at=clock.now(), timed=_timed)
    _timed("deliveries to handlers", _carry)
    return _promises_hold() and good


def _timed(what: str, act: Callable[[], Sequence[Any]]) -> Sequence[Any]:
    started = time.monotonic()
    done = act()
    seconds = max(time.monotonic() - started, 0.001)
    print(f"  {len(done):,} {what} in {seconds:.1f} s, {len(done) / seconds:,.0f}/s", flush=True)
    return done


def _carry() -> Sequence[Any]:
    """What the relay would do by and by: payments are noted on their orders, mails written."""
    carried = 0
    while not (round_ := carry(at=clock.now)).idle:
        carried += round_.done
    return range(carried)


def _batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


def _receive(company: CompanyContext, told: Sequence[Any], at: datetime) -> list[Any]:
    """Exactly what the baskets want lies in a warehouse."""
    with acting(REPLAYER):
        run(
            "INSERT INTO inventory_location (company_id, code, name, kind) VALUES (%s, 'replay', 'Replay warehouse', 'warehouse') ON CONFLICT (company_id, code) DO NOTHING",
            (company.id,),
        )
    location = rows("SELECT id FROM inventory_location WHERE company_id = %s AND code = 'replay'", (company.id,))[0].id
    wanted: dict[int, int] = {}
    for line in told:
        wanted[line.variant_id] = wanted.get(line.variant_id, 0) + line.quantity
    items = {
        r.variant_id: r.stock_item_id
        for r in rows("SELECT variant_id, stock_item_id FROM inventory_component WHERE variant_id = ANY(%s::bigint[])", (list(wanted),))
    }
    receipts = [
        Receipt(
            stock_item_id=items[variant],
            location_id=location,
            quantity=quantity,
            once_key=f"replay:{company.id}:{variant}:{quantity}",
            cause="replay",
            kind=MovementKind.OPENING,
        )
        for variant, quantity in sorted(wanted.items())
    ]
    return [moved for batch in _batches(receipts) for moved in receive_stock(batch, company_id=company.id, actor=REPLAYER, at=at)]


def _place(company: CompanyContext, told: Sequence[Any], at: datetime) -> list[Any]:
    channel = channel_context("store", company_id=company.id)
    drafts = [_draft(company, channel.id, list(lines)) for _id, lines in groupby(told, key=lambda line: line.id)]
    return [result for batch in _batches(drafts) for result in place_orders(batch, actor=REPLAYER, at=at)]


def _draft(company: CompanyContext, channel_id: int, lines: Sequence[Any]) -> OrderDraft:
    first = lines[0]
    place = PlaceOfDelivery(family_name="Household", given_name=first.household, country="US", city="Cincinnati", street="1 Main Street")
    return OrderDraft(
        company_id=company.id,
        channel_id=channel_id,
        customer_id=first.customer_id,
        language="en",
        outside_number=f"replay-{first.outside_number}",
        payment_method=PaymentMethod.CASH_AT_STORE,
        destinations=(DraftDestination(place=place),),
        fees=(),
        lines=tuple(
            DraftLine(
                variant_id=line.variant_id,
                quantity=line.quantity,
                unit_price=line.unit_price,
                price_reason="replay",
                discounts=tuple(DraftDiscount(amount=a, source=s) for s, a in zip(line.sources or (), line.amounts or (), strict=True)),
            )
            for line in lines
        ),
    )


def _ship(company: CompanyContext, at: datetime) -> list[Any]:
    parcels = rows(_PARCELS, {"company": company.id}, prepare=False)
    done = [
        r
        for batch in _batches(parcels)
        for r in ship_shipments([Leaving(shipment_id=p.id, carrier="counter") for p in batch], actor=REPLAYER, at=at)
    ]
    _tell_refusals(done)
    return done


def _pay(company: CompanyContext, at: datetime) -> list[Any]:
    orders = rows(_UNPAID, {"company": company.id}, prepare=False)
    day = company.business_date(at)
    asks = [
        PaymentAsk(
            company_id=company.id,
            method=PaymentMethod.CASH_AT_STORE,
            currency=company.currency,
            amount=order.total,
            received_on=day,
            once_key=f"replay:{order.public_id}",
            reference=order.number,
            order_ref=order.public_id,
            customer_id=order.customer_id,
        )
        for order in orders
    ]
    done = [r for batch in _batches(asks) for r in receive_payments(batch, actor=REPLAYER, at=at)]
    _tell_refusals(done)
    return done


def _tell_refusals(done: Sequence[Any]) -> None:
    for one in [r for r in done if isinstance(r, Refusal)][:5]:
        print(f"  refused: {one.code} {one.text()}", flush=True)


def _promises_hold() -> bool:
    try:
        call_command("check_invariants")
    except CommandError as broken:
        print(broken, flush=True)
        return False
    return True
