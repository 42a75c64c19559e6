"""Estimates on My Page: read, taken as PDF, ordered once at their prices, declined; nobody else's."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from core.clock import travel
from core.db import rows
from customers.models import Customer
from inventory.models import Stock
from orders.models import Estimate, Order
from orders.operations import decline_estimates
from orders.queries import invariants
from orders.rules import Estimated
from tests.factories.customers import a_customer, a_link, an_account
from tests.factories.delivery import a_delivery
from tests.factories.orders import AT, STAFF, Shop, a_draft, a_fee
from tests.factories.storefront import a_web_shop, signed_in
from tests.orders.test_estimates import issued
from tests.storefront.test_changing_orders import boxes

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return a_web_shop()


@pytest.fixture
def me(shop: Shop) -> tuple[Client, Customer]:
    customer, account = a_customer(shop.company), an_account()
    a_link(customer, account)
    return signed_in(account), customer


def an_estimate(shop: Shop, customer: Customer, *, stock: list[int] | None = None, **given: Any) -> Estimated:
    return issued(a_draft(shop, (shop.variant(1_000, stock=stock), 2), customer_id=customer.pk, person=None), **given)


def test_a_shopper_reads_her_estimates_and_takes_the_paper(shop, me):
    client, customer = me
    estimate = an_estimate(shop, customer, note="またのご利用を")

    with travel(AT):
        listed = client.get("/mypage/estimates/").content.decode()
        shown = client.get(f"/mypage/estimates/{estimate.number}/").content.decode()
        paper = client.get(f"/mypage/estimates/{estimate.number}/paper/")

    assert estimate.number in listed
    assert "またのご利用を" in shown
    assert (paper["Content-Type"], paper.content[:5]) == ("application/pdf", b"%PDF-")


def test_ordering_it_twice_places_one_order_at_its_price(shop, me):
    client, customer = me
    estimate = an_estimate(shop, customer)

    with travel(AT):
        first, again = (client.post(f"/mypage/estimates/{estimate.number}/accept/") for _n in range(2))

    order = Order.objects.get()
    assert first["Location"] == again["Location"] == f"/mypage/orders/{order.number}/"
    assert (order.total, order.customer_id, order.actor_kind) == (estimate.total, customer.pk, "customer")
    assert Estimate.objects.get().order_id == order.pk


def test_she_orders_it_to_another_address_and_sees_what_the_way_there_costs(shop, me):
    client, customer = me
    zones = a_delivery(shop).zones
    a_fee(shop, 500)
    a_fee(shop, 1_300, zone=zones["hokkaido"])
    estimate = an_estimate(shop, customer)

    with travel(AT):
        ordered = client.post(f"/mypage/estimates/{estimate.number}/accept/", {"elsewhere": "1"})
        change = ordered["Location"]
        said = {
            **boxes(client.get(change).content.decode()),
            "prefecture-1": "北海道",
            "postal_code-1": "060-0001",
            "city-1": "札幌市中央区",
        }
        looked = boxes(client.post(change, {**said, "look": "1"}).content.decode())
        client.post(change, {**said, "send": "1", "expected_total": looked["expected_total"]})

    order = Order.objects.get()
    assert change == f"/mypage/orders/{order.number}/change/"
    assert (estimate.total, looked["expected_total"], order.total) == (2_500, "3300", 3_300)
    assert order.destinations.get().prefecture == "北海道"
    assert [p.name for p in invariants() if rows(p.sql, {"company": None}, prepare=False)] == []


def test_what_ran_out_is_said_and_the_estimate_stays(shop, me):
    client, customer = me
    estimate = an_estimate(shop, customer, stock=[1])

    with travel(AT):
        page = client.post(f"/mypage/estimates/{estimate.number}/accept/", follow=True)

    assert [str(one) for one in page.context["messages"]]
    assert Estimate.objects.get().status == "open"
    assert not Order.objects.exists()
    assert not Stock.objects.exclude(allocated=0).exists()


def test_out_of_date_it_can_be_read_but_not_ordered(shop, me):
    client, customer = me
    estimate = an_estimate(shop, customer)

    with travel(AT + timedelta(days=60)):
        shown = client.get(f"/mypage/estimates/{estimate.number}/").content.decode()
        client.post(f"/mypage/estimates/{estimate.number}/accept/")

    assert "/accept/" not in shown
    assert not Order.objects.exists()


def test_she_declines_it_and_then_it_cannot_be_ordered(shop, me):
    client, customer = me
    estimate = an_estimate(shop, customer)

    with travel(AT):
        client.post(f"/mypage/estimates/{estimate.number}/decline/")
        client.post(f"/mypage/estimates/{estimate.number}/decline/")
        client.post(f"/mypage/estimates/{estimate.number}/accept/")

    assert Estimate.objects.get().status == "declined"
    assert not Order.objects.exists()


def test_nobody_sees_or_decides_the_estimate_of_somebody_else(shop, me):
    client, _customer = me
    theirs = an_estimate(shop, a_customer(shop.company))
    where = f"/mypage/estimates/{theirs.number}/"

    with travel(AT):
        answers = [client.get(where), client.get(f"{where}paper/"), client.post(f"{where}accept/"), client.post(f"{where}decline/")]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert Estimate.objects.get().status == "open"
    assert Client().get(where).status_code == 302


def test_one_declined_by_staff_meanwhile_is_refused_in_words(shop, me):
    client, customer = me
    estimate = an_estimate(shop, customer)
    decline_estimates([estimate.estimate_id], reason="x", actor=STAFF, at=AT)

    with travel(AT):
        page = client.post(f"/mypage/estimates/{estimate.number}/accept/", follow=True)

    assert estimate.number in " ".join(str(one) for one in page.context["messages"])
