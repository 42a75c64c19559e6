"""kill -9 of the web process while partners place orders: what was answered exists, what exists is whole and told of once."""

import random
import time
from collections.abc import Iterator
from threading import Event, Lock, Thread

from faults.counters import NoAnswer, Partner
from faults.house import House, a_house, kill, number, undelivered, until
from faults.outcome import Outcome

CLIENTS, KILLS, SCARCE = 8, 5, 8
LONGEST_S = 32


class Ledger:
    """What the clients were told: the numbers of orders they know to exist, that were refused, and that nobody answered at first."""

    def __init__(self) -> None:
        self.placed: set[str] = set()
        self.refused: set[str] = set()
        self.doubtful: set[str] = set()
        self.odd: list[str] = []
        self.differing = 0
        self.lock = Lock()
        self._next = 0

    def next(self) -> str:
        with self.lock:
            self._next += 1
            return f"W{self._next}"


def outcomes() -> Iterator[Outcome]:
    """Orders over HTTP with the web process dying again and again."""
    with a_house("web_killed") as house:
        from tests.factories.orders import a_shop
        from tests.factories.partners import a_partner, a_token

        shop = a_shop()
        plenty, scarce = shop.variant(stock=[100_000, 100_000, 100_000]), shop.variant(stock=[SCARCE, 0, 0])
        token = a_token(a_partner(shop.company), seconds=3600)
        ledger, stop = Ledger(), Event()
        web = house.web()
        house.relay()
        clients = [
            Thread(
                target=_orders,
                args=(Partner(house.port, token, shop.channel.code), [plenty.sku] * 5 + [scarce.sku], ledger, stop, seed),
                daemon=True,
            )
            for seed in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        began, caught = time.monotonic(), 0
        for _ in range(KILLS):
            time.sleep(random.uniform(0.6, 1.8))
            caught += _in_mid_order()
            kill(web)
            web = house.web()
            if time.monotonic() - began > LONGEST_S:
                break
        time.sleep(1)
        stop.set()
        for client in clients:
            client.join(timeout=30)
        until(lambda: undelivered() == 0, within_s=60, what="every event is carried")
        yield _judged(house, ledger, caught=caught)


def _in_mid_order() -> bool:
    """Wait for a moment in which the web process has written something it has not committed."""
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        if number("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'daifuku-web' AND backend_xid IS NOT NULL"):
            return True
        time.sleep(0.001)
    return False


def _orders(partner: Partner, skus: list[str], ledger: Ledger, stop: Event, seed: int) -> None:
    """One order after the other; a number without an answer is asked for again until there is one."""
    chance = random.Random(seed)
    while not stop.is_set():
        outside, sku = ledger.next(), chance.choice(skus)
        first = ""
        for _ in range(400):
            try:
                status, body = partner.place(sku=sku, number=outside, email=f"{outside.lower()}@example.jp")
            except NoAnswer:
                ledger.doubtful.add(outside)
                time.sleep(0.1)
                continue
            if status in (409, 503):
                time.sleep(0.2)
                continue
            if status in (200, 201):
                ledger.placed.add(outside)
                first = first or body["number"]
                if chance.random() < 0.1:  # asking again is harmless
                    status, again = partner_again(partner, sku, outside)
                    ledger.differing += status in (200, 201) and again != first
            elif status == 422 and body.get("code") == "inventory.out_of_stock":
                ledger.refused.add(outside)
            else:
                ledger.odd.append(f"{status} {body.get('code')}")
            break
        else:
            ledger.odd.append("never answered")


def partner_again(partner: Partner, sku: str, outside: str) -> tuple[int, str]:
    """The same request once more; nothing when the house is just down."""
    try:
        status, body = partner.place(sku=sku, number=outside, email=f"{outside.lower()}@example.jp")
    except NoAnswer:
        return 0, ""
    return status, body.get("number", "")


def _judged(house: House, ledger: Ledger, *, caught: int) -> Outcome:
    from core.db import rows

    stored = [r.outside_number for r in rows("SELECT outside_number FROM orders_order")]
    found = set(stored)
    broken, names = house.broken_promises()
    losses = {
        "acknowledged but missing": len(ledger.placed - found),
        "there twice": len(stored) - len(found),
        "refused but there": len(ledger.refused & found),
        "there but never answered": len(found - ledger.placed),
        "without stock, intent or event": number(
            "SELECT count(*) FROM orders_order o WHERE NOT EXISTS (SELECT 1 FROM billing_paymentintent i WHERE i.order_ref = o.public_id)"
            " OR NOT EXISTS (SELECT 1 FROM orders_line l JOIN inventory_allocation a ON a.demand_id = l.public_id WHERE l.order_id = o.id)"
            " OR NOT EXISTS (SELECT 1 FROM orders_shipment s WHERE s.order_id = o.id)"
            " OR (SELECT count(*) FROM core_outboxevent e WHERE e.stream = 'order:' || o.id AND e.name = 'orders.OrderPlaced') <> 1"
        ),
        "told of but not there": number(
            "SELECT count(*) FROM core_outboxevent e WHERE e.name = 'orders.OrderPlaced'"
            " AND NOT EXISTS (SELECT 1 FROM orders_order o WHERE 'order:' || o.id = e.stream)"
        ),
        "mails that differ from orders": abs(number("SELECT count(*) FROM core_outgoingmail") - len(found)),
        "answers that differ when repeated": ledger.differing,
        "odd answers": len(ledger.odd),
        f"broken promises ({names})": broken,
    }
    cut = number("SELECT last_value FROM orders_order_id_seq") - len(found)
    note = ", ".join(f"{count} {what}" for what, count in losses.items() if count)
    told = (
        f"[{KILLS} kills, {caught} with a transaction half written; {len(ledger.placed)} placed, {len(ledger.refused)} refused, {len(ledger.doubtful)} without a first answer,"
        f" {cut} undone after their row was written]"
    )
    return Outcome("web process killed while orders are placed", tried=len(found), lost=sum(losses.values()), note=f"{note} {told}".strip())
