"""The shop's list of products and the operator's page of a customer: statements whatever the length, and pages per second of one process."""

import time
from collections.abc import Iterator
from typing import Any

from benchmarks.figures import Figure
from benchmarks.history import customer_with, operator
from benchmarks.shop import bench_shop

SECONDS = 3
HISTORIES = (1, 500)
PAGES = ("/products/", "/products/?q=P12", "/products/?sort=price")


def figures() -> Iterator[Figure]:
    """Statements of the page, then its speed."""
    shop = bench_shop()
    yield Figure("list page: statements", _statements(), "", target=8, at_most=True)
    for path in PAGES:
        yield Figure(f"list page, one process: {path}", _speed(path), "1/s")
    desk = operator()
    for size in HISTORIES:
        page = f"/admin/customers/customer/{customer_with(shop, size)}/change/"
        yield Figure(f"customer's page, {size} of everything: statements", _statements_of(desk, page), "", target=15, at_most=True)
        yield Figure(f"customer's page, {size} of everything, one process", _speed_of(desk, page), "1/s")


def _get(path: str) -> None:
    from django.test import Client

    response = Client(headers={"host": "bench.localhost"}).get(path)
    assert response.status_code == 200, response
    assert b'class="card"' in response.content


def _statements() -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    most = 0
    for path in PAGES:
        _get(path)
        with CaptureQueriesContext(connection) as spent:
            _get(path)
        most = max(most, len(spent))
    return most


def _speed(path: str) -> float:
    made, until = 0, time.monotonic() + SECONDS
    while time.monotonic() < until:
        _get(path)
        made += 1
    return made / SECONDS


def _statements_of(desk: Any, page: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    assert desk.get(page).status_code == 200
    with CaptureQueriesContext(connection) as spent:
        assert b"house-story" in desk.get(page).content
    return len(spent)


def _speed_of(desk: Any, page: str) -> float:
    made, until = 0, time.monotonic() + SECONDS
    while time.monotonic() < until:
        assert desk.get(page).status_code == 200
        made += 1
    return made / SECONDS
