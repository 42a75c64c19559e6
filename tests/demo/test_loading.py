"""The demo company loads whole, by operations, and keeps every promise of the house."""

from datetime import UTC, datetime
from time import monotonic

import pytest

from config.demo.drawings import MOST_BYTES, drawing
from config.demo.loading import is_loaded, load_demo
from config.demo.shelves import ALL
from core.db import rows
from core.hooks import INVARIANTS

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


@pytest.mark.parametrize("goods", ALL, ids=lambda goods: goods.code)
def test_every_drawing_is_small_and_says_what_it_shows(goods):
    svg = drawing(goods.look)

    assert len(svg.encode()) <= MOST_BYTES
    assert f"<title>{goods.look.alt}</title>" in svg


@pytest.mark.django_db
def test_the_demo_company_loads_and_keeps_every_promise():
    assert not is_loaded()
    began = monotonic()

    lines = load_demo(now=NOW, say=lambda step: print(step, round(monotonic() - began, 1)), share=lambda done, total: None)
    print("done", round(monotonic() - began, 1))

    assert is_loaded()
    assert any("koyomi-demo" in line for line in lines)
    statuses = dict(
        tuple(row)
        for row in rows(
            "SELECT status || '/' || payment_status || '/' || fulfilment_status AS s, count(*) AS n FROM orders_order GROUP BY 1"
        )
    )
    print(statuses)
    assert sum(statuses.values()) >= 55
    promises = [promise for source in INVARIANTS.all() for promise in source.invariants()]
    broken = {promise.name: rows(promise.sql, {"company": None}, prepare=False)[:3] for promise in promises}
    assert {name: found for name, found in broken.items() if found} == {}
