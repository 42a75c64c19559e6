"""Orders with coupons: what is taken off and why not, whose uses they were, and what is given back."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from campaigns import hooks
from campaigns.models import Coupon, CouponUse
from campaigns.operations import give_coupons_back
from catalog.models import Variant
from core import clock
from core.actor import SYSTEM
from core.db import acting, run
from core.models import OutboxEvent
from core.operations import carry
from customers.operations import merge_customers
from customers.rules import MergeAsk
from orders.models import Line, LineDiscount, Order, Shipment
from orders.operations import (
    Changed,
    ChangeOpened,
    Confirming,
    Leaving,
    Quote,
    cancel_orders,
    confirm_change,
    mark_delivered,
    open_change,
    place_orders,
    quote_orders,
    ship_shipments,
)
from orders.queries import UndoneOrder
from orders.rules import Attribution, ChangeItem, ChangeKind, DraftDiscount, DraftLine, OrderDraft, Placed, Refused
from tests.factories.campaigns import a_campaign, a_coupon
from tests.factories.orders import AT, STAFF, Shop, a_draft, a_known_customer, a_shop, an_order
from tests.factories.returns import a_delivered_order, a_settled_case, an_exchange, asked, broken_promises

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


@pytest.fixture
def shop() -> Shop:
    return a_shop()


@pytest.fixture
def tea(shop: Shop) -> Variant:
    return shop.variant(1_000)


def with_code(shop: Shop, *wanted: tuple[Variant, int], code: str = "welcome", **given: Any) -> OrderDraft:
    return a_draft(shop, *wanted, coupon_codes=(code,), **given)


def refused(draft: OrderDraft, *, at: Any = AT) -> tuple[str, str]:
    """Why it is refused, in quoting as in placing, which leaves nothing behind."""
    (quoted,), (placed,) = quote_orders([draft], at=at), place_orders([draft], actor=SYSTEM, at=at)
    assert isinstance(quoted, Refused), quoted
    assert isinstance(placed, Refused), placed
    assert [(r.code, r.field) for r in quoted.reasons] == [(r.code, r.field) for r in placed.reasons]
    assert quoted.reasons[0].text()
    return quoted.reasons[0].code, quoted.reasons[0].field


def off(order: Order) -> list[tuple[str, int]]:
    """What its lines were given, by source."""
    found = LineDiscount.objects.filter(line__order=order, line__until_revision__isnull=True).order_by("line__position", "id")
    return [(d.source, d.amount) for d in found]


def time_passes() -> None:
    while not carry(at=clock.now).idle:
        pass


def ledger() -> list[tuple[str, int]]:
    return list(CouponUse.objects.order_by("pk").values_list("deed", "amount"))


def test_a_coupon_takes_its_amount_off_and_says_so_on_every_line(shop: Shop, tea: Variant) -> None:
    coupon, cake = a_coupon(shop.company), shop.variant(500, tax_class="reduced")
    draft = with_code(shop, (tea, 1), (cake, 1), code="ｗｅｌ come")

    (quote,) = quote_orders([draft], at=AT)
    (placed,) = place_orders([draft], actor=STAFF, at=AT)

    assert isinstance(quote, Quote)
    assert isinstance(placed, Placed)
    assert (quote.sums.goods_total, quote.sums.discount_total, quote.sums.total) == (1_500, 500, 1_000)
    assert placed.total == 1_000
    order = Order.objects.get()
    assert off(order) == [("coupon:WELCOME", 333), ("coupon:WELCOME", 167)]
    use = CouponUse.objects.get()
    assert (use.coupon_id, use.order_id, use.customer_id, use.deed, use.amount) == (coupon.pk, order.pk, order.customer_id, "used", 500)
    assert (use.actor_kind, use.actor_id, use.at) == ("staff", "7", AT)
    assert broken_promises() == []


def test_a_part_of_the_price_comes_off_after_other_discounts(shop: Shop, tea: Variant) -> None:
    a_coupon(shop.company, percent_bp=1_000)
    line = DraftLine(variant_id=tea.pk, quantity=2, discounts=(DraftDiscount(amount=100, source="desk", reason="箱つぶれ"),))
    draft = with_code(shop, lines=(line,), discounts=(DraftDiscount(amount=400, source="desk", reason="お詫び"),))

    place_orders([draft], actor=SYSTEM, at=AT)

    assert off(Order.objects.get()) == [("desk", 100), ("desk", 400), ("coupon:WELCOME", 150)]
    assert Order.objects.get().total == 1_350
    assert broken_promises() == []


def test_a_coupon_for_some_articles_leaves_the_others_alone(shop: Shop, tea: Variant) -> None:
    cake = shop.variant(300)
    a_coupon(shop.company, amount=800, articles=[cake])

    place_orders([with_code(shop, (tea, 1), (cake, 2))], actor=SYSTEM, at=AT)

    assert list(Line.objects.order_by("position").values_list("amount", flat=True)) == [1_000, 0]
    assert off(Order.objects.get()) == [("coupon:WELCOME", 600)]
    assert ledger() == [("used", 600)]
    assert broken_promises() == []


def test_what_it_belongs_to_is_what_the_lines_answer_unless_they_know_better(shop: Shop, tea: Variant) -> None:
    campaign = a_campaign(shop.company, code="SHINCHA", name="新茶まつり")
    a_coupon(shop.company, campaign=campaign)
    own = DraftLine(variant_id=tea.pk, attribution=Attribution(campaign_ref="FLYER", campaign_name="チラシ", ad_code="F-1"))

    place_orders([with_code(shop, lines=(own, DraftLine(variant_id=tea.pk)))], actor=SYSTEM, at=AT)

    found = list(Line.objects.order_by("position").values_list("campaign_ref", "campaign_name", "ad_code"))
    assert found == [("FLYER", "チラシ", "F-1"), ("SHINCHA", "新茶まつり", "")]


Given = Callable[[Shop, Variant], dict[str, Any]]
REFUSALS: Sequence[tuple[str, Given, str]] = [
    ("unknown", lambda _shop, _tea: {"code": "OTHER"}, "order.unknown_code"),
    ("another company's", lambda _shop, _tea: {"company": a_shop().company}, "order.unknown_code"),
    ("withdrawn", lambda _shop, _tea: {"ended_at": AT - DAY}, "coupon.ended"),
    ("not yet", lambda _shop, _tea: {"starts_at": AT + DAY}, "coupon.not_yet"),
    ("over", lambda _shop, _tea: {"until_at": AT}, "coupon.over"),
    ("given to another", lambda shop, _tea: {"customer": a_known_customer(shop)}, "coupon.not_theirs"),
    ("below its minimum", lambda _shop, _tea: {"minimum": 1_001}, "coupon.below_minimum"),
    ("for other goods", lambda shop, _tea: {"articles": [shop.variant()]}, "coupon.other_goods"),
    ("in another currency", lambda _shop, _tea: {"currency": "USD"}, "coupon.other_currency"),
]


@pytest.mark.parametrize(("given", "code"), [(given, code) for _name, given, code in REFUSALS], ids=[name for name, _g, _c in REFUSALS])
def test_what_it_is_not_good_for_is_refused_with_its_reason_and_nothing_changes(shop: Shop, tea: Variant, given: Given, code: str) -> None:
    told = given(shop, tea)
    a_coupon(told.pop("company", shop.company), **told)

    assert refused(with_code(shop, (tea, 1), customer_id=a_known_customer(shop).pk)) == (code, "/coupon_codes/0")

    assert not Order.objects.exists()
    assert not CouponUse.objects.exists()
    assert not OutboxEvent.objects.filter(name__startswith="orders.").exists()


def test_one_given_to_a_customer_asks_who_is_ordering(shop: Shop, tea: Variant) -> None:
    customer = a_known_customer(shop)
    a_coupon(shop.company, customer=customer)

    assert refused(with_code(shop, (tea, 1))) == ("coupon.whose", "/coupon_codes/0")

    (placed,) = place_orders([with_code(shop, (tea, 1), customer_id=customer.pk)], actor=SYSTEM, at=AT)
    assert isinstance(placed, Placed)


def test_an_order_takes_one_coupon(shop: Shop, tea: Variant) -> None:
    a_coupon(shop.company)
    a_coupon(shop.company, "MORE")

    assert refused(a_draft(shop, (tea, 2), coupon_codes=("WELCOME", "MORE"))) == ("coupon.one_per_order", "/coupon_codes/1")


def test_a_limit_in_all_holds_within_a_batch_and_after_it(shop: Shop, tea: Variant) -> None:
    a_coupon(shop.company, use_limit=2)

    first = place_orders([with_code(shop, (tea, 1)) for _n in range(3)], actor=SYSTEM, at=AT)

    assert [r.code if isinstance(r, Refused) else "placed" for r in first] == ["placed", "placed", "coupon.used_up"]
    assert refused(with_code(shop, (tea, 1))) == ("coupon.used_up", "/coupon_codes/0")
    assert Coupon.objects.get().used_count == 2
    assert Order.objects.count() == 2
    assert broken_promises() == []


def test_a_limit_per_customer_counts_everybody_merged_with_them(shop: Shop, tea: Variant) -> None:
    a_coupon(shop.company, customer_limit=2)
    customer, other = a_known_customer(shop), a_known_customer(shop)
    for who in (customer, other):
        place_orders([with_code(shop, (tea, 1), customer_id=who.pk)], actor=SYSTEM, at=AT)

    merge_customers([MergeAsk(principal_id=customer.pk, merged_id=other.pk)], reason="同じ方", actor=STAFF, at=AT)

    assert refused(with_code(shop, (tea, 1), customer_id=other.pk)) == ("coupon.used_before", "/coupon_codes/0")
    (placed,) = place_orders([with_code(shop, (tea, 1), customer_id=a_known_customer(shop).pk)], actor=SYSTEM, at=AT)
    assert isinstance(placed, Placed)


def test_a_limit_per_customer_counts_everybody_merged_within_one_batch(shop: Shop, tea: Variant) -> None:
    a_coupon(shop.company, customer_limit=1)
    customer, other = a_known_customer(shop), a_known_customer(shop)
    merge_customers([MergeAsk(principal_id=customer.pk, merged_id=other.pk)], reason="同じ方", actor=STAFF, at=AT)

    results = place_orders([with_code(shop, (tea, 1), customer_id=who.pk) for who in (customer, other)], actor=SYSTEM, at=AT)

    assert [r.code if isinstance(r, Refused) else "placed" for r in results] == ["placed", "coupon.used_before"]
    assert CouponUse.objects.count() == 1


def test_a_buyer_who_is_known_by_what_they_say_is_known_to_the_coupon(shop: Shop, tea: Variant) -> None:
    a_coupon(shop.company, customer_limit=1)
    draft = with_code(shop, (tea, 1))
    place_orders([draft], actor=SYSTEM, at=AT)

    (again,) = place_orders([draft], actor=SYSTEM, at=AT)

    assert isinstance(again, Refused)
    assert [(r.code, r.field) for r in again.reasons] == [("coupon.used_before", "/coupon_codes/0")]
    assert Order.objects.count() == 1


def test_the_same_cart_twice_is_one_order_and_one_use(shop: Shop, tea: Variant) -> None:
    a_coupon(shop.company, use_limit=1)
    draft = with_code(shop, (tea, 1), cart_ref=uuid4())

    (first,), (second,) = place_orders([draft], actor=SYSTEM, at=AT), place_orders([draft], actor=SYSTEM, at=AT)

    assert isinstance(first, Placed)
    assert isinstance(second, Placed)
    assert (second.number, second.repeated) == (first.number, True)
    assert ledger() == [("used", 500)]


def test_an_order_that_is_sold_out_uses_no_coupon(shop: Shop) -> None:
    a_coupon(shop.company, use_limit=1)

    (answer,) = place_orders([with_code(shop, (shop.variant(stock=[0]), 1))], actor=SYSTEM, at=AT)

    assert isinstance(answer, Refused)
    assert answer.code == "inventory.out_of_stock"
    assert Coupon.objects.get().used_count == 0


def test_orders_without_a_code_cost_nothing_more(shop: Shop, tea: Variant) -> None:
    a_coupon(shop.company)
    plain = a_draft(shop, (tea, 1))
    place_orders([plain], actor=SYSTEM, at=AT)

    with CaptureQueriesContext(connection) as asked_of:
        place_orders([plain], actor=SYSTEM, at=AT)

    assert [q["sql"] for q in asked_of.captured_queries if "coupon" in q["sql"]] == []


def test_a_coupon_costs_six_statements_whatever_the_number_of_orders(shop: Shop, tea: Variant) -> None:
    a_coupon(shop.company, use_limit=100, customer_limit=10)
    customers = [a_known_customer(shop) for _n in range(5)]
    place_orders([with_code(shop, (tea, 1), customer_id=customers[0].pk)], actor=SYSTEM, at=AT)
    asked_with: list[int] = []

    for many in (customers[:1], customers):
        with CaptureQueriesContext(connection) as asked_of:
            place_orders([with_code(shop, (tea, 1), customer_id=c.pk) for c in many], actor=SYSTEM, at=AT)
        asked_with.append(sum("coupon" in query["sql"] for query in asked_of.captured_queries))

    # Priced by one; customers locked, coupons locked, read again, counted; and the use noted.
    assert asked_with == [6, 6]


def test_a_cancelled_order_gives_its_coupon_back_once(shop: Shop, tea: Variant) -> None:
    a_coupon(shop.company, use_limit=1, customer_limit=1)
    customer = a_known_customer(shop)
    order = an_order(shop, (tea, 1), coupon_codes=("WELCOME",), customer_id=customer.pk)

    cancel_orders([order.pk], actor=STAFF, at=AT, reason="changed her mind")
    time_passes()
    back = give_coupons_back([UndoneOrder(order_id=order.pk, is_cancelled=True)], actor=SYSTEM, at=AT)

    assert back == 0
    assert ledger() == [("used", 500), ("given_back", 500)]
    assert Coupon.objects.get().used_count == 0
    (again,) = place_orders([with_code(shop, (tea, 1), customer_id=customer.pk)], actor=SYSTEM, at=AT)
    assert isinstance(again, Placed)
    assert broken_promises() == []


@pytest.mark.parametrize("comes_back", [True, False])
def test_what_comes_back_is_credited_net_and_the_coupon_only_with_the_last_piece_if_it_says_so(
    shop: Shop, tea: Variant, comes_back: bool
) -> None:
    a_coupon(shop.company, use_limit=1, back_when_returned=comes_back)
    order = a_delivered_order(shop, (tea, 3), coupon_codes=("WELCOME",))

    seen: list[tuple[int, list[tuple[str, int]]]] = []
    for _piece in range(3):
        a_settled_case(asked(order, 1))
        time_passes()
        order.refresh_from_db()
        seen.append((order.returned_total, ledger()))

    used = [("used", 500)]
    assert order.total == 2_500
    assert seen == [(833, used), (1_666, used), (2_500, [*used, ("given_back", 500)] if comes_back else used)]
    assert Coupon.objects.get().used_count == (0 if comes_back else 1)
    assert broken_promises() == []


def test_what_is_exchanged_uses_no_coupon_again_and_keeps_the_first_use_until_it_comes_back_too(shop: Shop, tea: Variant) -> None:
    a_coupon(shop.company, use_limit=1, back_when_returned=True)
    order = a_delivered_order(shop, (tea, 1), coupon_codes=("WELCOME",))

    a_settled_case(an_exchange(order, tea))
    time_passes()

    other = Order.objects.exclude(pk=order.pk).get()
    assert ledger() == [("used", 500)]
    ids = list(Shipment.objects.filter(order=other).values_list("id", flat=True))
    ship_shipments([Leaving(shipment_id=i) for i in ids], actor=STAFF, at=AT + 6 * DAY)
    mark_delivered(ids, actor=STAFF, at=AT + 7 * DAY)
    a_settled_case(asked(other, 1), at=AT + 8 * DAY)
    time_passes()

    assert ledger() == [("used", 500), ("given_back", 500)]
    assert broken_promises() == []


def test_a_customers_story_and_data_tell_of_their_coupons(shop: Shop, tea: Variant) -> None:
    customer = a_known_customer(shop)
    a_coupon(shop.company, customer=customer)
    order = an_order(shop, (tea, 1), coupon_codes=("WELCOME",), customer_id=customer.pk)
    give_coupons_back([UndoneOrder(order_id=order.pk, is_cancelled=True)], actor=SYSTEM, at=AT + DAY)

    told = hooks.timeline([customer.pk], before=None, limit=10)
    held = hooks.export([customer.pk])

    assert [(row.title, row.detail, row.at) for row in told] == [
        ("ようこそクーポン", order.number, AT + DAY),
        ("ようこそクーポン", order.number, AT),
    ]
    assert told[0].kind != told[1].kind
    assert all(row.for_customer and row.link.endswith(f"/coupon/{Coupon.objects.get().pk}/change/") for row in told)
    assert [(row.table, row.values["deed"], row.values["amount"]) for row in held] == [
        ("campaigns_coupon", "given", ""),
        ("campaigns_couponuse", "used", "500"),
        ("campaigns_couponuse", "given_back", "500"),
    ]


@pytest.mark.parametrize(
    ("tampering", "broken"),
    [
        ("UPDATE campaigns_coupon SET used_count = 2", ["campaigns.coupon_counts"]),
        ("UPDATE campaigns_coupon SET code = 'OTHER'", ["campaigns.coupon_took_off"]),
        ("INSERT INTO campaigns_couponuse (coupon_id, customer_id, order_id, deed, amount, at) SELECT coupon_id, customer_id, order_id, 'given_back',"
         " amount, at FROM campaigns_couponuse", ["campaigns.coupon_counts", "campaigns.coupon_back_once"]),
    ],
    ids=["the counter", "the code", "given back while the order stands"],
)  # fmt: skip
def test_the_promises_notice_what_does_not_add_up(shop: Shop, tea: Variant, tampering: str, broken: list[str]) -> None:
    a_coupon(shop.company, use_limit=5)
    an_order(shop, (tea, 1), coupon_codes=("WELCOME",))
    assert broken_promises() == []

    with transaction.atomic(), acting(SYSTEM):
        run(tampering)

    assert broken_promises() == broken


def test_less_of_an_order_keeps_its_share_of_the_coupon_and_what_is_added_gets_none(shop: Shop, tea: Variant) -> None:
    a_coupon(shop.company, use_limit=1)
    order = an_order(shop, (tea, 3), coupon_codes=("WELCOME",))
    line, pot = order.lines.get(), shop.variant(700)
    items = [
        ChangeItem(kind=ChangeKind.QUANTITY, target=str(line.public_id), after="2"),
        ChangeItem(kind=ChangeKind.ADDED, target=pot.sku, after="1"),
    ]
    opened = open_change(order.pk, items=items, actor=STAFF, at=AT)
    assert isinstance(opened, ChangeOpened)

    changed = confirm_change(Confirming(change_id=opened.change_id), actor=STAFF, at=AT)

    assert isinstance(changed, Changed)
    order.refresh_from_db()
    assert (order.total, order.discount_total) == (2_000 - 333 + 700, 333)
    assert off(order) == [("coupon:WELCOME", 333)]
    assert ledger() == [("used", 500)]
    assert broken_promises() == []


def test_the_ledger_only_grows_and_knows_an_order_once(shop: Shop, tea: Variant) -> None:
    a_coupon(shop.company)
    an_order(shop, (tea, 1), coupon_codes=("WELCOME",))
    use = CouponUse.objects.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        CouponUse.objects.filter(pk=use.pk).update(amount=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        CouponUse.objects.create(coupon=use.coupon, customer=use.customer, order=use.order, deed="used", amount=1, at=AT)


@pytest.mark.parametrize(
    "wrong",
    [{"code": "welcome"}, {"code": ""}, {"amount": None},
        {"kind": "percent", "amount": None},
        {"kind": "percent"}, {"percent_bp": 1_000}, {"use_limit": 1, "used_count": 2}, {"until_at": AT.replace(year=2025)}],
    ids=["small letters", "no code", "worth nothing", "a part of nothing", "a part without one", "both", "used too often", "ends before it begins"],
)  # fmt: skip
def test_the_database_refuses_a_coupon_that_makes_no_sense(shop: Shop, wrong: dict[str, Any]) -> None:
    usual = {"code": "TEA", "name": "新茶", "kind": "amount", "amount": 500, "starts_at": AT}

    with pytest.raises(IntegrityError), transaction.atomic(), acting(SYSTEM):
        Coupon.objects.create(company=shop.company, **{**usual, **wrong})
