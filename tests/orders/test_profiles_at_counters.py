"""Workflow profiles at the counters: the product's page, the order desk, the order's page, the shop's API."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Product
from catalog.operations import save_products
from catalog.rules.drafts import ProductDraft, TextDraft, VariantDraft
from config.demo.profiles import write_profiles
from core.actor import SYSTEM
from core.errors import Refusal
from core.ids import public
from orders.models import Order, OrderWorkflow, WorkflowProfile
from orders.rules import Gate
from tests.factories.orders import AT, a_profile, a_shop, an_order
from tests.orders.test_api import an_order_said, caller, post
from tests.orders.test_entry import a_desk, a_phone_shop, press, the_page

pytestmark = pytest.mark.django_db


def a_product_draft(code: str, profile: str) -> ProductDraft:
    return ProductDraft(
        code=code, tax_class="standard", workflow_profile=profile, texts=(TextDraft(language="ja", name="日本酒"),),
        variants=(VariantDraft(sku=f"{code}-1"),),
    )  # fmt: skip


def test_goods_name_a_profile_of_their_company_or_are_refused_with_those_there_are():
    shop = a_shop()
    shop.variant()
    before = save_products([a_product_draft("SAKE0", "anything")], company_id=shop.company.pk, actor=SYSTEM, at=AT)[0]
    a_profile(shop, "wine")
    a_profile(a_shop(), "foreign")

    good, bad = save_products(
        [a_product_draft("SAKE1", "wine"), a_product_draft("SAKE2", "foreign")], company_id=shop.company.pk, actor=SYSTEM, at=AT
    )

    assert not isinstance(before, Refusal)
    assert not isinstance(good, Refusal)
    assert isinstance(bad, Refusal)
    assert (bad.code, bad.field, bad.params["codes"]) == ("catalog.unknown_profile", "workflow_profile", "wine")
    assert not Product.objects.filter(code="SAKE2").exists()


def test_the_page_of_a_product_offers_the_profiles_of_its_company_and_keeps_what_stands():
    shop, desk = a_shop(), a_desk()
    a_profile(shop, "wine", name="お酒")
    a_profile(a_shop(), "foreign", name="よその型")
    product = shop.variant(profile="old").product

    page = desk.get(reverse("admin:catalog_product_change", args=[product.pk]))
    field = page.context["adminform"].form.fields["workflow_profile"]

    assert [code for code, _name in field.choices] == ["", "wine", "old"]
    assert "お酒 (wine)" in page.content.decode()


def test_a_profile_is_written_at_the_counter_and_a_second_of_its_code_and_form_is_refused_in_words():
    shop, desk = a_shop(), a_desk()
    page: dict[str, Any] = {
        "company": shop.company.pk, "code": "gift", "form": "any", "name": "ギフト主体", "noshi": "offered", "wrapping": "offered",
        "message": "required", "sender": "offered", "hidden_prices": "offered", "without_groups": "春、夏", "script": "のしを伺います",
    }  # fmt: skip
    add = reverse("admin:orders_workflowprofile_add")

    assert desk.post(add, page).status_code == 302
    again = desk.post(add, page)
    odd = desk.post(add, {**page, "code": "ギフト"})

    profile = WorkflowProfile.objects.get()
    assert profile.without_groups == ["春", "夏"]
    assert "このコードと購入形態の型はすでにあります" in again.content.decode()
    assert "半角の英小文字" in odd.content.decode()
    told = desk.get(reverse("admin:orders_workflowprofile_changelist")).content.decode()
    assert "必須" in told
    shop.variant(profile="gift")
    shown = desk.get(reverse("admin:orders_workflowprofile_change", args=[profile.pk])).content.decode()
    assert "煎茶" in shown


def test_staff_of_another_company_see_no_profiles_of_it():
    profile = a_profile(a_shop())
    desk = a_desk(company=a_shop().company)

    assert list(desk.get(reverse("admin:orders_workflowprofile_changelist")).context["cl"].result_list) == []
    assert desk.get(reverse("admin:orders_workflowprofile_change", args=[profile.pk])).status_code == 302


def test_the_page_of_an_order_tells_which_profile_led_and_why():
    shop, desk = a_shop(), a_desk()
    a_profile(shop, "wine", name="お酒", needs_age=True, needs_inspection=True)
    order = an_order(shop, (shop.variant(profile="wine", sku="WINE"), 1), told=(Gate.AGE,))

    page = desk.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()

    assert "受注処理の型: お酒" in page
    assert "検品後に出荷" in page
    assert "WINE" in page


def test_a_partner_tells_what_was_asked_and_reads_what_an_order_needs(client: Client):
    shop = a_shop()
    a_profile(shop, "wine", name="お酒", needs_age=True)
    variant = shop.variant(profile="wine")
    headers = caller(shop.company, "orders:read orders:write")
    body = an_order_said(shop, (variant, 1))

    refused = post(client, headers, body)
    odd = post(client, headers, {**body, "told": ["nothing"]}, key="key-2000")
    taken = post(client, headers, {**body, "told": ["age"]}, key="key-3000")

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "order.gate_age")
    assert odd.status_code == 400
    assert taken.status_code == 201, taken.content
    told = client.get(f"/api/v1/orders/{taken.json()['id']}", headers=headers).json()
    assert told["workflow"] == {"code": "wine", "name": "お酒", "gates": ["age"], "told": ["age"]}
    assert public("ord", Order.objects.get().public_id) == taken.json()["id"]


def test_the_desk_says_what_to_ask_and_takes_the_order_once_it_was():
    shop, desk = a_phone_shop(), a_desk()
    a_profile(shop, "wine", name="お酒", needs_age=True, script="お届け先は成人の方のみです。")
    wine = shop.variant(profile="wine")
    page = the_page(shop, (wine, "1"))

    asked = press(desk, page, "refresh")
    shown, total = asked.content.decode(), {"expected_total": str(asked.context["quote"].sums.total)}
    refused = press(desk, {**page, **total}, "place")
    placed = press(desk, {**page, **total, "told_age": "1"}, "place")

    assert "お届け先は成人の方のみです。" in shown
    assert 'name="told_age"' in shown
    assert refused.status_code == 422
    assert "年齢の確認が必要です" in refused.content.decode()
    assert placed.status_code == 302
    assert OrderWorkflow.objects.get().told == ["age"]


def test_the_demo_has_a_gift_led_and_a_subscription_led_profile():
    shop = a_shop()
    shop.variant()
    Product.objects.filter(company=shop.company).update(code="GIFT-TEA3")

    write_profiles(shop.company.pk)

    assert list(WorkflowProfile.objects.order_by("code").values_list("code", "form")) == [("gift", "any"), ("regular", "subscription")]
    assert Product.objects.get(company=shop.company).workflow_profile == "gift"
    order = an_order(shop, (Product.objects.get(company=shop.company).variants.get(), 1), remark="のしの名前は二行で")
    assert OrderWorkflow.objects.get(order=order).code == "gift"
    assert order.open_holds == 1
