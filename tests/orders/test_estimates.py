"""Estimates: prices promised until a day, on paper, and one order made of each at exactly those prices."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from billing.rules import PaymentMethod
from catalog.operations import set_prices
from catalog.rules.drafts import PriceAt
from core.clock import travel
from core.db import rows
from core.errors import Refusal
from core.models import OutboxEvent, PersonalDataRead
from customers.rules import PlaceOfDelivery
from inventory.models import Stock
from orders.hooks import export, timeline
from orders.models import Estimate, Order
from orders.operations import decline_estimates, issue_estimates, order_estimates
from orders.operations.erasing import blank_customers
from orders.rules import (
    Attribution,
    DraftDestination,
    DraftDiscount,
    DraftLine,
    EstimateAsk,
    Estimated,
    OrderDraft,
    Placed,
    Refused,
    kept_draft,
    opened_draft,
)
from tests.factories.orders import AT, STAFF, a_draft, a_fee, a_shop
from tests.orders.test_entry import a_desk, a_phone_shop, press, the_page
from tests.races.test_one_cart_makes_one_order import broken_promises

TODAY = date(2026, 11, 21)
UNTIL = TODAY + timedelta(days=30)


def issued(draft: OrderDraft, **given: Any) -> Estimated:
    ask = EstimateAsk(**{"draft": draft, "valid_until_on": (AT + timedelta(days=30)).date(), "once_key": uuid4(), **given})
    (made,) = issue_estimates([ask], actor=STAFF, at=AT)
    assert isinstance(made, Estimated), made
    return made


def ordered(estimate: Estimated, *, at: Any = AT) -> Any:
    (answer,) = order_estimates([estimate.estimate_id], actor=STAFF, at=at)
    return answer


amounts = st.integers(0, 10**9)
words = st.text(max_size=30)


@given(
    lines=st.lists(
        st.builds(
            DraftLine,
            sku=words,
            quantity=st.integers(1, 999),
            unit_price=st.none() | amounts,
            price_reason=words,
            waits_until=st.none() | st.dates(),
            discounts=st.lists(st.builds(DraftDiscount, amount=amounts, source=words), max_size=2).map(tuple),
            attribution=st.builds(Attribution, ad_code=words, outbound_at=st.none() | st.just(AT)),
        ),
        max_size=3,
    ).map(tuple),
    method=st.sampled_from(list(PaymentMethod)),
    cart=st.none() | st.uuids(),
)
def test_a_draft_is_kept_whole(lines: tuple[DraftLine, ...], method: PaymentMethod, cart: Any):
    draft = OrderDraft(
        company_id=1, channel_id=2, lines=lines, destinations=(DraftDestination(place=PlaceOfDelivery(family_name="𠮷田"), wished_on=TODAY),),
        payment_method=method, cart_ref=cart, identity=("line", "U1"),
    )  # fmt: skip

    assert opened_draft(kept_draft(draft)) == draft


@pytest.mark.django_db
def test_an_estimate_promises_prices_and_no_stock():
    shop = a_shop()
    tea = shop.variant(1_080, tax_class="reduced", stock=[3])
    a_fee(shop, 600)
    estimate = issued(a_draft(shop, (tea, 2)), note="お届けは12月上旬です。")
    row = Estimate.objects.get()

    assert (estimate.total, row.total, row.number[:1], row.status, row.note) == (2_760, 2_760, "Q", "open", "お届けは12月上旬です。")
    assert [(line["quantity"], line["unit_price"]) for line in row.shown["lines"]] == [(2, 1_080), (1, 600)]
    assert sum(s.allocated + s.reserved for s in Stock.objects.all()) == 0
    assert OutboxEvent.objects.filter(name="orders.EstimateIssued").count() == 1


@pytest.mark.django_db
def test_it_is_ordered_at_its_prices_though_the_price_list_has_moved():
    shop = a_shop()
    tea = shop.variant(1_080, tax_class="reduced", stock=[9])
    draft = replace(a_draft(shop, (tea, 2)), discounts=(DraftDiscount(amount=160, source="desk", reason="regular"),))
    estimate = issued(draft)
    price_list = rows("SELECT code FROM catalog_pricelist WHERE company_id = %s", (shop.company.pk,))[0].code
    set_prices([PriceAt(list_code=price_list, variant_id=tea.pk, amount=2_000)], company_id=shop.company.pk, actor=STAFF, at=AT)

    placed = ordered(estimate)

    order = Order.objects.get()
    assert isinstance(placed, Placed)
    assert (order.total, order.discount_total, order.customer_id) == (2_000, 160, estimate.customer_id)
    assert {line.price_reason for line in order.lines.all()} == {estimate_number(estimate)}
    assert (Estimate.objects.get().status, Estimate.objects.get().order_id) == ("ordered", order.pk)
    assert broken_promises() == {}


def estimate_number(estimate: Estimated) -> str:
    return Estimate.objects.get(pk=estimate.estimate_id).number


@pytest.mark.django_db
def test_one_key_is_one_estimate_and_one_estimate_one_order():
    shop = a_shop()
    draft, key = a_draft(shop, (shop.variant(stock=[9]), 1)), uuid4()
    first, again = issued(draft, once_key=key), issued(draft, once_key=key)

    one, two = ordered(first), ordered(first)

    assert (again.estimate_id, again.repeated, Estimate.objects.count()) == (first.estimate_id, True, 1)
    assert (one.order_id, two.repeated, Order.objects.count()) == (two.order_id, True, 1)


@pytest.mark.django_db
def test_what_is_out_of_date_declined_or_unknown_is_not_ordered():
    shop = a_shop()
    tea = shop.variant(stock=[9])
    late, unwanted = issued(a_draft(shop, (tea, 1))), issued(a_draft(shop, (tea, 1)))
    assert decline_estimates([unwanted.estimate_id], reason="too dear", actor=STAFF, at=AT) == 1
    assert decline_estimates([unwanted.estimate_id], reason="again", actor=STAFF, at=AT) == 0

    codes = [
        answer.code
        for answer in (
            ordered(late, at=AT + timedelta(days=31)), ordered(unwanted), order_estimates([10**9], actor=STAFF, at=AT)[0],
        )
    ]  # fmt: skip

    assert codes == ["estimate.out_of_date", "estimate.declined", "estimate.not_found"]
    assert not Order.objects.exists()
    assert isinstance(ordered(late, at=AT + timedelta(days=29)), Placed)


@pytest.mark.django_db
@pytest.mark.parametrize("days", [-1, 367])
def test_its_day_lies_within_a_year_from_today(days: int):
    shop = a_shop()
    ask = EstimateAsk(draft=a_draft(shop, (shop.variant(), 1)), valid_until_on=AT.date() + timedelta(days=days), once_key=uuid4())
    (refused,) = issue_estimates([ask], actor=STAFF, at=AT)

    assert isinstance(refused, Refused)
    assert (refused.code, refused.reasons[0].field) == ("estimate.valid_until", "/valid_until_on")
    assert not Estimate.objects.exists()


@pytest.mark.django_db
def test_without_stock_it_is_issued_and_refused_when_ordered_and_stays_open():
    shop = a_shop()
    estimate = issued(a_draft(shop, (shop.variant(stock=[1]), 5)))

    refused = ordered(estimate)

    assert isinstance(refused, Refused)
    assert (Estimate.objects.get().status, Order.objects.count()) == ("open", 0)


@pytest.mark.django_db
def test_a_customer_that_was_forgotten_leaves_no_name_and_no_order_can_come_of_it():
    shop = a_shop()
    estimate = issued(a_draft(shop, (shop.variant(stock=[5]), 1)))
    blank_customers([estimate.customer_id], actor=STAFF, at=AT)
    row = Estimate.objects.get()

    assert (row.buyer_name, row.draft, row.status) == ("", {}, "declined")
    assert isinstance(ordered(estimate), Refusal)


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_paper_is_a_pdf_whatever_was_typed_and_its_reading_is_written_down(language: str):
    shop = a_shop()
    tea = shop.variant(1_080, tax_class="reduced")
    estimate = issued(replace(a_draft(shop, (tea, 12)), language=language), note="#set text(red)\n*特別* 価格 $x$")
    before = PersonalDataRead.objects.count()

    answer = a_desk().get(reverse("admin:orders_estimate_paper", args=[estimate.estimate_id]))

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    assert PersonalDataRead.objects.count() == before + 1


@pytest.mark.django_db
def test_an_operator_issues_one_at_the_desk_and_orders_it():
    shop, desk = a_phone_shop(), a_desk()
    tea = shop.variant(stock=[5])
    with travel(AT):
        page = the_page(shop, (tea, 1), ad_code="", estimate_days="１４")
        issued_page = press(desk, page, "estimate")
        again = press(desk, page, "estimate")
        estimate = Estimate.objects.get()
        listed = desk.get(reverse("admin:orders_estimate_changelist"), {"q": "山田"}).content.decode()
        shown = desk.get(issued_page.url).content.decode()
        desk.post(f"{reverse('admin:orders_estimate_changelist')}{estimate.pk}/verb-order/", {"verb_confirmed": "1"})

    assert issued_page.url == again.url == reverse("admin:orders_estimate_change", args=[estimate.pk])
    assert estimate.valid_until_on == (AT + timedelta(days=14)).date()
    assert estimate.number in listed
    assert tea.sku in shown
    assert Order.objects.get().estimate == estimate


@pytest.mark.django_db
@pytest.mark.parametrize("days", ["", "x", "367", "-1"])
def test_days_that_are_none_are_said_at_their_field(days: str):
    shop = a_phone_shop()
    answer = press(a_desk(), the_page(shop, (shop.variant(), 1), estimate_days=days), "estimate")

    assert answer.context["faults"]["estimate_days"]
    assert not Estimate.objects.exists()


@pytest.mark.django_db
def test_the_list_takes_as_many_statements_however_long():
    shop, desk, url = a_shop(), a_desk(), reverse("admin:orders_estimate_changelist")
    tea = shop.variant()

    def spent() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert desk.get(url).status_code == 200
        return len(counted)

    issued(a_draft(shop, (tea, 1)))
    desk.get(url)
    alone = spent()
    for _n in range(20):
        issued(a_draft(shop, (tea, 1)))

    assert spent() == alone


@pytest.mark.django_db
def test_it_stands_on_the_customers_timeline_and_in_what_is_held_about_them():
    shop = a_shop()
    estimate = issued(a_draft(shop, (shop.variant(1_080, tax_class="reduced"), 1)))
    number = estimate_number(estimate)

    told = [row for row in timeline([estimate.customer_id], before=None, limit=10) if row.title == number]
    (held,) = [row for row in export([estimate.customer_id]) if row.table == "orders_estimate"]

    assert [row.link for row in told] == [reverse("admin:orders_estimate_change", args=[estimate.estimate_id])]
    assert (held.values["number"], held.values["total"]) == (number, 1_080)
