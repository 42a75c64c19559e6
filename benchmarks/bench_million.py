"""The order desk at a million orders: placing no slower than at ten thousand, and any fragment found in one box."""

import random
import statistics
import time
from collections.abc import Iterator
from typing import Any

from benchmarks import ground, million
from benchmarks.bench_placing import CLIENTS, _in_process, _over_http
from benchmarks.figures import Figure
from benchmarks.history import operator
from benchmarks.shop import BenchShop, bench_shop

SEARCHES = 60
"""Of every kind of fragment."""
TURNS = 3


def figures() -> Iterator[Figure]:
    """In two databases of their own: one of ten thousand orders, one of a million."""
    server = ground.cluster()
    with ground.a_database_of_its_own(server, "few", fresh=True):
        million.place_some(bench_shop())
        ground.settle(server)
        yield from _placing(server, bench_shop(), "10,000")
    with ground.a_database_of_its_own(server, "million") as name:
        shop = bench_shop()
        million.place_some(shop)
        if _count() < million.PLACED * million.COPIES:
            million.multiply(server, name)
        ground.settle(server)
        _searches(shop, random.Random(4))  # a shop that is open has read its indexes before
        yield from _boxes(_searches(shop, random.Random(3)))
        yield from _pages()
        yield from _placing(server, shop, "1,000,000")
        floor = ground.floor_tps(server, "place_stmt", clients=CLIENTS)
        yield Figure("placing: over HTTP at 1,000,000 orders", _over_http(shop), "1/s", floor=floor, target=0.15)
    few, many = _side_by_side(server)
    yield Figure("placing: at 1,000,000 orders beside 10,000 (as floor), turn by turn", many, "1/s", floor=few, target=0.9)


def _placing(server: Any, shop: BenchShop, orders: str) -> Iterator[Figure]:
    floor = ground.floor_tps(server, "place_stmt", clients=CLIENTS)
    yield Figure(f"placing: in process at {orders} orders", _in_process(shop, together=True), "1/s", floor=floor, target=0.25)


def _side_by_side(server: Any) -> tuple[float, float]:
    """Orders a second with few and with many in the table, medians of turns: what else the machine does meets both alike.

    The first turns are not counted: after a checkpoint every page goes whole into the log once, which a shop at work has behind it most of the time.
    """
    server.sql("CHECKPOINT")
    taken: dict[str, list[float]] = {"few": [], "million": []}
    for _ in range(TURNS + TURNS):
        for kind, rates in taken.items():
            with ground.a_database_of_its_own(server, kind):
                rates.append(_in_process(bench_shop(), together=True))
    few, many = (statistics.median(rates[TURNS:]) for rates in taken.values())
    return few, many


def _count() -> int:
    from core.db import rows

    return int(rows("SELECT count(*) AS n FROM orders_order")[0].n)


def _searches(shop: BenchShop, chance: random.Random) -> dict[str, list[float]]:
    """What the application takes from the typed text to the rows of a list, in milliseconds, kind by kind."""
    return {kind: [_search(shop, fragment) for fragment in fragments] for kind, fragments in _fragments(chance).items()}


def _boxes(taken: dict[str, list[float]]) -> Iterator[Figure]:
    for kind, own in taken.items():
        yield Figure(f"one box, {kind}: p50 (p95 {_p95(own):.1f})", statistics.median(own), "ms")
    everything = [one for own in taken.values() for one in own]
    yield Figure("one box, any fragment: p50", statistics.median(everything), "ms", target=6, at_most=True)
    yield Figure("one box, any fragment: p95", _p95(everything), "ms", target=20, at_most=True)


def _p95(taken: list[float]) -> float:
    return sorted(taken)[int(len(taken) * 0.95)]


def _search(shop: BenchShop, fragment: str) -> float:
    from orders.queries import Sight, find_orders, order_rows

    began = time.perf_counter()
    found = find_orders([shop.company_id], fragment)
    order_rows(Sight.of_company(shop.company_id), limit=50, among=found)
    return (time.perf_counter() - began) * 1_000


def _fragments(chance: random.Random) -> dict[str, list[str]]:
    """What people type, cut out of orders that are there; and what is not there."""
    from core.db import rows

    known = [
        row.words.split(" ")
        for row in rows("SELECT words FROM orders_orderwords TABLESAMPLE SYSTEM (0.3) LIMIT 2000")
        if row.words.count(" ") == 4
    ]

    def some(cut: Any) -> list[str]:
        return [cut(*chance.choice(known)) for _ in range(SEARCHES)]

    def inside(word: str, length: int) -> str:
        start = chance.randrange(max(1, len(word) - length))
        return word[start : start + length]

    return {
        "a family name": some(lambda _no, name, *_: name[:2]),
        "a whole name": some(lambda _no, name, *_: name),
        "a letter of a name": some(lambda _no, name, *_: name[:1]),
        "half a reading": some(lambda _no, _name, kana, *_: kana[:3]),
        "a common name": [chance.choice(("佐藤", "鈴木", "高橋", "タナカ", "伊藤")) for _ in range(SEARCHES)],
        "part of a mail address": some(lambda _no, _name, _kana, mail, _phone: inside(mail.split("@")[0], 4)),
        "a mail address": some(lambda _no, _name, _kana, mail, _phone: mail),
        "the last four figures of a phone": some(lambda *words: words[-1][-4:]),
        "a phone with dashes": some(lambda *words: f"{words[-1][:3]}-{words[-1][3:7]}-{words[-1][7:]}"),
        "half a phone": some(lambda *words: words[-1][:6]),
        "an order number": some(lambda number, *_: number),
        "part of an order number": some(lambda number, *_: inside(number, 5)),
        "name and figures": some(lambda _no, name, _kana, _mail, phone: f"{name[:2]} {phone[-4:]}"),
        "what is not there": [
            "".join(chance.choice("abcdefghjkqxz0123456789") for _ in range(chance.randint(3, 7))) for _ in range(SEARCHES)
        ],
    }


def _pages() -> Iterator[Figure]:
    """The back office's list of orders, and searched."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    desk = operator()
    for what, path in (("list", "/admin/orders/order/"), ("searched for 佐藤", "/admin/orders/order/?q=佐藤")):
        assert desk.get(path).status_code == 200
        with CaptureQueriesContext(connection) as spent:
            assert desk.get(path).status_code == 200
        yield Figure(f"orders, {what}: statements", len(spent), "", target=12, at_most=True)
        taken = []
        for _ in range(7):
            began = time.perf_counter()
            desk.get(path)
            taken.append((time.perf_counter() - began) * 1_000)
        yield Figure(f"orders, {what}: opens in", statistics.median(taken), "ms")
