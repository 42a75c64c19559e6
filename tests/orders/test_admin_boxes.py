"""Proposed boxes at the staff counter: combined or left apart, one by one or together; parcels are split by hand."""

import pytest
from django.urls import reverse

from billing.rules import PaymentMethod
from core.clock import travel
from core.models import PersonalDataRead
from orders.models import Shipment
from orders.operations import raise_holds
from orders.rules import HoldKind
from tests.factories.customers import a_staff_account
from tests.factories.orders import AT, STAFF, a_known_customer, a_shop, an_order

pytestmark = pytest.mark.django_db
PAGE = "admin:orders_shipment_boxes"


@pytest.fixture(autouse=True)
def at_work():
    with travel(AT):
        yield


@pytest.fixture
def shop():
    return a_shop(locations=1)


@pytest.fixture
def counter(client):
    client.force_login(a_staff_account(is_superuser=True, display_name="倉庫 担当"))
    return client


def pair(shop) -> list[Shipment]:
    """Two parcels that could share a box."""
    buyer = a_known_customer(shop)
    orders = [
        an_order(
            shop, (shop.variant(1_080, sku=f"TEA{buyer.pk}-{n}", stock=[9]), 3), customer_id=buyer.pk, payment_method=PaymentMethod.DEFERRED
        )
        for n in range(2)
    ]
    return list(Shipment.objects.filter(order__in=orders).order_by("pk"))


def keys(parcels) -> str:
    return ",".join(str(p.pk) for p in parcels)


def boxes() -> int:
    return Shipment.objects.filter(box__isnull=False).values("box").distinct().count()


def test_proposals_are_worked_off_one_by_one_and_together(counter, shop):
    first, second, third = pair(shop), pair(shop), pair(shop)

    page = counter.get(reverse(PAGE)).content.decode()
    assert all(keys(one) in page and one[0].number in page for one in (first, second, third))
    assert PersonalDataRead.objects.filter(screen__contains="boxes").count() == 3
    counter.post(reverse(PAGE), {"combine": keys(first)})
    assert boxes() == 1
    counter.post(reverse(PAGE), {"apart": keys(second)})
    assert list(Shipment.objects.filter(stays_apart=True).order_by("pk")) == second
    counter.post(reverse(PAGE), {"do": "combine", "chosen": [keys(third), keys(first)]})

    assert boxes() == 2
    assert keys(first) not in counter.get(reverse(PAGE)).content.decode()
    shown = counter.get(reverse("admin:orders_shipment_change", args=[first[0].pk])).content.decode()
    assert first[1].number in shown


def test_a_refusal_is_told_in_words_and_nothing_is_half_done(counter, shop):
    parcels = pair(shop)
    raise_holds([parcels[1].order_id], kind=HoldKind.MANUAL, reason="確認", actor=STAFF, at=AT)

    answer = counter.post(reverse(PAGE), {"combine": keys(parcels)}, follow=True)
    nothing = counter.post(reverse(PAGE), {"do": "combine", "chosen": ["x", ""]}, follow=True)

    assert parcels[1].order.number in answer.content.decode()
    assert (boxes(), nothing.status_code) == (0, 200)


def test_only_whoever_ships_combines_and_only_their_own_companys(client, shop):
    parcels = pair(shop)
    client.force_login(a_staff_account(display_name="経理"))
    assert client.get(reverse(PAGE)).status_code == 403
    other = a_shop(locations=1)
    client.force_login(a_staff_account(is_superuser=True, company=other.company, display_name="別会社"))

    page = client.get(reverse(PAGE)).content.decode()
    client.post(reverse(PAGE), {"combine": keys(parcels)})

    assert parcels[0].number not in page
    assert boxes() == 0


def test_a_parcel_is_split_by_hand_once_per_form(counter, shop):
    parcel = pair(shop)[0]
    url = reverse("admin:orders_shipment_verb_split", args=[parcel.pk])
    sku = parcel.lines.get().line.sku
    said = {"verb_confirmed": "1", "once": "a" * 32, "lines": f"{sku}, 1"}

    assert f"{sku}, 0" in counter.get(url).content.decode()
    for wrong in ("nonsense", f"{sku}, 0", f"{sku}, 3", f"{sku}, 4", "CUP, 1"):
        counter.post(url, {**said, "lines": wrong})
    assert Shipment.objects.filter(order=parcel.order).count() == 1
    for _time in range(2):
        counter.post(url, said)

    assert sorted(Shipment.objects.filter(order=parcel.order).values_list("lines__quantity", flat=True)) == [1, 2]


def test_chosen_parcels_are_combined_from_the_list_and_taken_out_on_the_page(counter, shop):
    one, other = pair(shop)

    chosen = {"action": "verb_combine", "_selected_action": [one.pk, other.pk], "verb_confirmed": "1"}
    counter.post(reverse("admin:orders_shipment_changelist"), chosen)
    assert boxes() == 1
    counter.post(reverse("admin:orders_shipment_verb_part", args=[other.pk]), {"verb_confirmed": "1"})

    assert boxes() == 0
