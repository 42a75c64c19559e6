"""kill -9 of relays in mid-flight: every committed event reaches each handler once, one of a rolled-back order nobody."""

import random
import time
from collections.abc import Iterator
from dataclasses import replace

from faults.house import House, a_house, kill, number, undelivered, until
from faults.outcome import Outcome

ORDERS, ROLLED_BACK, BATCH = 500, 50, 50
MOST_KILLS, LONGEST_S = 8, 50


class ChangedMind(Exception):
    """What undoes an order after it was placed and announced."""


def outcomes() -> Iterator[Outcome]:
    """A backlog of several hundred orders, carried by two relays of which one dies every second or so."""
    with a_house("relay_killed") as house:
        _place_and_undo()
        relays = [house.relay(), house.relay()]
        kills = 0
        began = time.monotonic()
        until(lambda: number("SELECT count(*) FROM core_outboxdelivery WHERE state = 'done'") > 0, within_s=30, what="a relay carries")
        while undelivered() and time.monotonic() - began < LONGEST_S:
            time.sleep(random.uniform(0.3, 2.0))
            if kills < MOST_KILLS:
                unlucky = random.randrange(2)
                kill(relays[unlucky])
                relays[unlucky] = house.relay()
                kills += 1
        until(lambda: undelivered() == 0, within_s=30, what="every event is carried")
        yield _judged(house, kills)


def _place_and_undo() -> None:
    """Orders that stay, and among them orders whose transaction is undone after everything was written."""
    from core import clock
    from core.actor import SYSTEM
    from core.db import operation
    from orders.operations import place_orders
    from tests.factories.orders import a_draft, a_shop

    @operation
    def place_and_undo(drafts, *, actor):  # type: ignore[no-untyped-def]
        place_orders(drafts, actor=actor, at=clock.now())
        raise ChangedMind

    shop = a_shop()
    variant = shop.variant(stock=[10_000, 10_000, 10_000])
    for start in range(0, ORDERS, BATCH):
        drafts = [replace(a_draft(shop, (variant, 1)), outside_number=f"R{start + n}") for n in range(BATCH)]
        placed = place_orders(drafts, actor=SYSTEM, at=clock.now())
        assert all(hasattr(answer, "order_id") for answer in placed), placed[0]
        undone = [replace(a_draft(shop, (variant, 1)), outside_number=f"U{start + n}") for n in range(ROLLED_BACK * BATCH // ORDERS)]
        try:
            place_and_undo(undone, actor=SYSTEM)
        except ChangedMind:
            continue


def _judged(house: House, kills: int) -> Outcome:
    broken, names = house.broken_promises()
    copies = number("SELECT count(*) FROM core_outboxdelivery")
    losses = {
        "orders without their mail": number(
            "SELECT count(*) FROM orders_order o WHERE NOT EXISTS (SELECT 1 FROM core_outgoingmail m WHERE m.once_key = 'order:' || o.id || ':placed')"
        ),
        "mails too many": max(0, number("SELECT count(*) FROM core_outgoingmail") - ORDERS),
        "orders missing": abs(number("SELECT count(*) FROM orders_order") - ORDERS),
        "copies missing or twice": abs(
            copies - number("SELECT count(DISTINCT (event_id, handler)) FROM core_outboxdelivery WHERE state = 'done'")
        ),
        "events without a copy for their handler": number(
            "SELECT count(*) FROM core_outboxevent e WHERE e.name = 'orders.OrderPlaced'"
            " AND NOT EXISTS (SELECT 1 FROM core_outboxdelivery d WHERE d.event_id = e.id AND d.handler = 'orders.mail_placed')"
        ),
        "traces of undone orders": number(
            "SELECT count(*) FROM core_outboxevent e WHERE e.payload->>'number' IN (SELECT number FROM orders_order WHERE outside_number LIKE 'U%%')"
            " OR (e.name = 'orders.OrderPlaced' AND NOT EXISTS (SELECT 1 FROM orders_order o WHERE 'order:' || o.id = e.stream))"
        ),
        f"broken promises ({names})": broken,
    }
    note = ", ".join(f"{count} {what}" for what, count in losses.items() if count)
    again = number("SELECT count(*) FROM core_outboxdelivery WHERE attempts > 1")
    told = (
        f"[{kills} kills of two relays; {ORDERS} orders, {ROLLED_BACK} undone, {copies} deliveries, {again} of them begun more than once]"
    )
    return Outcome("relays killed while a backlog is carried", tried=copies, lost=sum(losses.values()), note=f"{note} {told}".strip())
