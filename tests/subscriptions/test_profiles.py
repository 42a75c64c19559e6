"""What workflow profiles ask of subscriptions reaches every order that the clock makes of a contract."""

from typing import Any

import pytest
from django.contrib.auth.models import Group

from core.actor import SYSTEM
from core.errors import Refusal
from orders.models import Hold, Order, OrderWorkflow, Shipment
from orders.operations import Leaving, choose_inserts, ship_shipments, tick_off_holds
from subscriptions.models import Cycle
from tests.factories.orders import AT, STAFF, Shop, a_hold_rule, a_profile, a_shop, an_insert_rule
from tests.factories.returns import broken_promises
from tests.factories.subscriptions import a_contract, a_plan, something_to_subscribe
from tests.subscriptions.test_operations_generating import generate

pytestmark = pytest.mark.django_db(transaction=True)


def a_tea(shop: Shop) -> Any:
    """Goods of the profile "tea", bought once or by subscription."""
    tea = something_to_subscribe(shop, profile="tea")
    a_plan(shop, tea)
    return tea


def the_renewal(**given: Any) -> Order:
    made = generate(**given)
    assert (made.orders, made.failed) == (1, 0), list(Cycle.objects.values_list("status", "reason"))
    return Order.objects.latest("pk")


def leaves(order: Order) -> str:
    (answer,) = ship_shipments([Leaving(shipment_id=Shipment.objects.get(order=order).pk)], actor=STAFF, at=AT)
    return answer.code if isinstance(answer, Refusal) else "left"


def test_a_renewal_gets_the_gates_the_holds_and_the_inserts_of_the_subscription_form() -> None:
    shop, role = a_shop(), Group.objects.create(name="定期担当")
    a_profile(shop, "tea", form="one_off", name="単品", needs_payment=True, without_groups=["club"])
    a_profile(shop, "tea", form="subscription", name="定期", needs_inspection=True, without_groups=["catalogue"], role=role)
    a_hold_rule(shop, name="定期の確認", profile="tea", role=role)
    club, _catalogue = an_insert_rule(shop, profiles=["tea"], group="club"), an_insert_rule(shop, group="catalogue")
    contract = a_contract(shop, (a_tea(shop), 1))

    order = the_renewal()

    assert order.pk != contract.first_order_id
    assert (order.paid_first, order.inspected_first, order.open_holds) == (False, True, 1)
    kept = OrderWorkflow.objects.get(order=order)
    assert (kept.code, kept.name, kept.gates) == ("tea", "定期", ["inspection"])
    assert [(one["form"], one["skus"]) for one in kept.because] == [("subscription", [order.lines.get().sku])]
    hold = Hold.objects.get(order=order)
    assert (hold.reason, hold.role) == ("定期の確認", role)
    assert leaves(order) == "order.on_hold"
    tick_off_holds([hold.pk], actor=SYSTEM, at=AT, reason="見た")
    assert leaves(order) == "order.not_inspected"
    parcel = Shipment.objects.get(order=order)
    choose_inserts([parcel.pk], actor=STAFF, at=AT)
    assert list(parcel.inserts.values_list("rule_id", flat=True)) == [club.pk]
    assert broken_promises() == []


def test_what_was_told_with_the_contract_is_not_asked_again() -> None:
    shop = a_shop()
    contract = a_contract(shop, (a_tea(shop), 1))
    a_profile(shop, "tea", form="subscription", needs_age=True, needs_confirmation=True)

    order = the_renewal()

    assert order.pk != contract.first_order_id
    assert (order.open_holds, OrderWorkflow.objects.get(order=order).gates) == (0, ["confirmation", "age"])


def test_a_contract_that_pays_at_the_door_is_held_where_its_goods_are_paid_first_now() -> None:
    shop = a_shop()
    a_contract(shop, (a_tea(shop), 1))
    a_profile(shop, "tea", form="subscription", name="先払い", needs_payment=True)

    order = the_renewal()

    assert order.paid_first
    assert [(hold.kind, "先払い" in hold.reason) for hold in order.holds.all()] == [("gate", True)]
    assert leaves(order) == "order.on_hold"
    assert broken_promises() == []


def test_a_renewal_whose_profile_wants_a_gift_is_held_for_it_and_the_contract_goes_on() -> None:
    shop = a_shop()
    a_contract(shop, (a_tea(shop), 1))
    a_profile(shop, "tea", form="subscription", name="のし付き", message="required")

    order = the_renewal()

    assert [(hold.kind, hold.reason) for hold in order.holds.all()] == [
        ("gate", "メッセージを書いてください。この商品はカードを付けてお送りします。")
    ]
    assert leaves(order) == "order.on_hold"
    assert Cycle.objects.get(number=3).status == "planned"
    assert broken_promises() == []
