"""A shop that can take orders, and orders in it."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import uuid4

from billing.rules import PaymentMethod
from catalog.models import Variant
from core.actor import SYSTEM, Actor, ActorKind
from core.db import acting
from core.models import Company, SalesChannel
from core.queries import forget_kept
from customers.models import Customer
from customers.rules import Person, PlaceOfDelivery
from inventory.models import Component, Location
from orders.models import CarrierContract, FeeRule, HoldRule, InsertRule, InspectionPolicy, Order, Shipment, WorkflowProfile
from orders.operations import Leaving, place_orders, ship_shipments
from orders.rules import DraftDestination, DraftLine, FeeKind, OrderDraft, Placed
from tests.factories.catalog import a_sellable_variant
from tests.factories.core import a_channel, a_company
from tests.factories.customers import a_customer
from tests.factories.inventory import a_location, a_stock_item, stock_of

AT = datetime(2026, 5, 11, 3, 0, tzinfo=UTC)
STAFF = Actor(ActorKind.STAFF, "7", "受注 太郎")
_next = count(1)


@dataclass(frozen=True)
class Shop:
    """A company with a channel and locations that ship, the preferred one first."""

    company: Company
    channel: SalesChannel
    locations: list[Location] = field(default_factory=list)

    def variant(self, price: int = 1_000, *, stock: list[int] | None = None, tax_class: str = "standard", **fields: Any) -> Variant:
        """Something for sale, with so much on the shelf of each location."""
        variant = a_sellable_variant(self.company, price=price, tax_class=tax_class, **fields)
        item = a_stock_item(self.company, variant.sku)
        Component.objects.create(variant=variant, stock_item=item, quantity=1)
        for location, quantity in zip(self.locations, [100] if stock is None else stock, strict=False):
            stock_of(item, location, quantity)
        return variant


def a_shop(*, locations: int = 3, **company: Any) -> Shop:
    """A shop with three shipping locations and no fee rules."""
    owner = a_company(**company)
    return Shop(owner, a_channel(owner), [a_location(owner, f"wh{next(_next)}") for _ in range(locations)])


def a_place(**given: Any) -> PlaceOfDelivery:
    """An address in Tokyo."""
    usual = {
        "family_name": "山田", "given_name": "花子", "family_kana": "ヤマダ", "given_kana": "ハナコ", "postal_code": "101-0051",
        "prefecture": "東京都", "city": "千代田区", "street": "神田神保町1-1", "phone": "03-1234-5678",
    }  # fmt: skip
    return PlaceOfDelivery(**{**usual, **given})


def a_person(**given: Any) -> Person:
    """Somebody who buys for the first time."""
    number = next(_next)
    usual = {
        "family_name": "山田", "given_name": "花子", "family_kana": "ヤマダ", "given_kana": "ハナコ",
        "email": f"hanako{number}@example.jp", "phone": f"090-1000-{number:04d}",
    }  # fmt: skip
    return Person(**{**usual, **given})


def a_draft(shop: Shop, *wanted: tuple[Variant, int], **given: Any) -> OrderDraft:
    """A guest's order of some variants, paid on delivery."""
    if "customer_id" not in given and "person" not in given:
        given["person"] = a_person()
    return OrderDraft(
        **{
            "company_id": shop.company.pk,
            "channel_id": shop.channel.pk,
            "lines": tuple(DraftLine(variant_id=variant.pk, quantity=quantity) for variant, quantity in wanted),
            "destinations": (DraftDestination(place=a_place()),),
            "payment_method": PaymentMethod.CASH_ON_DELIVERY,
            **given,
        }
    )


def placed(*drafts: OrderDraft, at: datetime = AT, actor: Actor = SYSTEM) -> list[Placed]:
    """Place orders that must succeed."""
    results = place_orders(drafts, actor=actor, at=at)
    assert all(isinstance(r, Placed) for r in results), results
    return [r for r in results if isinstance(r, Placed)]


def an_order(shop: Shop | None = None, *wanted: tuple[Variant, int], **given: Any) -> Order:
    """A placed order of one thing."""
    shop = shop or a_shop()
    wanted = wanted or ((shop.variant(), 1),)
    (result,) = placed(a_draft(shop, *wanted, **given))
    return Order.objects.get(pk=result.order_id)


def a_shipped_order(shop: Shop | None = None, *wanted: tuple[Variant, int], at: datetime = AT, **given: Any) -> Order:
    """An order whose parcels have all left."""
    order = an_order(shop, *wanted, **given)
    ids = list(Shipment.objects.filter(order=order).order_by("id").values_list("id", flat=True))
    results = ship_shipments([Leaving(shipment_id=i) for i in ids], actor=STAFF, at=at)
    assert all(hasattr(r, "shipment_id") for r in results), results
    order.refresh_from_db()
    return order


def a_known_customer(shop: Shop, **given: Any) -> Customer:
    """A customer of the shop's company."""
    return a_customer(shop.company, **given)


def a_fee(shop: Shop, amount: int, *, kind: FeeKind = FeeKind.SHIPPING, **given: Any) -> FeeRule:
    """A fee rule of the shop."""
    with acting(SYSTEM):
        return FeeRule.objects.create(company=shop.company, kind=kind, amount=amount, tax_class_id="standard", **{"label": "送料", **given})


def a_hold_rule(shop: Shop, **given: Any) -> HoldRule:
    """A rule by which the shop's orders are held."""
    with acting(SYSTEM):
        rule = HoldRule.objects.create(company=shop.company, **{"name": "確認", "kind": "manual", **given})
    forget_kept()
    return rule


def a_profile(shop: Shop, code: str = "gift", **given: Any) -> WorkflowProfile:
    """What orders of the shop's goods of this code need."""
    with acting(SYSTEM):
        profile = WorkflowProfile.objects.create(company=shop.company, code=code, **{"name": code, **given})
    forget_kept()
    return profile


def repeated(draft: OrderDraft) -> OrderDraft:
    """The same draft with a cart behind it, so that repeats are known."""
    return replace(draft, cart_ref=uuid4())


LAYOUTS = {"yamato": "yamato_b2_95", "sagawa": "sagawa_hiden3", "japanpost": "japanpost_yupuri"}


def a_contract(shop: Shop, carrier: str = "yamato", **given: Any) -> CarrierContract:
    """How the shop sends with a carrier."""
    usual = {
        "layout": LAYOUTS[carrier], "customer_code": "054000000001", "freight_code": "1100780" if carrier == "japanpost" else "01",
        "packing": "001", "sender_name": "こよみ堂", "sender_phone": "0120-000-540", "sender_postal_code": "420-0853",
        "sender_address": "静岡県静岡市葵区追手町0-0", "sender_building": "茶町ビル2階", "goods": "食品",
    }  # fmt: skip
    with acting(SYSTEM):
        return CarrierContract.objects.create(company=shop.company, carrier=carrier, **{**usual, **given})


def an_insert_rule(shop: Shop, item: Any = None, *, stock: int = 10, **given: Any) -> InsertRule:
    """A leaflet of the shop, with so many on the shelf of its first location, and the rule that puts it into parcels."""
    if item is None:
        item = a_stock_item(shop.company, f"LEAF{next(_next)}")
        if stock:
            stock_of(item, shop.locations[0], stock)
    with acting(SYSTEM):
        return InsertRule.objects.create(company=shop.company, stock_item=item, **{"name": f"チラシ{item.code}", **given})


def an_inspection_policy(shop: Shop, *, location: Any = None, is_required: bool = True) -> InspectionPolicy:
    """Parcels of the shop must be inspected before they leave."""
    with acting(SYSTEM):
        return InspectionPolicy.objects.create(company=shop.company, location=location, is_required=is_required)
