"""Outside orders at the staff counter: a file is looked at, taken in, its problems mended there, and who reads what is written down."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from config.staff_roles import ROLES, seed_roles
from core.actor import SYSTEM
from core.models import PersonalDataRead
from orders.models import IntakeDocument, IntakeMap, Order, OutsideArticle, OutsideCode
from orders.operations import forget_intake
from tests.factories.intake import an_outside_shop, house_document, house_order, taken, the_intake
from tests.factories.orders import AT, Shop, a_shop

pytestmark = pytest.mark.django_db(transaction=True)


def signed_in(client: Client, shop: Shop, role: str = "order_desk") -> Client:
    seed_roles(actor=SYSTEM)
    account = get_user_model().objects.create(handle=role, kind="staff", is_staff=True, company=shop.company)
    account.groups.add(Group.objects.get(name=ROLES[role]))
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def upload(client: Client, outside: Any, raw: bytes) -> Any:
    file = SimpleUploadedFile("orders.json", raw)
    return client.post(reverse("admin:orders_intakedocument_take"), {"shop": outside.pk, "file": file}, follow=True)


def verb(client: Client, model: str, key: int, name: str, **values: str) -> Any:
    url = reverse(f"admin:orders_{model}_verb_{name}", args=[key])
    return client.post(url, {"verb_confirmed": "1", **values}, follow=True)


def test_a_file_is_looked_at_before_it_is_taken_in(client: Client):
    shop = a_shop()
    outside, sku = an_outside_shop(shop), shop.variant().sku
    raw = house_document(house_order(sku=sku), house_order("C-2", sku=sku, quantity=0))

    page = upload(signed_in(client, shop), outside, raw).content.decode()
    document = IntakeDocument.objects.get()
    before = document.state, Order.objects.count()
    after = verb(client, "intakedocument", document.pk, "take").content.decode()

    assert before == ("preview", 0)
    assert "新規: 1, 読めない: 1" in page
    assert (Order.objects.count(), IntakeDocument.objects.get().state) == (1, "partly")
    assert "lines 1/quantity が 0 です" in after


def test_what_was_looked_at_can_be_thrown_away_and_handed_in_again(client: Client):
    shop = a_shop()
    outside, raw = an_outside_shop(shop), house_document(house_order(sku=shop.variant().sku))
    upload(signed_in(client, shop), outside, raw)

    verb(client, "intakedocument", IntakeDocument.objects.get().pk, "discard")
    upload(client, outside, raw)

    assert sorted(IntakeDocument.objects.values_list("state", flat=True)) == ["discarded", "preview"]
    assert IntakeDocument.objects.get(state="discarded").content is None


def test_an_unknown_article_is_chosen_and_every_order_that_waits_for_it_is_placed(client: Client):
    shop = a_shop()
    outside, variant = an_outside_shop(shop), shop.variant()
    taken(house_document(house_order(sku="THEIRS"), house_order("C-2", sku="THEIRS")), outside)

    wrong = verb(signed_in(client, shop), "intakeorder", the_intake("C-1").pk, "article", code="THEIRS", sku="no such").content.decode()
    before = Order.objects.count()
    verb(client, "intakeorder", the_intake("C-1").pk, "article", code="THEIRS", sku=variant.sku)

    assert "SKU または JAN が「no such」の販売中の商品はありません" in wrong
    assert (before, Order.objects.count(), OutsideArticle.objects.get().variant_id) == (0, 2, variant.pk)


def test_a_change_is_shown_with_what_it_was_and_noted(client: Client):
    shop = a_shop()
    outside, sku = an_outside_shop(shop), shop.variant().sku
    taken(house_document(house_order(sku=sku)), outside)
    taken(house_document(house_order(sku=sku, quantity=3)), outside)

    page = signed_in(client, shop).get(reverse("admin:orders_intakeorder_change", args=[the_intake("C-1").pk])).content.decode()
    verb(client, "intakeorder", the_intake("C-1").pk, "noted", reason="数量を直しました")

    assert "lines/1/quantity" in page
    assert the_intake("C-1").state == "placed"


def test_the_document_is_for_those_with_the_right_and_its_reading_is_written_down(client: Client):
    shop = a_shop()
    outside, raw = an_outside_shop(shop), house_document(house_order(sku=shop.variant().sku))
    document = taken(raw, outside).document_id
    url = reverse("admin:orders_intakedocument_content", args=[document])

    refused = signed_in(client, shop, "support").get(url)
    given = signed_in(client, shop).get(url)

    [read] = PersonalDataRead.objects.filter(screen=f"admin {url}")
    assert (refused.status_code, given.status_code, given.content) == (403, 200, raw)
    assert read.subject == f"customer:{Order.objects.get().customer.public_id}"


def test_a_map_is_written_as_its_next_version_and_a_wrong_one_is_told(client: Client):
    shop = a_shop()
    outside = an_outside_shop(shop)
    url = reverse("admin:orders_intakemap_add")
    columns = "番号 = number\nSKU = sku\n数 = quantity\n単価 = unit_price\n計 = total"

    shown = signed_in(client, shop).get(url).content.decode()
    wrong = client.post(url, {"shop": outside.pk, "columns": columns.replace("= total", "= sum")}).content.decode()
    client.post(url, {"shop": outside.pk, "columns": columns})
    client.post(url, {"shop": outside.pk, "columns": columns.replace("番号", "注文番号")})

    assert "注文番号 = number" in shown
    assert "5 行目：「sum」という項目はありません" in wrong
    assert list(IntakeMap.objects.order_by("version").values_list("version", "actor_kind")) == [(1, "staff"), (2, "staff")]


def test_a_shop_of_another_company_is_not_seen(client: Client):
    other, mine = a_shop(), a_shop()
    taken(house_document(house_order(sku="?")), an_outside_shop(other))

    page = signed_in(client, mine).get(reverse("admin:orders_intakeorder_change", args=[the_intake("C-1").pk]))

    assert page.status_code == 302


def test_names_that_changed_are_for_those_with_the_right_and_their_reading_is_written_down(client: Client):
    shop = a_shop()
    outside, order = an_outside_shop(shop), house_order(sku=shop.variant().sku)
    taken(house_document(order), outside)
    moved = {**order["destinations"][0], "family_name": "齋藤", "street": "北沢2-2-2"}
    taken(house_document({**order, "destinations": [moved], "total": 1_000, "shop_discount": 0, "fees": []}), outside)
    forget_intake(before=AT + timedelta(days=1), actor=SYSTEM)
    url = reverse("admin:orders_intakeorder_change", args=[the_intake("C-1").pk])

    hidden = signed_in(client, shop, "viewer").get(url).content.decode()
    before = PersonalDataRead.objects.count()
    shown = signed_in(client, shop).get(url).content.decode()

    assert "destinations/1/place/family_name" in hidden
    assert not any(word in hidden for word in ("齋藤", "𠮷田", "北沢"))
    assert all(word in shown for word in ("齋藤", "𠮷田", "北沢"))
    assert (before, list(PersonalDataRead.objects.values_list("subject", flat=True))) == (0, ["outside order:C-1"])


def test_a_status_is_one_the_house_knows(client: Client):
    shop = a_shop()
    outside = an_outside_shop(shop)
    account = get_user_model().objects.create(handle="root", kind="staff", is_staff=True, is_superuser=True)
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("admin:orders_outsideshop_change", args=[outside.pk])
    given = {
        "company": shop.company.pk, "channel": outside.channel_id, "name": "店", "code": "mall", "adapter": "table", "tells_by": "file",
        "codes-TOTAL_FORMS": 1, "codes-INITIAL_FORMS": 0, "codes-0-kind": "status", "codes-0-theirs": "発送前",
        "articles-TOTAL_FORMS": 0, "articles-INITIAL_FORMS": 0,
    }  # fmt: skip

    wrong = client.post(url, {**given, "codes-0-ours": "発送待ち"}).content.decode()
    right = client.post(url, {**given, "codes-0-ours": "open"})

    assert "open, unconfirmed, cancelled, closed" in wrong
    assert (right.status_code, OutsideCode.objects.get().ours) == (302, "open")
