"""The baskets of the public retail data as stock movements: 457 stores are locations, every basket line a shipment.

Written set-based into a company of its own ("journey-stock"), with the rows that shipping would have left: an allocation that has
shipped and its movement, once per line. What was sold in a store had come in there on the first day. `check_invariants` holds.
"""

import time
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pandas as pd

from benchmarks.journey_files import MONEY, _cents, _frame
from core.actor import SYSTEM
from core.db import acting, rows, run
from core.operations import NewCompany, open_company, seed_reference
from core.queries import CompanyContext

CODE: Final = "journey-stock"
CHUNK: Final = 100_000

_PLACES = """
INSERT INTO inventory_location (company_id, code, name, kind, can_ship, priority)
SELECT %(company)s, s, 'Store ' || s, 'store', true, 100 FROM unnest(%(codes)s::text[]) s ON CONFLICT (company_id, code) DO NOTHING
"""
_ITEMS = """
INSERT INTO inventory_stockitem (company_id, code, name)
SELECT %(company)s, q.code, q.name FROM unnest(%(codes)s::text[], %(names)s::text[]) AS q (code, name) ON CONFLICT (company_id, code) DO NOTHING
"""
_SHELVES = """
WITH sold AS (
    SELECT i.id AS item, l.id AS place, q.quantity FROM unnest(%(items)s::text[], %(stores)s::text[], %(quantities)s::int[]) AS q (item, store, quantity)
    JOIN inventory_stockitem i ON i.company_id = %(company)s AND i.code = q.item
    JOIN inventory_location l ON l.company_id = %(company)s AND l.code = q.store
), made AS (
    INSERT INTO inventory_stock (stock_item_id, location_id) SELECT item, place FROM sold ORDER BY 1, 2 RETURNING id, stock_item_id, location_id
)
INSERT INTO inventory_movement (stock_id, stock_item_id, location_id, kind, quantity, sellable_quantity, cause, once_key, at, actor_kind)
SELECT made.id, item, place, 'opening', quantity, quantity, 'journey', 'journey-stock:' || made.id, %(at)s, 'system'
FROM sold JOIN made ON made.stock_item_id = sold.item AND made.location_id = sold.place ORDER BY made.id
"""
_LINES = """
WITH line AS MATERIALIZED (
    SELECT s.id AS stock_id, s.stock_item_id, s.location_id, q.quantity, q.at
    FROM unnest(%(items)s::text[], %(stores)s::text[], %(quantities)s::int[], %(times)s::timestamptz[]) WITH ORDINALITY
        AS q (item, store, quantity, at, place)
    JOIN inventory_stockitem i ON i.company_id = %(company)s AND i.code = q.item
    JOIN inventory_location l ON l.company_id = %(company)s AND l.code = q.store
    JOIN inventory_stock s ON s.stock_item_id = i.id AND s.location_id = l.id ORDER BY q.place
), made AS (
    INSERT INTO inventory_allocation (demand_id, stock_id, stock_item_id, location_id, quantity, status, allocated_at, closed_at)
    SELECT gen_random_uuid(), stock_id, stock_item_id, location_id, quantity, 'shipped', at, at FROM line
    RETURNING id, stock_id, stock_item_id, location_id, quantity, closed_at
)
INSERT INTO inventory_movement (stock_id, stock_item_id, location_id, kind, quantity, sellable_quantity, cause, once_key, at, actor_kind)
SELECT stock_id, stock_item_id, location_id, 'shipment', -quantity, -quantity, 'basket', 'allocation:' || id, closed_at, 'system' FROM made ORDER BY id
"""


def load_movements() -> tuple[CompanyContext, Any]:
    """The company with its stores, items and movements, and the lines they were made of (pandas)."""
    sales = _sold()
    existing = rows(
        "SELECT count(*) AS n FROM inventory_location l JOIN core_company c ON c.id = l.company_id WHERE c.code = %s",
        (CODE,),
        prepare=False,
    )
    seed_reference(actor=SYSTEM)
    company = open_company(
        NewCompany(
            code=CODE, name="Journey stock", legal_name="Journey stock", country="US", currency="USD", language="en", timezone="UTC"
        ),
        actor=SYSTEM,
    )
    if not existing[0].n:
        _write(company, sales)
    _tell(company)
    return company, sales


def _sold() -> Any:
    """The basket lines: a measured good (fuel) counts as one piece, as in the import; lines of no piece are left out."""
    sales = _frame("transactions")
    gross = sum(_cents(sales[name]) for name in MONEY)
    sales["pieces"] = np.where((gross > 0) & (gross < sales.quantity), 1, sales.quantity).astype("int64")
    sales = sales[sales.pieces > 0].sort_values("transaction_timestamp", kind="stable")
    return sales[["transaction_timestamp", "store_id", "product_id", "pieces"]].astype({"store_id": str, "product_id": str})


def _write(company: CompanyContext, sales: Any) -> None:
    kinds = _frame("products").astype({"product_id": str}).set_index("product_id").product_type
    items = sales.product_id.drop_duplicates()
    named = items.map(kinds).fillna("").tolist()
    shelves = sales.groupby(["product_id", "store_id"], sort=True).pieces.sum().reset_index()
    first = sales.transaction_timestamp.iloc[0].floor("D") - pd.Timedelta(days=1)
    with acting(SYSTEM):
        run(_PLACES, {"company": company.id, "codes": sorted(sales.store_id.unique(), key=int)})
        run(
            _ITEMS,
            {
                "company": company.id,
                "codes": items.tolist(),
                "names": [name[:200] or code for name, code in zip(named, items, strict=True)],
            },
        )
    for part in _parts(shelves, "stores"):
        with acting(SYSTEM):
            at = f"{first:%Y-%m-%d} 00:00+00"
            run(
                _SHELVES,
                {
                    "company": company.id,
                    "at": at,
                    "items": part.product_id.tolist(),
                    "stores": part.store_id.tolist(),
                    "quantities": part.pieces.tolist(),
                },
            )
    run("ANALYZE inventory_stock")
    for part in _parts(sales, "basket lines"):
        times = part.transaction_timestamp.dt.strftime("%Y-%m-%d %H:%M:%S+00").tolist()
        with acting(SYSTEM):
            run(
                _LINES,
                {
                    "company": company.id,
                    "items": part.product_id.tolist(),
                    "stores": part.store_id.tolist(),
                    "quantities": part.pieces.tolist(),
                    "times": times,
                },
            )
    run("ANALYZE inventory_stockday")


def _parts(table: Any, what: str) -> Iterator[Any]:
    started = time.monotonic()
    for start in range(0, len(table), CHUNK):
        yield table.iloc[start : start + CHUNK]
        print(f"  {min(start + CHUNK, len(table)):,} of {len(table):,} {what}, {time.monotonic() - started:.0f} s", flush=True)


def _tell(company: CompanyContext) -> None:
    (held,) = rows(
        """
        SELECT (SELECT count(*) FROM inventory_location WHERE company_id = %(c)s) AS stores, count(DISTINCT s.stock_item_id) AS items,
            count(*) AS shelves, (SELECT count(*) FROM inventory_movement m JOIN inventory_location l ON l.id = m.location_id
                WHERE l.company_id = %(c)s) AS movements
        FROM inventory_stock s JOIN inventory_location l ON l.id = s.location_id WHERE l.company_id = %(c)s
        """,
        {"c": company.id},
        prepare=False,
    )
    print(f"{held.stores:,} stores, {held.items:,} items on {held.shelves:,} shelves, {held.movements:,} movements", flush=True)
