"""Repairs, collections and purchases at their counters: My Page, the desk, the machine counter, mails, and what is kept of somebody."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from core import operations
from core.actor import SYSTEM
from core.clock import travel
from core.ids import public
from core.models import OutgoingMail, PersonalDataRead
from customers.models import Customer
from customers.operations import erase_customers
from orders.hooks import export, objections, timeline
from orders.models import ServiceRequest
from orders.rules import PayoutWay, ServiceDeed, ServiceKind, ServiceStep
from tests.factories.customers import a_customer, a_link, an_account
from tests.factories.orders import Shop, a_shop
from tests.factories.partners import a_partner, a_token, as_partner
from tests.factories.returns import NOW, a_delivered_order, line_refs
from tests.factories.services import a_service, an_estimated_service, stepped
from tests.factories.storefront import a_web_shop, signed_in

pytestmark = pytest.mark.django_db
D = ServiceDeed


@pytest.fixture
def shop() -> Shop:
    return a_web_shop()


@pytest.fixture
def me(shop: Shop) -> tuple[Client, Customer]:
    customer = a_customer(shop.company, phone="090-1234-5678", email="hanako@example.jp")
    account = an_account()
    a_link(customer, account)
    return signed_in(account), customer


@pytest.fixture
def administrator() -> Client:
    account = get_user_model().objects.create(handle="administrator", kind="staff", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def relayed() -> None:
    """Everything announced so far is handled, as the relay does it."""
    with travel(NOW):
        while not operations.carry(at=lambda: NOW).idle:
            pass


SAID = {"kind": "repair", "goods": "腕時計", "maker": "精工", "bought_from": "駅前の店", "remark": "止まった", "key": "k1"}


def test_a_shopper_asks_for_a_repair_of_something_bought_elsewhere_and_once(me: tuple[Client, Customer]) -> None:
    client, customer = me

    first = client.post("/mypage/services/new/", SAID)
    client.post("/mypage/services/new/", SAID)

    service = ServiceRequest.objects.get()
    assert (first.status_code, first["Location"]) == (302, f"/mypage/services/{service.number}/")
    assert (service.customer, service.goods, service.maker, service.bought_from, service.line) == (
        customer,
        "腕時計",
        "精工",
        "駅前の店",
        None,
    )
    listed = client.get("/mypage/services/").content.decode()
    assert service.number in listed
    assert "腕時計" in listed


def test_what_was_bought_here_is_offered_and_linked(shop: Shop, me: tuple[Client, Customer]) -> None:
    client, customer = me
    order = a_delivered_order(shop, (shop.variant(1_000), 1), customer_id=customer.pk)
    (ref,) = line_refs(order)

    page = client.get("/mypage/services/new/").content.decode()
    client.post("/mypage/services/new/", {**SAID, "goods": "", "line": str(ref)})

    service = ServiceRequest.objects.get()
    assert str(ref) in page
    assert service.line.public_id == ref
    assert service.goods == service.line.name


def test_a_form_with_faults_says_each_beside_its_field_and_keeps_what_was_typed(me: tuple[Client, Customer]) -> None:
    client, _customer = me

    nameless = client.post("/mypage/services/new/", {**SAID, "goods": "", "remark": "音がしない"})
    dayless = client.post("/mypage/services/new/", {**SAID, "bought_on": "きのう", "kind": "smash"})

    assert (nameless.status_code, dayless.status_code, ServiceRequest.objects.count()) == (422, 422, 0)
    assert "音がしない" in nameless.content.decode()
    assert 'id="goods-error"' in nameless.content.decode()
    assert 'id="bought_on-error"' in dayless.content.decode()


def test_a_shopper_sells_at_the_price_she_saw_and_chooses_points(me: tuple[Client, Customer]) -> None:
    client, customer = me
    service = an_estimated_service(customer, 5_000, kind=ServiceKind.RESALE)
    page = client.get(f"/mypage/services/{service.number}/").content.decode()

    client.post(f"/mypage/services/{service.number}/step/", {"deed": "agree", "amount": "4000", "payout_way": "points"})
    service.refresh_from_db()
    unseen = service.status
    client.post(f"/mypage/services/{service.number}/step/", {"deed": "agree", "amount": "5000", "payout_way": "points"})

    service.refresh_from_db()
    assert "￥5,000" in page or "¥5,000" in page or "5,000円" in page
    assert (unseen, service.status, service.payout_way) == ("estimated", "agreed", "points")


def test_nobody_sees_or_moves_the_request_of_somebody_else(shop: Shop, me: tuple[Client, Customer]) -> None:
    client, _customer = me
    service = an_estimated_service(a_customer(shop.company), 5_000)

    seen = client.get(f"/mypage/services/{service.number}/")
    moved = client.post(f"/mypage/services/{service.number}/step/", {"deed": "agree"})

    service.refresh_from_db()
    assert (seen.status_code, moved.status_code, service.status) == (404, 404, "estimated")


def test_a_step_that_is_ours_is_no_address_for_a_shopper(me: tuple[Client, Customer]) -> None:
    client, customer = me
    service = a_service(customer)

    response = client.post(f"/mypage/services/{service.number}/step/", {"deed": "accept"})

    assert (response.status_code, ServiceRequest.objects.get().status) == (404, "requested")


# The desk


def test_staff_take_one_by_telephone_and_lead_it_to_its_end(administrator: Client, shop: Shop, me: tuple[Client, Customer]) -> None:
    _client, customer = me
    form = administrator.get(f"/admin/orders/servicerequest/take/?customer={customer.pk}")

    taken = administrator.post(f"/admin/orders/servicerequest/take/?customer={customer.pk}", {**SAID, "line": ""})
    service = ServiceRequest.objects.get()
    at = f"/admin/orders/servicerequest/{service.pk}"
    for verb, said in (
        ("accept", {"postage_in_by": "company", "postage_out_by": "customer"}), ("receive", {}), ("estimate", {"amount": "8800", "note": "分解掃除"}),
        ("agree", {"payout_way": ""}), ("repair", {"postage": "1100", "method": "cash_at_store"}),
    ):  # fmt: skip
        administrator.post(f"{at}/verb-{verb}/", {"verb_confirmed": "1", **said}, follow=True)

    service.refresh_from_db()
    page = administrator.get(f"{at}/change/")
    assert (form.status_code, taken.status_code, page.status_code) == (200, 302, 200)
    assert (service.status, service.charged_total, service.postage_in_by) == ("repaired", 9_900, "company")
    assert PersonalDataRead.objects.filter(subject=f"customer:{customer.public_id}").exists()


def test_a_shelf_that_nobody_knows_stops_the_purchase_at_the_desk(administrator: Client, me: tuple[Client, Customer]) -> None:
    _client, customer = me
    service = an_estimated_service(customer, 500, kind=ServiceKind.RESALE)
    stepped(service, ServiceStep(request_id=service.pk, deed=D.AGREE, payout_way=PayoutWay.CASH))

    response = administrator.post(
        f"/admin/orders/servicerequest/{service.pk}/verb-buy/",
        {"verb_confirmed": "1", "stock_item": "nowhere", "location": "nowhere"},
        follow=True,
    )

    service.refresh_from_db()
    assert "nowhere" in response.content.decode()
    assert service.status == "agreed"


# The machine counter


def post(client: Client, url: str, body: Any, who: dict[str, str], key: str) -> Any:
    return client.post(f"/api/v1/{url}", body, content_type="application/json", headers={**who, "idempotency-key": key})


def test_a_partner_leads_a_purchase_from_asking_to_paying(client: Client) -> None:
    shop = a_shop(locations=1)
    customer = a_customer(shop.company)
    scopes = "returns:read returns:write"
    who = as_partner(a_token(a_partner(shop.company, scopes=scopes), scopes=scopes))

    asked = post(
        client, "service-requests", {"customer": public("cus", customer.public_id), "kind": "resale", "goods": "カメラ"}, who, "k1"
    )
    at = f"service-requests/{asked.json()['id']}"
    steps = [
        post(client, f"{at}/steps", body, who, f"s{n}")
        for n, body in enumerate(
            (
                {"deed": "accept"},
                {"deed": "receive"},
                {"deed": "estimate", "amount": 900},
                {"deed": "agree", "payout_way": "bank"},
                {"deed": "buy"},
            )
        )
    ]
    paid = post(client, f"{at}/payout", {}, who, "p1")

    assert asked.status_code == 201
    assert [one.json()["status"] for one in steps] == ["accepted", "received", "estimated", "agreed", "bought"]
    assert (paid.status_code, paid.json()["payout_total"], paid.json()["paid_out_at"] is not None) == (200, 900, True)
    assert [one["id"] for one in client.get("/api/v1/service-requests?kind=resale", headers=who).json()["data"]] == [asked.json()["id"]]
    client.get(f"/api/v1/{at}", headers=who)
    assert (
        list(PersonalDataRead.objects.filter(screen="api /service-requests").values_list("subject", flat=True))
        == [f"customer:{customer.public_id}"] * 2
    )
    early = post(client, f"{at}/steps", {"deed": "receive"}, who, "s9")
    assert (early.status_code, early.json()["code"]) == (422, "service.wrong_step")


def test_keys_that_only_begin_alike_are_two_requests(client: Client) -> None:
    shop = a_shop(locations=1)
    scopes = "returns:read returns:write"
    who = as_partner(a_token(a_partner(shop.company, scopes=scopes), scopes=scopes))
    body = {"customer": public("cus", a_customer(shop.company).public_id), "kind": "repair", "goods": "時計"}

    asked = [post(client, "service-requests", body, who, "k" * 200 + end).json()["number"] for end in ("1", "2", "2")]

    assert len(set(asked)) == ServiceRequest.objects.count() == 2


def test_a_partner_of_another_company_finds_nothing(client: Client) -> None:
    mine, theirs = a_shop(locations=1), a_shop(locations=1)
    service = a_service(a_customer(mine.company))
    scopes = "returns:read returns:write"
    who = as_partner(a_token(a_partner(theirs.company, scopes=scopes), scopes=scopes))

    seen = client.get(f"/api/v1/service-requests/{public('srv', service.public_id)}", headers=who)
    asked = post(
        client, "service-requests", {"customer": public("cus", service.customer.public_id), "kind": "repair", "goods": "x"}, who, "k1"
    )

    assert (seen.status_code, asked.status_code, asked.json()["code"]) == (404, 422, "customers.not_found")


# What is told, and what is kept


def test_the_customer_is_written_to_at_each_step_she_waits_for_and_once(me: tuple[Client, Customer]) -> None:
    _client, customer = me
    service = an_estimated_service(customer, 8_800)
    stepped(service, D.AGREE, D.REPAIR)

    relayed()
    relayed()

    mails = OutgoingMail.objects.filter(kind__startswith="service.").order_by("id")
    assert [mail.kind for mail in mails] == [f"service.{step}" for step in ("requested", "accepted", "received", "estimated", "ended")]
    assert all(service.number in mail.body and mail.to_address == "hanako@example.jp" for mail in mails)
    assert "8,800" in mails[3].body


def test_an_estimate_that_comes_back_to_the_first_price_is_told_again(me: tuple[Client, Customer]) -> None:
    _client, customer = me
    service = an_estimated_service(customer, 8_800)
    for n, amount in enumerate((9_900, 8_800), 1):
        relayed()
        stepped(service, ServiceStep(request_id=service.pk, deed=D.ESTIMATE, amount=amount), at=NOW + timedelta(hours=n))
    relayed()

    mails = OutgoingMail.objects.filter(kind="service.estimated").order_by("id")
    assert ["9,900" in mail.body for mail in mails] == [False, True, False]


def test_a_customer_whose_goods_lie_here_is_not_forgotten_and_afterwards_is(me: tuple[Client, Customer]) -> None:
    _client, customer = me
    service = an_estimated_service(customer, 8_800, remark="傷あり")
    held = [(one.code, one.params) for one in objections([customer.pk], at=NOW)]
    stepped(service, D.DISAGREE, D.GIVE_BACK)

    told = [row.title for row in timeline([customer.pk], before=None, limit=10)]
    kept = [row.values for row in export([customer.pk]) if row.table == "orders_servicerequest"]
    erase_customers([customer.pk], actor=SYSTEM, at=NOW, reason="本人の申し出")

    service.refresh_from_db()
    assert held == [("service.under_way", {"number": service.number})]
    assert told == [service.number, service.number]
    assert (kept[0]["goods"], kept[0]["remark"]) == ("腕時計", "傷あり")
    assert (service.goods, service.serial, service.remark, service.estimate_note, service.maker) == ("", "", "", "", "精工")
