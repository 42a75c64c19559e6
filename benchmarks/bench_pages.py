"""The shop's list of products: statements whatever its length, and pages per second of one process."""

import time
from collections.abc import Iterator

from benchmarks.figures import Figure
from benchmarks.shop import bench_shop

SECONDS = 3
PAGES = ("/products/", "/products/?q=P12", "/products/?sort=price")


def figures() -> Iterator[Figure]:
    """Statements of the page, then its speed."""
    bench_shop()
    yield Figure("list page: statements", _statements(), "", target=8, at_most=True)
    for path in PAGES:
        yield Figure(f"list page, one process: {path}", _speed(path), "1/s")


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
