"""Writes placed orders: one statement for any number of orders with everything that hangs on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from core.actor import Actor
from core.db import rows
from core.ids import new_id
from core.operations import series_for
from customers.rules import Person
from inventory.rules import Allocated, Wait
from orders.operations.delivering import ParcelPlan
from orders.operations.gating import Gated, kept_columns
from orders.operations.statement import PARTS, write_statement
from orders.rules import (
    AgreedGift,
    FulfilmentStatus,
    Gate,
    HoldKind,
    OrderDraft,
    OrderPaymentStatus,
    OrderStatus,
    Placed,
    RaisedHold,
    Sums,
    words_of,
)

Batch = dict[str, list[dict[str, Any]]]
"""The rows of every part of the statement; each names what it hangs on by its place in the batch, from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """A draft that nothing stands against any more: priced, its customer known, its stock taken."""

    draft: OrderDraft
    sums: Sums
    order_ref: UUID
    line_refs: tuple[UUID, ...]
    customer_id: int
    allocated: tuple[Allocated, ...]
    waits: Mapping[UUID, Wait] = field(default_factory=dict)
    holds: tuple[RaisedHold, ...] = ()
    pending: bool = False
    parcels: Mapping[tuple[int, int], ParcelPlan] = field(default_factory=dict)
    """How parcels travel, by (place of a line, location); empty where the company has no delivery services."""
    workflow: Gated | None = None
    """What the profiles of its goods ask; None where none has a say."""

    @property
    def awaits_approval(self) -> bool:
        """Whether somebody has to answer for its payment first."""
        return any(hold.kind is HoldKind.APPROVAL for hold in self.holds)


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
    batch: Batch = {part: [] for part in PARTS}
    buyers: set[int] = set()
    for place, one in enumerate(agreed, 1):
        _order(batch, one, place)
        _words(batch, one, place)
        _holds_and_words(batch, one, place)
        before = _destinations(batch, one, place)
        line_places = _lines(batch, one, place, before)
        _money(batch, one, place, before)
        _parcels(batch, one, place, line_places)
        if one.customer_id not in buyers:
            buyers.add(one.customer_id)
            _facts(batch, one, place)
    first = agreed[0].draft
    series = series_for(first.company_id, kind="order", channel_id=first.channel_id)
    parts = tuple(part for part, of_part in batch.items() if of_part and part != "facts")
    (row,) = rows(
        write_statement(series.sql(placed_on), parts),
        {
            "company": first.company_id,
            "channel": first.channel_id,
            "at": at,
            "placed_on": placed_on,
            "actor_kind": str(actor.kind),
            "actor_id": actor.id,
            "actor_label": actor.label,
            "on_behalf_of": actor.on_behalf_of,
            "order_count": len(agreed),
            "destination_count": len(batch["destinations"]),
            "line_count": len(batch["lines"]),
            "shipment_count": len(batch["shipments"]),
            **{part: orjson.dumps(of_part).decode() for part, of_part in batch.items() if of_part},
        },
    )
    placed = tuple(
        Placed(
            order_id=order_id,
            public_id=one.order_ref,
            number=number,
            customer_id=one.customer_id,
            total=one.sums.total,
            currency=one.sums.currency,
        )
        for one, order_id, number in zip(agreed, row.orders, row.numbers, strict=True)
    )
    return Written(placed=placed, recount=() if row.counted == len(agreed) else tuple(sorted(buyers)))


def _name_of(person: Person) -> str:
    return person.organisation_name or f"{person.family_name} {person.given_name}".strip()


def _order(batch: Batch, one: Agreed, place: int) -> None:
    draft, sums = one.draft, one.sums
    person = draft.person
    first = draft.destinations[0].place
    batch["orders"].append(
        {
            "o": place,
            "public_id": one.order_ref,
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
            "fulfilment_status": _to_ship(one),
            "open_holds": len(one.holds),
            "paid_first": one.workflow is not None and Gate.PAYMENT in one.workflow.needs.gates,
            "inspected_first": one.workflow is not None and Gate.INSPECTION in one.workflow.needs.gates,
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
        }
    )


def _words(batch: Batch, one: Agreed, place: int) -> None:
    """What the order will be found by, all but its number."""
    order = batch["orders"][-1]
    places = [destination.place for destination in one.draft.destinations]
    names = [order["buyer_name"]]
    for to in places:
        names += (to.name, f"{to.family_kana} {to.given_kana}", to.organisation_name)
    phones = [order["buyer_phone"], *(to.phone for to in places)]
    batch["words"].append({"o": place, "rest": words_of([one.draft.outside_number], names, [order["buyer_email"]], phones)})


def _to_ship(one: Agreed) -> FulfilmentStatus:
    if one.allocated:
        return FulfilmentStatus.PLANNED
    return FulfilmentStatus.WAITING if one.waits else FulfilmentStatus.NOTHING_TO_SHIP


def _facts(batch: Batch, one: Agreed, place: int) -> None:
    sums = one.sums
    batch["facts"].append(
        {"o": place, "customer_id": one.customer_id, "sku": sums.lines[0].offer.sku, "total": sums.total, "currency": sums.currency}
    )


def _holds_and_words(batch: Batch, one: Agreed, place: int) -> None:
    for hold in one.holds:
        batch["holds"].append({"o": place, "kind": hold.kind, "reason": hold.reason, "rule_id": hold.rule_id, "role_id": hold.role_id})
    if one.awaits_approval:
        batch["approvals"].append({"o": place, "amount": one.sums.total})
    if one.workflow is not None:
        batch["workflows"].append({"o": place, **kept_columns(one.workflow)})
    if shown := one.draft.confirmation:
        batch["confirmations"].append({"o": place, "terms_version": shown.terms_version, "shown": shown.shown, "shown_at": shown.shown_at})


def _destinations(batch: Batch, one: Agreed, place: int) -> int:
    """Answers with how many destinations stood in the batch before those of this order."""
    before = len(batch["destinations"])
    for position, destination in enumerate(one.draft.destinations, 1):
        to = destination.place
        batch["destinations"].append(
            {
                "d": before + position,
                "o": place,
                "position": position,
                "name": to.name,
                "kana": f"{to.family_kana} {to.given_kana}".strip(),
                "organisation_name": to.organisation_name,
                "country": to.country,
                "postal_code": to.postal_code,
                "prefecture": to.prefecture,
                "city": to.city,
                "street": to.street,
                "building": to.building,
                "phone": to.phone,
                "wished_on": destination.wished_on,
                "time_band": destination.time_band,
                "service": destination.service,
                "is_gift": destination.is_gift or destination.gift is not None,
                "gift_message": destination.gift_message,
                "pickup_at_id": destination.pickup_at_id,
            }
        )
    batch["gifts"] += [{"d": before + gift.destination, **gift_columns(gift)} for gift in one.sums.gifts]
    return before


def _lines(batch: Batch, one: Agreed, place: int, destinations_before: int) -> dict[UUID, tuple[int, int]]:
    """Answers with the places of every line and of its destination in the batch, by the line's public id."""
    places = {}
    for position, (line_ref, line) in enumerate(zip(one.line_refs, one.sums.lines, strict=True), 1):
        draft, offer, origin = line.draft, line.offer, line.draft.attribution
        places[line_ref] = own, destination = len(batch["lines"]) + 1, destinations_before + draft.destination
        batch["lines"].append(
            {
                "l": own,
                "o": place,
                "d": destination,
                "public_id": line_ref,
                "position": position,
                "outside_line": draft.outside_line,
                "variant_id": offer.variant_id,
                "sku": offer.sku,
                "name": f"{offer.name} {offer.option}".strip(),
                "language": one.draft.language,
                "category_path": offer.category_path,
                "profile": offer.workflow_profile,
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
            batch["discounts"].append({"l": own, "source": discount.source, "reason": discount.reason, "amount": discount.amount})
    return places


def gift_columns(gift: AgreedGift) -> dict[str, Any]:
    """A gift as its row keeps it."""
    return {
        "noshi_id": gift.noshi_id, "noshi_name": gift.noshi_name, "title": gift.title, "knot": gift.knot, "placement": gift.placement,
        "names": "\n".join(gift.names), "wrapping_id": gift.wrapping_id, "wrapping_name": gift.wrapping_name, "card_id": gift.card_id,
        "card_name": gift.card_name, "sender_name": gift.sender_name, "hides_prices": gift.hides_prices,
    }  # fmt: skip


def _money(batch: Batch, one: Agreed, place: int, destinations_before: int) -> None:
    """Fees, and the tax of every rate."""
    for fee in one.sums.fees:
        batch["fees"].append(
            {
                "o": place,
                "d": destinations_before + fee.destination if fee.destination else None,
                "kind": fee.kind,
                "label": fee.label,
                "amount": fee.amount,
                "total": fee.total,
                "tax_class": fee.tax_class,
                "tax_rate_bp": fee.tax_rate_bp,
                "rule_id": fee.rule_id,
                "explanation": fee.explanation[:200],
            }
        )
    for rate in one.sums.taxes:
        batch["taxes"].append(
            {"o": place, "tax_class": rate.tax_class, "tax_rate_bp": rate.rate_bp, "taxable": rate.taxable, "tax": rate.tax}
        )


def _parcels(batch: Batch, one: Agreed, place: int, line_places: Mapping[UUID, tuple[int, int]]) -> None:
    """One planned parcel per destination and location, and per temperature that travels by itself."""
    before = len(batch["shipments"])
    parcels: dict[tuple[int, int, int], int] = {}
    at = {ref: n for n, ref in enumerate(one.line_refs)}
    for part in one.allocated:
        line, destination = line_places[part.demand_id]
        plan = one.parcels.get((at[part.demand_id], part.location_id))
        group = plan.group if plan else -1
        parcel = parcels.setdefault((destination, part.location_id, group), before + len(parcels) + 1)
        if parcel > len(batch["shipments"]):
            batch["shipments"].append(
                {
                    "s": parcel,
                    "o": place,
                    "d": destination,
                    "n": parcel - before,
                    "public_id": new_id(),
                    "location_id": part.location_id,
                    "planned_on": plan.ship_on if plan else batch["destinations"][destination - 1]["wished_on"],
                    "expected_on": plan.expected_on if plan else None,
                    "service_id": plan.service_id if plan else None,
                    "carrier": plan.carrier if plan else "",
                    "pieces": plan.pieces if plan else 1,
                }
            )
        batch["shipment_lines"].append({"s": parcel, "l": line, "allocation_id": part.allocation_id, "quantity": part.line_quantity})
