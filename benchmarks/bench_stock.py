"""Stock at a million shelves and ten million movements, and one article that everybody wants."""

import io
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from benchmarks import ground, hot
from benchmarks.chain import ITEMS, LOCATIONS, Chain, chain
from benchmarks.figures import Figure
from benchmarks.history import operator
from benchmarks.shop import bench_shop

AT = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
PAGE = 48
"""Variants on a page of the shop."""
ROUNDS = 3
OPENINGS = 7


def figures() -> Iterator[Figure]:
    """The rush first, on the shop of the other cases; then the chain, in a database of its own."""
    server = ground.cluster()
    yield from _rush(server)
    with ground.a_database_of_its_own(server, "stock") as name:
        of = chain(server)
        yield from _promising(server, name, of)
        yield from _ledger(of)
        yield from _pages(of)
        yield from _promises()


def _rush(server: Any) -> Iterator[Figure]:
    """The median of three rounds beside the floor's median, floor and house taking turns."""
    shop = bench_shop()
    floors, ours = [], []
    for number in range(1, ROUNDS + 1):
        ground.settle(server)
        floors.append(hot.in_plain_sql(server))
        ours.append(hot.through_the_api(shop, round_number=number))
    floor = statistics.median(rush.per_second for rush in floors)
    yield Figure("hot SKU: attempts over the order API, 16 clients", statistics.median(r.per_second for r in ours), "1/s", floor, 0.30)
    yield Figure("hot SKU: seconds for 2,000 attempts", statistics.median(r.seconds for r in ours), "s")
    yield Figure("hot SKU: slowest 5 % of the answers from", max(r.p95_ms for r in ours), "ms")
    yield Figure("hot SKU: units sold more or fewer than 500", max(abs(r.sold - hot.UNITS) for r in ours), "", target=0, at_most=True)
    yield Figure("hot SKU: answers neither 201 nor 422", max(r.failed for r in ours), "", target=0, at_most=True)
    yield Figure("hot SKU: statements of a refusal inside the operation", _statements_of_a_refusal(shop), "", target=3, at_most=True)


def _statements_of_a_refusal(shop: Any) -> int:
    """Of ``place_orders`` in a running process, with the setting of the actor; BEGIN and COMMIT left out."""
    from dataclasses import replace

    from benchmarks.bench_placing import a_draft
    from core.actor import SYSTEM
    from orders.operations import place_orders
    from orders.rules import DraftLine, Refused

    draft = replace(a_draft(shop, random.Random(1)), lines=(DraftLine(sku="S4500", quantity=1),))
    hot.stock_up(shop, "S4500", 0)
    (first,) = place_orders([draft], actor=SYSTEM, at=AT)
    with _statements() as spent:
        (result,) = place_orders([draft], actor=SYSTEM, at=AT)
    hot.stock_up(shop, "S4500", hot.PLENTY)
    assert isinstance(first, Refused)
    assert isinstance(result, Refused)
    assert result.code == "inventory.out_of_stock", result
    return len(spent)


@contextmanager
def _statements() -> Iterator[list[str]]:
    """What was said to the database meanwhile, without BEGIN and COMMIT."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    spent: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield spent
    spent += [q["sql"] for q in captured.captured_queries if not q["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))]


def _promising(server: Any, name: str, of: Chain) -> Iterator[Figure]:
    from core.actor import SYSTEM
    from core.db import rows
    from core.ids import new_id
    from inventory.operations import allocate
    from inventory.queries import atp, supply_for
    from inventory.rules import Demand

    chance = random.Random(1)
    counted = rows("SELECT (SELECT count(*) FROM inventory_stock) AS shelves, (SELECT count(*) FROM inventory_movement) AS movements")[0]
    yield Figure("stock rows", counted.shelves, "", target=1_000_000)
    yield Figure("movements", counted.movements, "", target=10_000_000)

    def page() -> None:
        atp([of.first_variant + n for n in chance.sample(range(ITEMS), PAGE)], channel_id=of.channel_id, at=datetime.now(UTC))

    page()
    with _statements() as spent:
        page()
    yield Figure(f"ATP of {PAGE} variants at {LOCATIONS} locations: statements", len(spent), "", target=1, at_most=True)
    yield Figure(
        f"ATP of {PAGE} variants: in the database", _in_the_database(server, name, page, "MATERIALIZED"), "ms", target=5, at_most=True
    )

    def two_lines() -> None:
        first, second = chance.sample(range(ITEMS), 2)
        demands = [Demand(order_key=1, demand_id=new_id(), variant_id=of.first_variant + n, quantity=1) for n in (first, second)]
        keys = {"company_id": of.company_id, "channel_id": of.channel_id}
        result = allocate(demands, supply=supply_for([d.variant_id for d in demands], **keys, at=AT), **keys, actor=SYSTEM, at=AT)
        assert isinstance(result[1], list), result

    two_lines()
    most = 0
    for _n in range(50):
        with _statements() as spent:
            two_lines()
        most = max(most, len(spent))
    yield Figure("allocation of a two-line order: statements, most of 50", most, "", target=4, at_most=True)
    yield Figure("allocation of a two-line order", _median_ms(two_lines, 50), "ms")


def _in_the_database(server: Any, name: str, page: Callable[[], None], word: str) -> float:
    """Mean time of planning and running as the server itself counts it, over 100 pages."""
    server.sql("CREATE EXTENSION IF NOT EXISTS pg_stat_statements", database=name)
    for _n in range(20):
        page()
    server.sql("SELECT pg_stat_statements_reset()", database=name)
    for _n in range(100):
        page()
    return float(
        server.sql(
            "SELECT mean_exec_time + mean_plan_time FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid"
            f" WHERE d.datname = current_database() AND query LIKE '%{word}%' ORDER BY total_exec_time DESC LIMIT 1",
            database=name,
        )
    )


def _ledger(of: Chain) -> Iterator[Figure]:
    from core.actor import SYSTEM
    from core.ids import new_id
    from inventory.operations import receive_stock
    from inventory.queries import movement_page, stock_page
    from inventory.rules import Receipt

    chance = random.Random(2)

    def receive() -> None:
        receipts = [
            Receipt(
                stock_item_id=of.first_item + chance.randrange(ITEMS),
                location_id=of.first_location + chance.randrange(LOCATIONS),
                quantity=1,
                once_key=f"bench:{new_id().hex}",
                cause="bench",
            )
            for _n in range(200)
        ]
        receive_stock(receipts, company_id=of.company_id, actor=SYSTEM, at=AT)

    yield Figure("receipts of 200 lines at 10,000,000 movements: lines", 200_000 / _median_ms(receive, 10), "1/s")
    code, place = f"C{chance.randrange(ITEMS) + 1}", f"L{chance.randrange(LOCATIONS) + 1}"
    asked: dict[str, dict[str, Any]] = {
        "a shelf": {"item": code, "location": place}, "an item": {"item": code}, "a location": {"location": place}, "the company": {},
        "a location, deep": {"location": place, "before_id": 5_000_000},
    }  # fmt: skip
    for words, given in asked.items():
        took = _median_ms(lambda given=given: movement_page(of.company_id, limit=51, **given), 9)  # type: ignore[misc]
        yield Figure(f"ledger page of {words}", took, "ms", target=50, at_most=True)
    yield Figure(
        "stock page of a location",
        _median_ms(lambda: stock_page(of.company_id, limit=51, location=place), 9),
        "ms",
        target=50,
        at_most=True,
    )


def _pages(of: Chain) -> Iterator[Figure]:
    """Pages of the back office, as a member of staff opens them: the whole answer, in one process."""
    desk = operator()
    pages = {
        "stock matrix": ("/admin/inventory/stockitem/", 300),
        "stock matrix, searched": ("/admin/inventory/stockitem/?q=C123", 300),
        "shelves": ("/admin/inventory/stock/", 300),
        "low stock": ("/admin/inventory/stock/?level=low", 300),
        "a shelf with its movements": (f"/admin/inventory/stock/{of.first_stock + 4_321}/change/", 300),
        "movements of a shelf": (f"/admin/inventory/movement/?stock__id__exact={of.first_stock + 4_321}", 300),
        "movements of a location": (f"/admin/inventory/movement/?location__id__exact={of.first_location + 7}", 300),
    }
    for words, (path, most) in pages.items():
        with _statements() as spent:
            assert desk.get(path).status_code == 200, path
        yield Figure(f"page: {words}", _median_ms(lambda path=path: desk.get(path), OPENINGS), "ms", target=most, at_most=True)  # type: ignore[misc]
        yield Figure(f"page: {words}: statements", len(spent), "")


def _promises() -> Iterator[Figure]:
    from django.core.management import CommandError, call_command

    told = io.StringIO()
    began = time.perf_counter()
    try:
        call_command("check_invariants", only="inventory", stdout=told, no_color=True)
    except CommandError as error:
        told.write(str(error))
    seconds = time.perf_counter() - began
    print(told.getvalue())
    broken = told.getvalue().count("BROKEN") + told.getvalue().count("ERROR")
    yield Figure("check_invariants of stock", seconds, "s", target=60, at_most=True)
    yield Figure("check_invariants of stock: broken promises", broken, "", target=0, at_most=True)
    began = time.perf_counter()
    call_command("recount_stock", stdout=told, no_color=True)
    yield Figure("recount_stock, which reports", time.perf_counter() - began, "s")


def _median_ms(do: Callable[[], Any], times: int) -> float:
    took = []
    for _n in range(times):
        began = time.perf_counter()
        do()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)
