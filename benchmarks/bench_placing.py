"""Placing a two-line order at 16 clients, in process and over HTTP, against the plain-SQL floor in the same minute."""

import json
import multiprocessing as mp
import os
import random
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks import ground
from benchmarks.figures import Figure
from benchmarks.shop import AT, CUSTOMERS, FAMILIES, PRODUCTS, BenchShop, bench_shop
from config.dev import places

_NAMES = FAMILIES.split()
CLIENTS, SECONDS = 16, 8
MOST_OF_A_CLIENT = 1_500
PROCESSES, THREADS = 2, 8
"""As the deployment page starts the web processes; each serves its share of the clients."""


def figures() -> Iterator[Figure]:
    """Statements, then each speed beside a floor measured right before it."""
    shop = bench_shop()
    yield Figure("placing: statements of a two-line order", _statements(shop), "", target=15, at_most=True)
    server = ground.cluster()
    _settle(server)
    floor = ground.floor_tps(server, "place_stmt", clients=CLIENTS)
    yield Figure("placing: two lines in process, 16 clients", _in_process(shop, together=True), "1/s", floor=floor, target=0.15)
    floor = ground.floor_tps(server, "place_stmt", clients=CLIENTS)
    yield Figure("placing: the same, each order in a transaction of its own", _in_process(shop, together=False), "1/s", floor=floor)
    floor = ground.floor_tps(server, "place_stmt", clients=CLIENTS)
    yield Figure("placing: two lines over HTTP, 16 clients", _over_http(shop), "1/s", floor=floor, target=0.10)


def _settle(server: Any) -> None:
    """What earlier cases left to the background (vacuuming, statistics, a checkpoint) is done before the clock runs."""
    from django.db import connection

    server.sql("VACUUM (ANALYZE)", database=connection.settings_dict["NAME"])
    server.sql("CHECKPOINT")


def a_draft(shop: BenchShop, chance: random.Random) -> Any:
    """An order of two articles spread over the range, by a known customer."""
    from billing.rules import PaymentMethod
    from customers.rules import PlaceOfDelivery
    from orders.rules import DraftDestination, DraftLine, OrderDraft

    first = chance.randrange(PRODUCTS)
    second = (first + 1 + chance.randrange(PRODUCTS - 1)) % PRODUCTS
    place = PlaceOfDelivery(
        family_name=chance.choice(_NAMES),
        given_name="花子",
        postal_code="101-0051",
        prefecture="東京都",
        city="千代田区",
        street="神田神保町1-1",
        phone="03-1234-5678",
    )
    return OrderDraft(
        company_id=shop.company_id,
        channel_id=shop.channel_id,
        customer_id=shop.first_customer + chance.randrange(CUSTOMERS),
        lines=tuple(DraftLine(variant_id=shop.first_variant + n, quantity=1) for n in (first, second)),
        destinations=(DraftDestination(place=place),),
        payment_method=PaymentMethod.CASH_ON_DELIVERY,
    )


def _statements(shop: BenchShop) -> int:
    """As pg_stat_statements counts them; BEGIN, COMMIT and PostgreSQL's own look-ups for foreign keys at COMMIT left out."""
    from django.db import connection

    from core.actor import SYSTEM
    from orders.operations import place_orders

    server, name = ground.cluster(), connection.settings_dict["NAME"]
    server.sql("CREATE EXTENSION IF NOT EXISTS pg_stat_statements", database=name)
    chance = random.Random(1)
    for _ in range(20):
        place_orders([a_draft(shop, chance)], actor=SYSTEM, at=AT)
    server.sql("SELECT pg_stat_statements_reset()", database=name)
    for _ in range(10):
        place_orders([a_draft(shop, chance)], actor=SYSTEM, at=AT)
    calls = server.sql(
        "SELECT sum(calls) FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = current_database()"
        " AND toplevel AND query NOT LIKE 'SELECT 1 FROM ONLY %' AND query NOT ILIKE 'BEGIN%' AND query NOT ILIKE 'COMMIT%' AND query NOT ILIKE '%pg_stat_statements%'",
        database=name,
    )
    return round(int(calls) / 10)


def _worker(shop: BenchShop, seed: int, clients: int, together: bool, bell: Any, made: Any) -> None:
    """A process as the web server runs it: what its clients order at one moment is placed together, or one after the other."""
    import django

    django.setup()
    from core.actor import SYSTEM
    from core.gathering import Gathering
    from orders.operations import place_orders
    from orders.rules import Placed

    done = [0] * clients
    stop = threading.Event()
    counter: Gathering[Any, Any] = Gathering(lambda _who, drafts: place_orders(drafts, actor=SYSTEM, at=AT), most=50 if together else 1)

    def place(chance: random.Random) -> None:
        result = counter.ask(SYSTEM, a_draft(shop, chance))
        assert isinstance(result, Placed), result

    def client(n: int) -> None:
        chance = random.Random(seed * 100 + n)
        for _ in range(20):  # every connection has its plans
            place(chance)
        bell.wait()
        while not stop.is_set():
            place(chance)
            done[n] += 1

    running = [threading.Thread(target=client, args=(n,)) for n in range(clients)]
    for thread in running:
        thread.start()
    bell.wait()
    time.sleep(SECONDS)
    stop.set()
    for thread in running:
        thread.join()
    made.put(sum(done))


def _in_process(shop: BenchShop, *, together: bool) -> float:
    context = mp.get_context("spawn")
    threads = CLIENTS // PROCESSES
    bell, made = context.Barrier(CLIENTS + PROCESSES), context.Queue()
    workers = [context.Process(target=_worker, args=(shop, seed, threads, together, bell, made)) for seed in range(PROCESSES)]
    for worker in workers:
        worker.start()
    total = sum(made.get(timeout=SECONDS + 60) for _ in workers)
    for worker in workers:
        worker.join()
    return float(total / SECONDS)


def _over_http(shop: BenchShop) -> float:
    token, customers, skus = a_partner(shop)
    with a_server() as port:
        done = [0] * CLIENTS
        stop = threading.Event()
        bell = threading.Barrier(CLIENTS + 1)

        def client(n: int) -> None:
            chance = random.Random(n)
            said = [
                a_request(token, chance.choice(customers), chance.sample(skus, 2), name=chance.choice(_NAMES))
                for _ in range(MOST_OF_A_CLIENT)
            ]
            with socket.create_connection(("127.0.0.1", port)) as line:
                reader = line.makefile("rb")
                _order(line, reader, said.pop())
                bell.wait()
                while not stop.is_set():
                    _order(line, reader, said.pop())
                    done[n] += 1

        running = [threading.Thread(target=client, args=(n,)) for n in range(CLIENTS)]
        for thread in running:
            thread.start()
        bell.wait()
        time.sleep(SECONDS)
        stop.set()
        for thread in running:
            thread.join()
        return sum(done) / SECONDS


def a_request(token: str, customer: str, skus: list[str], *, name: str = "山田") -> bytes:
    """A whole request, made before the clock runs: the client must not take the server's time."""
    body = json.dumps(
        {
            "channel": "web",
            "customer": customer,
            "lines": [{"sku": sku, "quantity": 1} for sku in skus],
            "destinations": [
                {
                    "place": {
                        "family_name": name,
                        "postal_code": "101-0051",
                        "prefecture": "東京都",
                        "city": "千代田区",
                        "street": "1-1",
                        "phone": "03-1234-5678",
                    }
                }
            ],
            "payment_method": "cash_on_delivery",
        }
    ).encode()
    head = (
        f"POST /api/v1/orders HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        f"Idempotency-Key: {uuid.uuid4()}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _order(line: socket.socket, reader: Any, request: bytes) -> None:
    line.sendall(request)
    status = reader.readline()
    length = 0
    while (header := reader.readline()) != b"\r\n":
        if header.lower().startswith(b"content-length:"):
            length = int(header.split(b":")[1])
    answer = reader.read(length)
    if b" 201 " not in status:
        raise AssertionError(f"{status!r} {answer[:400]!r}")


def a_partner(shop: BenchShop) -> tuple[str, list[str], list[str]]:
    """A partner with a token, and the public names of customers and articles."""
    from datetime import timedelta

    from django.utils import timezone
    from oauth2_provider.models import get_access_token_model, get_application_model

    from core.actor import SYSTEM
    from core.db import acting, rows

    with acting(SYSTEM):
        partner, _new = get_application_model().objects.get_or_create(
            client_id="bench",
            defaults={
                "name": "bench", "client_type": "confidential", "authorization_grant_type": "client-credentials",
                "company_id": shop.company_id, "allowed_scopes": "orders:read orders:write",
            },
        )  # fmt: skip
        token = uuid.uuid4().hex
        get_access_token_model().objects.create(
            application=partner, token=token, expires=timezone.now() + timedelta(hours=1), scope="orders:read orders:write"
        )
    customers = rows(
        "SELECT 'cus_' || replace(public_id::text, '-', '') AS id FROM customers_customer WHERE company_id = %s LIMIT 5000",
        (shop.company_id,),
    )
    skus = rows("SELECT sku FROM catalog_variant WHERE company_id = %s", (shop.company_id,))
    return token, [c.id for c in customers], [s.sku for s in skus]


@contextmanager
def a_server() -> Iterator[int]:
    """The web process as it is run for real, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "config.wsgi:application", "--host", "127.0.0.1", "--port", str(port),
        "--workers", str(PROCESSES), "--blocking-threads", str(THREADS), "--log-level", "error",
    ]  # fmt: skip
    environment = {**os.environ, "DAIFUKU_PROCESS": "web", "WEB_THREADS": str(THREADS), "LOG_LEVEL": "ERROR"}
    web = subprocess.Popen(command, cwd=places.ROOT, env=environment, stdin=subprocess.DEVNULL)
    try:
        patience = time.monotonic() + 180
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if time.monotonic() > patience or web.poll() is not None:
                    raise
                time.sleep(0.1)
        time.sleep(1)
        yield port
    finally:
        web.terminate()
        web.wait(15)
