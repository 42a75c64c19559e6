"""Writes placed orders: one statement for any number of orders with everything that hangs on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from core.actor import Actor
from core.db import rows
from core.ids import new_id
from core.operations import series_for
from customers.rules import Person
from inventory.rules import Allocated
from orders.rules import FulfilmentStatus, HoldKind, OrderDraft, OrderPaymentStatus, OrderStatus, Placed, Sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """A draft that nothing stands against any more: priced, its customer known, its stock taken."""

    draft: OrderDraft
    sums: Sums
    order_ref: UUID
    line_refs: tuple[UUID, ...]
    customer_id: int
    allocated: tuple[Allocated, ...]
    holds: tuple[tuple[HoldKind, str], ...] = ()
    pending: bool = False


# Each table takes its rows from one JSON document; children find their order by its public id, which is made before.
_WRITE = """
WITH doc AS MATERIALIZED (SELECT %(doc)s::jsonb AS d),
o AS (
    INSERT INTO orders_order (public_id, company_id, number, channel_id, site_id, brand_id, outside_number, cart_ref, customer_id,
        account_id, taken_by_id, taken_at_id, status, payment_status, fulfilment_status, open_holds, placed_at, placed_on, language,
        currency, tax_basis, payment_method, goods_total, discount_total, fee_total, tax_total, total, buyer_name, buyer_email,
        buyer_phone, remark, actor_kind, actor_id, actor_label, on_behalf_of)
    SELECT r.public_id, r.company_id, {number}, r.channel_id, r.site_id, r.brand_id,
        r.outside_number, r.cart_ref, r.customer_id, r.account_id, r.taken_by_id, r.taken_at_id, r.status, r.payment_status,
        r.fulfilment_status, r.open_holds, r.placed_at, r.placed_on, r.language, r.currency, r.tax_basis, r.payment_method,
        r.goods_total, r.discount_total, r.fee_total, r.tax_total, r.total, r.buyer_name, r.buyer_email, r.buyer_phone, r.remark,
        r.actor_kind, r.actor_id, r.actor_label, r.on_behalf_of
    FROM doc, jsonb_populate_recordset(NULL::orders_order, d->'orders') r
    RETURNING id, public_id, number, company_id, customer_id, channel_id, placed_on, total, currency
),
de AS (
    INSERT INTO orders_destination (order_id, position, name, kana, organisation_name, country, postal_code, prefecture, city, street,
        building, phone, wished_on, time_band, is_gift, gift_message)
    SELECT o.id, r.position, r.name, r.kana, r.organisation_name, r.country, r.postal_code, r.prefecture, r.city, r.street, r.building,
        r.phone, r.wished_on, r.time_band, r.is_gift, r.gift_message
    FROM doc, jsonb_array_elements(d->'destinations') e JOIN o ON o.public_id = (e->>'o')::uuid,
        LATERAL jsonb_populate_record(NULL::orders_destination, e) r
    RETURNING id, order_id, position
),
li AS (
    INSERT INTO orders_line (public_id, order_id, destination_id, position, outside_line, variant_id, sku, name, language, category_path,
        purchase_type, cycle, quantity, list_price, unit_price, price_reason, discount, amount, total, tax_class, tax_rate_bp,
        campaign_ref, campaign_name, route_medium, outbound_at, offer_from_at, offer_until_at, ad_code, referral_code, recommendation_ref)
    SELECT r.public_id, o.id, de.id, r.position, r.outside_line, r.variant_id, r.sku, r.name, r.language, r.category_path,
        r.purchase_type, r.cycle, r.quantity, r.list_price, r.unit_price, r.price_reason, r.discount, r.amount, r.total, r.tax_class,
        r.tax_rate_bp, r.campaign_ref, r.campaign_name, r.route_medium, r.outbound_at, r.offer_from_at, r.offer_until_at, r.ad_code,
        r.referral_code, r.recommendation_ref
    FROM doc, jsonb_array_elements(d->'lines') e JOIN o ON o.public_id = (e->>'o')::uuid
        JOIN de ON de.order_id = o.id AND de.position = (e->>'d')::int,
        LATERAL jsonb_populate_record(NULL::orders_line, e) r
    ORDER BY o.id, r.position
    RETURNING id, public_id, order_id
),
{discounts}
{fees}
ta AS (
    INSERT INTO orders_ordertax (order_id, tax_class, tax_rate_bp, taxable, tax)
    SELECT o.id, e->>'tax_class', (e->>'tax_rate_bp')::int, (e->>'taxable')::bigint, (e->>'tax')::bigint
    FROM doc, jsonb_array_elements(d->'taxes') e JOIN o ON o.public_id = (e->>'o')::uuid
),
{shipments}
{shipment_lines}
{holds}
{confirmations}
fa AS (
    INSERT INTO orders_purchasefacts AS f (customer_id, company_id, entry_order_id, entry_sku, entry_channel_id, f_number, first_on,
        last_on, order_count, amount_total, currency)
    SELECT DISTINCT ON (p.id) p.id, o.company_id, o.id, e->>'sku', o.channel_id, 1, o.placed_on, o.placed_on, 1, o.total, o.currency
    FROM o JOIN customers_customer c ON c.id = o.customer_id CROSS JOIN LATERAL (SELECT COALESCE(c.principal_id, c.id) AS id) p,
        doc, jsonb_array_elements(d->'lines') e
    WHERE (e->>'o')::uuid = o.public_id AND (e->>'position')::int = 1
    ORDER BY p.id, o.id
    ON CONFLICT (customer_id) DO UPDATE SET
        f_number = f.f_number + CASE WHEN f.last_on IS NULL OR EXCLUDED.last_on > f.last_on THEN 1 ELSE 0 END,
        entry_order_id = COALESCE(f.entry_order_id, EXCLUDED.entry_order_id),
        entry_sku = CASE WHEN f.entry_order_id IS NULL THEN EXCLUDED.entry_sku ELSE f.entry_sku END,
        entry_channel_id = CASE WHEN f.entry_order_id IS NULL THEN EXCLUDED.entry_channel_id ELSE f.entry_channel_id END,
        first_on = COALESCE(f.first_on, EXCLUDED.first_on),
        last_on = GREATEST(f.last_on, EXCLUDED.last_on),
        order_count = f.order_count + 1,
        amount_total = f.amount_total + EXCLUDED.amount_total
    RETURNING customer_id, last_on
)
SELECT o.id, o.public_id, o.number, o.customer_id, COALESCE(c.principal_id, c.id) AS principal_id,
    (SELECT fa.last_on FROM fa WHERE fa.customer_id = COALESCE(c.principal_id, c.id)) AS last_on
FROM o JOIN customers_customer c ON c.id = o.customer_id
"""

# What an order may lack is left out of the statement: opening a table that gets no row costs as much as filling it.
_MAYBE = {
    "discounts": """
di AS (
    INSERT INTO orders_linediscount (line_id, source, reason, amount)
    SELECT li.id, e->>'source', e->>'reason', (e->>'amount')::bigint
    FROM doc, jsonb_array_elements(d->'discounts') e JOIN li ON li.public_id = (e->>'l')::uuid
),
""",
    "fees": """
fe AS (
    INSERT INTO orders_fee (order_id, kind, label, amount, total, tax_class, tax_rate_bp)
    SELECT o.id, e->>'kind', e->>'label', (e->>'amount')::bigint, (e->>'total')::bigint, e->>'tax_class', (e->>'tax_rate_bp')::int
    FROM doc, jsonb_array_elements(d->'fees') e JOIN o ON o.public_id = (e->>'o')::uuid
),
""",
    "shipments": """
sh AS (
    INSERT INTO orders_shipment (public_id, order_id, destination_id, company_id, location_id, number, planned_on)
    SELECT (e->>'public_id')::uuid, o.id, de.id, o.company_id, (e->>'location_id')::bigint, o.number || '-' || (e->>'n'),
        (e->>'planned_on')::date
    FROM doc, jsonb_array_elements(d->'shipments') e JOIN o ON o.public_id = (e->>'o')::uuid
        JOIN de ON de.order_id = o.id AND de.position = (e->>'d')::int
    ORDER BY o.id, (e->>'n')::int
    RETURNING id, public_id
),
""",
    "shipment_lines": """
sl AS (
    INSERT INTO orders_shipmentline (shipment_id, line_id, allocation_id, quantity)
    SELECT sh.id, li.id, (e->>'allocation_id')::bigint, (e->>'quantity')::int
    FROM doc, jsonb_array_elements(d->'shipment_lines') e JOIN sh ON sh.public_id = (e->>'s')::uuid
        JOIN li ON li.public_id = (e->>'l')::uuid
),
""",
    "holds": """
ho AS (
    INSERT INTO orders_hold (order_id, kind, reason, raised_at, actor_kind, actor_id)
    SELECT o.id, e->>'kind', e->>'reason', (e->>'raised_at')::timestamptz, 'rule', 'placing'
    FROM doc, jsonb_array_elements(d->'holds') e JOIN o ON o.public_id = (e->>'o')::uuid
),
""",
    "confirmations": """
co AS (
    INSERT INTO orders_finalconfirmation (order_id, terms_version, shown, shown_at)
    SELECT o.id, e->>'terms_version', e->>'shown', (e->>'shown_at')::timestamptz
    FROM doc, jsonb_array_elements(d->'confirmations') e JOIN o ON o.public_id = (e->>'o')::uuid
),
""",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The orders as written, in the order asked, and the customers whose purchase facts need a recount."""

    placed: tuple[Placed, ...]
    recount: tuple[int, ...]


def write_orders(agreed: Sequence[Agreed], *, placed_on: date, actor: Actor, at: datetime) -> Written:
    """Insert the orders with lines, discounts, fees, taxes, destinations, parcels, holds and purchase facts in one statement.

    All drafts share company and channel, so their numbers come from one series.
    Raises IntegrityError on orders_order_cart_once / orders_order_outside_once when somebody else was first.
    """
    doc: dict[str, list[dict[str, Any]]] = {
        key: []
        for key in (
            "orders",
            "destinations",
            "lines",
            "discounts",
            "fees",
            "taxes",
            "shipments",
            "shipment_lines",
            "holds",
            "confirmations",
        )
    }
    for one in agreed:
        _order(doc, one, placed_on=placed_on, actor=actor, at=at)
        _lines(doc, one)
        _parcels(doc, one)
    first = agreed[0].draft
    series = series_for(first.company_id, kind="order", channel_id=first.channel_id)
    sql = _WRITE.replace("{number}", series.sql(placed_on))
    for key, part in _MAYBE.items():
        sql = sql.replace(f"{{{key}}}", part if doc[key] else "")
    written = {r.public_id: r for r in rows(sql, {"doc": orjson.dumps(doc).decode()})}
    seen: dict[int, int] = {}
    for r in written.values():
        seen[r.principal_id] = seen.get(r.principal_id, 0) + 1
    recount = sorted(p for p, n in seen.items() if n > 1 or any(r.principal_id == p and r.last_on != placed_on for r in written.values()))
    placed = tuple(
        Placed(
            order_id=written[one.order_ref].id,
            public_id=one.order_ref,
            number=written[one.order_ref].number,
            customer_id=one.customer_id,
            total=one.sums.total,
            currency=one.sums.currency,
        )
        for one in agreed
    )
    return Written(placed=placed, recount=tuple(recount))


def _name_of(person: Person) -> str:
    return person.organisation_name or f"{person.family_name} {person.given_name}".strip()


def _order(doc: dict[str, list[dict[str, Any]]], one: Agreed, *, placed_on: date, actor: Actor, at: datetime) -> None:
    draft, sums, ref = one.draft, one.sums, str(one.order_ref)
    person = draft.person
    first = draft.destinations[0].place
    doc["orders"].append(
        {
            "public_id": ref,
            "company_id": draft.company_id,
            "channel_id": draft.channel_id,
            "site_id": draft.site_id,
            "brand_id": draft.brand_id,
            "outside_number": draft.outside_number,
            "cart_ref": draft.cart_ref,
            "customer_id": one.customer_id,
            "account_id": draft.account_id,
            "taken_by_id": draft.taken_by_id,
            "taken_at_id": draft.taken_at_id,
            "status": OrderStatus.PENDING if one.pending else OrderStatus.CONFIRMED,
            "payment_status": OrderPaymentStatus.PAID if sums.total == 0 else OrderPaymentStatus.UNPAID,
            "fulfilment_status": FulfilmentStatus.PLANNED if one.allocated else FulfilmentStatus.NOTHING_TO_SHIP,
            "open_holds": len(one.holds),
            "placed_at": at,
            "placed_on": placed_on,
            "language": draft.language,
            "currency": sums.currency,
            "tax_basis": sums.tax_basis,
            "payment_method": draft.payment_method,
            "goods_total": sums.goods_total,
            "discount_total": sums.discount_total,
            "fee_total": sums.fee_total,
            "tax_total": sums.tax_total,
            "total": sums.total,
            "buyer_name": _name_of(person) if person else first.name,
            "buyer_email": person.email if person else "",
            "buyer_phone": (person.phone if person else "") or first.phone,
            "remark": draft.remark,
            "actor_kind": actor.kind,
            "actor_id": actor.id,
            "actor_label": actor.label,
            "on_behalf_of": actor.on_behalf_of,
        }
    )
    _destinations(doc, one)
    for kind, reason in one.holds:
        doc["holds"].append({"o": ref, "kind": kind, "reason": reason, "raised_at": at})
    if draft.confirmation:
        shown = draft.confirmation
        doc["confirmations"].append({"o": ref, "terms_version": shown.terms_version, "shown": shown.shown, "shown_at": shown.shown_at})


def _destinations(doc: dict[str, list[dict[str, Any]]], one: Agreed) -> None:
    ref = str(one.order_ref)
    for position, destination in enumerate(one.draft.destinations, 1):
        place = destination.place
        doc["destinations"].append(
            {
                "o": ref,
                "position": position,
                "name": place.name,
                "kana": f"{place.family_kana} {place.given_kana}".strip(),
                "organisation_name": place.organisation_name,
                "country": place.country,
                "postal_code": place.postal_code,
                "prefecture": place.prefecture,
                "city": place.city,
                "street": place.street,
                "building": place.building,
                "phone": place.phone,
                "wished_on": destination.wished_on,
                "time_band": destination.time_band,
                "is_gift": destination.is_gift,
                "gift_message": destination.gift_message,
            }
        )


def _lines(doc: dict[str, list[dict[str, Any]]], one: Agreed) -> None:
    ref = str(one.order_ref)
    for position, (line_ref, line) in enumerate(zip(one.line_refs, one.sums.lines, strict=True), 1):
        draft, offer, origin = line.draft, line.offer, line.draft.attribution
        doc["lines"].append(
            {
                "o": ref,
                "d": draft.destination,
                "public_id": line_ref,
                "position": position,
                "outside_line": draft.outside_line,
                "variant_id": offer.variant_id,
                "sku": offer.sku,
                "name": f"{offer.name} {offer.option}".strip(),
                "language": one.draft.language,
                "category_path": offer.category_path,
                "purchase_type": draft.purchase_type,
                "cycle": draft.cycle,
                "quantity": draft.quantity,
                "list_price": offer.list_price,
                "unit_price": line.unit_price,
                "price_reason": line.price_reason,
                "discount": line.discount,
                "amount": line.amount,
                "total": line.total,
                "tax_class": offer.tax_class,
                "tax_rate_bp": line.tax_rate_bp,
                "campaign_ref": origin.campaign_ref,
                "campaign_name": origin.campaign_name,
                "route_medium": origin.route_medium,
                "outbound_at": origin.outbound_at,
                "offer_from_at": origin.offer_from_at,
                "offer_until_at": origin.offer_until_at,
                "ad_code": origin.ad_code,
                "referral_code": origin.referral_code,
                "recommendation_ref": origin.recommendation_ref,
            }
        )
        for discount in line.discounts:
            doc["discounts"].append({"l": line_ref, "source": discount.source, "reason": discount.reason, "amount": discount.amount})
    for fee in one.sums.fees:
        doc["fees"].append(
            {
                "o": ref,
                "kind": fee.kind,
                "label": fee.label,
                "amount": fee.amount,
                "total": fee.total,
                "tax_class": fee.tax_class,
                "tax_rate_bp": fee.tax_rate_bp,
            }
        )
    for rate in one.sums.taxes:
        doc["taxes"].append({"o": ref, "tax_class": rate.tax_class, "tax_rate_bp": rate.rate_bp, "taxable": rate.taxable, "tax": rate.tax})


def _parcels(doc: dict[str, list[dict[str, Any]]], one: Agreed) -> None:
    """One planned parcel per destination and location."""
    destination_of = {ref: line.draft.destination for ref, line in zip(one.line_refs, one.sums.lines, strict=True)}
    parcels: dict[tuple[int, int], UUID] = {}
    for part in one.allocated:
        key = (destination_of[part.demand_id], part.location_id)
        if key not in parcels:
            parcels[key] = new_id()
            doc["shipments"].append(
                {
                    "o": str(one.order_ref),
                    "d": key[0],
                    "public_id": parcels[key],
                    "location_id": part.location_id,
                    "n": len(parcels),
                    "planned_on": one.draft.destinations[key[0] - 1].wished_on,
                }
            )
        doc["shipment_lines"].append(
            {"s": parcels[key], "l": part.demand_id, "allocation_id": part.allocation_id, "quantity": part.line_quantity}
        )
