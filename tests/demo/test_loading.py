"""The demo company opens in seconds, its past is lived through afterwards, and every promise of the house is kept."""

from datetime import UTC, datetime

import pytest

from config.demo.drawings import MOST_BYTES, drawing
from config.demo.loading import fill_history, is_loaded, load_base
from config.demo.shelves import ALL
from core.db import rows
from core.hooks import INVARIANTS, reacting
from orders.events import OrderPlaced

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


@pytest.mark.parametrize("goods", ALL, ids=lambda goods: goods.code)
def test_every_drawing_is_small_and_says_what_it_shows(goods):
    svg = drawing(goods.look)

    assert len(svg.encode()) <= MOST_BYTES
    assert f"<title>{goods.look.alt}</title>" in svg


@pytest.mark.django_db(transaction=True)
def test_the_demo_company_lives_its_past_and_keeps_every_promise():
    assert not is_loaded()

    lines = load_base(now=NOW, say=lambda step: None, days=8, orders_per_day=8)

    assert is_loaded()
    assert any("koyomi-demo" in line for line in lines)
    assert rows("SELECT history_until_at AS until FROM core_company")[0].until == NOW

    assert fill_history(tell=lambda progress: None)

    assert rows("SELECT history_until_at AS until FROM core_company")[0].until is None
    assert _counted("SELECT fulfilment_status AS word, count(*) AS number FROM orders_order GROUP BY 1").keys() >= {
        "planned",
        "shipped",
        "delivered",
        "cancelled",
    }
    assert _counted("SELECT kind AS word, count(*) AS number FROM core_saleschannel c JOIN orders_order o ON o.channel_id = c.id GROUP BY 1").keys() >= {
        "web", "phone", "paper", "store", "chat", "marketplace",
    }  # fmt: skip
    assert _counted("SELECT state AS word, count(*) AS number FROM core_outgoingmail GROUP BY 1").keys() == {"history"}
    assert _counted("SELECT state AS word, count(*) AS number FROM core_outboxdelivery GROUP BY 1").keys() == {"done"}
    fresh = "SELECT count(*) AS number FROM core_outboxevent WHERE routed_at IS NULL AND name = 'orders.OrderPlaced' AND lane = ''"
    assert (
        rows(fresh)[0].number == 8
    )  # three of this morning, one of the marketplace's file, three given or fetched, one that asks something
    assert _counted("SELECT state AS word, count(*) AS number FROM orders_intakeorder GROUP BY 1") == {
        "placed": 1,
        "person": 1,
        "waiting": 1,
    }
    lots = "SELECT count(*) AS number FROM inventory_movement WHERE once_key LIKE 'demo:lot:%%'"
    assert rows(lots)[0].number == 6
    recalled = "SELECT count(*) AS number FROM contact_case c JOIN inventory_lot l ON c.theme LIKE '%%' || l.number || '%%'"
    assert rows(recalled)[0].number == 1
    files = "SELECT kind || ' ' || way || ' ' || status AS word, count(*) AS number FROM inventory_exchangefile GROUP BY 1"
    assert _counted(files) == {
        "shipping_instruction out done": 1, "shipping_acceptance in done": 1, "shipping_actual in partly": 1, "stock_books out done": 1,
        "stock_snapshot in partly": 1,
    }  # fmt: skip
    differing = "SELECT count(*) AS number FROM inventory_exchangerow WHERE code = 'inventory.snapshot_differs'"
    assert rows(differing)[0].number == 2
    mistaken = """
        SELECT count(*) AS number FROM (
            SELECT 1 FROM inventory_stocktakeline n JOIN inventory_stocktake t ON t.id = n.stocktake_id AND t.status = 'closed'
            WHERE n.lot_id IS NOT NULL AND n.difference <> 0 GROUP BY n.stock_item_id HAVING sum(n.difference) = 0
        ) taken_for_each_other
    """
    assert rows(mistaken)[0].number == 1
    assert rows("SELECT count(*) AS number FROM orders_pickingbatch")[0].number == 1
    assert rows("SELECT count(*) AS number FROM orders_shipmentinsert WHERE ended_at IS NULL")[0].number > 0
    assert _counted("SELECT status AS word, count(*) AS number FROM orders_inspection GROUP BY 1") == {"finished": 1}
    assert _counted("SELECT kind AS word, count(*) AS number FROM orders_paperfile GROUP BY 1") == {
        "delivery_notes": 1, "total_list": 1, "parcel_lists": 1,
    }  # fmt: skip
    assert rows("SELECT coalesce(sum(quarantine), 0)::int AS number FROM inventory_stocklot")[0].number > 0
    assert _broken() == {}


@pytest.mark.django_db(transaction=True)
def test_a_history_that_was_broken_off_goes_on_where_it_was():
    load_base(now=NOW, say=lambda step: None, days=4, orders_per_day=6)
    days = []

    assert not fill_history(tell=lambda progress: days.append(progress.day), stop=lambda: len(days) == 2)
    before = rows("SELECT count(*) AS orders FROM orders_order")[0].orders
    assert fill_history(tell=lambda progress: days.append(progress.day))

    assert len(days) == len(set(days)) == 4
    assert rows("SELECT count(*) AS orders FROM orders_order")[0].orders > before
    assert fill_history(tell=lambda progress: days.append(progress.day))
    assert len(days) == 4
    assert _broken() == {}


@pytest.mark.django_db(transaction=True)
def test_a_day_that_was_killed_half_way_is_taken_up_again_and_nothing_is_done_twice():
    load_base(now=NOW, say=lambda step: None, days=2, orders_per_day=10)
    heard, told = [], []

    def dies(event, *, at):
        heard.append(event)
        if len(heard) == 4:
            raise KeyboardInterrupt

    with reacting(OrderPlaced, dies, name="tests.dies"), pytest.raises(KeyboardInterrupt):
        fill_history(tell=lambda progress: None)
    assert rows("SELECT history_until_at AS until FROM core_company")[0].until == NOW
    assert fill_history(tell=lambda progress: told.append(progress.broken))

    assert told[0]
    assert rows("SELECT broken_days AS number FROM core_historyrun")[0].number == 1
    twice = "SELECT count(*) - count(DISTINCT coalesce(cart_ref::text, outside_number)) AS number FROM orders_order"
    assert rows(twice)[0].number == 0
    assert _broken() == {}


def _broken():
    promises = [promise for source in INVARIANTS.all() for promise in source.invariants()]
    broken = {promise.name: rows(promise.sql, {"company": None}, prepare=False)[:3] for promise in promises}
    return {name: found for name, found in broken.items() if found}


def _counted(sql):
    return {row.word: row.number for row in rows(sql)}
