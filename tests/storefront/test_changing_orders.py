"""My Page: a shopper changes an order of her own, sees what it comes to before she agrees, and is told why where she cannot."""

import re
from typing import Any

import pytest
from django.test import Client

from customers.models import Customer
from orders.models import Order, Shipment
from orders.operations import open_change
from orders.rules import ChangeItem, ChangeKind
from tests.factories.customers import a_customer, a_link, an_account
from tests.factories.orders import AT, STAFF, Shop, an_order
from tests.factories.storefront import a_web_shop, signed_in

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


def boxes(page: str) -> dict[str, str]:
    """What the page would send as it stands: its hidden values, texts and choices."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", page):
        told = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if told.get("name"):
            found[told["name"]] = told.get("value", "")
    for name, body in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', page, flags=re.DOTALL):
        chosen = re.search(r"<option([^>]*) selected>([^<]*)|<option([^>]*)>([^<]*)", body)
        assert chosen
        value = re.search(r'value="([^"]*)"', chosen[1] or chosen[3] or "")
        found[name] = value[1] if value else chosen[2] or chosen[4]
    return found


def page_of(client: Client, order: Order) -> str:
    response: Any = client.get(f"/mypage/orders/{order.number}/change/")
    assert response.status_code == 200
    return str(response.content.decode())


def test_an_order_is_looked_at_and_changed(shop: Shop, me: tuple[Client, Customer]):
    client, customer = me
    order = an_order(shop, (shop.variant(1_000, stock=[9]), 3), customer_id=customer.pk)
    line, url = order.lines.get(), f"/mypage/orders/{order.number}/change/"
    assert url in client.get(f"/mypage/orders/{order.number}/").content.decode()
    said = {**boxes(page_of(client, order)), f"quantity-{line.public_id}": "2", "to-1-street": "北沢9-9"}
    said.pop("expected_total", None)

    looked = client.post(url, {**said, "look": "1"}).content.decode()
    untouched = Order.objects.get().revision
    done = client.post(url, {**said, "expected_total": boxes(looked)["expected_total"], "send": "1"})
    again = client.post(url, {**said, "expected_total": boxes(looked)["expected_total"], "send": "1"})

    order.refresh_from_db()
    assert ("2,000" in looked, "変更前の合計" in looked, untouched) == (True, True, 1)
    assert (done.status_code, again.status_code, order.total, order.revision) == (302, 302, 2_000, 2)
    assert order.destinations.get().street == "北沢9-9"


def test_nothing_is_changed_unseen_and_faults_stand_beside_their_fields(shop: Shop, me: tuple[Client, Customer]):
    client, customer = me
    order = an_order(shop, (shop.variant(1_000, stock=[9]), 3), customer_id=customer.pk)
    url, said = f"/mypage/orders/{order.number}/change/", boxes(page_of(client, order))

    unseen = client.post(url, {**said, "to-1-street": "北沢9-9", "expected_total": "", "send": "1"})
    wrong = client.post(url, {**said, "to-1-street": "", "look": "1"}).content.decode()
    soon = client.post(url, {**said, "to-1-wished_on": "2020-01-01", "look": "1"}).content.decode()

    assert (unseen.status_code, "先に変更後の金額をご確認ください。" in unseen.content.decode()) == (422, True)
    assert ('id="to-1-street-error"' in wrong, 'id="to-1-wished_on-error"' in soon) == (True, True)
    assert Order.objects.get().revision == 1


def test_what_is_being_packed_or_somebody_elses_cannot_be_changed(shop: Shop, me: tuple[Client, Customer]):
    client, customer = me
    order = an_order(shop, customer_id=customer.pk)
    other = an_order(shop, customer_id=a_customer(shop.company).pk)
    Shipment.objects.filter(order=order).update(tracking_number="123456789013")

    page = page_of(client, order)

    assert "お荷物を準備しているため" in page
    assert '<button class="button" name="look"' not in page
    for way in (client.get, client.post):
        assert way(f"/mypage/orders/{other.number}/change/").status_code == 404


def test_while_staff_are_at_it_the_shopper_is_told_so_without_a_name(shop: Shop, me: tuple[Client, Customer]):
    client, customer = me
    order = an_order(shop, customer_id=customer.pk)
    open_change(order.pk, items=[ChangeItem(kind=ChangeKind.DESTINATION, target="1", field="building", after="3階")], actor=STAFF, at=AT)
    said = {**boxes(page_of(client, order)), "to-1-street": "北沢9-9", "expected_total": str(order.total), "send": "1"}

    told = client.post(f"/mypage/orders/{order.number}/change/", said)

    assert (told.status_code, "当店でこのご注文を変更しています" in told.content.decode()) == (422, True)
    assert STAFF.label not in told.content.decode()
