"""Part of a set comes back: its stock is here again, and its share of what was paid for the set is credited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from billing.operations import issue_credit_notes
from billing.queries import invoices_of_shipments
from billing.rules import CreditAsk, CreditLine
from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.errors import Refused as RuleRefused
from core.words import gettext_noop as _
from inventory.operations import receive_stock
from inventory.queries import LotPortion, lots_of_allocations
from inventory.rules import MovementKind, Receipt, kit_shares, share_of_pieces
from orders.operations.statuses import refresh_statuses


@dataclass(frozen=True, slots=True, kw_only=True)
class PartAsk:
    """So many pieces of a stock item of an order line are back, once per key; ``sellable`` when they may be sold again."""

    line_ref: UUID
    stock_item_id: int
    quantity: int
    once_key: str
    sellable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PartBack:
    """The pieces are in stock, and this was credited for them, tax included; ``repeated`` when that was done before."""

    line_ref: UUID
    amount: int
    repeated: bool = False


class PartRefused(RuleRefused):
    """The stock could not be taken in, or the invoice not be corrected; nothing of the return remains."""


_ORDERS = """
SELECT o.id FROM orders_order o WHERE o.id IN (SELECT order_id FROM orders_line WHERE public_id = ANY(%s::uuid[])) ORDER BY o.id FOR UPDATE
"""
# Every allocation that left and arrived with a line, with the place of the line in its parcel's invoice; asked after the lock.
_SENT = """
SELECT l.public_id AS line_ref, l.id AS line_id, l.order_id, l.total, l.quantity AS units, o.number, o.company_id, o.channel_id, o.placed_at,
    s.public_id AS shipment_ref, sl.quantity AS units_sent, a.id AS allocation_id, a.stock_item_id, a.location_id, a.quantity,
    (SELECT count(DISTINCT o2.position) FROM orders_shipmentline x JOIN orders_line o2 ON o2.id = x.line_id
     WHERE x.shipment_id = s.id AND o2.position <= l.position)::int AS place
FROM orders_line l JOIN orders_order o ON o.id = l.order_id JOIN orders_shipmentline sl ON sl.line_id = l.id
JOIN orders_shipment s ON s.id = sl.shipment_id AND s.status = 'delivered' JOIN inventory_allocation a ON a.id = sl.allocation_id
WHERE l.public_id = ANY(%s::uuid[]) ORDER BY s.id, a.id
"""
_IN_CASES = "SELECT public_id FROM orders_line WHERE public_id = ANY(%s::uuid[]) AND returning_quantity > 0"
_BEFORE = """
SELECT r.line_id, r.stock_item_id, r.quantity, r.amount, r.once_key FROM orders_partreturn r
WHERE r.line_id = ANY(%(lines)s::bigint[]) OR r.once_key = ANY(%(keys)s::text[])
"""
# What a single piece of a stock item cost alone when the order was placed: by the list that a variant made of it alone had then.
_ALONE = """
SELECT DISTINCT ON (c.stock_item_id) c.stock_item_id, p.amount
FROM inventory_component c JOIN catalog_price p ON p.variant_id = c.variant_id AND p.min_quantity <= 1
JOIN catalog_pricelist pl ON pl.id = p.price_list_id AND pl.rank_code = '' AND pl.purchase_type IS NULL AND pl.cycle_from IS NULL
    AND NOT pl.is_list_price AND (pl.channel_id IS NULL OR pl.channel_id = %(channel)s)
WHERE c.stock_item_id = ANY(%(items)s::bigint[]) AND c.quantity = 1
    AND NOT EXISTS (SELECT FROM inventory_component o WHERE o.variant_id = c.variant_id AND o.id <> c.id)
    AND (p.from_at IS NULL OR p.from_at <= %(at)s) AND (p.until_at IS NULL OR p.until_at > %(at)s)
ORDER BY c.stock_item_id, pl.priority, p.amount DESC
"""
_NOTE = """
INSERT INTO orders_partreturn (line_id, stock_item_id, quantity, amount, is_sellable, reason, once_key, at, actor_kind, actor_id, actor_label,
    on_behalf_of)
SELECT q.*, %(at)s, %(kind)s, %(id)s, %(label)s, %(for)s
FROM unnest(%(lines)s::bigint[], %(items)s::bigint[], %(quantities)s::int[], %(amounts)s::bigint[], %(sellables)s::boolean[],
    %(reasons)s::text[], %(keys)s::text[]) AS q
"""


@operation
def return_parts(asks: Sequence[PartAsk], *, reason: str, actor: Actor, at: datetime) -> list[PartBack | Refusal]:
    """Pieces of what a line was made of are back: in stock where they left from, and their share of the line's price credited.

    A share is the part's price alone × quantity in proportion, largest remainder; all parts together are worth exactly what
    was paid for the line (``inventory.rules.kit_shares``). What had been paid is the customer's deposit, to be refunded. One
    result per ask; the asks of one line are best made together. Refuses "order.not_found", "order.not_delivered",
    "order.more_than_sent", "order.quantity_out_of_range", "order.line_in_a_return". Again, with the same key, changes nothing.
    """
    if not asks:
        return []
    refs = [ask.line_ref for ask in asks]
    orders = [row.id for row in rows(_ORDERS, (refs,))]
    sent: dict[UUID, list[Any]] = {}
    for row in rows(_SENT, (refs,)):
        sent.setdefault(row.line_ref, []).append(row)
    before = rows(_BEFORE, {"lines": [row[0].line_id for row in sent.values()], "keys": [ask.once_key for ask in asks]})
    known = {row.once_key: row.amount for row in before}
    in_cases = {row.public_id for row in rows(_IN_CASES, (refs,))}
    back: dict[tuple[int, int], int] = {}
    for row in before:
        back[row.line_id, row.stock_item_id] = back.get((row.line_id, row.stock_item_id), 0) + row.quantity
    results: list[PartBack | Refusal] = []
    going: list[tuple[PartAsk, Any, int]] = []
    for ask in asks:
        if ask.line_ref in in_cases and ask.once_key not in known:
            results.append(Refusal("order.line_in_a_return", _("Pieces of this line are in a return already. Receive them there.")))
            continue
        answer = _answer(ask, sent.get(ask.line_ref, []), known, back)
        if isinstance(answer, Refusal | PartBack):
            results.append(answer)
            continue
        row, amount = answer
        known[ask.once_key] = amount
        back[row.line_id, ask.stock_item_id] = back.get((row.line_id, ask.stock_item_id), 0) + ask.quantity
        going.append((ask, row, amount))
        results.append(PartBack(line_ref=ask.line_ref, amount=amount))
    if going:
        _take_in(going, reason=reason, actor=actor, at=at)
        _credit(going, reason=reason, actor=actor, at=at)
        _note(going, reason=reason, actor=actor, at=at)
        refresh_statuses(orders, actor=actor, at=at)
    return results


def _answer(
    ask: PartAsk, sent: Sequence[Any], known: Mapping[str, int], back: Mapping[tuple[int, int], int]
) -> PartBack | Refusal | tuple[Any, int]:
    """What becomes of an ask: done before, refused, or a row it stands on and what it is worth."""
    if ask.once_key in known:
        return PartBack(line_ref=ask.line_ref, amount=known[ask.once_key], repeated=True)
    of_item = [row for row in sent if row.stock_item_id == ask.stock_item_id]
    if not of_item:
        return Refusal("order.not_delivered", _("Nothing of this was delivered with the order line."))
    if ask.quantity < 1:
        return Refusal("order.quantity_out_of_range", _("The quantity must be between 1 and %(most)s."), {"most": 99_999}, "/quantity")
    total = sum(row.quantity for row in of_item)
    gone = back.get((of_item[0].line_id, ask.stock_item_id), 0)
    if gone + ask.quantity > total:
        return Refusal(
            "order.more_than_sent",
            _("Of order %(number)s, %(total)s were delivered and %(gone)s are back already."),
            {"number": of_item[0].number, "total": total, "gone": gone},
            "/quantity",
        )
    share = _shares(sent)[ask.stock_item_id]
    return _parcel_of(gone, of_item), share_of_pieces(share, quantity=total, before=gone, now=ask.quantity)


def _parcel_of(piece: int, sent: Sequence[Any]) -> Any:
    """The parcel that brought a piece, when they are counted in the order in which they left."""
    for row in sent:
        if piece < row.quantity:
            return row
        piece -= row.quantity
    return sent[-1]


def _shares(sent: Sequence[Any]) -> dict[int, int]:
    """What each stock item of a line is worth of what was paid for it."""
    pieces: dict[int, int] = {}
    for row in sent:
        pieces[row.stock_item_id] = pieces.get(row.stock_item_id, 0) + row.quantity
    asked = {"items": list(pieces), "channel": sent[0].channel_id, "at": sent[0].placed_at}
    alone = {row.stock_item_id: row.amount for row in rows(_ALONE, asked)}
    items = sorted(pieces)
    units = sum({row.shipment_ref: row.units_sent for row in sent}.values())
    paid = sent[0].total * units // sent[0].units
    return dict(zip(items, kit_shares(paid, [(alone.get(item, 0), pieces[item]) for item in items]), strict=True))


def _take_in(going: Sequence[tuple[PartAsk, Any, int]], *, reason: str, actor: Actor, at: datetime) -> None:
    """In stock again, in the lot that left, where the goods are tracked by lot: the first that held so many."""
    lots = lots_of_allocations([row.allocation_id for _ask, row, _amount in going])
    for company_id in sorted({row.company_id for _ask, row, _amount in going}):
        receipts = [
            Receipt(
                stock_item_id=ask.stock_item_id,
                location_id=row.location_id,
                quantity=ask.quantity,
                sellable_quantity=ask.quantity if ask.sellable else 0,
                kind=MovementKind.RETURN,
                cause=f"line:{ask.line_ref}",
                once_key=f"part:{ask.once_key}",
                lot_number=lot.lot_number,
                expires_on=lot.expires_on,
            )
            for ask, row, _amount in going
            if row.company_id == company_id
            for lot in (_lot_of(lots.get(row.allocation_id, ()), ask.quantity),)
        ]
        for result in receive_stock(receipts, company_id=company_id, actor=actor, at=at, reason=reason):
            if isinstance(result, Refusal):
                raise PartRefused(result.code, result.message, params=result.params, field=result.field)


def _lot_of(portions: Sequence[LotPortion], quantity: int) -> LotPortion:
    """The lot that a part left in; none where its goods are not tracked."""
    enough = [portion for portion in portions if portion.quantity >= quantity]
    return next(iter(enough or portions), LotPortion(lot_number="", expires_on=None, quantity=quantity))


def _credit(going: Sequence[tuple[PartAsk, Any, int]], *, reason: str, actor: Actor, at: datetime) -> None:
    """One credit note per part: each is a return of its own, under its own key."""
    invoices = {one.shipment_ref: one.invoice_id for one in invoices_of_shipments([row.shipment_ref for _ask, row, _amount in going])}
    for ask, row, amount in going:
        if not amount:
            continue
        asked = CreditAsk(
            invoice_id=invoices[row.shipment_ref],
            once_key=f"part:{ask.once_key}",
            reason=reason,
            lines=(CreditLine(position=row.place, amount=amount),),
        )
        (done,) = issue_credit_notes([asked], actor=actor, at=at, reason=reason)
        if isinstance(done, Refusal):
            raise PartRefused(done.code, done.message, params=done.params, field=done.field)


def _note(going: Sequence[tuple[PartAsk, Any, int]], *, reason: str, actor: Actor, at: datetime) -> None:
    run(
        _NOTE,
        {
            "lines": [row.line_id for _ask, row, _amount in going],
            "items": [ask.stock_item_id for ask, _row, _amount in going],
            "quantities": [ask.quantity for ask, _row, _amount in going],
            "amounts": [amount for _ask, _row, amount in going],
            "sellables": [ask.sellable for ask, _row, _amount in going],
            "reasons": [reason] * len(going),
            "keys": [ask.once_key for ask, _row, _amount in going],
            "at": at,
            "kind": str(actor.kind),
            "id": actor.id,
            "label": actor.label,
            "for": actor.on_behalf_of,
        },
    )
