"""10,000 due renewals of two articles become orders, against the floor's one statement on the same server in the same minute."""

import ast
import multiprocessing as mp
import statistics
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from benchmarks import ground
from benchmarks.figures import Figure
from benchmarks.shop import AT, BenchShop, bench_shop

DUE = 10_000
ROUNDS = 3
PROCESSES = 2
"""As many as the machine has cores: the server works on the one what the generator prepares on the other."""
FIRST_ON = date(2026, 12, 1)

# Contracts as they stand after their first delivery: two articles spread over the range, the second delivery planned.
_FILL = f"""
UPDATE catalog_variant SET purchase_types = 'normal,subscription' WHERE company_id = {{company}};
INSERT INTO subscriptions_plan (company_id, code, name, intervals, default_interval) VALUES ({{company}}, 'bench', 'Bench', '1m', '1m');
INSERT INTO subscriptions_subscription (company_id, number, customer_id, channel_id, plan_id, interval, anchor_on, anchor_number, currency,
    payment_method, family_name, given_name, postal_code, prefecture, city, street, phone, first_order_id, first_line_ref, started_at)
SELECT {{company}}, 'B' || n, {{customer}} + n, {{channel}}, p.id, '1m', '{FIRST_ON + timedelta(days=3)}', 2, 'JPY', 'cash_on_delivery', '山田', '花子',
    '101-0051', '東京都', '千代田区', '神田神保町1-1', '03-1234-5678', 0, gen_random_uuid(), '2026-11-01'
FROM generate_series(1, {DUE}) n, subscriptions_plan p WHERE p.company_id = {{company}};
INSERT INTO subscriptions_subscriptionitem (subscription_id, position, variant_id, quantity)
SELECT s.id, k + 1, {{variant}} + (s.id * 7 + k * 13) % 10000, 1 FROM subscriptions_subscription s, generate_series(0, 1) k
WHERE s.company_id = {{company}};
INSERT INTO subscriptions_cycle (subscription_id, number, delivery, planned_on, due_on)
SELECT id, 2, 2, '{FIRST_ON + timedelta(days=3)}', '{FIRST_ON}' FROM subscriptions_subscription WHERE company_id = {{company}};
"""


def figures() -> Iterator[Figure]:
    """The median of three runs by two generators beside the floor's median, and one generator alone."""
    shop = bench_shop()
    server = ground.cluster()
    _fill(shop)
    floor = _floor(server)
    speeds = []
    for _round in range(ROUNDS):
        _settle(server)
        speeds.append(_generated(_due_on(), processes=PROCESSES))
    yield Figure("renewals: 10,000 in chunks, two generators", statistics.median(speeds), "1/s", floor=floor, target=0.10)
    _settle(server)
    yield Figure("renewals: 10,000 in chunks, one generator", _generated(_due_on(), processes=1), "1/s", floor=_floor(server))


def _due_on() -> date:
    """The day on which the next delivery of every contract is due."""
    from core.db import rows

    on: date = rows("SELECT min(due_on) AS on FROM subscriptions_cycle")[0].on
    return on


def _fill(shop: BenchShop) -> None:
    from django.db import connection

    from core.actor import SYSTEM
    from core.db import acting, rows

    if rows("SELECT 1 AS known FROM subscriptions_subscription LIMIT 1"):
        return
    given = {"company": shop.company_id, "channel": shop.channel_id, "customer": shop.first_customer, "variant": shop.first_variant}
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute(_FILL.format(**given))


def _settle(server: Any) -> None:
    """What earlier runs left to the background is done before the clock runs."""
    from django.db import connection

    server.sql("VACUUM (ANALYZE)", database=connection.settings_dict["NAME"])
    server.sql("CHECKPOINT")


def _generator(on: date, at: datetime, most: int, bell: Any, made: Any) -> None:
    """A worker as Celery runs it."""
    import django

    django.setup()
    from core.actor import SYSTEM
    from core.db import rows
    from subscriptions.operations import generate_due

    rows("SELECT 1 AS awake")
    bell.wait()
    result = generate_due(on=on, most=most, actor=SYSTEM, at=at)
    made.put((result.orders, result.failed))


def _generated(on: date, *, processes: int) -> float:
    """Orders per second of so many generators that start together, until nothing is due."""
    context = mp.get_context("spawn")
    bell, made = context.Barrier(processes + 1), context.Queue()
    at = AT + (on - AT.date())
    workers = [context.Process(target=_generator, args=(on, at, DUE, bell, made)) for _n in range(processes)]
    for worker in workers:
        worker.start()
    bell.wait()
    began = time.perf_counter()
    results = [made.get(timeout=600) for _worker in workers]
    took = time.perf_counter() - began
    for worker in workers:
        worker.join()
    assert (sum(orders for orders, _failed in results), sum(failed for _orders, failed in results)) == (DUE, 0), results
    return DUE / took


def _floor(server: Any) -> float:
    """Renewals per second of the one statement in `floor/g.py`, on the tables of `floor/g_setup.sql` that it needs."""
    import psycopg

    statement = _of_the_floor("SUBS")
    with psycopg.connect(ground.floor_dsn(server), autocommit=True) as floor:
        script = (ground.FLOOR_FILES / "g_setup.sql").read_text().splitlines()
        for part in "\n".join(line for line in script if not line.startswith(("--", "DROP"))).split(";"):
            if "g_sub" in part and _missing(floor, part):
                floor.execute(part.encode())
        times = []
        for _round in range(ROUNDS):
            floor.execute("UPDATE g_sub SET next_at = current_date")
            floor.execute("VACUUM ANALYZE g_sub")  # else it is planned as if nothing were due, and never ends
            floor.execute("VACUUM stock")
            floor.execute("CHECKPOINT")
            began = time.perf_counter()
            floor.execute(statement.encode())
            times.append(time.perf_counter() - began)
    return DUE / statistics.median(times)


def _missing(floor: Any, part: str) -> bool:
    """Whether a statement of the set-up has not been run yet: it makes something new only the first time."""
    if "VACUUM" in part:
        return True  # statistics are always fresh
    table = "g_sub_line" if "g_sub_line" in part else "g_sub"
    if "CREATE TABLE" in part:
        return floor.execute(f"SELECT to_regclass('{table}')").fetchone()[0] is None
    if "INSERT" in part:
        return not floor.execute(f"SELECT EXISTS (SELECT FROM {table})").fetchone()[0]
    return not floor.execute("SELECT EXISTS (SELECT FROM pg_indexes WHERE tablename = 'g_sub' AND indexname <> 'g_sub_pkey')").fetchone()[0]


def _of_the_floor(name: str) -> str:
    """A constant of `floor/g.py`, read without running it."""
    tree = ast.parse((ground.FLOOR_FILES / "g.py").read_text())
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
            return str(ast.literal_eval(node.value))
    raise LookupError(name)
