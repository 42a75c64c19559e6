"""kill -9 of the sender of webhooks while it posts: every message arrives, each under one id; a partner that hangs delays nobody.

The window: a partner has had a message and the sender dies before it has noted so. Nobody can ask. The message goes again under
the same id when its lease has run out, and the partner drops it.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from faults.house import House, a_house, kill, number, until
from faults.outcome import Outcome

ORDERS, PARTNERS, KILLS, HANGS_S, ANSWER_AFTER_S = 120, 4, 3, 30, 0.02
LAG_S = 5.0


class Partners:
    """One server for all: /0 hangs, /1 fails each message three times, the others answer. Remembers what it was sent."""

    def __init__(self) -> None:
        self.came: dict[str, Counter[str]] = {}
        self.bodies: dict[str, set[bytes]] = {}
        self.lock = threading.Lock()
        self.port = 0

    def take(self, path: str, message_id: str, body: bytes) -> int:
        with self.lock:
            self.bodies.setdefault(message_id, set()).add(body)
            count = self.came.setdefault(path, Counter())
            count[message_id] += 1
            tries = count[message_id]
        time.sleep(HANGS_S if path == "/0" else ANSWER_AFTER_S)
        return 500 if path == "/1" and tries <= 3 else 200

    def had(self, path: str) -> int:
        with self.lock:
            return len(self.came.get(path, ()))


@contextmanager
def partners_at_work() -> Iterator[Partners]:
    partners = Partners()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = partners.take(self.path, self.headers["webhook-id"], body)
            try:
                self.send_response(status)
                self.end_headers()
            except OSError:
                pass

        def log_message(self, *_said: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    partners.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    try:
        yield partners
    finally:
        server.shutdown()
        server.server_close()


def outcomes() -> Iterator[Outcome]:
    """Events for four partners; the sender dies again and again; then one more round with nobody dying, for the lag."""
    with partners_at_work() as partners, a_house("webhooks_killed") as house:
        company = _endpoints(partners)
        house.relay()
        _announce(company, range(ORDERS))
        until(lambda: number("SELECT count(*) FROM core_webhookmessage") == ORDERS * PARTNERS, within_s=60, what="messages stand")
        for round_no in range(1, KILLS + 1):
            sender = house.webhooks()
            floor = partners.had("/2") + ORDERS // (KILLS + 1)
            _keep_nudging(lambda floor=floor: partners.had("/2") >= floor, within_s=40, what=f"messages go out, round {round_no}")  # type: ignore[misc]
            kill(sender)
            _leases_run_out(house)
        house.webhooks()
        _keep_nudging(lambda: _open_but_hanging(house) == 0, within_s=120, what="everything but the hanging partner's arrives", hurry=house)
        yield _judged(house, partners)
        yield _lag(company, house)


def _endpoints(partners: Partners) -> int:
    from core.actor import SYSTEM
    from core.operations import NewEndpoint, open_webhook_endpoints
    from tests.factories.core import a_company

    company = int(a_company().pk)
    asks = [
        NewEndpoint(company_id=company, url=f"http://127.0.0.1:{partners.port}/{n}", types=["stocktake.closed"]) for n in range(PARTNERS)
    ]
    assert len([one for one in open_webhook_endpoints(asks, actor=SYSTEM) if hasattr(one, "secret")]) == PARTNERS
    return company


def _announce(company: int, numbers: range) -> None:
    """Counts that were approved, each with its row, so that the event can be told."""
    from core.actor import SYSTEM
    from core.clock import now
    from core.db import operation
    from core.outbox import announce
    from inventory.events import StocktakeClosed
    from inventory.models import Location, Stocktake

    @operation
    def close(*, actor: Any) -> None:
        place, _made = Location.objects.get_or_create(company_id=company, code="F", defaults={"name": "F", "kind": "warehouse"})
        for n in numbers:
            row = Stocktake.objects.create(company_id=company, location=place, number=f"F-{n}", name=f"F-{n}", started_at=now())
            announce(
                StocktakeClosed(
                    company_id=company, location_id=place.pk, stocktake_id=row.pk, number=row.number, differences=0, quantity=0, value=0,
                    at=now(),
                )
            )  # fmt: skip

    close(actor=SYSTEM)


def _keep_nudging(condition: Any, *, within_s: float, what: str, hurry: House | None = None) -> None:
    """What beat does every two seconds, a little more often; ``hurry`` makes what waits for its next try due."""
    from config.celery import app

    def nudged() -> bool:
        app.send_task("core.send_webhooks", expires=4)
        if hurry is not None:
            hurry.cluster.sql("UPDATE core_webhookmessage SET due_at = clock_timestamp() WHERE state = 'queued'", database=hurry.database)
        return bool(condition())

    until(nudged, within_s=within_s, what=what, every_s=0.5)


def _leases_run_out(house: House) -> None:
    """Time passes for the dead one's leases; nothing else is touched."""
    late = "UPDATE core_webhookmessage SET lease_until_at = clock_timestamp() - interval '1 second' WHERE state = 'sending'"
    house.cluster.sql(late, database=house.database)


def _open_but_hanging(house: House) -> int:
    return number(
        "SELECT count(*) FROM core_webhookmessage m JOIN core_webhookendpoint e ON e.id = m.endpoint_id"
        " WHERE m.state <> 'delivered' AND e.url NOT LIKE '%%/0'"
    )


def _judged(house: House, partners: Partners) -> Outcome:
    broken, names = house.broken_promises()
    lost = {
        "messages that never came": sum(max(0, ORDERS - partners.had(f"/{n}")) for n in range(1, PARTNERS)),
        "events under two ids": sum(max(0, partners.had(f"/{n}") - ORDERS) for n in range(1, PARTNERS)),
        "bodies that changed between tries": sum(len(bodies) - 1 for bodies in partners.bodies.values()),
        "ids in body and header that differ": sum(json.loads(next(iter(b)))["id"] != one for one, b in partners.bodies.items()),
        f"broken promises ({names})": broken,
    }
    again = sum(count - 1 for count in partners.came["/2"].values())
    note = ", ".join(f"{count} {what}" for what, count in lost.items() if count)
    told = f"[{KILLS} kills; {again} of {ORDERS} sent again to one that answers, under the same id]"
    return Outcome("webhooks' sender killed", tried=ORDERS * (PARTNERS - 1), lost=sum(lost.values()), note=f"{note} {told}".strip())


def _lag(company: int, house: House) -> Outcome:
    """Fresh events while the first partner still hangs: how long the quick ones waited."""
    _announce(company, range(ORDERS, ORDERS + 20))
    quick = "m.endpoint_id IN (SELECT id FROM core_webhookendpoint WHERE url NOT LIKE '%%/0' AND url NOT LIKE '%%/1')"
    fresh = f"SELECT count(*) FROM core_webhookmessage m WHERE {quick} AND m.state = 'delivered'"
    _keep_nudging(lambda: number(fresh) == (ORDERS + 20) * (PARTNERS - 2), within_s=60, what="fresh events arrive beside one that hangs")
    p95 = number(
        "SELECT (1000 * percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM m.delivered_at - v.recorded_at)))::int"
        f" FROM core_webhookmessage m JOIN core_outboxevent v ON v.id = m.event_id WHERE {quick} AND v.payload ->> 'number' >= 'F-{ORDERS}'"
        " AND length(v.payload ->> 'number') = 5"
    )
    late = int(p95 > LAG_S * 1000)
    return Outcome("one partner hangs, the others are told in time", tried=20 * (PARTNERS - 2), lost=late, note=f"[p95 {p95} ms]")
