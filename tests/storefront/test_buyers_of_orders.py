"""What somebody does with an order of hers, signed in or with the link of the mail: change it, send something back, and see what that comes to."""

import re
from typing import Any

import pytest
from django.test import Client, override_settings

from customers.models import Customer
from orders.models import Order, ReturnCase
from orders.queries import order_path, order_view
from tests.factories.customers import a_customer, a_link, an_account
from tests.factories.orders import Shop, an_order
from tests.factories.returns import a_delivered_order, a_policy, a_reason, paid
from tests.factories.storefront import a_web_shop, signed_in
from tests.storefront.test_changing_orders import boxes

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return a_web_shop()


@pytest.fixture
def me(shop: Shop) -> tuple[Client, Customer]:
    customer = a_customer(shop.company, phone="090-1234-5678", email="hanako@example.jp")
    account = an_account()
    a_link(customer, account)
    return signed_in(account), customer


def link_of(order: Order) -> str:
    view = order_view(order.pk)
    assert view is not None
    return order_path(view)


def delivered(shop: Shop, **given: Any) -> Order:
    a_policy(shop, days=3_650, fee=300, postage=500)
    a_reason(shop)
    a_reason(shop, "broken", name="壊れていた", postage_by="company", is_defect=True)
    return a_delivered_order(shop, (shop.variant(2_000, stock=[5]), 2), **given)


def said(order: Order, **more: str) -> dict[str, str]:
    return {"kind": "return", "key": "k1", "quantity-1": "1", "reason-1": "not_liked", "condition-1": "unopened", **more}


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_my_page_shows_what_is_kept_of_a_refund_and_what_comes_back_and_how(shop: Shop, me: tuple[Client, Customer]) -> None:
    client, customer = me
    order = delivered(shop, customer_id=customer.pk)

    page = client.post(f"/mypage/orders/{order.number}/return/", said(order, look="1")).content.decode()

    told = words(page[page.index('role="status"') :])
    assert all(amount in told for amount in ("2,000", "−￥300", "−￥500", "1,200")) or all(
        amount in told for amount in ("2,000", "300", "500", "1,200")
    )
    assert "返送料はお客様のご負担" in told
    assert "銀行振込" in told
    assert ReturnCase.objects.count() == 0


def test_where_it_is_our_fault_nothing_is_kept_and_we_bear_the_postage(shop: Shop, me: tuple[Client, Customer]) -> None:
    client, customer = me
    order = delivered(shop, customer_id=customer.pk)

    page = client.post(f"/mypage/orders/{order.number}/return/", said(order, look="1", **{"reason-1": "broken"})).content.decode()

    told = words(page[page.index('role="status"') :])
    assert "着払い" in told
    assert "1,200" not in told


def test_a_guest_asks_for_a_return_by_the_link_of_the_mail_follows_it_and_takes_it_back(shop: Shop, client: Client) -> None:
    order = delivered(shop)
    paid(order)
    link = link_of(order)

    offered = client.get(link).content.decode()
    form = client.get(f"{link}return/")
    asked = client.post(f"{link}return/", said(order, send="1"))
    case = ReturnCase.objects.get()
    followed = client.get(link).content.decode()
    client.post(f"{link}returns/{case.number}/withdraw/")

    case.refresh_from_db()
    assert f"{link}return/" in offered
    assert (form.status_code, asked.status_code, asked["Location"]) == (200, 302, link)
    assert case.number in followed
    assert "/mypage/" not in form.content.decode().split("<main", 1)[1].split("</main", 1)[0]
    assert (case.actor_id, case.status) == ("guest", "withdrawn")


def test_a_guest_changes_an_order_that_has_not_left(shop: Shop, client: Client) -> None:
    order = an_order(shop, (shop.variant(1_000), 3))
    link = link_of(order)
    line = order.lines.get().public_id

    page = client.get(f"{link}change/").content.decode()
    values = {**boxes(page), f"quantity-{line}": "2"}
    looked = client.post(f"{link}change/", {**values, "look": "1"}).content.decode()
    total = re.search(r'name="expected_total" value="(\d+)"', looked)
    assert total
    done = client.post(f"{link}change/", {**values, "send": "1", "expected_total": total[1]})

    order.refresh_from_db()
    assert f"{link}change/" in client.get(link).content.decode()
    assert (done.status_code, done["Location"]) == (302, link)
    assert (order.total, order.revision) == (2_000, 2)


@pytest.mark.parametrize("page", ["return/", "change/", "returns/R00000001/withdraw/"])
def test_a_link_that_was_not_signed_leads_nowhere(shop: Shop, client: Client, page: str) -> None:
    delivered(shop)

    response = client.post(f"/orders/forged:link/{page}")

    assert response.status_code == 404


def test_a_guest_does_not_take_back_the_return_of_another_order(shop: Shop, client: Client) -> None:
    order = delivered(shop)
    other = an_order(shop, (shop.variant(1_000), 1))
    client.post(f"{link_of(order)}return/", said(order, send="1"))
    case = ReturnCase.objects.get()

    response = client.post(f"{link_of(other)}returns/{case.number}/withdraw/")

    case.refresh_from_db()
    assert (response.status_code, case.status) == (404, "requested")


def test_whoever_sends_without_end_is_slowed_down(shop: Shop, client: Client) -> None:
    order = delivered(shop)
    link = link_of(order)

    answers = [client.post(f"{link}return/", said(order, look="1")).status_code for _ in range(31)]

    assert (answers[0], answers[29], answers[30]) == (200, 200, 429)


@override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1)
def test_behind_a_proxy_each_guest_is_counted_alone(shop: Shop, client: Client) -> None:
    order = delivered(shop)
    link = link_of(order)

    def sent(address: str) -> int:
        return client.post(f"{link}return/", said(order, look="1"), headers={"x-forwarded-for": address}).status_code

    assert [sent("203.0.113.1") for _ in range(31)][-1] == 429
    assert sent("203.0.113.2") == 200
