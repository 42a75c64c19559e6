"""A subscription line opens its contract in the transaction that places its order."""

from dataclasses import replace
from datetime import date

import pytest

from billing.rules import PaymentMethod
from core.actor import SYSTEM
from core.models import OutboxEvent
from orders.models import Order
from orders.operations import place_orders
from orders.rules import DraftDestination, DraftLine, Placed, Refused
from subscriptions.models import Cycle, Subscription, SubscriptionChange, SubscriptionItem
from tests.factories.orders import AT, a_draft, a_place, a_shop
from tests.factories.subscriptions import a_plan, something_to_subscribe, subscribing

pytestmark = pytest.mark.django_db


def test_a_subscription_line_opens_a_contract_with_the_next_delivery_planned() -> None:
    shop = a_shop()
    tea = something_to_subscribe(shop)
    a_plan(shop, tea)

    (result,) = place_orders([subscribing(shop, (tea, 2))], actor=SYSTEM, at=AT)

    assert isinstance(result, Placed)
    contract = Subscription.objects.get()
    assert (contract.customer_id, contract.first_order_id, contract.interval, contract.status) == (
        result.customer_id,
        result.order_id,
        "1m",
        "active",
    )
    assert contract.number.startswith("T")
    assert contract.street == "神田神保町1-1"
    assert list(SubscriptionItem.objects.values_list("variant_id", "quantity")) == [(tea.pk, 2)]
    assert list(Cycle.objects.order_by("number").values_list("number", "delivery", "status", "planned_on", "due_on", "order_id")) == [
        (1, 1, "generated", date(2026, 5, 11), None, result.order_id),
        (2, 2, "planned", date(2026, 6, 11), date(2026, 6, 8), None),
    ]
    assert list(SubscriptionChange.objects.values_list("kind", "after")) == [("started", "1m")]
    assert OutboxEvent.objects.filter(name="subscriptions.SubscriptionStarted").count() == 1


def test_lines_of_the_same_course_interval_and_destination_form_one_contract() -> None:
    shop = a_shop()
    tea, cake, cup = (something_to_subscribe(shop) for _n in range(3))
    a_plan(shop, tea, cake, code="tea")
    a_plan(shop, cup, code="cup")
    draft = subscribing(shop, (tea, 1), (cake, 1), (cup, 1), (tea, 2))
    elsewhere = DraftDestination(place=a_place(street="銀座1-1"))
    other = replace(draft.lines[1], destination=2)

    (result,) = place_orders(
        [replace(draft, lines=(*draft.lines, other), destinations=(*draft.destinations, elsewhere))], actor=SYSTEM, at=AT
    )

    assert isinstance(result, Placed)
    found = {
        (c.plan.code, c.street): sorted(c.items.values_list("variant_id", "quantity")) for c in Subscription.objects.select_related("plan")
    }
    assert found == {
        ("tea", "神田神保町1-1"): sorted([(tea.pk, 3), (cake.pk, 1)]),
        ("cup", "神田神保町1-1"): [(cup.pk, 1)],
        ("tea", "銀座1-1"): [(cake.pk, 1)],
    }


def test_a_wished_date_is_the_anchor_of_the_schedule() -> None:
    shop = a_shop()
    tea = something_to_subscribe(shop)
    a_plan(shop, tea)

    place_orders(
        [subscribing(shop, (tea, 1), destinations=(DraftDestination(place=a_place(), wished_on=date(2026, 5, 31)),))], actor=SYSTEM, at=AT
    )

    assert Subscription.objects.get().anchor_on == date(2026, 5, 31)
    assert Cycle.objects.get(number=2).planned_on == date(2026, 6, 30)


@pytest.mark.parametrize(
    ("_case", "plans", "asked", "code"),
    [
        ("no course", [], {}, "subscription.no_plan"),
        ("another course", [{"code": "a"}], {"plan": "b"}, "subscription.unknown_plan"),
        ("several courses", [{"code": "a"}, {"code": "b"}], {}, "subscription.which_plan"),
        ("interval not offered", [{}], {"interval": "9w"}, "subscription.interval_not_offered"),
        ("payment not suited", [{"payment_methods": ("card",)}], {}, "subscription.payment_not_suited"),
        ("card without a card", [{}], {"payment_method": PaymentMethod.CARD}, "subscription.card_missing"),
    ],
)
def test_an_order_that_cannot_open_its_contract_is_refused_and_leaves_nothing(
    _case: str, plans: list[dict[str, object]], asked: dict[str, object], code: str
) -> None:
    shop = a_shop()
    tea = something_to_subscribe(shop)
    for plan in plans:
        a_plan(shop, tea, **plan)
    fine = a_draft(shop, (shop.variant(), 1))

    refused, placed = place_orders([subscribing(shop, (tea, 1), **asked), fine], actor=SYSTEM, at=AT)

    assert isinstance(refused, Refused)
    assert refused.code == code
    assert isinstance(placed, Placed)
    assert Order.objects.count() == 1
    assert Subscription.objects.count() == 0


def test_an_order_without_subscription_lines_asks_the_database_nothing(django_assert_num_queries: object) -> None:
    shop = a_shop()
    tea = something_to_subscribe(shop)

    place_orders([a_draft(shop, (tea, 1))], actor=SYSTEM, at=AT)

    assert Subscription.objects.count() == 0


def test_opening_takes_the_same_statements_for_one_and_for_many(django_assert_max_num_queries: object) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    shop = a_shop()
    tea = something_to_subscribe(shop, stock=[1_000])
    a_plan(shop, tea)
    place_orders([subscribing(shop, (tea, 1))], actor=SYSTEM, at=AT)

    counts = []
    for number in (1, 20):
        with CaptureQueriesContext(
            connection,
        ) as found:
            results = place_orders([subscribing(shop, (tea, 1)) for _n in range(number)], actor=SYSTEM, at=AT)
        assert all(isinstance(r, Placed) for r in results)
        counts.append(len(found))

    assert counts[0] == counts[1]
    assert Subscription.objects.count() == 22


def test_the_same_cart_opens_one_contract() -> None:
    from uuid import uuid4

    shop = a_shop()
    tea = something_to_subscribe(shop)
    a_plan(shop, tea)
    draft = replace(subscribing(shop, (tea, 1)), cart_ref=uuid4())

    first, second = place_orders([draft, draft], actor=SYSTEM, at=AT)
    (third,) = place_orders([draft], actor=SYSTEM, at=AT)

    assert all(isinstance(r, Placed) for r in (first, second, third))
    assert len({r.order_id for r in (first, second, third) if isinstance(r, Placed)}) == 1
    assert Subscription.objects.count() == 1


def test_a_normal_line_beside_a_subscription_line_is_bought_once() -> None:
    shop = a_shop()
    tea, cup = something_to_subscribe(shop), shop.variant()
    a_plan(shop, tea)
    draft = subscribing(shop, (tea, 1))

    place_orders([replace(draft, lines=(*draft.lines, DraftLine(variant_id=cup.pk)))], actor=SYSTEM, at=AT)

    assert list(SubscriptionItem.objects.values_list("variant_id", flat=True)) == [tea.pk]
