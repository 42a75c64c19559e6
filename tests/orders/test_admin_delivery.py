"""Delivery masters at the staff counter: tried out before an order asks them, and never another company's."""

import pytest
from django.test import Client
from django.urls import reverse

from core.clock import travel
from orders.models import DeliveryLeadTime, DeliveryService, FeeRule
from orders.rules import FeeKind
from tests.factories.customers import a_staff_account
from tests.factories.delivery import a_delivery, a_zone
from tests.factories.orders import AT, Shop, a_fee, a_shop

pytestmark = pytest.mark.django_db
PREVIEW = "admin:orders_deliveryservice_preview"


@pytest.fixture(autouse=True)
def at_noon():
    with travel(AT):
        yield


def signed_in(client: Client, shop: Shop) -> Client:
    account = a_staff_account(is_superuser=True, company=shop.company)
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_delivery_is_tried_out_with_its_fees_and_days(client: Client):
    shop = a_shop()
    delivery = a_delivery(shop)
    a_fee(shop, 1_500, zone=delivery.zones["okinawa"], label="送料（沖縄）")
    a_fee(shop, 330, kind=FeeKind.COOL, label="クール代")
    asked = {
        "channel": shop.channel.pk,
        "postal_code": "〒900-0001",
        "size": "60",
        "quantity": 1,
        "temperature": "frozen",
        "goods_total": 3000,
    }

    page = signed_in(client, shop).get(reverse(PREVIEW), asked)

    assert page.status_code == 200
    parcel, cool = page.context["services"]
    assert (parcel["one"].is_chosen, len(parcel["faults"]), cool["one"].is_chosen, cool["faults"]) == (False, 1, True, [])
    assert str(cool["one"].ship_on) == "2026-05-11"
    assert "クール代" in page.content.decode()


@pytest.mark.parametrize(("field", "value"), [("postal_code", "12"), ("size", "61"), ("quantity", "0"), ("channel", "0")])
def test_what_cannot_be_read_is_said_beside_its_field(client: Client, field, value):
    shop = a_shop()
    a_delivery(shop)
    asked = {
        "channel": shop.channel.pk,
        "postal_code": "9000001",
        "size": "60",
        "quantity": 1,
        "temperature": "frozen",
        "goods_total": 3000,
    }

    page = signed_in(client, shop).get(reverse(PREVIEW), {**asked, field: value})

    assert list(page.context["form"].errors) == [field]
    assert "services" not in page.context


def test_nobody_is_shown_or_offered_another_company_s_masters(client: Client):
    mine, theirs = a_shop(), a_shop()
    a_delivery(theirs)
    zone = a_zone(theirs, "theirs")
    own = a_zone(mine, "mine")

    browser = signed_in(client, mine)
    listed = browser.get(reverse("admin:orders_deliveryservice_changelist")).content.decode()
    form = browser.get(reverse("admin:orders_feerule_add")).context["adminform"].form

    assert "parcel" not in [s.code for s in DeliveryService.objects.filter(company=mine.company)]
    assert reverse("admin:orders_deliveryservice_change", args=[DeliveryService.objects.first().pk]) not in listed
    assert list(form.fields["zone"].queryset) == [own]
    refused = browser.post(
        reverse("admin:orders_feerule_add"),
        {"company": mine.company.pk, "kind": "shipping", "amount": "1", "tax_class": "standard", "from_goods_total": "0", "zone": zone.pk},
    )
    assert "zone" in refused.context["adminform"].form.errors
    assert not FeeRule.objects.exists()


def test_staff_of_the_group_cannot_mix_companies(client: Client):
    mine, theirs = a_shop(), a_shop()
    zone = a_zone(theirs, "theirs")
    account = a_staff_account(is_superuser=True)
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")

    refused = client.post(reverse("admin:orders_deliveryleadtime_add"), {"company": mine.company.pk, "zone": zone.pk, "days": "1"})

    assert "zone" in refused.context["adminform"].form.errors
    assert not DeliveryLeadTime.objects.exists()


def test_a_service_is_written_in_the_carrier_s_words(client: Client):
    shop = a_shop()
    said = {
        "company": shop.company.pk, "position": "10", "carrier": "sagawa", "code": "hikyaku", "name": "飛脚宅配便", "takes_ambient": "on",
        "most_pieces": "99", "bands": ["1821", "0812"], "takes_day": "on", "latest_days": "60", "early_days": "7", "label_kind": "nekopos",
        "areas-TOTAL_FORMS": "0", "areas-INITIAL_FORMS": "0",
    }  # fmt: skip

    browser = signed_in(client, shop)
    wrong = browser.post(reverse("admin:orders_deliveryservice_add"), said)
    browser.post(reverse("admin:orders_deliveryservice_add"), {**said, "label_kind": ""})

    assert "label_kind" in wrong.context["adminform"].form.errors
    made = DeliveryService.objects.get()
    assert (made.bands, made.carrier) == ("0812,1821", "sagawa")
    page = browser.get(reverse("admin:orders_deliveryservice_change", args=[made.pk]))
    assert page.context["adminform"].form.initial["bands"] == ["0812", "1821"]


def test_a_fee_rule_keeps_its_period(client: Client):
    shop = a_shop()
    rule = a_fee(shop, 600)
    said = {
        "company": shop.company.pk, "kind": "shipping", "label": "送料", "amount": "600", "tax_class": "standard", "from_goods_total": "0",
        "valid_from_on": "2026-06-02", "valid_until_on": "2026-06-01",
    }  # fmt: skip

    refused = signed_in(client, shop).post(reverse("admin:orders_feerule_change", args=[rule.pk]), said)

    assert refused.status_code == 200
    rule.refresh_from_db()
    assert rule.valid_from_on is None
