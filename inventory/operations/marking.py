"""Where in the building things lie: shelves are marked, so that people find them and count zone by zone."""

from collections.abc import Mapping
from datetime import datetime

from core.actor import Actor
from core.db import operation, run
from inventory.rules import typed_code

_MARK = """
INSERT INTO inventory_shelfmark (stock_id, mark)
SELECT s.id, q.mark FROM unnest(%s::bigint[], %s::text[]) AS q (id, mark) JOIN inventory_stock s ON s.id = q.id
WHERE q.mark <> '' ORDER BY s.id
ON CONFLICT (stock_id) DO UPDATE SET mark = excluded.mark WHERE inventory_shelfmark.mark <> excluded.mark
"""


@operation
def mark_shelves(marks: Mapping[int, str], *, actor: Actor, at: datetime) -> int:
    """Each shelf carries its mark from now on, an empty one takes it off; answers with how many changed. Two statements."""
    clean = {stock_id: typed_code(mark)[:40] for stock_id, mark in marks.items()}
    gone = run("DELETE FROM inventory_shelfmark WHERE stock_id = ANY(%s::bigint[])", ([key for key, mark in clean.items() if not mark],))
    return gone + run(_MARK, (list(clean), list(clean.values())))
