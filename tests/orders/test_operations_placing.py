"""Placing: one pipeline for every channel."""

from dataclasses import replace
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import PaymentIntent
from billing.rules import PaymentMethod
from catalog.models import PriceList
from catalog.rules import PurchaseType
from core.actor import SYSTEM
from core.db import acting
from core.models import OutboxEvent
from customers.models import Customer
from inventory.models import Allocation, Stock
from orders.models import Order, PurchaseFacts, Shipment, ShipmentLine
from orders.operations import place_orders, quote_orders
from orders.ports import PLACING_PARTICIPANT
from orders.queries import order_view
from orders.rules import Confirmation, DraftDestination, DraftDiscount, DraftLine, HoldKind, Placed, Refused
from tests.factories.orders import AT, a_draft, a_fee, a_known_customer, a_person, a_place, a_shop, placed

pytestmark = pytest.mark.django_db


def nothing_was_written() -> bool:
    return not (
        Order.objects.exists() or Allocation.objects.exists() or PaymentIntent.objects.exists() or OutboxEvent.objects.exists()
        or PurchaseFacts.objects.exists() or Stock.objects.exclude(allocated=0).exists()
    )  # fmt: skip


def refused(draft, code, **given):
    (result,) = place_orders([draft], actor=SYSTEM, at=AT)
    assert isinstance(result, Refused), result
    assert result.code == code
    return result.reasons[0]


def test_a_guest_order_makes_everything_at_once():
    shop = a_shop(tax_rounding="floor")
    a_fee(shop, 600)
    tea, cream = shop.variant(1_080, tax_class="reduced"), shop.variant(3_300)

    (result,) = placed(a_draft(shop, (tea, 2), (cream, 1), remark="ポストに入れてください"))

    order = order_view(result.order_id)
    assert (order.total, order.goods_total, order.fee_total) == (1_080 * 2 + 3_300 + 600, 5_460, 600)
    assert [(t.tax_class, t.included, t.tax) for t in order.taxes] == [("standard", 3_900, 354), ("reduced", 2_160, 160)]
    assert (order.status, order.payment_status, order.fulfilment_status) == ("confirmed", "unpaid", "planned")
    assert [(n.sku, n.quantity, n.unit_price, n.total) for n in order.lines] == [(tea.sku, 2, 1_080, 2_160), (cream.sku, 1, 3_300, 3_300)]
    assert [(p.number, p.location, p.lines) for p in order.parcels] == [(f"{order.number}-1", shop.locations[0].name, ((1, 2), (2, 1)))]
    assert order.destinations[0].name == "山田 花子"
    assert Customer.objects.get(pk=result.customer_id).family_name == "山田"
    assert list(PaymentIntent.objects.values_list("order_ref", "amount", "method", "status")) == [
        (result.public_id, 6_060, "cash_on_delivery", "requested")
    ]
    assert [(e.name, e.payload["number"]) for e in OutboxEvent.objects.filter(name="orders.OrderPlaced")] == [
        ("orders.OrderPlaced", order.number)
    ]
    assert list(Stock.objects.filter(allocated__gt=0).order_by("id").values_list("location_id", "allocated")) == [
        (shop.locations[0].pk, 2), (shop.locations[0].pk, 1)
    ]  # fmt: skip
    facts = PurchaseFacts.objects.get(customer_id=result.customer_id)
    assert (facts.f_number, facts.order_count, facts.amount_total, facts.entry_sku, facts.entry_order_id) == (
        1,
        1,
        6_060,
        tea.sku,
        result.order_id,
    )


def test_an_order_of_a_known_customer_takes_at_most_thirteen_statements():
    """Counted cold: a running process keeps channel, tax rates, hold rules and number series for seconds, which saves four."""
    shop = a_shop()
    a_fee(shop, 600)
    variants = [shop.variant(), shop.variant()]
    draft = a_draft(shop, (variants[0], 1), (variants[1], 2), customer_id=a_known_customer(shop).pk)
    placed(draft)

    with CaptureQueriesContext(connection) as spent:
        placed(draft)

    own = [q["sql"] for q in spent.captured_queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]
    assert len(own) <= 13, "\n".join(sql[:90] for sql in own)


def test_a_batch_of_fifty_takes_as_many_statements_as_one():
    shop = a_shop()
    variant = shop.variant(stock=[500])
    customers = [a_known_customer(shop).pk for _ in range(50)]
    placed(a_draft(shop, (variant, 1), customer_id=customers[0]))
    with CaptureQueriesContext(connection) as one:
        placed(a_draft(shop, (variant, 1), customer_id=customers[0]))

    with CaptureQueriesContext(connection) as fifty:
        placed(*[a_draft(shop, (variant, 1), customer_id=c) for c in customers])

    assert len(fifty) <= len(one) + 2  # the recount of facts where one customer comes twice
    assert Order.objects.count() == 52


def test_lines_over_three_locations_make_three_parcels():
    shop = a_shop()
    variant = shop.variant(stock=[2, 3, 4])

    placed(a_draft(shop, (variant, 9)))

    assert [(s.location_id, s.lines.get().quantity) for s in Shipment.objects.order_by("id")] == [
        (shop.locations[0].pk, 2), (shop.locations[1].pk, 3), (shop.locations[2].pk, 4)
    ]  # fmt: skip
    assert ShipmentLine.objects.exclude(allocation=None).count() == 3
    assert not Stock.objects.exclude(allocated=2, on_hand=2).exclude(allocated=3, on_hand=3).exclude(allocated=4, on_hand=4).exists()


def test_one_location_that_has_everything_is_preferred_to_two():
    shop = a_shop(locations=2)
    first, second = shop.variant(stock=[5, 5]), shop.variant(stock=[0, 5])

    placed(a_draft(shop, (first, 1), (second, 1)))

    assert [s.location_id for s in Shipment.objects.all()] == [shop.locations[1].pk]


def test_each_destination_has_its_own_parcel():
    shop = a_shop()
    variant = shop.variant()
    places = (DraftDestination(place=a_place()), DraftDestination(place=a_place(prefecture="京都府"), is_gift=True, gift_message="寿"))
    lines = (DraftLine(variant_id=variant.pk, quantity=1), DraftLine(variant_id=variant.pk, quantity=2, destination=2))

    (result,) = placed(replace(a_draft(shop, (variant, 1)), lines=lines, destinations=places))

    order = order_view(result.order_id)
    assert [(p.destination, p.lines) for p in order.parcels] == [(1, ((1, 1),)), (2, ((2, 2),))]
    assert order.destinations[1].gift_message == "寿"


def test_too_little_stock_is_refused_and_nothing_remains():
    shop = a_shop()
    variant = shop.variant(stock=[1, 1, 0])
    before = Customer.objects.count()

    reason = refused(a_draft(shop, (variant, 3)), "inventory.out_of_stock")

    assert (reason.params["wanted"], reason.params["available"], reason.field) == (3, 2, "/lines/0/quantity")
    assert nothing_was_written()
    assert Customer.objects.count() == before


def test_a_sold_out_article_is_refused_in_three_statements_without_a_lock():
    shop = a_shop()
    a_fee(shop, 600)
    variant = shop.variant(stock=[1])
    draft = a_draft(shop, (variant, 1), customer_id=a_known_customer(shop).pk)
    placed(draft)

    with CaptureQueriesContext(connection) as spent:
        refused(draft, "inventory.out_of_stock")

    own = [q["sql"] for q in spent.captured_queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]
    assert len(own) <= 3, "\n".join(sql[:90] for sql in own)
    assert not any("FOR UPDATE" in sql for sql in own)
    assert Order.objects.count() == 1


def test_a_draft_refused_for_its_total_leaves_the_last_piece_to_the_next_of_its_batch():
    shop = a_shop()
    variant = shop.variant(stock=[1])
    wrong, right = replace(a_draft(shop, (variant, 1)), expected_total=1), a_draft(shop, (variant, 1))

    results = place_orders([wrong, right], actor=SYSTEM, at=AT)

    assert [type(result) for result in results] == [Refused, Placed]
    assert results[0].code == "order.total_changed"


def test_the_same_sku_on_two_lines_is_summed_first():
    shop = a_shop(locations=1)
    variant = shop.variant(stock=[3])

    refused(a_draft(shop, (variant, 2), (variant, 2)), "inventory.out_of_stock")

    assert nothing_was_written()


@pytest.mark.parametrize(
    ("_case", "change", "code", "field"),
    [
        ("unknown sku", {"lines": (DraftLine(sku="NO-SUCH"),)}, "catalog.unknown_sku", "/lines/0/sku"),
        ("quantity nought", {"lines": (DraftLine(sku="X", quantity=0),)}, "order.quantity_out_of_range", "/lines/0/quantity"),
        ("the price moved", {"expected_total": 1}, "order.total_changed", "/expected_total"),
        ("discount too large", {"discounts": (DraftDiscount(amount=10**6, source="x"),)}, "order.discount_too_large", "/discounts"),
        ("foreign channel", {"channel_id": 10**9}, "order.unknown_channel", "/channel"),
    ],
)
def test_a_refusal_names_rule_and_field_and_writes_nothing(_case, change, code, field):
    shop = a_shop()

    reason = refused(replace(a_draft(shop, (shop.variant(), 1)), **change), code)

    assert reason.field == field
    assert nothing_was_written()


def test_a_subscription_line_is_refused_where_nobody_keeps_the_promise():
    shop = a_shop()
    draft = replace(a_draft(shop), lines=(DraftLine(variant_id=shop.variant().pk, purchase_type=PurchaseType.SUBSCRIPTION),))

    with PLACING_PARTICIPANT.only():
        reason = refused(draft, "order.no_subscriptions")

    assert reason.field == "/lines/0/purchase_type"
    assert nothing_was_written()


def test_in_a_batch_only_the_refused_one_is_left_out():
    shop = a_shop(locations=1)
    variant = shop.variant(stock=[3])
    drafts = [a_draft(shop, (variant, 1)), a_draft(shop, (variant, 5)), a_draft(shop, (variant, 2)), a_draft(shop, (variant, 1))]

    results = place_orders(drafts, actor=SYSTEM, at=AT)

    assert [isinstance(r, Placed) for r in results] == [True, False, True, False]
    assert Order.objects.count() == 2
    assert Stock.objects.get().allocated == 3


def test_the_same_cart_makes_one_order():
    shop = a_shop()
    draft = replace(a_draft(shop, (shop.variant(), 1)), cart_ref=uuid4())

    (first,) = placed(draft)
    (second,) = placed(draft)

    assert (second.order_id, second.number, second.repeated) == (first.order_id, first.number, True)
    assert Order.objects.count() == 1
    assert Stock.objects.filter(allocated=1).count() == 1


def test_the_same_cart_twice_in_one_batch_makes_one_order():
    shop = a_shop()
    draft = replace(a_draft(shop, (shop.variant(), 1)), cart_ref=uuid4())

    first, second = placed(draft, draft)

    assert (second.order_id, second.repeated) == (first.order_id, True)
    assert Order.objects.count() == 1


def test_the_same_outside_number_of_a_channel_makes_one_order():
    shop = a_shop()
    draft = replace(a_draft(shop, (shop.variant(), 1)), outside_number="R-2026-1")

    (first,), (second,) = placed(draft), placed(replace(draft, lines=(*draft.lines, *draft.lines)))

    assert second.order_id == first.order_id
    assert Order.objects.count() == 1


def test_a_repeat_after_the_last_piece_went_gets_its_order_not_a_refusal():
    shop = a_shop(locations=1)
    draft = replace(a_draft(shop, (shop.variant(stock=[1]), 1)), cart_ref=uuid4())

    (first,), (second,) = placed(draft), placed(draft)

    assert second.order_id == first.order_id


def test_a_line_keeps_what_was_agreed_when_the_masters_change():
    shop = a_shop()
    variant = shop.variant(1_000)
    (result,) = placed(a_draft(shop, (variant, 1)))
    before = order_view(result.order_id).lines[0]

    with acting(SYSTEM):
        type(variant).objects.filter(pk=variant.pk).update(sku="RENAMED")

    assert order_view(result.order_id).lines[0] == before


def test_an_attention_customer_puts_the_order_on_hold():
    shop = a_shop()
    customer = a_known_customer(shop, attention=True)

    (result,) = placed(a_draft(shop, (shop.variant(), 1), customer_id=customer.pk))

    order = Order.objects.get(pk=result.order_id)
    assert order.open_holds == 1
    assert [h.kind for h in order.holds.all()] == [HoldKind.ATTENTION]
    assert OutboxEvent.objects.filter(name="orders.HoldRaised").count() == 1


def test_what_the_buyer_was_shown_is_kept():
    shop = a_shop()
    shown = Confirmation(terms_version="2026-04", shown="<h1>ご注文内容の最終確認</h1>", shown_at=AT)

    (result,) = placed(replace(a_draft(shop, (shop.variant(), 1)), confirmation=shown))

    assert Order.objects.get(pk=result.order_id).confirmation.shown == shown.shown


def test_a_free_order_owes_nothing():
    shop = a_shop()

    (result,) = placed(a_draft(shop, (shop.variant(0), 1)))

    assert Order.objects.get(pk=result.order_id).payment_status == "paid"
    assert PaymentIntent.objects.get().method == PaymentMethod.FREE


def test_f_number_counts_purchase_days():
    shop = a_shop()
    variant, customer = shop.variant(), a_known_customer(shop)
    draft = a_draft(shop, (variant, 1), customer_id=customer.pk)

    placed(draft)
    placed(draft)
    placed(draft, at=AT.replace(day=12))
    placed(draft, at=AT.replace(day=1))

    facts = PurchaseFacts.objects.get(customer_id=customer.pk)
    assert (facts.f_number, facts.order_count, facts.amount_total, str(facts.first_on), str(facts.last_on)) == (
        3,
        4,
        4_000,
        "2026-05-01",
        "2026-05-12",
    )


def test_prices_without_tax_get_it_once_per_rate():
    shop = a_shop(tax_rounding="floor")
    variant = shop.variant(198, tax_class="reduced")
    with acting(SYSTEM):
        PriceList.objects.update(tax_basis="excluded")

    (result,) = placed(a_draft(shop, *[(variant, 1)] * 7))

    order = order_view(result.order_id)
    assert (order.goods_total, order.tax_total, order.total) == (1_386, 110, 1_496)
    assert sum(n.total for n in order.lines) == 1_496


def test_a_quote_is_what_placing_then_charges_and_writes_nothing():
    shop = a_shop()
    a_fee(shop, 600)
    draft = a_draft(shop, (shop.variant(1_234), 3), discounts=(DraftDiscount(amount=100, source="coupon"),))

    (quote,) = quote_orders([draft], at=AT)

    assert nothing_was_written()
    assert quote.short is None
    (result,) = placed(replace(draft, expected_total=quote.sums.total))
    assert result.total == quote.sums.total == 1_234 * 3 - 100 + 600


def test_a_quote_says_what_is_short():
    shop = a_shop(locations=1)

    (quote,) = quote_orders([a_draft(shop, (shop.variant(stock=[1]), 2))], at=AT)

    assert quote.short.code == "inventory.out_of_stock"


def test_a_known_guest_is_recognised_by_phone_and_kana():
    shop = a_shop()
    variant, person = shop.variant(), a_person()

    (first,) = placed(a_draft(shop, (variant, 1), person=person))
    (second,) = placed(a_draft(shop, (variant, 1), person=replace(person, email="other@example.jp")))

    assert second.customer_id == first.customer_id
