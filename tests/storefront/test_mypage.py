"""My Page: everything of one's own in a few presses, nothing of anybody else's."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from billing.rules import PaymentMethod
from core.actor import SYSTEM
from core.clock import now
from core.operations import carry
from customers.models import Account, Address, Consent, ContactPoint, Customer
from customers.operations import grant_points, merge_customers
from customers.rules import Grant, MergeAsk
from orders.models import Order
from orders.operations import Leaving, ship_shipments
from subscriptions.models import Cycle, Subscription
from subscriptions.operations import generate_due
from tests.factories.campaigns import a_coupon
from tests.factories.customers import STAFF, a_customer, a_link, a_programme, an_account, an_address
from tests.factories.orders import Shop, a_draft, a_shipped_order, a_shop, an_order, placed
from tests.factories.storefront import a_web_shop, filled, ordered, signed_in
from tests.factories.subscriptions import a_contract, a_plan, something_to_subscribe

pytestmark = pytest.mark.django_db

ADDRESS = {
    "label": "実家", "family_name": "山田", "given_name": "太郎", "postal_code": "600-8216", "prefecture": "京都府", "city": "京都市下京区",
    "street": "東塩小路町1", "building": "", "phone": "075-111-2222",
}  # fmt: skip
PAGES = ("", "orders/", "subscriptions/", "addresses/", "cards/", "points/", "coupons/", "profile/", "consent/", "records/")


@pytest.fixture
def shop() -> Shop:
    return a_web_shop()


@pytest.fixture
def me(shop: Shop) -> tuple[Client, Customer]:
    """A signed-in shopper who is known to the shop."""
    customer = a_customer(shop.company, phone="090-1234-5678", email="hanako@example.jp")
    account = an_account()
    a_link(customer, account)
    return signed_in(account), customer


def text(response: Any) -> str:
    assert response.status_code == 200, response
    return str(response.content.decode())


@pytest.mark.parametrize("path", PAGES)
def test_nobody_sees_my_page_without_signing_in(client: Client, shop: Shop, path: str):
    response = client.get(f"/mypage/{path}")

    assert response.status_code == 302
    assert "login" in response.url


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_an_account_without_purchases_is_told_so_calmly(shop: Shop, path: str, language: str):
    page = text(signed_in(an_account()).get(f"/mypage/{path}", headers={"accept-language": language}))

    assert "<h1>" in page
    assert ("マイページ" in page) == (language == "ja")


def test_the_overview_tells_where_parcels_are_what_is_owed_and_what_may_be_spent(shop: Shop, me):
    client, customer = me
    order = a_shipped_order(shop, (shop.variant(3_300), 1), customer_id=customer.pk, payment_method=PaymentMethod.DEFERRED)
    grant_points([Grant(customer_id=customer.pk, points=120, once_key="k", reference="歓迎")], actor=SYSTEM, at=now())
    carry_all()

    page = text(client.get("/mypage/"))

    assert order.number in page
    assert "発送" in page or "出荷" in page
    assert "120" in page
    assert "ご入金待ち" in page  # it is paid after delivery, and has been delivered


def test_points_that_come_with_a_parcel_are_told_beforehand_and_when_they_came(shop: Shop, me):
    client, customer = me
    a_programme(shop.company, 100)
    order = an_order(shop, (shop.variant(3_300), 1), customer_id=customer.pk)
    assert "出荷時に 33 ポイント付きます" in text(client.get(f"/mypage/orders/{order.number}/"))
    assert "付与予定" in text(client.get("/mypage/points/"))

    ship_shipments([Leaving(shipment_id=order.shipments.get().pk)], actor=STAFF, at=now())
    carry_all()

    page, points = text(client.get(f"/mypage/orders/{order.number}/")), text(client.get("/mypage/points/"))
    assert "このご注文で 33 ポイント付きました" in page
    assert "ポイント付きます" not in page
    assert order.number in points
    assert "付与予定" not in points


def test_orders_of_a_merged_entry_are_ones_own(shop: Shop, me):
    client, customer = me
    other = a_customer(shop.company)
    order = an_order(shop, customer_id=other.pk)
    merge_customers([MergeAsk(principal_id=customer.pk, merged_id=other.pk)], actor=STAFF, at=now(), reason="同一人物")

    assert order.number in text(client.get("/mypage/orders/"))
    assert text(client.get(f"/mypage/orders/{order.number}/"))


def test_nothing_of_anybody_else_can_be_opened_or_changed(shop: Shop, me):
    client, _customer = me
    other = a_customer(shop.company)
    order, address, contract = an_order(shop, customer_id=other.pk), an_address(other), a_contract(shop, customer_id=other.pk)
    point = ContactPoint.objects.create(customer=other, kind="phone", value="090-9", value_key="+81909")

    for path in (f"orders/{order.number}/", f"addresses/{address.pk}/", f"subscriptions/{contract.public_id}/", "invoices/INV-1/"):
        assert client.get(f"/mypage/{path}").status_code == 404, path
    for path in (
        f"orders/{order.number}/cancel/", f"orders/{order.number}/again/", f"addresses/{address.pk}/end/",
        f"addresses/{address.pk}/default/", f"profile/contact/{point.pk}/end/", f"subscriptions/{contract.public_id}/skip/",
        f"subscriptions/{contract.public_id}/pause/", f"subscriptions/{contract.public_id}/cancel/",
        f"subscriptions/{contract.public_id}/change/", "cards/00000000000000000000000000000000/end/",
    ):  # fmt: skip
        assert client.post(f"/mypage/{path}").status_code == 404, path
    order.refresh_from_db()
    contract.refresh_from_db()
    address.refresh_from_db()
    assert (order.status, contract.status, address.ended_at) == ("confirmed", "active", None)


def test_another_companys_order_is_not_shown_in_this_shop(shop: Shop, me):
    client, customer = me
    elsewhere = a_shop()
    twin = a_customer(elsewhere.company)
    a_link(twin, Account.objects.get(customer_links__customer=customer))
    order = an_order(elsewhere, customer_id=twin.pk)

    assert client.get(f"/mypage/orders/{order.number}/").status_code == 404
    assert order.number not in text(client.get("/mypage/orders/"))


def test_an_order_is_taken_back_until_it_ships_and_twice_changes_nothing(shop: Shop, me):
    client, customer = me
    order = an_order(shop, customer_id=customer.pk)

    client.post(f"/mypage/orders/{order.number}/cancel/")
    client.post(f"/mypage/orders/{order.number}/cancel/")

    order.refresh_from_db()
    assert order.status == "cancelled"


def test_what_was_ordered_can_be_ordered_again_at_todays_price(shop: Shop, me):
    client, customer = me
    tea = shop.variant(1_000)
    order = an_order(shop, (tea, 3), customer_id=customer.pk)

    client.post(f"/mypage/orders/{order.number}/again/")
    response = client.post(f"/mypage/orders/{order.number}/again/")

    assert response.url == "/cart/"
    assert [(line.sku, line.quantity) for line in client.get("/cart/").context["cart"].lines] == [(tea.sku, 3)]


def test_a_shipped_order_has_its_invoice_to_print(shop: Shop, me):
    client, customer = me
    order = a_shipped_order(shop, customer_id=customer.pk)
    carry_all()

    (invoice,) = client.get(f"/mypage/orders/{order.number}/").context["invoices"]
    page = text(client.get(f"/mypage/invoices/{invoice.number}/"))

    assert invoice.number in page
    assert signed_in(an_account()).get(f"/mypage/invoices/{invoice.number}/").status_code == 404


def carry_all() -> None:
    while not carry(at=now).idle:
        pass


def test_an_address_is_added_changed_made_usual_and_removed(shop: Shop, me):
    client, customer = me
    an_address(customer, is_default=True)

    assert client.post("/mypage/addresses/add/", ADDRESS).status_code == 302
    added = Address.objects.get(label="実家")
    assert client.post(f"/mypage/addresses/{added.pk}/", {**ADDRESS, "street": "東塩小路町2", "version": added.version}).status_code == 302
    client.post(f"/mypage/addresses/{added.pk}/default/")
    added.refresh_from_db()
    assert (added.street, added.is_default, added.customer_id) == ("東塩小路町2", True, customer.pk)
    assert "東塩小路町2" in text(client.get("/mypage/addresses/"))
    client.post(f"/mypage/addresses/{added.pk}/end/")
    client.post(f"/mypage/addresses/{added.pk}/end/")

    assert "東塩小路町2" not in text(client.get("/mypage/addresses/"))


def test_an_address_changed_elsewhere_meanwhile_is_not_overwritten(shop: Shop, me):
    client, customer = me
    address = an_address(customer, version=3)

    response = client.post(f"/mypage/addresses/{address.pk}/", {**ADDRESS, "version": "2"})

    assert response.status_code == 422
    address.refresh_from_db()
    assert address.street == "六本木6-10-1"


@pytest.mark.parametrize(
    ("field", "value"),
    [("postal_code", "12"), ("postal_code", ""), ("city", "　"), ("phone", "abc"), ("family_name", ""), ("prefecture", "東京"), ("street", "あ" * 201), ("city", "\x00")],
)  # fmt: skip
def test_a_wrong_field_of_an_address_is_named_and_nothing_is_written(shop: Shop, me, field, value):
    client, _customer = me

    response = client.post("/mypage/addresses/add/", {**ADDRESS, field: value})

    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert not Address.objects.exists()


def test_details_and_ways_to_be_reached_are_kept(shop: Shop, me):
    client, customer = me
    names = {"family_name": "佐藤", "given_name": "花子", "family_kana": "サトウ", "given_kana": "ハナコ", "birth_on": "1970-02-03"}

    assert client.post("/mypage/profile/", {**names, "version": customer.version}).status_code == 302
    assert client.post("/mypage/profile/contact/", {"value": "03-1111-2222"}).status_code == 302
    assert client.post("/mypage/profile/contact/", {"value": "new@example.jp"}).status_code == 302
    for wrong in ("", "abc", "a@b@c", "\x00"):
        assert client.post("/mypage/profile/contact/", {"value": wrong}).status_code == 422
    assert client.post("/mypage/profile/", {**names, "birth_on": "2300-01-01"}).status_code == 422
    old = ContactPoint.objects.get(value="090-1234-5678")
    client.post(f"/mypage/profile/contact/{old.pk}/end/")

    customer.refresh_from_db()
    assert (customer.family_name, customer.birth_on.year) == ("佐藤", 1970)
    page = text(client.get("/mypage/profile/"))
    assert "03-1111-2222" in page
    assert "090-1234-5678" not in page


def test_consent_is_a_word_with_date_and_wording_and_only_changes_are_words(shop: Shop, me):
    client, customer = me

    client.post("/mypage/consent/", {"yes": ["advertising/mail", "survey/mail", "nonsense/x"]})
    client.post("/mypage/consent/", {"yes": ["advertising/mail", "survey/mail"]})
    client.post("/mypage/consent/", {"yes": ["survey/mail"]})

    said = [(c.purpose, c.channel, c.status) for c in Consent.objects.filter(customer=customer).order_by("id")]
    assert said == [("advertising", "mail", "given"), ("survey", "mail", "given"), ("advertising", "mail", "withdrawn")]
    assert Consent.objects.filter(wording="mypage-2026-11", source="mypage", actor_kind="customer").count() == 3
    page = text(client.get("/mypage/consent/"))
    assert page.count("checked") == 1
    assert "mypage-2026-11" in page


def test_everything_kept_can_be_taken_along(shop: Shop, me):
    client, customer = me
    order = an_order(shop, customer_id=customer.pk)

    response = client.post("/mypage/records/download/")

    assert response["Content-Disposition"].startswith("attachment")
    assert order.number in response.content.decode()
    assert client.get("/mypage/records/download/").status_code == 405


def test_a_subscription_is_skipped_wanted_again_paused_resumed_changed_and_left(shop: Shop, me):
    client, customer = me
    contract = a_contract(shop, customer_id=customer.pk, at=now())
    here = f"/mypage/subscriptions/{contract.public_id}/"
    coming = client.get(here).context["contract"].coming[0]

    client.post(f"{here}skip/", {"number": coming.number})
    client.post(f"{here}skip/", {"number": coming.number})
    assert Cycle.objects.get(subscription=contract, number=coming.number).status == "skipped"
    client.post(f"{here}unskip/", {"number": coming.number})
    assert Cycle.objects.get(subscription=contract, number=coming.number).status == "planned"
    client.post(f"{here}pause/")
    assert state(contract) == "paused"
    client.post(f"{here}resume/")
    assert state(contract) == "active"
    client.post(f"{here}change/", {"what": "interval", "interval": "2m"})
    client.post(f"{here}change/", {"what": "items", **{f"quantity-{i.variant_id}": "３" for i in contract.items.all()}})
    address = an_address(customer, city="鎌倉市")
    client.post(f"{here}change/", {"what": "address", "address": address.pk})
    contract.refresh_from_db()
    assert (contract.interval, contract.items.get().quantity, contract.city) == ("2m", 3, "鎌倉市")
    page = text(client.get(f"{here}cancel/"))
    assert "解約" in page
    client.post(f"{here}cancel/", {"reason": "too_much", "words": "ありがとう"})
    client.post(f"{here}cancel/")

    assert state(contract) == "cancelled"
    assert Subscription.objects.get(pk=contract.pk).end_reason == "too_much: ありがとう"


def state(contract: Subscription) -> str:
    contract.refresh_from_db()
    return str(contract.status)


@pytest.mark.parametrize(
    ("verb", "sent"),
    [
        ("skip", {}), ("skip", {"number": "x"}), ("skip", {"number": "999"}), ("unskip", {"number": "1"}), ("change", {}),
        ("change", {"what": "date", "next_on": "2026-02-30"}), ("change", {"what": "date", "next_on": "2000-01-01"}),
        ("change", {"what": "interval", "interval": "9y"}), ("change", {"what": "payment", "pay": "zz"}), ("change", {"what": "items"}),
        ("pause", {"until_on": "1999-01-01"}),
    ],
)  # fmt: skip
def test_nonsense_is_refused_in_words_and_the_contract_stays(shop: Shop, me, verb, sent):
    client, customer = me
    contract = a_contract(shop, customer_id=customer.pk, at=now())
    here = f"/mypage/subscriptions/{contract.public_id}/"
    before = list(Cycle.objects.filter(subscription=contract).order_by("id").values_list("number", "status", "planned_on"))

    response = client.post(f"{here}{verb}/", sent, follow=True)

    assert response.status_code == 200
    assert state(contract) == "active"
    assert list(Cycle.objects.filter(subscription=contract).order_by("id").values_list("number", "status", "planned_on")) == before
    assert [str(m.level_tag) for m in response.context["messages"]] in (["error"], [])


def test_a_renewal_stands_among_the_orders(shop: Shop, me):
    client, customer = me
    contract = a_contract(shop, customer_id=customer.pk, at=now())
    due = Cycle.objects.get(subscription=contract, status="planned")

    generate_due(on=due.planned_on, actor=SYSTEM, at=now() + timedelta(days=40))

    renewal = Order.objects.exclude(pk=contract.first_order_id).get()
    assert renewal.number in text(client.get("/mypage/orders/"))
    assert renewal.number in text(client.get(f"/mypage/subscriptions/{contract.public_id}/"))


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("", 22), ("orders/", 16), ("subscriptions/", 14), ("addresses/", 13), ("points/", 15), ("consent/", 13), ("profile/", 14),
        ("cards/", 15), ("coupons/", 13),
    ],
)  # fmt: skip
@pytest.mark.parametrize("number", [1, 50])
def test_statements_do_not_grow_with_what_a_shopper_has(shop: Shop, me, path: str, most: int, number: int):
    client, customer = me
    tea = something_to_subscribe(shop, stock=[500])
    a_plan(shop, tea)
    placed(*(a_draft(shop, (tea, 1), customer_id=customer.pk) for _n in range(number)))
    for n in range(number):
        an_address(customer, street=f"六本木{n}")
        a_coupon(shop.company, f"C{n}", is_shown=True, articles=[tea])
    grants = [Grant(customer_id=customer.pk, points=10, once_key=f"k{n}", reference="歓迎") for n in range(number)]
    grant_points(grants, actor=SYSTEM, at=now())
    client.get(f"/mypage/{path}")

    with CaptureQueriesContext(connection) as spent:
        text(client.get(f"/mypage/{path}"))

    assert len(spent) <= most, "\n".join(q["sql"][:110] for q in spent)


def test_subscribing_shows_what_the_law_wants_and_keeps_it_with_the_order(shop: Shop, me):
    client, customer = me
    an_address(customer, is_default=True)
    tea = something_to_subscribe(shop, 2_000)
    a_plan(shop, tea)
    page = text(client.get(f"/products/{tea.product.code}/"))
    assert 'value="subscription"' in page
    client.post("/cart/add/", {"sku": tea.sku, "quantity": "2", "purchase_type": "subscription", "interval": "2m"})
    assert "定期購入" in text(client.get("/cart/"))

    ordered(client)

    order = Order.objects.get()
    contract = Subscription.objects.get()
    assert (contract.interval, contract.customer_id, contract.items.get().quantity) == ("2m", customer.pk, 2)
    for words in ("定期購入", "2点", "4,000円", "2回目以降", "6回", "24,000円", "解約", "2回目以降の合計"):
        assert words in order.confirmation.shown, words


def test_an_interval_the_course_does_not_offer_is_told_in_the_cart(shop: Shop, me):
    client, _customer = me
    tea = something_to_subscribe(shop)
    a_plan(shop, tea)
    client.post("/cart/add/", {"sku": tea.sku, "quantity": "1", "purchase_type": "subscription", "interval": "9w"})

    page = client.get("/cart/")

    assert not page.context["may_order"]
    assert client.get("/checkout/confirm/").url in ("/checkout/", "/cart/")


def test_a_single_purchase_says_that_it_is_none(client: Client, shop: Shop):
    filled(client, (shop.variant(), 1))

    assert not client.get("/cart/").context["subscribes"]
