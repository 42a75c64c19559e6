"""Redis is killed, then emptied: the storefront goes on selling, and every mail that is owed is sent, once."""

import os
import signal
import statistics
import subprocess
from collections.abc import Iterator
from threading import Thread

from config.addresses import BROKER_NUMBER
from faults.counters import NoAnswer, Shopper
from faults.house import HOME, House, a_house, number, undelivered, until
from faults.mails import a_mail_server, received
from faults.outcome import Outcome

SHOPPERS = 4
BEFORE, DURING, AFTER = 2, 8, 2  # orders of each shopper
NUDGES = 20
P95_S = 2.0


def outcomes() -> Iterator[Outcome]:
    """Checkouts through the pages before, while and after Redis is away; then every mail."""
    folder = HOME / "redis_gone" / "mail"
    with a_mail_server(folder) as mail_port, a_house("redis_gone", mail_port=mail_port) as house:
        product, sku = _open_shop()
        house.web()
        house.relay()
        worker = house.worker()
        house.beat()
        trail = Trail(house, product, sku)
        trail.buy(BEFORE, "a")
        os.kill(house.redis.process(), signal.SIGKILL)
        trail.buy(DURING, "b")
        house.redis.start()
        emptied = _empty(house, worker)
        trail.buy(AFTER, "c")
        emptied += _empty(house, worker)
        wanted = SHOPPERS * (BEFORE + DURING + AFTER)
        until(lambda: undelivered() == 0, within_s=30, what="every event is carried")
        seconds = until(
            lambda: number("SELECT count(*) FROM core_outgoingmail WHERE state = 'sent'") >= wanted,
            within_s=70,
            what="every mail is sent",
            every_s=0.3,
        )
        yield _judged(house, trail, came=received(folder), note=f"{emptied} queued nudges thrown away, last mail {seconds:.0f} s later")


def _open_shop() -> tuple[str, str]:
    from tests.factories.core import a_channel, a_site
    from tests.factories.orders import a_shop

    shop = a_shop()
    a_channel(shop.company, site=a_site(shop.company, domain="127.0.0.1"), kind="web")
    variant = shop.variant(1_080, stock=[10_000, 10_000, 10_000])
    return variant.product.code, variant.sku


def _empty(house: House, worker: "subprocess.Popen[bytes]") -> int:
    """FLUSHALL while nudges wait in the queue; answers with how many were thrown away."""
    import redis

    from config.celery import app

    os.killpg(worker.pid, signal.SIGSTOP)
    for _ in range(NUDGES):
        app.send_task("core.send_mails")
    with redis.Redis(unix_socket_path=str(house.redis.socket), db=BROKER_NUMBER) as client:
        held = client.llen("daifuku.daifuku")
        client.flushall()
    os.killpg(worker.pid, signal.SIGCONT)
    return int(held)  # type: ignore[arg-type]


class Trail:
    """Shoppers at the pages, and what happened to them."""

    def __init__(self, house: House, product: str, sku: str) -> None:
        self.house, self.product, self.sku = house, product, sku
        self.placed = 0
        self.failed: list[str] = []
        self.seconds: dict[str, list[float]] = {}
        self.slowest: dict[str, float] = {}

    def buy(self, orders: int, phase: str) -> None:
        """Every shopper orders so many times, all at once."""
        self.seconds[phase], self.slowest[phase] = [], 0.0
        threads = [Thread(target=self._shop, args=(orders, phase, seat), daemon=True) for seat in range(SHOPPERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)

    def _shop(self, orders: int, phase: str, seat: int) -> None:
        for n in range(orders):
            shopper = Shopper(self.house.port)
            try:
                spent = shopper.order(
                    product=self.product, sku=self.sku, email=f"{phase}{seat}n{n}@example.jp", phone=f"090-{ord(phase):04d}-{seat}{n:03d}"
                )
            except NoAnswer as problem:
                self.failed.append(f"{phase}: {problem} {problem.__cause__ or ''}")
                continue
            self.seconds[phase].append(spent)
            self.slowest[phase] = max(self.slowest[phase], shopper.slowest_s)
            self.placed += 1


def _judged(house: House, trail: Trail, *, came: dict[str, int], note: str) -> Outcome:
    from core.db import rows

    broken, names = house.broken_promises()
    mails = {str(r.public_id): r.state for r in rows("SELECT public_id, state FROM core_outgoingmail")}
    p95 = statistics.quantiles(trail.seconds["b"], n=20)[-1] if len(trail.seconds["b"]) > 1 else 99.0
    losses = {
        f"checkouts failed ({'; '.join(trail.failed[:3])})": len(trail.failed),
        "orders that differ from what shoppers saw": abs(number("SELECT count(*) FROM orders_order") - trail.placed),
        "mails not owed": abs(len(mails) - trail.placed),
        "mails that never came": sum(1 for key in mails if not came.get(key)),
        "mails that came twice": sum(count - 1 for count in came.values()),
        f"slow: p95 {p95:.2f} s": int(p95 > P95_S),
        f"broken promises ({names})": broken,
    }
    lost = ", ".join(f"{count} {what}" for what, count in losses.items() if count)
    told = (
        f"[{trail.placed} orders, {len(trail.seconds['b'])} of them without Redis: last button p95 {p95 * 1000:.0f} ms,"
        f" slowest page {trail.slowest['b'] * 1000:.0f} ms; {note}]"
    )
    return Outcome(
        "Redis killed and emptied while customers shop", tried=len(mails), lost=sum(losses.values()), note=f"{lost} {told}".strip()
    )
