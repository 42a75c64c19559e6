"""`make forecast-journey`: the public retail data's stores and baskets as stock, and a forecast of its best sellers.

The 200 products that sold most pieces before the last month are forecast for that month, day by day, from what lies in
`inventory_stockday` before it. The last month is held back: no method has seen it, and the choice among the methods is made on the
weeks before. Beside it the naive forecast, "as the same weekday last week". Ends with an error unless the mean error is below
the naive one. `ARGS="--products 50"` takes fewer.
"""

import argparse
import time
from collections import Counter
from datetime import date, timedelta
from statistics import fmean
from typing import Any

from benchmarks.journey import database

HELD_FROM = date(2017, 12, 1)
HELD_UNTIL = date(2018, 1, 1)

_DAYS = """
SELECT d.stock_item_id, d.day, -sum(d.quantity)::int AS quantity FROM inventory_stockday d
WHERE d.stock_item_id = ANY(%(items)s::bigint[]) AND d.kind = 'shipment' AND d.day < %(until)s GROUP BY 1, 2
"""
_BEST = """
SELECT d.stock_item_id AS id, i.code, i.name, -sum(d.quantity) AS pieces FROM inventory_stockday d
JOIN inventory_stockitem i ON i.id = d.stock_item_id
WHERE i.company_id = %(company)s AND d.kind = 'shipment' AND d.day < %(held)s GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1 LIMIT %(most)s
"""


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--products", type=int, default=200, metavar="N", help="how many of the best sellers")
    given = asked.parse_args()
    with database():
        import django

        django.setup()
        from benchmarks.journey_stock import load_movements

        company, _sales = load_movements()
        return 0 if forecast(company.id, most=given.products) else 1


def forecast(company_id: int, *, most: int) -> bool:
    """Print the errors by method and in the mean; whether the forecast beats the naive one."""
    from core.db import rows
    from inventory.operations import predictions
    from inventory.ports import FORECAST_LIBRARY
    from inventory.rules.forecasting import error_of, seasonal_naive, wape_bp

    best = rows(_BEST, {"company": company_id, "held": HELD_FROM, "most": most}, prepare=False)
    days = rows(_DAYS, {"items": [row.id for row in best], "until": HELD_UNTIL}, prepare=False)
    past, held = _series(best, days)
    horizon = (HELD_UNTIL - HELD_FROM).days
    started = time.monotonic()
    found = predictions(past, days=horizon)
    seconds = time.monotonic() - started
    naive = [seasonal_naive(history, days=horizon) for history in past]
    library = any(each.is_installed() for each in FORECAST_LIBRARY.all())
    print(f"Forecast of the {len(best)} best sellers over {horizon} days from {HELD_FROM}, in {seconds:.1f} s"
          f" ({'with statsforecast' if library else 'plain methods only: requirements/forecast.txt is not installed'})")  # fmt: skip
    print("  methods chosen: " + ", ".join(f"{name} {n}" for name, n in Counter(str(p.method) for p in found).most_common()))
    ours = {
        "mean WAPE": fmean((wape_bp(a, p.mean) or 0) / 100 for a, p in zip(held, found, strict=True) if sum(a)),
        "WAPE of all": 100 * sum(error_of(a, p.mean) for a, p in zip(held, found, strict=True)) / sum(map(sum, held)),
        "mean MASE": fmean(_mase(a, p.mean, h) for a, p, h in zip(held, found, past, strict=True)),
        "month's sum": 100 * sum(abs(sum(a) - sum(p.mean)) for a, p in zip(held, found, strict=True)) / sum(map(sum, held)),
    }
    theirs = {
        "mean WAPE": fmean((wape_bp(a, n) or 0) / 100 for a, n in zip(held, naive, strict=True) if sum(a)),
        "WAPE of all": 100 * sum(error_of(a, n) for a, n in zip(held, naive, strict=True)) / sum(map(sum, held)),
        "mean MASE": fmean(_mase(a, n, h) for a, n, h in zip(held, naive, past, strict=True)),
        "month's sum": 100 * sum(abs(sum(a) - sum(n)) for a, n in zip(held, naive, strict=True)) / sum(map(sum, held)),
    }
    for name in ours:
        unit = "" if name == "mean MASE" else " %"
        print(
            f"  {name:<12} forecast {ours[name]:>7.2f}{unit}   seasonal-naive {theirs[name]:>7.2f}{unit}   {100 * (ours[name] / theirs[name] - 1):+.1f} %"
        )
    better = sum(error_of(a, p.mean) < error_of(a, n) for a, p, n in zip(held, found, naive, strict=True))
    within = fmean(low <= x <= high for a, p in zip(held, found, strict=True) for x, low, high in zip(a, p.low, p.high, strict=True))
    print(
        f"  better than naive for {better} of {len(best)} products; {100 * within:.0f} % of the days lie within the interval (meant: 90 %)"
    )
    good = ours["mean WAPE"] < theirs["mean WAPE"] and ours["mean MASE"] < theirs["mean MASE"]
    print("The mean error is below the seasonal-naive one." if good else "THE MEAN ERROR IS NOT BELOW THE SEASONAL-NAIVE ONE.")
    return good


def _series(best: Any, days: Any) -> tuple[list[list[int]], list[list[int]]]:
    """The daily pieces of each product before the held-back month, from its first sale on, and in it."""
    by_item: dict[int, dict[date, int]] = {row.id: {} for row in best}
    for row in days:
        by_item[row.stock_item_id][row.day] = row.quantity
    past, held = [], []
    for row in best:
        sold = by_item[row.id]
        first = min(sold)
        past.append([sold.get(first + timedelta(days=n), 0) for n in range((HELD_FROM - first).days)])
        held.append([sold.get(HELD_FROM + timedelta(days=n), 0) for n in range((HELD_UNTIL - HELD_FROM).days)])
    return past, held


def _mase(actual: list[int], predicted: Any, history: list[int]) -> float:
    """The mean absolute error as a share of what "as last week" is off within the history."""
    usual = fmean(abs(a - b) for a, b in zip(history[7:], history, strict=False)) or 1.0
    return fmean(abs(a - p) for a, p in zip(actual, predicted, strict=True)) / usual


if __name__ == "__main__":
    raise SystemExit(main())
