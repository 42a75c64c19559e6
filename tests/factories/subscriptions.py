"""Courses and contracts for tests: valid by default, the arguments are the point."""

from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any

from catalog.models import Price, PriceList, Variant
from catalog.rules import PurchaseType
from core.actor import SYSTEM
from core.db import acting
from orders.operations import place_orders
from orders.rules import DraftLine, Placed, SubscriptionWish
from subscriptions.models import Cycle, Plan, Subscription
from subscriptions.operations import save_plans
from subscriptions.rules import NewPlan
from tests.factories.catalog import LONG_AGO
from tests.factories.orders import AT, Shop, a_draft

_next = count(1)


def a_plan(shop: Shop, *variants: Variant, at: datetime = AT, **given: Any) -> Plan:
    """A monthly course of these articles: order 3 days ahead, changes until 5 days before, reminder 8 days before."""
    usual: dict[str, Any] = {
        "code": f"plan{next(_next)}",
        "name": "お茶の定期便",
        "name_en": "Tea by post",
        "intervals": ("1m", "2m", "2w"),
    }
    (saved,) = save_plans(
        shop.company.pk, [NewPlan(**{**usual, **given, "variant_ids": tuple(v.pk for v in variants)})], actor=SYSTEM, at=at
    )
    assert isinstance(saved, int), saved
    return Plan.objects.get(pk=saved)


def something_to_subscribe(shop: Shop, price: int = 1_000, *, stock: list[int] | None = None, **given: Any) -> Variant:
    """An article that may be bought once or by subscription."""
    variant = shop.variant(price, stock=stock, **given)
    with acting(SYSTEM):
        Variant.objects.filter(pk=variant.pk).update(purchase_types="normal,subscription")
    variant.refresh_from_db()
    return variant


def a_delivery_price(variant: Variant, amount: int, *, cycle_from: int, cycle_until: int | None = None) -> Price:
    """A price of certain deliveries."""
    code = f"sub{cycle_from}-{cycle_until or ''}"
    prices, _new = PriceList.objects.get_or_create(
        company=variant.company, code=code,
        defaults={"name": code, "purchase_type": "subscription", "cycle_from": cycle_from, "cycle_until": cycle_until, "priority": 5},
    )  # fmt: skip
    return Price.objects.create(price_list=prices, variant=variant, amount=amount, from_at=LONG_AGO)


def subscribing(shop: Shop, *wanted: tuple[Variant, int], plan: str = "", interval: str = "", **given: Any) -> Any:
    """An order of subscription lines, not placed yet."""
    draft = a_draft(shop, **given)
    lines = tuple(
        DraftLine(
            variant_id=variant.pk, quantity=quantity, purchase_type=PurchaseType.SUBSCRIPTION,
            subscription=SubscriptionWish(plan_code=plan, interval=interval),
        )
        for variant, quantity in wanted
    )  # fmt: skip

    return replace(draft, lines=lines)


def a_contract(
    shop: Shop, *wanted: tuple[Variant, int], at: datetime = AT, interval: str = "", plan: dict[str, Any] | None = None, **given: Any
) -> Subscription:
    """A contract opened by an order of one article, by a course of its own unless the articles have one."""
    if not wanted:
        variant = something_to_subscribe(shop)
        a_plan(shop, variant, **(plan or {}))
        wanted = ((variant, 1),)
    (result,) = place_orders([subscribing(shop, *wanted, interval=interval, **given)], actor=SYSTEM, at=at)
    assert isinstance(result, Placed), result
    return Subscription.objects.get(first_order_id=result.order_id)


def open_cycle(contract: Subscription) -> Cycle:
    """The delivery to come, or the one that failed."""
    return Cycle.objects.get(subscription=contract, status__in=["planned", "failed"])


def many_contracts(shop: Shop, number: int, *, at: datetime = AT, **given: Any) -> list[Subscription]:
    """Many contracts of one article, each of a customer of its own."""
    variant = something_to_subscribe(shop, stock=[number * 20])
    a_plan(shop, variant, **given)
    results = place_orders([subscribing(shop, (variant, 1)) for _n in range(number)], actor=SYSTEM, at=at)
    assert all(isinstance(r, Placed) for r in results), results[:3]
    ids = [r.order_id for r in results if isinstance(r, Placed)]
    return list(Subscription.objects.filter(first_order_id__in=ids).order_by("id"))
