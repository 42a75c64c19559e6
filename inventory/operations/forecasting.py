"""Forecasts of shelves are made anew, and what they say is missing is drafted as purchase orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from core.actor import Actor
from core.db import operation, run
from core.errors import Refusal
from core.queries import company_context
from inventory.operations.drafting import Drafted, draft_purchase_orders
from inventory.ports import FORECAST_LIBRARY, PLANNED_DEMAND
from inventory.queries import History, demand_histories, item_shares, order_proposals
from inventory.rules import PurchaseAsk, PurchaseLineAsk
from inventory.rules.forecasting import HELD_BACK, MILLI, Methods, Predicted, best, folds, plain_methods, with_combined
from inventory.rules.replenishing import LONGEST_DAYS

_KEEP = """
INSERT INTO inventory_forecast (stock_id, stock_item_id, location_id, method, first_on, history_days, means, lows, highs, planned,
    month_quantity, deviation, error_bp, naive_error_bp, made_at)
SELECT q.stock_id, s.stock_item_id, s.location_id, q.method, %(today)s, q.history_days, q.means::bigint[], q.lows::bigint[], q.highs::bigint[],
    q.planned::bigint[], q.month_quantity, q.deviation, q.error_bp, q.naive_error_bp, %(at)s
FROM unnest(%(stocks)s::bigint[], %(methods)s::text[], %(histories)s::int[], %(means)s::text[], %(lows)s::text[], %(highs)s::text[],
    %(planned)s::text[], %(months)s::int[], %(deviations)s::bigint[], %(errors)s::int[], %(naives)s::int[])
    AS q (stock_id, method, history_days, means, lows, highs, planned, month_quantity, deviation, error_bp, naive_error_bp)
JOIN inventory_stock s ON s.id = q.stock_id ORDER BY q.stock_id
ON CONFLICT (stock_id) DO UPDATE SET method = excluded.method, first_on = excluded.first_on, history_days = excluded.history_days,
    means = excluded.means, lows = excluded.lows, highs = excluded.highs, planned = excluded.planned,
    month_quantity = excluded.month_quantity, deviation = excluded.deviation, error_bp = excluded.error_bp,
    naive_error_bp = excluded.naive_error_bp, made_at = excluded.made_at
"""


def predictions(histories: Sequence[Sequence[int]], *, days: int) -> list[Predicted]:
    """The best forecast of each series of daily counts: the methods see it short of eight weeks, of four, and whole."""
    shown = [folds(history) for history in histories]
    said = [
        _said([fold[n] for fold in shown], days=HELD_BACK if n < 2 else days) for n in range(3)
    ]  # three calls of the library, whatever the number of series
    return [
        best(history, choosing=choosing, measured=measured, final=final)
        for history, choosing, measured, final in zip(histories, *said, strict=True)
    ]


def _said(histories: Sequence[Sequence[int]], *, days: int) -> list[Methods]:
    """What every method says of each series; nothing of one that is not shown."""
    by_library: list[Methods] = [{} for _history in histories]
    for library in FORECAST_LIBRARY.all():
        if library.is_installed():
            by_library = list(library.predict(histories, days=days))
    return [
        with_combined({**plain_methods(history, days=days), **more}) if history else {}
        for history, more in zip(histories, by_library, strict=True)
    ]


def make_forecasts(stock_ids: Sequence[int], *, company_id: int, actor: Actor, at: datetime) -> int:
    """The shelves have a forecast from today on; answers with how many.

    Demand that is agreed beforehand (the hook PlannedDemand) is taken out of the history and put on top of what the rest of
    it forecasts. Reckons outside a transaction; what it finds is kept in one statement. Repeating it makes them anew.
    """
    today = company_context(company_id).business_date(at)
    histories = demand_histories(stock_ids, today=today)
    if not histories:
        return 0
    taken = _taken(company_id, since=min(history.first_on for history in histories))
    planned = _planned(company_id, today=today)
    free = [_without(history, taken) for history in histories]
    found = predictions(free, days=LONGEST_DAYS)
    _keep(
        [
            (history, predicted, planned.get(history.stock_id, [0.0] * LONGEST_DAYS))
            for history, predicted in zip(histories, found, strict=True)
        ],
        today=today,
        actor=actor,
        at=at,
    )
    return len(histories)


def _taken(company_id: int, *, since: date) -> dict[tuple[int, int, date], int]:
    taken: dict[tuple[int, int, date], int] = {}
    for source in PLANNED_DEMAND.all():
        for row in source.taken_demand(company_id, since=since):
            key = row.stock_item_id, row.location_id, row.day
            taken[key] = taken.get(key, 0) + row.quantity
    return taken


def _without(history: History, taken: dict[tuple[int, int, date], int]) -> list[int]:
    first = history.first_on.toordinal()
    return [
        max(0, count - taken.get((history.stock_item_id, history.location_id, date.fromordinal(first + place)), 0))
        for place, count in enumerate(history.counts)
    ]


def _planned(company_id: int, *, today: date) -> dict[int, list[float]]:
    """By shelf, the agreed pieces of each day to come; a variant's are shared out as its locations shipped it lately."""
    until = date.fromordinal(today.toordinal() + LONGEST_DAYS)
    asked = [row for source in PLANNED_DEMAND.all() for row in source.planned_demand(company_id, today=today, until=until)]
    shares = item_shares([row.variant_id for row in asked], company_id=company_id, today=today) if asked else {}
    planned: dict[int, list[float]] = {}
    for row in asked:
        places = shares.get(row.variant_id, [])
        for item in dict.fromkeys(place[1] for place in places):
            of_item = [place for place in places if place[1] == item]
            all_shipped = sum(shipped for *_rest, shipped in of_item)
            for rank, (stock_id, _item, pieces, shipped) in enumerate(of_item):
                part = shipped / all_shipped if all_shipped else float(rank == 0)
                if part:
                    planned.setdefault(stock_id, [0.0] * LONGEST_DAYS)[(row.day - today).days] += row.quantity * pieces * part
    return planned


@operation
def _keep(found: Sequence[tuple[History, Predicted, list[float]]], *, today: date, actor: Actor, at: datetime) -> None:
    means = [[m + p for m, p in zip(predicted.mean, planned, strict=True)] for _h, predicted, planned in found]
    run(
        _KEEP,
        {
            "today": today,
            "at": at,
            "stocks": [history.stock_id for history, _p, _k in found],
            "methods": [str(predicted.method) for _h, predicted, _k in found],
            "histories": [len(history.counts) for history, _p, _k in found],
            "means": [_array(days) for days in means],
            "lows": [_array([a + b for a, b in zip(predicted.low, planned, strict=True)]) for _h, predicted, planned in found],
            "highs": [_array([a + b for a, b in zip(predicted.high, planned, strict=True)]) for _h, predicted, planned in found],
            "planned": [_array(planned) for _h, _p, planned in found],
            "months": [round(sum(days[:HELD_BACK])) for days in means],
            "deviations": [round(predicted.deviation * MILLI) for _h, predicted, _k in found],
            "errors": [predicted.error_bp for _h, predicted, _k in found],
            "naives": [predicted.naive_error_bp for _h, predicted, _k in found],
        },
    )


def _array(days: Sequence[float]) -> str:
    return "{" + ",".join(str(round(value * MILLI)) for value in days) + "}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A proposal somebody agreed to: the shelf, and how many to order (None: as many as proposed)."""

    stock_id: int
    quantity: int | None = None


@operation
def draft_proposals(chosen: Sequence[Chosen], *, company_id: int, actor: Actor, at: datetime) -> list[Drafted | Refusal]:
    """What was proposed for these shelves is drafted: an order for each supplier and location; one result per order.

    A shelf that nothing is proposed for any more is left out, so pressing twice orders once. Refuses like
    ``draft_purchase_orders``.
    """
    today = company_context(company_id).business_date(at)
    agreed = {choice.stock_id: choice.quantity for choice in chosen}
    orders: dict[tuple[int, int], list[PurchaseLineAsk]] = {}
    for proposal in order_proposals(company_id, today=today):
        if proposal.stock_id in agreed:
            quantity = agreed[proposal.stock_id] or proposal.why.quantity
            line = PurchaseLineAsk(stock_item_id=proposal.stock_item_id, quantity=quantity)
            orders.setdefault((proposal.terms.supplier_id, proposal.location_id), []).append(line)
    asks = [
        PurchaseAsk(supplier_id=supplier, location_id=location, lines=tuple(lines), once_key=_key(supplier, location, lines, at=at))
        for (supplier, location), lines in sorted(orders.items())
    ]
    return draft_purchase_orders(asks, company_id=company_id, actor=actor, at=at) if asks else []


def _key(supplier: int, location: int, lines: Sequence[PurchaseLineAsk], *, at: datetime) -> str:
    told = ";".join(f"{line.stock_item_id}x{line.quantity}" for line in lines)
    return f"proposed:{supplier}:{location}:{sha256(f'{at.isoformat()}|{told}'.encode()).hexdigest()[:32]}"
