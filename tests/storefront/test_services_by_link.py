"""A guest asks for a repair with the link of an order, and follows it with the link of the mail: as much as somebody who is signed in."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core import operations
from core.clock import travel
from core.models import OutgoingMail
from customers.models import Customer
from orders.models import CasePhoto, Order, ServiceRequest
from orders.queries import order_path, order_view, service_path
from orders.rules import ServiceDeed, ServiceKind
from tests.factories.customers import a_customer
from tests.factories.orders import Shop, a_shop
from tests.factories.returns import NOW, a_delivered_order, line_refs
from tests.factories.services import a_service, an_estimated_service, stepped
from tests.factories.storefront import a_web_shop
from tests.orders.test_photos import a_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return a_web_shop()


@pytest.fixture
def hanako(shop: Shop) -> Customer:
    return a_customer(shop.company, phone="090-1234-5678", email="hanako@example.jp")


def bought(shop: Shop, customer: Customer) -> tuple[Order, str]:
    """A delivered order, and its link."""
    order = a_delivered_order(shop, (shop.variant(1_000, stock=[5]), 1), customer_id=customer.pk)
    view = order_view(order.pk)
    assert view is not None
    return order, order_path(view)


def asked(order: Order, **given: Any) -> dict[str, str]:
    return {"kind": "repair", "line": str(line_refs(order)[0]), "remark": "止まった", "key": "k1", **given}


def test_a_guest_asks_for_a_repair_of_what_she_bought_once_and_is_led_to_it(shop: Shop, hanako: Customer, client: Client) -> None:
    order, link = bought(shop, hanako)

    form = client.get(f"{link}service/").content.decode()
    first, again = (client.post(f"{link}service/", asked(order)) for _n in range(2))

    service = ServiceRequest.objects.get()
    assert (service.customer, service.line.order, service.goods) == (hanako, order, service.line.name)
    assert (first.status_code, again.status_code) == (302, 302)
    assert service.number in client.get(first["Location"]).content.decode()
    assert str(line_refs(order)[0]) in form
    assert 'name="bought_from"' not in form
    assert "ご注文に戻る" in form
    assert f'href="{link}service/"' in client.get(link).content.decode()
    assert service.number in client.get(link).content.decode()


def test_a_guest_asks_for_nothing_but_goods_of_her_order(shop: Shop, hanako: Customer, client: Client) -> None:
    _order, link = bought(shop, hanako)
    other, _link = bought(shop, a_customer(shop.company))

    answers = [client.post(f"{link}service/", asked(other)), client.post(f"{link}service/", asked(other, line="", goods="時計"))]

    assert [one.status_code for one in answers] == [422, 422]
    assert ["どちらの商品か" in one.content.decode() for one in answers] == [True, True]
    assert ServiceRequest.objects.count() == 0


def test_the_mail_leads_whoever_has_no_account_to_the_estimate_and_she_agrees(hanako: Customer, client: Client) -> None:
    service = an_estimated_service(hanako, 5_000, kind=ServiceKind.RESALE)
    with travel(NOW):
        while not operations.carry(at=lambda: NOW).idle:
            pass
    body = OutgoingMail.objects.get(kind="service.estimated").body
    (path,) = re.findall(r"https?://[^/\s]+(/services/\S+)", body)

    page = client.get(path).content.decode()
    client.post(f"{path}step/", {"deed": "agree", "amount": "4000", "payout_way": "cash"})
    service.refresh_from_db()
    unseen = service.status
    client.post(f"{path}step/", {"deed": "agree", "amount": "5000", "payout_way": "cash"})

    service.refresh_from_db()
    assert "5,000" in page
    assert "/mypage/" not in page.partition("<main")[2]
    assert (unseen, service.status, service.payout_way) == ("estimated", "agreed", "cash")


def test_photos_go_with_a_request_and_are_seen_by_its_link_alone(shop: Shop, hanako: Customer, client: Client) -> None:
    service, other = a_service(hanako), a_service(a_customer(shop.company))
    mine, theirs = service_path(service.public_id), service_path(other.public_id)

    client.post(f"{mine}photos/", {"photos": SimpleUploadedFile("a.jpg", a_picture(), "image/jpeg")})

    photo = CasePhoto.objects.get(service=service)
    seen = [client.get(f"{path}photos/{photo.public_id}/").status_code for path in (mine, theirs)]
    assert seen == [200, 404]
    assert f"{mine}photos/{photo.public_id}/" in client.get(mine).content.decode()


@pytest.mark.parametrize("_case", ["made up", "of an order", "of another company"])
def test_a_link_that_was_not_signed_for_a_request_here_leads_nowhere(_case: str, shop: Shop, hanako: Customer, client: Client) -> None:
    service = stepped(a_service(hanako), ServiceDeed.ACCEPT)
    _order, link = bought(shop, hanako)
    elsewhere = a_service(a_customer(a_shop().company)) if _case == "of another company" else service
    path = {
        "made up": f"/services/{service.public_id.hex}:x:y/",
        "of an order": link.replace("/orders/", "/services/"),
        "of another company": service_path(elsewhere.public_id),
    }[_case]

    answers = [client.get(path).status_code, client.post(f"{path}step/", {"deed": "withdraw"}).status_code]

    service.refresh_from_db()
    assert (answers, service.status) == ([404, 404], "accepted")
