"""Purchase orders are drafted and rewritten, on the terms of their suppliers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core.actor import Actor
from core.clock import business_date
from core.db import operation, rows, run
from core.errors import Refusal
from core.operations import series_for
from core.queries import add_business_days, company_context
from core.text import clean_text
from core.words import gettext_noop
from inventory.operations.ordering import rewritten
from inventory.queries import NamedItem, SupplierTerms, named_items, supplier_terms
from inventory.rules import PurchaseAsk, PurchaseLineAsk, Terms
from inventory.rules.purchasing import MOST_COST, fault_of_quantity

MOST_LINES = 500
MOST_NOTE = 500

_DRAFT = """
WITH ask AS MATERIALIZED (
    SELECT * FROM unnest(%(places)s::int[], %(suppliers)s::bigint[], %(locations)s::bigint[], %(dates)s::date[], %(notes)s::text[], %(keys)s::text[])
        AS q (place, supplier_id, location_id, expected_on, note, once_key)
), made AS (
    INSERT INTO inventory_purchaseorder (company_id, number, supplier_id, location_id, currency, expected_on, note, drafted_at, once_key,
        actor_kind, actor_id, actor_label, on_behalf_of)
    SELECT %(company)s, {number}, ask.supplier_id, ask.location_id, %(currency)s, ask.expected_on, ask.note, %(at)s::timestamptz, ask.once_key,
        %(kind)s, %(id)s, %(label)s, %(for)s
    FROM ask ORDER BY ask.place ON CONFLICT (once_key) DO NOTHING RETURNING id, number, once_key
), line AS (
    INSERT INTO inventory_purchaseorderline (purchase_order_id, position, stock_item_id, supplier_code, quantity, unit_cost, expected_on)
    SELECT made.id, l.position, l.stock_item_id, l.supplier_code, l.quantity, l.unit_cost, l.expected_on
    FROM unnest(%(line_places)s::int[], %(positions)s::int[], %(items)s::bigint[], %(codes)s::text[], %(quantities)s::int[], %(costs)s::bigint[],
        %(line_dates)s::date[]) AS l (place, position, stock_item_id, supplier_code, quantity, unit_cost, expected_on)
    JOIN ask USING (place) JOIN made USING (once_key)
)
SELECT id, number, once_key FROM made
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """The order stands; ``repeated`` when it stood before under the same key."""

    purchase_order_id: int
    number: str
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line as it will be written."""

    stock_item_id: int
    supplier_code: str
    quantity: int
    unit_cost: int
    expected_on: date


@operation
def draft_purchase_orders(asks: Sequence[PurchaseAsk], *, company_id: int, actor: Actor, at: datetime) -> list[Drafted | Refusal]:
    """A draft stands for every ask, once per key, with a number of the company's series; one result per ask.

    A line without a cost takes the supplier's. Goods are expected when the lead time in the supplier's working days says,
    unless a date is given. As many statements for a hundred as for one. Refuses with "purchase.no_supplier",
    "purchase.no_location", "purchase.no_lines", "purchase.item_twice", "inventory.unknown_item", "inventory.bad_quantity",
    "purchase.below_minimum", "purchase.not_a_multiple", "purchase.no_cost", "purchase.bad_cost", "purchase.note_too_long".
    """
    known = _known([ask.once_key for ask in asks])
    book = terms_book(asks, company_id=company_id, at=at)
    results: dict[int, Drafted | Refusal] = {}
    fresh: dict[int, tuple[PurchaseAsk, list[Line]]] = {}
    for place, ask in enumerate(asks):
        if ask.once_key in known:
            results[place] = known[ask.once_key]
        elif isinstance(lines := book.lines(ask), Refusal):
            results[place] = lines
        elif all(ask.once_key != other.once_key for other, _lines in fresh.values()):
            fresh[place] = ask, lines
    if fresh:
        made = _write(fresh, company_id=company_id, actor=actor, at=at)
        results |= {place: made.pop(ask.once_key) for place, (ask, _) in fresh.items() if ask.once_key in made}
    if len(results) < len(asks):  # an earlier ask of this batch, or somebody else meanwhile, used the key
        again = _known([ask.once_key for ask in asks])
        results |= {place: again[asks[place].once_key] for place in range(len(asks)) if place not in results}
    return [results[place] for place in range(len(asks))]


@operation
def rewrite_purchase_order(
    purchase_order_id: int, ask: PurchaseAsk, *, company_id: int, actor: Actor, at: datetime, version: int | None = None
) -> Drafted | Refusal:
    """A draft says from now on what the ask says; whoever rewrote it does not approve it. The key of the ask is not read.

    ``version`` is the one that was looked at. Refuses like ``draft_purchase_orders``, and with "purchase.not_found",
    "purchase.not_a_draft", "purchase.rewritten".
    """
    found = rows(
        "SELECT id, number, status, version FROM inventory_purchaseorder WHERE id = %s AND company_id = %s FOR UPDATE",
        (purchase_order_id, company_id),
    )
    if not found:
        return Refusal("purchase.not_found", gettext_noop("There is no such purchase order."))
    if found[0].status != "draft":
        return Refusal(
            "purchase.not_a_draft",
            gettext_noop("%(number)s is no draft any more. Cancel it and draft another."),
            {"number": found[0].number},
        )
    if refused := rewritten(found[0], version):
        return refused
    lines = terms_book([ask], company_id=company_id, at=at).lines(ask)
    if isinstance(lines, Refusal):
        return lines
    run(
        """
        UPDATE inventory_purchaseorder
        SET supplier_id = %s, location_id = %s, expected_on = %s::date, note = %s, changed_by_kind = %s, changed_by_id = %s,
            version = version + 1 WHERE id = %s
        """,
        (ask.supplier_id, ask.location_id, ask.expected_on, clean_text(ask.note), str(actor.kind), actor.id, purchase_order_id),
    )
    run("DELETE FROM inventory_purchaseorderline WHERE purchase_order_id = %s", (purchase_order_id,))
    run(
        """
        INSERT INTO inventory_purchaseorderline (purchase_order_id, position, stock_item_id, supplier_code, quantity, unit_cost, expected_on)
        SELECT %(order)s, l.* FROM unnest(%(positions)s::int[], %(items)s::bigint[], %(codes)s::text[], %(quantities)s::int[], %(costs)s::bigint[],
            %(line_dates)s::date[]) AS l
        """,
        {"order": purchase_order_id, **_columns({0: (ask, lines)})},
    )
    return Drafted(purchase_order_id=purchase_order_id, number=found[0].number)


@dataclass(frozen=True, slots=True)
class TermsBook:
    """Everything that decides whether an order may be written as asked."""

    suppliers: Mapping[int, Any]
    locations: frozenset[int]
    items: Mapping[int, NamedItem]
    terms: Mapping[tuple[int, int], SupplierTerms]
    today: date

    def lines(self, ask: PurchaseAsk) -> list[Line] | Refusal:
        """The lines as they will be written, or the first reason why not."""
        if ask.supplier_id not in self.suppliers:
            return Refusal(
                "purchase.no_supplier", gettext_noop("There is no such supplier, or we no longer buy from it."), field="/supplier"
            )
        if ask.location_id not in self.locations:
            return Refusal(
                "purchase.no_location", gettext_noop("Goods are delivered to a warehouse or store that is in use."), field="/location"
            )
        if len(ask.note) > MOST_NOTE:
            return Refusal("purchase.note_too_long", gettext_noop("The note has at most %(most)s letters."), {"most": MOST_NOTE}, "/note")
        if not 1 <= len(ask.lines) <= MOST_LINES:
            return Refusal("purchase.no_lines", gettext_noop("A purchase order has 1 to %(most)s lines."), {"most": MOST_LINES}, "/lines")
        made = [self._line(ask, line, place) for place, line in enumerate(ask.lines)]
        refused = next((line for line in made if isinstance(line, Refusal)), None)
        return refused or [line for line in made if isinstance(line, Line)]

    def _line(self, ask: PurchaseAsk, line: PurchaseLineAsk, place: int) -> Line | Refusal:
        field = f"/lines/{place}"
        item = self.items.get(line.stock_item_id)
        if item is None or item.is_ended:
            return Refusal("purchase.no_item", gettext_noop("There is no such stock item, or it has ended."), field=f"{field}/item")
        if Counter(other.stock_item_id for other in ask.lines)[item.id] > 1:
            return Refusal(
                "purchase.item_twice",
                gettext_noop("%(item)s stands in two lines. Write one line with the sum."),
                {"item": item.code},
                f"{field}/item",
            )
        known = self.terms.get((ask.supplier_id, item.id))
        cost = line.unit_cost if line.unit_cost is not None else known.unit_cost if known else None
        if cost is None:
            return Refusal(
                "purchase.no_cost",
                gettext_noop("What %(item)s costs at this supplier is not known. Give a cost, or add it to the supplier’s terms."),
                {"item": item.code},
                f"{field}/unit_cost",
            )
        if not 0 <= cost <= MOST_COST:
            return Refusal("purchase.bad_cost", gettext_noop("A piece costs 0 to %(most)s."), {"most": MOST_COST}, f"{field}/unit_cost")
        if fault := fault_of_quantity(line.quantity, known or Terms(unit_cost=cost), item=item.code, field=f"{field}/quantity"):
            return fault
        return Line(
            stock_item_id=item.id,
            supplier_code=known.supplier_code if known else "",
            quantity=line.quantity,
            unit_cost=cost,
            expected_on=ask.expected_on or self._arrival(ask.supplier_id, known),
        )

    def _arrival(self, supplier_id: int, known: SupplierTerms | None) -> date:
        supplier = self.suppliers[supplier_id]
        days = known.lead_time_days if known else supplier.lead_time_days
        return add_business_days(self.today, days=days, calendar_id=supplier.calendar_id)


def terms_book(asks: Sequence[PurchaseAsk], *, company_id: int, at: datetime) -> TermsBook:
    """What the company knows of the suppliers, locations and items asked for. Four statements."""
    item_ids = sorted({line.stock_item_id for ask in asks for line in ask.lines})
    suppliers = rows(
        """
        SELECT id, lead_time_days::int AS lead_time_days, calendar_id FROM inventory_supplier
        WHERE company_id = %s AND ended_at IS NULL AND id = ANY(%s::bigint[])
        """,
        (company_id, sorted({ask.supplier_id for ask in asks})),
    )
    locations = rows(
        """
        SELECT id FROM inventory_location
        WHERE company_id = %s AND ended_at IS NULL AND kind IN ('warehouse', 'store') AND id = ANY(%s::bigint[])
        """,
        (company_id, sorted({ask.location_id for ask in asks})),
    )
    return TermsBook(
        suppliers={row.id: row for row in suppliers},
        locations=frozenset(row.id for row in locations),
        items=named_items(item_ids, company_id=company_id),
        terms={(row.supplier_id, row.stock_item_id): row for row in supplier_terms(item_ids, company_id=company_id)},
        today=business_date(at, company_context(company_id).timezone),
    )


def _known(keys: Sequence[str]) -> dict[str, Drafted]:
    found = rows("SELECT id, number, once_key FROM inventory_purchaseorder WHERE once_key = ANY(%s::text[])", (list(keys),))
    return {row.once_key: Drafted(purchase_order_id=row.id, number=row.number, repeated=True) for row in found}


def _columns(fresh: Mapping[int, tuple[PurchaseAsk, list[Line]]]) -> dict[str, list[Any]]:
    lines = [(place, position, line) for place, (_ask, lines) in fresh.items() for position, line in enumerate(lines, start=1)]
    return {
        "line_places": [place for place, _, _ in lines],
        "positions": [position for _, position, _ in lines],
        "items": [line.stock_item_id for _, _, line in lines],
        "codes": [line.supplier_code for _, _, line in lines],
        "quantities": [line.quantity for _, _, line in lines],
        "costs": [line.unit_cost for _, _, line in lines],
        "line_dates": [line.expected_on for _, _, line in lines],
    }


def _write(fresh: Mapping[int, tuple[PurchaseAsk, list[Line]]], *, company_id: int, actor: Actor, at: datetime) -> dict[str, Drafted]:
    company = company_context(company_id)
    series = series_for(company_id, kind="purchase_order", prefix="PO{yy}{mm}-", digits=5)
    asks = [ask for ask, _lines in fresh.values()]
    made = rows(
        _DRAFT.format(number=series.sql(business_date(at, company.timezone))),
        {
            "places": list(fresh),
            "suppliers": [ask.supplier_id for ask in asks],
            "locations": [ask.location_id for ask in asks],
            "dates": [ask.expected_on for ask in asks],
            "notes": [clean_text(ask.note) for ask in asks],
            "keys": [ask.once_key for ask in asks],
            "company": company_id,
            "currency": company.currency,
            "at": at,
            "kind": str(actor.kind),
            "id": actor.id,
            "label": actor.label,
            "for": actor.on_behalf_of,
            **_columns(fresh),
        },
    )
    return {row.once_key: Drafted(purchase_order_id=row.id, number=row.number) for row in made}
