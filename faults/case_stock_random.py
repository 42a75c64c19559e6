"""Eight processes do random deeds on the same shelves, each deed twice, and two of them are killed in the middle of it."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

from faults.house import House, a_house, kill, number
from faults.outcome import Outcome
from faults.stock_hand import HANDS

DEEDS = 20_000
KILL_AT = (0.3, 0.6)
"""The shares of all deeds at which a process dies."""
WITHIN_S = 1_800


def outcomes() -> Iterator[Outcome]:
    """Reserve, extend, expire, end, allocate, release, ship and return, on twelve articles (three of them kits) at four locations."""
    with a_house("stock_random") as house:
        _stock()
        each = DEEDS // HANDS
        files = [house.folder / f"hand{n}.done" for n in range(HANDS)]
        for file in files:
            file.unlink(missing_ok=True)
        hands = [house.run("hand", "-m", "faults.stock_hand", str(n), str(each), str(file)) for n, file in enumerate(files)]
        kills, began = [share * DEEDS for share in KILL_AT], time.monotonic()
        while (so_far := sum(map(_so_far, files))) < each * HANDS and time.monotonic() - began < WITHIN_S:
            for n, process in enumerate(hands):
                if process.poll() not in (None, 0):
                    raise RuntimeError(f"A hand broke: see {house.folder / 'hand.log'}")
                if kills and so_far >= kills[0] and process.poll() is None and random.random() < 0.2:
                    kill(process)
                    kills.pop(0)
                    hands[n] = house.run("hand", "-m", "faults.stock_hand", str(n), str(each), str(files[n]))
            time.sleep(0.2)
        yield _judged(house, so_far, len(KILL_AT) - len(kills), time.monotonic() - began)


def _so_far(file: Path) -> int:
    return int(file.read_text() or 0) if file.exists() else 0


def _stock() -> None:
    """Little of everything, so that everybody meets."""
    from tests.factories.inventory import a_channel, a_location, a_stock_item, a_stocked_variant, a_trading_company, stock_of

    company = a_trading_company(code="random")
    a_channel(company)
    places = [a_location(company) for _n in range(4)]
    items = [a_stock_item(company) for _n in range(9)]
    for item in items:
        a_stocked_variant(company, parts={item: 1})
        for place in places:
            stock_of(item, place, 60)
    for n in range(3):
        a_stocked_variant(company, parts={items[n]: 1, items[n + 3]: 2})


def _judged(house: House, deeds: int, kills: int, seconds: float) -> Outcome:
    from inventory.queries import stock_differences

    broken, names = house.broken_promises()
    losses = {
        "deeds not done": DEEDS // HANDS * HANDS - deeds,
        "kills that did not happen": len(KILL_AT) - kills,
        "shelves that differ from their rows": len(stock_differences()),
        "deadlocks": number("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"),
        "allocations of one demand twice on a shelf": number(
            "SELECT count(*) FROM (SELECT FROM inventory_allocation WHERE status <> 'released' GROUP BY demand_id, stock_id HAVING count(*) > 1) t"
        ),
        "returns that came twice": number("SELECT count(*) - count(DISTINCT once_key) FROM inventory_movement WHERE kind = 'return'"),
        f"broken promises ({names})": broken,
    }
    note = ", ".join(f"{count} {what}" for what, count in losses.items() if count)
    told = {
        "allocations": number("SELECT count(*) FROM inventory_allocation"),
        "shipped": number("SELECT count(*) FROM inventory_allocation WHERE status = 'shipped'"),
        "released": number("SELECT count(*) FROM inventory_allocation WHERE status = 'released'"),
        "returns": number("SELECT count(*) FROM inventory_movement WHERE kind = 'return'"),
        "reservations left": number("SELECT count(*) FROM inventory_reservation"),
        "rows differing": len(stock_differences()),
        "deadlocks": losses["deadlocks"],
    }
    words = ", ".join(f"{count} {what}" for what, count in told.items())
    note = f"{note} [{HANDS} processes, {kills} kills, each deed twice, {deeds / seconds:,.0f} deeds/s; {words}]".strip()
    return Outcome("random deeds on stock in eight processes", tried=deeds, lost=sum(losses.values()), note=note)
