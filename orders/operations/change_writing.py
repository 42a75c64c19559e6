"""Writes an order's next revision: new lines in the place of changed ones, fees, tax per rate, sums, destination."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from core.db import rows, run
from core.ids import new_id
from orders.operations.changing import Calculated
from orders.operations.finding import write_order_words
from orders.operations.writing import gift_columns
from orders.rules import PLACE_FIELDS, ChangeKind, Piece, SummedLine

# The line that was agreed stays as it was, under another id and at the end; its id, place and outside number go to the one that takes over.
# A line of which something has left keeps its place: its units stand by it on an invoice. The rest of it takes the free one.
_END = """
UPDATE orders_line l SET until_revision = %(revision)s, cancelled_quantity = l.quantity - l.shipped_quantity, position = n.position,
    public_id = CASE WHEN n.follows THEN n.ref ELSE l.public_id END, outside_line = CASE WHEN n.follows THEN '' ELSE l.outside_line END
FROM unnest(%(ids)s::bigint[], %(positions)s::int[], %(refs)s::uuid[], %(follows)s::boolean[]) AS n (id, position, ref, follows)
WHERE l.id = n.id
"""
_LINES = """
INSERT INTO orders_line (public_id, order_id, destination_id, position, outside_line, variant_id, sku, name, language, category_path,
    profile, purchase_type, cycle, quantity, list_price, unit_price, price_reason, discount, amount, total, tax_class, tax_rate_bp, seller_code,
    campaign_ref, campaign_name, route_medium, outbound_at, offer_from_at, offer_until_at, ad_code, referral_code, recommendation_ref,
    from_revision, replaces_id)
SELECT n.public_id, %(order)s, n.destination_id, n.position, n.outside_line, n.variant_id, n.sku, n.name, %(language)s, n.category_path,
    n.profile, n.purchase_type, n.cycle, n.quantity, n.list_price, n.unit_price, n.price_reason, n.discount, n.amount, n.total, n.tax_class,
    n.tax_rate_bp, coalesce(w.seller_code, ''), coalesce(w.campaign_ref, ''), coalesce(w.campaign_name, ''), coalesce(w.route_medium, ''),
    w.outbound_at, w.offer_from_at, w.offer_until_at, coalesce(w.ad_code, ''), coalesce(w.referral_code, ''),
    coalesce(w.recommendation_ref, ''), %(revision)s, w.id
FROM jsonb_to_recordset(%(lines)s::jsonb) AS n (public_id uuid, destination_id bigint, position int, outside_line text, variant_id bigint,
    sku text, name text, category_path text, profile text, purchase_type text, cycle int, quantity int, list_price bigint, unit_price bigint,
    price_reason text, discount bigint, amount bigint, total bigint, tax_class text, tax_rate_bp int, was bigint)
LEFT JOIN orders_line w ON w.id = n.was
ORDER BY n.position RETURNING id, public_id, replaces_id
"""
_DISCOUNTS = """
INSERT INTO orders_linediscount (line_id, source, reason, amount)
SELECT l.id, n.source, n.reason, n.amount FROM jsonb_to_recordset(%(discounts)s::jsonb) AS n (line uuid, source text, reason text, amount bigint)
JOIN orders_line l ON l.public_id = n.line
"""
# What is still to leave of the old line is in its parcels for the new one.
_TAKE_OVER = """
UPDATE orders_shipmentline sl SET line_id = n.new FROM orders_shipment s, unnest(%s::bigint[], %s::bigint[]) AS n (old, new)
WHERE s.id = sl.shipment_id AND s.status = 'planned' AND sl.line_id = n.old
"""
_FEES = """
WITH ended AS (
    UPDATE orders_fee SET until_revision = %(revision)s WHERE id = ANY(%(ended)s::bigint[])
)
INSERT INTO orders_fee (order_id, destination_id, kind, label, amount, total, tax_class, tax_rate_bp, rule_id, explanation, from_revision)
SELECT %(order)s, n.destination_id, n.kind, n.label, n.amount, n.total, n.tax_class, n.tax_rate_bp, n.rule_id, n.explanation, %(revision)s
FROM jsonb_to_recordset(%(fees)s::jsonb) AS n (destination_id bigint, kind text, label text, amount bigint, total bigint, tax_class text,
    tax_rate_bp int, rule_id bigint, explanation text)
"""
_TAXES = """
INSERT INTO orders_ordertax (order_id, tax_class, tax_rate_bp, taxable, tax, revision)
SELECT %(order)s, n.tax_class, n.tax_rate_bp, n.taxable, n.tax, %(revision)s
FROM jsonb_to_recordset(%(taxes)s::jsonb) AS n (tax_class text, tax_rate_bp int, taxable bigint, tax bigint)
"""
_ORDER = """
UPDATE orders_order SET revision = %(revision)s, version = version + 1, payment_method = %(method)s, goods_total = %(goods)s,
    discount_total = %(discounts)s, fee_total = %(fees)s, tax_total = %(tax)s, total = %(total)s WHERE id = %(order)s
"""
_DAYS = """
UPDATE orders_shipment s SET planned_on = greatest(n.day, s.not_before_on), version = s.version + 1
FROM unnest(%s::bigint[], %s::date[], %s::date[]) AS n (destination_id, was, day)
WHERE s.destination_id = n.destination_id AND s.status = 'planned'
    AND s.planned_on IS NOT DISTINCT FROM greatest(n.was, s.not_before_on)
"""


def write_revision(change: Calculated, refs: Mapping[int, UUID], *, at: datetime) -> dict[UUID, Any]:
    """The next revision stands. Answers with the lines of the pieces by their ids, as ``put_in_parcels`` wants them."""
    order, sums = change.order, change.result.sums
    revision = order.revision + 1
    _places(change)
    _gifts(change)
    free = _end_lines(change, revision=revision)
    made = _write_lines(change, refs, revision=revision, position=free)
    gone = {f.fee_id for f in order.fees}
    destinations: dict[int | None, int] = {d.position: d.destination_id for d in order.destinations}
    kept, fees = set[int](), []
    for fee in sums.fees:
        told = (fee.kind, fee.label, fee.amount, fee.tax_class, fee.total)
        same = next(
            (f for f in order.fees if f.fee_id not in kept and (*f.told, f.total) == told and f.destination == fee.destination), None
        )
        if same is not None:
            kept.add(same.fee_id)
        else:
            names = ("kind", "label", "amount", "total", "tax_class", "tax_rate_bp", "rule_id", "explanation")
            fees.append({name: getattr(fee, name) for name in names} | {"destination_id": destinations.get(fee.destination)})
    if gone - kept or fees:
        run(_FEES, {"order": order.order_id, "revision": revision, "ended": sorted(gone - kept), "fees": _json(fees)})
    taxes = [{"tax_class": t.tax_class, "tax_rate_bp": t.rate_bp, "taxable": t.taxable, "tax": t.tax} for t in sums.taxes]
    run(_TAXES, {"order": order.order_id, "revision": revision, "taxes": _json(taxes)})
    run(
        _ORDER,
        {
            "order": order.order_id, "revision": revision, "method": change.result.method, "goods": sums.goods_total,
            "discounts": sums.discount_total, "fees": sums.fee_total, "tax": sums.tax_total, "total": sums.total,
        },
    )  # fmt: skip
    return made


def _json(told: object) -> str:
    return orjson.dumps(told).decode()


def is_another(piece: Piece, line: SummedLine) -> bool:
    """Whether the units of a piece are agreed on anew: changed, added, or sharing the total otherwise."""
    if piece.is_new or piece.line is None:
        return True
    return piece.fixed is None and (line.amount, line.discount, line.total) != (piece.line.amount, piece.line.discount, piece.line.total)


def _end_lines(change: Calculated, *, revision: int) -> int:
    """Every line of which something else is agreed now ends and gives its place to what follows. Answers with the next free position."""
    followed = {
        piece.line.ref
        for piece, line in zip(change.result.pieces, change.result.sums.lines, strict=True)
        if piece.line is not None and is_another(piece, line)
    }
    untouched = {
        piece.line.ref
        for piece, line in zip(change.result.pieces, change.result.sums.lines, strict=True)
        if piece.line is not None and not is_another(piece, line) and piece.quantity == piece.line.quantity
    }
    ending = [line for line in change.order.lines if line.stands and (line.ref in followed or line.ref not in untouched)]
    last = max(line.position for line in change.order.lines)
    if ending:
        run(
            _END,
            {
                "revision": revision,
                "ids": [line.line_id for line in ending],
                "positions": [line.position if line.shipped_quantity else last + n for n, line in enumerate(ending, 1)],
                "refs": [new_id() for _line in ending],
                "follows": [line.ref in followed for line in ending],
            },
        )
    return last + len(ending) + 1


def _write_lines(change: Calculated, refs: Mapping[int, UUID], *, revision: int, position: int) -> dict[UUID, Any]:
    """The lines that are agreed on now; added ones, and what is left of those that left in part, stand from this position on."""
    order = change.order
    destinations = {d.position: d.destination_id for d in order.destinations}
    lines: list[dict[str, Any]] = []
    discounts: list[dict[str, Any]] = []
    for n, (piece, summed) in enumerate(zip(change.result.pieces, change.result.sums.lines, strict=True)):
        if not is_another(piece, summed):
            continue
        row = _row(summed, piece, destinations) | {"public_id": refs[n]}
        if piece.line is None or piece.line.shipped_quantity:
            row["position"], position = position, position + 1
        lines.append(row)
        discounts += [{"line": refs[n], "source": d.source, "reason": d.reason, "amount": d.amount} for d in piece.discounts]
    made = rows(_LINES, {"order": order.order_id, "language": order.language, "revision": revision, "lines": _json(lines)}) if lines else []
    if discounts:
        run(_DISCOUNTS, {"discounts": _json(discounts)})
    if followers := [row for row in made if row.replaces_id is not None]:
        run(_TAKE_OVER, ([row.replaces_id for row in followers], [row.id for row in followers]))
    return {row.public_id: row for row in rows(_FOR_PARCELS, ([row.id for row in made],))} if made else {}


_FOR_PARCELS = """
SELECT l.id, l.public_id, l.order_id, l.destination_id, l.variant_id, o.company_id, o.number, d.wished_on,
    p.temperature_zone = 'frozen' AND EXISTS (SELECT FROM orders_deliveryservice ds WHERE ds.company_id = o.company_id
        AND ds.ended_at IS NULL) AS travels_alone
FROM orders_line l JOIN orders_order o ON o.id = l.order_id JOIN catalog_variant v ON v.id = l.variant_id
JOIN catalog_product p ON p.id = v.product_id LEFT JOIN orders_destination d ON d.id = l.destination_id WHERE l.id = ANY(%s::bigint[])
"""


def _row(summed: SummedLine, piece: Piece, destinations: Mapping[int, int]) -> dict[str, Any]:
    """The columns of a line that is agreed on now; what it came from is copied from the one whose place it takes."""
    offer, was = summed.offer, piece.line
    name = was.name if was else f"{offer.name} {offer.option}".strip()
    return {
        "destination_id": destinations.get(was.destination if was else 1), "position": was.position if was else 0,
        "outside_line": was.outside_line if was else "", "variant_id": offer.variant_id, "sku": offer.sku, "name": name,
        "category_path": offer.category_path, "profile": was.profile if was else offer.workflow_profile, "purchase_type": str(was.purchase_type if was else "normal"), "cycle": was.cycle if was else None,
        "quantity": piece.quantity, "list_price": offer.list_price, "unit_price": summed.unit_price, "price_reason": summed.price_reason,
        "discount": summed.discount, "amount": summed.amount, "total": summed.total, "tax_class": offer.tax_class,
        "tax_rate_bp": summed.tax_rate_bp, "was": was.line_id if was else None,
    }  # fmt: skip


_PLACE = f"""
UPDATE orders_destination d SET wished_on = CASE WHEN n.day IS NULL THEN d.wished_on ELSE nullif(n.day, '')::date END,
    {", ".join(f"{name} = coalesce(n.{name}, d.{name})" for name in PLACE_FIELDS if name != "wished_on")}
FROM jsonb_to_recordset(%s::jsonb) AS n (id bigint, day text, {", ".join(f"{name} text" for name in PLACE_FIELDS if name != "wished_on")})
WHERE d.id = n.id
"""


def _places(change: Calculated) -> None:
    """The destinations say what the items say, and planned parcels leave for the new day. A fixed number of statements for all."""
    wanted: dict[int, dict[str, Any]] = {}
    days: list[tuple[int, date | None, date | None]] = []
    for item in change.items:
        if item.kind is ChangeKind.DESTINATION:
            place = change.order.place(item.target)
            assert place is not None
            told = wanted.setdefault(place.destination_id, {"id": place.destination_id})
            told["day" if item.field == "wished_on" else item.field] = item.after
            if item.field == "wished_on":
                days.append((place.destination_id, place.wished_on, _day(item.after)))
    if wanted:
        run(_PLACE, (orjson.dumps(list(wanted.values())).decode(),))
        write_order_words([change.order.order_id])
    if days:
        run(_DAYS, tuple(list(column) for column in zip(*days, strict=True)))


_COLUMNS = (
    "noshi_id bigint, noshi_name text, title text, knot text, placement text, names text, wrapping_id bigint, wrapping_name text,"
    " card_id bigint, card_name text, sender_name text, hides_prices boolean"
)
_NAMES = [column.split()[0] for column in _COLUMNS.split(", ")]
_GIVE = f"""
INSERT INTO orders_gift (destination_id, {", ".join(_NAMES)})
SELECT destination_id, {", ".join(_NAMES)} FROM jsonb_to_recordset(%s::jsonb) AS n (destination_id bigint, {_COLUMNS})
ON CONFLICT (destination_id) DO UPDATE SET {", ".join(f"{name} = EXCLUDED.{name}" for name in _NAMES)}
"""
_TELL_GIFTS = """
UPDATE orders_destination d SET is_gift = n.is_gift, gift_message = n.message
FROM jsonb_to_recordset(%s::jsonb) AS n (id bigint, is_gift boolean, message text)
WHERE d.id = n.id AND (d.is_gift, d.gift_message) IS DISTINCT FROM (n.is_gift, n.message)
"""


def _gifts(change: Calculated) -> None:
    """The destinations are given as the items say; a fixed number of statements for all, none where no gift is touched."""
    if not change.gifts:
        return
    told = [{"id": g.destination_id, "is_gift": g.gift is not None or bool(g.message), "message": g.message} for g in change.gifts]
    run(_TELL_GIFTS, (_json(told),))
    if ended := [one.destination_id for one in change.gifts if one.gift is None]:
        run("DELETE FROM orders_gift WHERE destination_id = ANY(%s::bigint[])", (ended,))
    if given := [{"destination_id": one.destination_id, **gift_columns(one.gift)} for one in change.gifts if one.gift is not None]:
        run(_GIVE, (_json(given),))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
