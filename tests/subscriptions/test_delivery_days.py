"""Orders made by contracts go by the company's delivery masters: they leave for the day that was agreed, and are never refused for it."""

from datetime import date
from typing import Any

import pytest

from orders.models import Order, Shipment
from orders.rules import DraftDestination
from subscriptions.models import Subscription
from tests.factories.delivery import a_closure, a_delivery
from tests.factories.orders import Shop, a_fee, a_place, a_shop
from tests.factories.subscriptions import a_contract
from tests.subscriptions.test_operations_generating import DUE, broken_promises, generate

pytestmark = pytest.mark.django_db(transaction=True)


def a_delivered_shop(**given: Any) -> tuple[Shop, Subscription]:
    """A shop whose parcels take a day to Kanto, with a contract for the 11th of each month."""
    shop = a_shop()
    a_delivery(shop)
    a_fee(shop, 600)
    return shop, a_contract(shop, **given)


def the_parcel_of(contract: Subscription) -> tuple[str | None, str, str, str]:
    """By which service the newest order of the contract travels, when it leaves and comes, and which day was agreed."""
    order = Order.objects.exclude(pk=contract.first_order_id).latest("id")
    parcel = Shipment.objects.get(order=order)
    assert order.fee_total == 600
    return parcel.service and parcel.service.code, str(parcel.planned_on), str(parcel.expected_on), str(order.destinations.get().wished_on)


def test_a_delivery_leaves_as_late_as_its_day_allows() -> None:
    _shop, contract = a_delivered_shop()

    assert generate().orders == 1

    assert the_parcel_of(contract) == ("parcel", "2026-06-10", "2026-06-11", "2026-06-11")
    assert broken_promises() == []


def test_a_delivery_leaves_before_days_on_which_nothing_is_shipped() -> None:
    shop, contract = a_delivered_shop()
    a_closure(shop, "shipping", "2026-06-09", "2026-06-11")

    assert generate().orders == 1

    assert the_parcel_of(contract) == ("parcel", "2026-06-08", "2026-06-11", "2026-06-11")


def test_a_delivery_leaves_before_the_weekend_and_before_a_holiday() -> None:
    to = (DraftDestination(place=a_place(), wished_on=date(2026, 5, 21)),)
    _shop, contract = a_delivered_shop(plan={"lead_days": 5}, destinations=to)

    assert generate(date(2026, 6, 16)).orders == 1
    over_a_weekend = the_parcel_of(contract)
    assert generate(date(2026, 7, 16)).orders == 1

    assert over_a_weekend == ("parcel", "2026-06-19", "2026-06-21", "2026-06-21")
    assert the_parcel_of(contract) == ("parcel", "2026-07-17", "2026-07-21", "2026-07-21")


@pytest.mark.parametrize(
    ("_case", "kind", "until_on", "expected"),
    [
        ("nothing is delivered on its day", "delivery", "2026-06-12", ("parcel", "2026-06-08", "2026-06-09", "2026-06-11")),
        ("nothing is shipped until after it", "shipping", "2026-06-15", ("parcel", "2026-06-15", "2026-06-16", "2026-06-11")),
    ],
)
def test_a_day_that_cannot_be_kept_is_no_reason_to_refuse_and_the_day_it_comes_is_told(_case, kind, until_on, expected) -> None:
    shop, contract = a_delivered_shop()
    a_closure(shop, kind, "2026-06-11" if kind == "delivery" else DUE.isoformat(), until_on)

    assert generate().orders == 1

    assert the_parcel_of(contract) == expected
