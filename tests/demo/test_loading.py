"""The demo company loads whole, by operations, and keeps every promise of the house."""

from datetime import UTC, datetime

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

    lines = load_demo(now=NOW, say=lambda step: None, share=lambda done, total: None)

    assert is_loaded()
    assert any("koyomi-demo" in line for line in lines)
    assert _counted("SELECT fulfilment_status AS word, count(*) AS number FROM orders_order GROUP BY 1").keys() >= {
        "planned",
        "shipped",
        "delivered",
        "cancelled",
    }
    assert _counted("SELECT kind AS word, count(*) AS number FROM core_saleschannel c JOIN orders_order o ON o.channel_id = c.id GROUP BY 1").keys() == {
        "web", "phone", "paper", "store", "chat", "marketplace", "b2b",
    }  # fmt: skip
    assert _counted("SELECT state AS word, count(*) AS number FROM core_outgoingmail GROUP BY 1")["queued"] == 3
    assert _counted("SELECT state AS word, count(*) AS number FROM core_outboxdelivery GROUP BY 1").keys() == {"done"}
    promises = [promise for source in INVARIANTS.all() for promise in source.invariants()]
    broken = {promise.name: rows(promise.sql, {"company": None}, prepare=False)[:3] for promise in promises}
    assert {name: found for name, found in broken.items() if found} == {}


def _counted(sql):
    return {row.word: row.number for row in rows(sql)}
