"""Due deliveries become orders: exactly one each, at the price of the delivery, whatever fails beside them."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.actor import SYSTEM
from core.db import acting
from core.models import OutboxEvent
from inventory.models import Stock
from orders.models import Line, Order
from orders.operations import cancel_orders
from subscriptions.models import Cycle, Plan, Subscription
from subscriptions.operations import cancel_contracts, generate_due, resume_contracts, settle_cancelled_orders, skip_cycles
from subscriptions.queries import invariants
from subscriptions.rules import CancelAsk, CycleAsk, Generated, ResumeAsk
from tests.factories.orders import AT, a_shop
from tests.factories.subscriptions import a_contract, a_delivery_price, a_plan, many_contracts, open_cycle, something_to_subscribe

pytestmark = pytest.mark.django_db(transaction=True)
DUE = date(2026, 6, 8)


def generate(on: date = DUE, **given: object) -> Generated:
    """Make the orders of a day, at noon in Japan."""
    return generate_due(on=on, actor=SYSTEM, at=AT + (on - date(2026, 5, 11)) * 1, **given)  # type: ignore[arg-type]


def broken_promises() -> list[str]:
    """The names of the app's promises that the database breaks."""
    from core.db import rows

    return [promise.name for promise in invariants() if rows(promise.sql, {"company": None})]


def test_a_due_delivery_becomes_an_order_and_the_next_one_is_planned() -> None:
    contract = a_contract(a_shop())

    early = generate(DUE - timedelta(days=1))
    made = generate()
    again = generate()

    assert (early.orders, made.orders, again.orders) == (0, 1, 0)
    order = Order.objects.exclude(pk=contract.first_order_id).get()
    assert (order.customer_id, order.payment_method, order.placed_on) == (contract.customer_id, "cash_on_delivery", DUE)
    assert order.destinations.get().wished_on == date(2026, 6, 11)
    assert list(Line.objects.filter(order=order).values_list("cycle", "purchase_type", "quantity")) == [(2, "subscription", 1)]
    assert list(Cycle.objects.order_by("number").values_list("number", "status", "planned_on", "due_on")) == [
        (1, "generated", date(2026, 5, 11), None),
        (2, "generated", date(2026, 6, 11), None),
        (3, "planned", date(2026, 7, 11), date(2026, 7, 8)),
    ]
    assert Cycle.objects.get(number=2).order_id == order.pk
    assert OutboxEvent.objects.filter(name="subscriptions.CycleGenerated").count() == 1
    assert broken_promises() == []


def test_the_price_goes_by_the_delivery_and_a_skipped_one_does_not_count() -> None:
    shop = a_shop()
    tea = something_to_subscribe(shop, 1_000)
    a_delivery_price(tea, 500, cycle_from=1, cycle_until=2)
    a_delivery_price(tea, 900, cycle_from=2, cycle_until=3)
    a_delivery_price(tea, 800, cycle_from=3)
    a_plan(shop, tea)
    contract = a_contract(shop, (tea, 1))
    skip_cycles([CycleAsk(contract_id=contract.pk)], actor=SYSTEM, at=AT)

    generate(date(2026, 7, 8))
    generate(date(2026, 8, 8))

    assert list(Line.objects.order_by("id").values_list("cycle", "unit_price")) == [(None, 1_000), (2, 900), (3, 800)] or list(
        Line.objects.order_by("id").values_list("unit_price", flat=True)
    ) == [500, 900, 800]
    assert list(Cycle.objects.order_by("number").values_list("number", "delivery", "status")) == [
        (1, 1, "generated"), (2, 2, "skipped"), (3, 2, "generated"), (4, 3, "generated"), (5, 4, "planned"),
    ]  # fmt: skip
    assert broken_promises() == []


def test_one_bad_contract_stops_only_itself() -> None:
    shop = a_shop()
    good = many_contracts(shop, 5)
    sold_out = a_contract(shop, (something_with_course(shop, stock=[1]), 1))
    no_longer_sold = a_contract(shop, (something_with_course(shop), 1))
    variant = no_longer_sold.items.get().variant
    with acting(SYSTEM):
        variant.ended_at = AT
        variant.save()
        Subscription.objects.filter(pk=good[2].pk).update(interval="nonsense")
        Subscription.objects.filter(pk=good[4].pk).update(time_band="x" * 20)

    made = generate()

    assert (made.orders, made.failed) == (4, 3)
    assert {c.subscription_id: c.reason for c in Cycle.objects.filter(status="failed")} == {
        sold_out.pk: "inventory.out_of_stock", no_longer_sold.pk: "catalog.not_for_sale", good[2].pk: "subscription.unreadable_interval",
    }  # fmt: skip
    assert set(Cycle.objects.filter(status="failed").values_list("due_on", "tries")) == {(DUE + timedelta(days=1), 1)}


def something_with_course(shop: object, **given: object) -> object:
    variant = something_to_subscribe(shop, **given)  # type: ignore[arg-type]
    a_plan(shop, variant)  # type: ignore[arg-type]
    return variant


def test_a_failed_delivery_is_tried_again_by_the_rule_and_then_the_contract_is_paused() -> None:
    shop = a_shop()
    tea = something_with_course(shop, stock=[1])
    contract = a_contract(shop, (tea, 1))  # type: ignore[arg-type]

    days = [DUE, date(2026, 6, 9), date(2026, 6, 12), date(2026, 6, 19)]
    failures = [generate(on).failed for on in days]

    assert failures == [1, 1, 1, 1]
    contract.refresh_from_db()
    cycle = open_cycle(contract)
    assert (contract.status, contract.pause_reason) == ("paused", "gave_up")
    assert (cycle.status, cycle.tries, cycle.due_on) == ("failed", 4, None)
    assert broken_promises() == []

    Stock.objects.filter(stock_item__code=tea.sku).update(on_hand=10, sellable=10)  # type: ignore[attr-defined]
    resume_contracts([ResumeAsk(contract_id=contract.pk)], actor=SYSTEM, at=AT + timedelta(days=40))
    made = generate(date(2026, 6, 20))

    assert made.orders == 1
    contract.refresh_from_db()
    assert (contract.status, open_cycle(contract).number) == ("active", 3)
    assert broken_promises() == []


def test_days_without_service_are_not_caught_up_with_in_a_burst() -> None:
    contract = a_contract(a_shop(), interval="2w")

    made = generate(date(2026, 7, 20))
    again = generate(date(2026, 7, 20))

    assert (made.orders, again.orders) == (1, 0)
    assert open_cycle(contract).planned_on == date(2026, 8, 3)
    assert Order.objects.latest("id").destinations.get().wished_on == date(2026, 7, 23)
    assert broken_promises() == []


def test_a_course_with_so_many_deliveries_ends_by_itself() -> None:
    contract = a_contract(a_shop(), plan={"maximum_cycles": 2})

    made = generate()

    contract.refresh_from_db()
    assert (made.orders, made.completed, contract.status) == (1, 1, "completed")
    assert OutboxEvent.objects.filter(name="subscriptions.SubscriptionCompleted").count() == 1
    assert broken_promises() == []


def test_a_contract_cancelled_too_late_ends_after_the_delivery_that_still_comes() -> None:
    contract = a_contract(a_shop())
    (answer,) = cancel_contracts([CancelAsk(contract_id=contract.pk, reason="足りている")], actor=SYSTEM, at=AT + timedelta(days=27))
    assert (answer.ends_after, answer.next_on) == (2, date(2026, 6, 11))  # type: ignore[union-attr]

    made = generate()

    contract.refresh_from_db()
    assert (made.orders, made.completed, contract.status, contract.end_reason) == (1, 1, "cancelled", "足りている")
    assert broken_promises() == []


def test_a_declined_card_makes_the_delivery_fail_and_come_again_as_the_same_delivery() -> None:
    contract = a_contract(a_shop())
    generate()
    order = Order.objects.latest("id")

    cancel_orders([order.pk], reason="declined", actor=SYSTEM, at=AT)
    settle_cancelled_orders([order.pk], payment_failed=True, actor=SYSTEM, at=AT + timedelta(days=28))
    settle_cancelled_orders([order.pk], payment_failed=True, actor=SYSTEM, at=AT + timedelta(days=28))

    cycle = open_cycle(contract)
    assert (cycle.number, cycle.delivery, cycle.status, cycle.reason, cycle.due_on) == (2, 2, "failed", "payment_failed", date(2026, 6, 9))
    assert broken_promises() == []

    made = generate(date(2026, 6, 9))

    assert made.orders == 1
    assert Order.objects.exclude(status="cancelled").count() == 2
    assert (open_cycle(contract).number, open_cycle(contract).delivery) == (3, 3)
    assert broken_promises() == []


def test_a_cancelled_order_of_a_delivery_counts_as_skipped() -> None:
    contract = a_contract(a_shop())
    generate()
    order = Order.objects.latest("id")

    cancel_orders([order.pk], reason="いらない", actor=SYSTEM, at=AT)
    settle_cancelled_orders([order.pk], payment_failed=False, actor=SYSTEM, at=AT + timedelta(days=28))

    assert list(Cycle.objects.order_by("number").values_list("number", "delivery", "status", "reason")) == [
        (1, 1, "generated", ""), (2, 2, "skipped", "order_cancelled"), (3, 2, "planned", ""),
    ]  # fmt: skip
    contract.refresh_from_db()
    assert contract.status == "active"
    assert broken_promises() == []


def test_cancelling_the_first_order_ends_the_contract() -> None:
    contract = a_contract(a_shop())

    cancel_orders([contract.first_order_id], reason="やめた", actor=SYSTEM, at=AT)
    settle_cancelled_orders([contract.first_order_id], payment_failed=False, actor=SYSTEM, at=AT)

    contract.refresh_from_db()
    assert (contract.status, contract.end_reason) == ("cancelled", "first_order_cancelled")
    assert not Cycle.objects.filter(status="planned").exists()
    assert broken_promises() == []


def test_generating_takes_the_same_statements_for_two_and_for_forty() -> None:
    shop = a_shop()
    many_contracts(shop, 2)
    generate()
    counts = []
    for number, on in ((2, date(2026, 7, 8)), (40, date(2026, 7, 9))):
        if number == 40:
            many_contracts(shop, 38, at=AT + timedelta(days=31))
            on = date(2026, 8, 8)
        with CaptureQueriesContext(connection) as found:
            made = generate(on, most=100)
        assert made.orders == number
        counts.append(len(found))

    assert counts[0] == counts[1]


def test_the_limit_of_a_run_is_kept_and_told() -> None:
    many_contracts(a_shop(), 5)

    first = generate_due(on=DUE, most=3, chunk=2, actor=SYSTEM, at=AT)
    second = generate_due(on=DUE, most=3, chunk=2, actor=SYSTEM, at=AT)

    assert (first.orders, first.more, second.orders, second.more) == (3, True, 2, False)


def test_a_company_whose_history_is_written_is_left_to_its_writer() -> None:
    shop = a_shop()
    a_contract(shop)
    with acting(SYSTEM):
        type(shop.company).objects.filter(pk=shop.company.pk).update(history_until_at=AT)

    assert generate().orders == 0
    assert generate(company_id=shop.company.pk).orders == 1


def test_a_contract_without_articles_says_so() -> None:
    contract = a_contract(a_shop())
    with acting(SYSTEM):
        contract.items.all().delete()

    assert generate().failed == 1
    assert open_cycle(contract).reason == "subscription.no_items"
    assert Plan.objects.count() == 1
