"""The shop offers the days on which a cart can come, and nothing else."""

from datetime import date, timedelta

import pytest
from django.test import Client

from core import clock
from orders.models import Order, Shipment
from orders.rules import FeeKind
from tests.factories.delivery import a_delivery, a_service, free_from
from tests.factories.orders import AT, a_fee
from tests.factories.storefront import DETAILS, a_web_shop, filled, ordered

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_monday_at_noon():
    with clock.travel(AT):
        yield


def choices(page, name: str) -> list[str]:
    field = page.context["form"].fields[name]
    return [str(value) for value, _label in (field.widget.choices or field.choices)]


def test_only_days_and_bands_that_are_possible_can_be_chosen(client: Client):
    shop = a_web_shop()
    a_delivery(shop)
    filled(client, (shop.variant(), 1))
    client.post("/checkout/", {**DETAILS, "prefecture": "北海道", "postal_code": "060-0001", "wished_on": "2026-05-13"})

    page = client.get("/checkout/")

    assert choices(page, "wished_on")[:3] == ["", "2026-05-13", "2026-05-14"]
    assert choices(page, "time_band") == ["", "1416", "1618", "1820", "1921"]


def test_a_day_too_early_is_named_with_the_earliest_and_nothing_is_lost(client: Client):
    shop = a_web_shop()
    a_delivery(shop)
    filled(client, (shop.variant(), 1))

    page = client.post("/checkout/", {**DETAILS, "wished_on": "2026-05-11"})

    assert page.status_code == 422
    assert "2026-05-12" in page.context["form"].errors["wished_on"][0]
    assert not Order.objects.exists()


def test_the_day_that_was_chosen_is_placed_and_shown(client: Client):
    shop = a_web_shop()
    a_delivery(shop)
    a_fee(shop, 600)
    free_from(shop, 900)
    a_fee(shop, 330, kind=FeeKind.CASH_ON_DELIVERY, method="cash_on_delivery", label="代引手数料")
    filled(client, (shop.variant(1_000), 1))

    ordered(client, wished_on="2026-05-18", time_band="1618")

    order = Order.objects.get()
    assert (order.total, Shipment.objects.get().planned_on, order.destinations.get().time_band) == (1_330, date(2026, 5, 15), "1618")
    assert "900円以上" in order.confirmation.shown
    assert "16:00–18:00" in order.confirmation.shown


def test_a_wish_that_was_possible_yesterday_is_refused_with_the_next_day(client: Client):
    shop = a_web_shop()
    a_delivery(shop)
    filled(client, (shop.variant(), 1))
    client.post("/checkout/", {**DETAILS, "wished_on": "2026-05-12"})
    page = client.get("/checkout/confirm/")
    pressed = {"cart": page.context["cart"].public_id.hex, "total": page.context["quote"].sums.total}

    with clock.travel(AT + timedelta(days=1)):
        answer = client.post("/checkout/confirm/", pressed, follow=True)

    assert answer.redirect_chain[-1][0] == "/checkout/"
    assert "2026-05-13" in answer.content.decode()
    assert not Order.objects.exists()


def test_days_and_postage_follow_the_address_while_it_is_typed(client: Client):
    shop = a_web_shop()
    delivery = a_delivery(shop)
    a_fee(shop, 1_300, zone=delivery.zones["hokkaido"], label="送料（北海道）")
    filled(client, (shop.variant(), 1))

    asked = client.get("/checkout/delivery/", {"prefecture": "北海道", "postal_code": "0600001"}).content.decode()

    assert 'value="2026-05-13"' in asked
    assert 'value="2026-05-12"' not in asked
    assert "1,300円" in asked


def test_a_cart_without_an_address_says_that_postage_depends_on_it(client: Client):
    shop = a_web_shop()
    delivery = a_delivery(shop)
    a_fee(shop, 1_300, zone=delivery.zones["hokkaido"])
    filled(client, (shop.variant(), 1))

    assert "お届け先により異なります" in client.get("/cart/").content.decode()


def test_where_nobody_takes_cash_it_is_said_beside_the_payment(client: Client):
    shop = a_web_shop()
    a_delivery(shop)
    for code in ("parcel", "cool"):
        type(a_service(shop, f"x-{code}")).objects.filter(company=shop.company).update(takes_cash=False)
    filled(client, (shop.variant(), 1))

    page = client.post("/checkout/", DETAILS)

    assert page.status_code == 422
    assert page.context["form"].errors["payment_method"]


def two_services(client: Client):
    """A parcel for 600, and a packet for 210 on which no day can be wished."""
    shop = a_web_shop()
    delivery = a_delivery(shop)
    packet = a_service(shop, "packet", position=20, most_size="packet", most_pieces=1, takes_day=False, bands="")
    a_fee(shop, 600)
    a_fee(shop, 210, service=packet)
    filled(client, (shop.variant(1_000, parcel_size="packet/3"), 1))
    return shop, delivery


def test_where_several_services_go_the_shopper_chooses_by_price_and_day(client: Client):
    two_services(client)

    asked = client.get("/checkout/delivery/", {"prefecture": "東京都", "postal_code": "1010051"})
    ordered(client, service="packet")

    choices_shown = [
        (one.code, one.name, one.fee, str(one.offer.earliest_on), one.offer.takes_day) for _radio, one in asked.context["form"].services
    ]
    assert choices_shown == [("", "parcel", 600, "2026-05-12", True), ("packet", "packet", 210, "2026-05-12", False)]
    order = Order.objects.get()
    assert (order.total, order.destinations.get().service, Shipment.objects.get().service.code) == (1_210, "packet", "packet")
    assert "packet" in order.confirmation.shown


def test_a_service_that_cannot_do_what_is_wished_is_told_and_stays_chosen(client: Client):
    two_services(client)

    page = client.post("/checkout/", {**DETAILS, "service": "packet", "wished_on": "2026-05-18"})
    gone = client.post("/checkout/", {**DETAILS, "service": "nothing"})

    assert page.status_code == 422
    assert page.context["form"].errors["wished_on"]
    assert [radio.data["selected"] for radio, _one in page.context["form"].services] == [False, True]
    assert gone.status_code == 422
    assert gone.context["form"].errors["service"]
    assert not Order.objects.exists()


def test_nobody_is_asked_where_one_service_goes_or_an_address_is_missing(client: Client):
    shop = a_web_shop()
    a_delivery(shop)
    filled(client, (shop.variant(), 1))

    asked = client.get("/checkout/delivery/", {"prefecture": "東京都", "postal_code": "1010051"})

    assert asked.context["form"].services == []


def several(*places: dict[str, str]) -> dict[str, str]:
    usual = {"given_name": "一郎", "postal_code": "101-0051", "prefecture": "東京都", "city": "千代田区", "street": "神田神保町1-1"}
    return {"places": str(len(places)), "do": "save"} | {
        f"p{n}-{name}": value for n, place in enumerate(places, 1) for name, value in {**usual, **place}.items()
    }


def test_every_address_offers_its_own_days_and_keeps_the_one_that_was_chosen(client: Client):
    shop = a_web_shop()
    a_delivery(shop)
    tea = shop.variant()
    filled(client, (tea, 2))
    near = {"family_name": "山田", f"q{tea.pk}": "1", "wished_on": "2026-05-12", "time_band": "0812"}
    far = {"family_name": "佐藤", f"q{tea.pk}": "1", "prefecture": "北海道", "postal_code": "060-0001"}

    early = client.post("/checkout/places/", several(near, {**far, "wished_on": "2026-05-12"}))
    assert early.status_code == 422
    rows = early.context["rows"]
    assert [[value for value, _text in row["days"][:2]] for row in rows] == [["", "2026-05-12"], ["", "2026-05-13"]]
    assert rows[0]["box"]["wished_on"].faults == ()
    assert "2026-05-13" in rows[1]["box"]["wished_on"].faults[0]

    chosen = {**far, "wished_on": "2026-05-18", "time_band": "1416"}
    assert client.post("/checkout/places/", several(near, chosen)).status_code == 302
    ordered(client, postal_code="", prefecture="", city="", street="")

    there = Order.objects.get().destinations.order_by("position").values_list("wished_on", "time_band")
    assert list(there) == [(date(2026, 5, 12), "0812"), (date(2026, 5, 18), "1416")]
    assert list(Shipment.objects.order_by("id").values_list("expected_on", flat=True)) == [date(2026, 5, 12), date(2026, 5, 18)]
