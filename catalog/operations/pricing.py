"""Setting prices: a changed price ends the old row and begins a new one, so that history stays."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import orjson

from catalog.events import PriceChanged
from catalog.rules.drafts import TWICE, PriceAt, PriceListDraft, PriceSet
from catalog.rules.history import Period, plan_price
from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.outbox import announce
from core.words import gettext_noop as _

UNKNOWN_LIST: Final = _("There is no price list “%(code)s”.")
UNKNOWN_VARIANT: Final = _("There is no such article in this company.")
NEGATIVE: Final = _("A price is never below zero.")
BAD_STEP: Final = _("A quantity step begins at 1 or more.")
PAST: Final = _("A price can't be changed for the past; what was charged stays on record.")
NO_TIME: Final = _("The price would end before it begins.")

_LIST_FIELDS: Final = (
    "name", "currency", "tax_basis", "channel_id", "rank_code", "purchase_type", "cycle_from", "cycle_until", "priority", "from_at",
    "until_at", "is_list_price",
)  # fmt: skip
_LISTS: Final = f"""
INSERT INTO catalog_pricelist (company_id, code, {", ".join(_LIST_FIELDS)})
SELECT %(company)s, r.code, {", ".join("r." + f for f in _LIST_FIELDS)}
FROM jsonb_to_recordset(%(records)s::jsonb) AS r (code text, name text, currency text, tax_basis text, channel_id bigint, rank_code text,
    purchase_type text, cycle_from int, cycle_until int, priority int, from_at timestamptz, until_at timestamptz, is_list_price boolean)
ORDER BY r.code
ON CONFLICT (company_id, code) DO UPDATE SET {", ".join(f"{f} = EXCLUDED.{f}" for f in _LIST_FIELDS)}
WHERE ({", ".join("catalog_pricelist." + f for f in _LIST_FIELDS)}) IS DISTINCT FROM ({", ".join("EXCLUDED." + f for f in _LIST_FIELDS)})
"""


@operation
def save_price_lists(drafts: Sequence[PriceListDraft], *, company_id: int, actor: Actor, at: datetime) -> dict[str, int]:
    """Price lists stand as drafted; answers with their ids by code. Repeating it changes nothing."""
    records = orjson.dumps([{"code": d.code, **{f: getattr(d, f) for f in _LIST_FIELDS}} for d in drafts]).decode()
    run(_LISTS, {"company": company_id, "records": records})
    found = rows(
        "SELECT code, id FROM catalog_pricelist WHERE company_id = %s AND code = ANY(%s::text[])", (company_id, [d.code for d in drafts])
    )
    return {row.code: row.id for row in found}


@operation
def set_prices(asks: Sequence[PriceAt], *, company_id: int, actor: Actor, at: datetime, reason: str = "") -> list[PriceSet | Refusal]:
    """Each price holds from its moment on (from now where none is given), and what was charged before stays on record.

    Amounts are minor units in the list's currency and tax basis. Five statements whatever the number; locks the
    variants in id order. A price with an end gives way to the one before it. Announces PriceChanged for each change.
    Refuses with "catalog.unknown_list", "catalog.unknown_sku", "catalog.negative_price", "catalog.bad_quantity",
    "catalog.price_in_past", "catalog.bad_period". Setting the price that already holds changes nothing.
    """
    lists = {
        row.code: row
        for row in rows(
            "SELECT id, code, currency FROM catalog_pricelist WHERE company_id = %s AND code = ANY(%s::text[])",
            (company_id, sorted({ask.list_code for ask in asks})),
        )
    }
    variants = {
        row.id
        for row in rows(
            "SELECT id FROM catalog_variant WHERE company_id = %s AND id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE",
            (company_id, sorted({ask.variant_id for ask in asks})),
        )
    }
    held = _held([row.id for row in lists.values()], sorted(variants))
    results: list[PriceSet | Refusal] = []
    writing = _Writing()
    for ask in asks:
        refusal = _refusal(ask, lists, variants, at)
        results.append(refusal or writing.add(ask, lists[ask.list_code], held, at))
    writing.write()
    return results


def _held(list_ids: Sequence[int], variant_ids: Sequence[int]) -> dict[tuple[int, int, int], list[Period]]:
    held: dict[tuple[int, int, int], list[Period]] = defaultdict(list)
    for row in rows(
        "SELECT id, price_list_id, variant_id, min_quantity, amount, from_at, until_at FROM catalog_price"
        " WHERE price_list_id = ANY(%s::bigint[]) AND variant_id = ANY(%s::bigint[])",
        (list_ids, variant_ids),
    ):
        held[row.price_list_id, row.variant_id, row.min_quantity].append(Period(row.amount, row.from_at, row.until_at, row.id))
    return held


def _refusal(ask: PriceAt, lists: dict[str, Any], variants: set[int], at: datetime) -> Refusal | None:
    from_at = ask.from_at or at
    if ask.list_code not in lists:
        return Refusal("catalog.unknown_list", UNKNOWN_LIST, {"code": ask.list_code}, "list_code")
    if ask.variant_id not in variants:
        return Refusal("catalog.unknown_sku", UNKNOWN_VARIANT, {}, "variant_id")
    if ask.amount < 0:
        return Refusal("catalog.negative_price", NEGATIVE, {}, "amount")
    if ask.min_quantity < 1:
        return Refusal("catalog.bad_quantity", BAD_STEP, {}, "min_quantity")
    if from_at < at:
        return Refusal("catalog.price_in_past", PAST, {}, "from_at")
    if ask.until_at is not None and ask.until_at <= from_at:
        return Refusal("catalog.bad_period", NO_TIME, {}, "until_at")
    return None


class _Writing:
    """The rows that a batch ends and begins. One price per list, variant and step."""

    def __init__(self) -> None:
        self.ends: list[tuple[int, datetime]] = []
        self.begins: list[tuple[int, int, int, Period]] = []
        self.events: list[PriceChanged] = []

    def add(self, ask: PriceAt, price_list: Any, held: dict[tuple[int, int, int], list[Period]], at: datetime) -> PriceSet | Refusal:
        key = (price_list.id, ask.variant_id, ask.min_quantity)
        if any(begun[:3] == key for begun in self.begins):
            return Refusal("catalog.twice_in_batch", TWICE, {"code": ask.list_code}, "variant_id")
        plan = plan_price(held[key], amount=ask.amount, from_at=ask.from_at or at, until_at=ask.until_at)
        changed = not plan.changes_nothing
        if changed:
            self.ends += plan.ends
            self.begins += [(*key, period) for period in plan.begins]
            first = plan.begins[0]
            assert first.from_at is not None
            self.events.append(
                PriceChanged(
                    ask.variant_id, ask.list_code, ask.min_quantity, ask.amount, price_list.currency, first.from_at, first.until_at
                )
            )
        return PriceSet(list_code=ask.list_code, variant_id=ask.variant_id, amount=ask.amount, changed=changed)

    def write(self) -> None:
        if self.ends:
            run(
                "UPDATE catalog_price p SET until_at = e.until_at FROM unnest(%s::bigint[], %s::timestamptz[]) AS e (id, until_at) WHERE p.id = e.id",
                ([price_id for price_id, _at in self.ends], [until_at for _id, until_at in self.ends]),
            )
        if self.begins:
            run(
                "INSERT INTO catalog_price (price_list_id, variant_id, min_quantity, amount, from_at, until_at)"
                " SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::bigint[], %s::timestamptz[], %s::timestamptz[])",
                (
                    [b[0] for b in self.begins],
                    [b[1] for b in self.begins],
                    [b[2] for b in self.begins],
                    [b[3].amount for b in self.begins],
                    [b[3].from_at for b in self.begins],
                    [b[3].until_at for b in self.begins],
                ),
            )
        announce(*self.events)
