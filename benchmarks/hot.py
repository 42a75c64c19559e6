"""One article, 500 units, 2,000 attempts at 16 clients: through the order API, and in plain SQL as `floor/hot.py` does it."""

import ast
import json
import multiprocessing as mp
import random
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from benchmarks import ground
from benchmarks.bench_placing import a_partner, a_request, a_server
from benchmarks.shop import BenchShop

UNITS, ATTEMPTS, CLIENTS = 500, 2_000, 16
PLENTY = 100_000_000


@dataclass(frozen=True)
class Rush:
    """What a rush came to."""

    seconds: float
    sold: int
    refused: int
    failed: int
    p95_ms: float

    @property
    def per_second(self) -> float:
        return ATTEMPTS / self.seconds


def through_the_api(shop: BenchShop, *, round_number: int) -> Rush:
    """The web process as deployed, a new article every round; a client waits for each answer before it asks again."""
    sku = f"S{4_000 + round_number}"
    stock_up(shop, sku, UNITS)
    before = _sold(sku)
    token, customers, _skus = a_partner(shop)
    chance = random.Random(round_number)
    said = [a_request(token, chance.choice(customers), [sku]) for _ in range(ATTEMPTS)]
    warm = [a_request(token, chance.choice(customers), [f"S{n}"]) for n in range(1, CLIENTS + 1)]
    answers: Counter[int] = Counter()
    waits: list[float] = []
    with a_server() as port:
        bell = threading.Barrier(CLIENTS + 1, timeout=180)  # whoever breaks lets nobody wait for ever

        def client(n: int) -> None:
            with socket.create_connection(("127.0.0.1", port)) as line:
                reader = line.makefile("rb")
                _status(line, reader, warm[n])
                bell.wait()
                while said:
                    try:
                        request = said.pop()
                    except IndexError:
                        break
                    began = time.perf_counter()
                    answers[_status(line, reader, request)] += 1
                    waits.append(time.perf_counter() - began)

        running = [threading.Thread(target=client, args=(n,)) for n in range(CLIENTS)]
        for thread in running:
            thread.start()
        bell.wait()
        began = time.perf_counter()
        for thread in running:
            thread.join()
        seconds = time.perf_counter() - began
    sold = _sold(sku) - before
    stock_up(shop, sku, PLENTY)
    failed = ATTEMPTS - answers[201] - answers[422]
    return Rush(seconds, sold, answers[422], failed, sorted(waits)[int(len(waits) * 0.95)] * 1000)


def stock_up(shop: BenchShop, sku: str, units: int) -> None:
    """So many free units of the article lie in one place, none elsewhere."""
    from django.db import connection

    from core.actor import SYSTEM
    from core.db import acting

    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE inventory_stock s SET on_hand = s.allocated + s.reserved + n.free, sellable = s.allocated + s.reserved + n.free"
            " FROM inventory_stockitem i, inventory_location l, LATERAL (SELECT CASE WHEN l.code = 'wh1' THEN %s ELSE 0 END AS free) n"
            " WHERE i.id = s.stock_item_id AND l.id = s.location_id AND i.company_id = %s AND i.code = %s",
            [units, shop.company_id, sku],
        )


def _sold(sku: str) -> int:
    """Units in order lines: what was really promised, whatever the answers said."""
    from core.db import rows

    return int(rows("SELECT coalesce(sum(quantity), 0) AS n FROM orders_line WHERE sku = %s", (sku,))[0].n)


def _status(line: socket.socket, reader: Any, request: bytes) -> int:
    line.sendall(request)
    status, length = int(reader.readline().split()[1]), 0
    while (header := reader.readline()) != b"\r\n":
        if header.lower().startswith(b"content-length:"):
            length = int(header.split(b":")[1])
    body = reader.read(length)
    if status == 422 and json.loads(body)["code"] != "inventory.out_of_stock":
        raise AssertionError(body[:400])
    return status


def in_plain_sql(server: Any) -> Rush:
    """The floor's own attempt, statement by statement, as `floor/hot.py` has it: 16 connections in two processes."""
    import psycopg

    dsn = ground.floor_dsn(server)
    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute("INSERT INTO product(id,sku,slug,title,descr,price) VALUES(10001,'HOT','hot','Hot','x',10) ON CONFLICT DO NOTHING")
        db.execute("INSERT INTO stock VALUES(10001,1,500,0) ON CONFLICT DO NOTHING")
        db.execute("UPDATE stock SET on_hand=500,allocated=0 WHERE product_id=10001")
        before = db.execute("SELECT count(*) FROM line WHERE product_id=10001").fetchone()
    context = mp.get_context("spawn")
    left, bell, told = context.Value("i", ATTEMPTS), context.Barrier(CLIENTS + 1), context.Queue()
    workers = [context.Process(target=_floor_worker, args=(dsn, left, bell, told)) for _ in range(2)]
    for worker in workers:
        worker.start()
    bell.wait()
    began = time.perf_counter()
    results = [told.get(timeout=120) for _ in range(ATTEMPTS)]
    seconds = time.perf_counter() - began
    for worker in workers:
        worker.join()
    with psycopg.connect(dsn) as db:
        after = db.execute("SELECT count(*) FROM line WHERE product_id=10001").fetchone()
    assert before is not None
    assert after is not None
    served = sum(ok for ok, _seconds in results)
    p95 = sorted(seconds for _ok, seconds in results)[int(ATTEMPTS * 0.95)] * 1000
    return Rush(seconds, after[0] - before[0], ATTEMPTS - served, 0, p95)


def _floor_worker(dsn: str, left: Any, bell: Any, told: Any) -> None:
    """Half of the floor's clients, running the floor's own functions."""
    import psycopg

    tree = ast.parse((ground.FLOOR_FILES / "hot.py").read_text())
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    names: dict[str, Any] = {"psycopg": psycopg, "random": random, "threading": threading, "time": time, "DSN": dsn}
    exec(compile(tree, "floor/hot.py", "exec"), names)
    names["work"]("stmt", left, told, bell)
