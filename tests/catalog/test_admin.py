from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Category, Price, Product, ProductText, Variant
from core.models import AuditEntry
from tests.factories import catalog as make
from tests.factories.core import a_company
from tests.factories.customers import a_staff_account

pytestmark = pytest.mark.django_db
MODELS = ("product", "variant", "category", "categorytree", "pricelist", "price", "listing")


@pytest.fixture
def counter(client):
    client.force_login(a_staff_account(is_superuser=True))
    return client


def _page(model, verb="changelist", *args):
    return reverse(f"admin:catalog_{model}_{verb}", args=args)


@pytest.mark.parametrize("model", MODELS)
def test_every_list_and_page_opens(counter, model):
    company = a_company()
    variant = make.a_sellable_variant(company, category=make.a_category(company))
    row = {
        "product": variant.product, "variant": variant, "category": Category.objects.get(), "categorytree": make.a_category_tree(company),
        "pricelist": make.a_price_list(company), "price": Price.objects.get(), "listing": variant.listings.get(),
    }[model]  # fmt: skip

    assert counter.get(_page(model)).status_code == 200
    assert counter.get(_page(model, "change", row.pk)).status_code == 200
    if model != "price":
        assert counter.get(_page(model, "add")).status_code == 200


@pytest.mark.parametrize("model", ["product", "variant", "price", "listing"])
def test_a_list_takes_the_same_statements_for_1_and_50_rows(counter, model):
    company = a_company()
    make.many_sellable_variants(company, 1)
    counter.get(_page(model))
    with CaptureQueriesContext(connection) as one:
        counter.get(_page(model))
    make.many_sellable_variants(company, 49)

    with CaptureQueriesContext(connection) as many:
        shown = counter.get(_page(model))

    assert len(shown.context_data["cl"].result_list) == 50
    assert len(many) == len(one)


@pytest.mark.parametrize("model", ["product", "variant"])
@pytest.mark.parametrize("typed", ["煎茶", "せんちゃ", "TEA-1", "茶", "無い"])
def test_the_one_box_finds_as_in_the_shop(counter, model, typed):
    company = a_company()
    product = make.a_product(company, "TEA-1", name="煎茶", kana="センチャ")
    make.a_variant(product, "TEA-1-100")
    make.a_sellable_variant(company, name="番茶" if typed != "茶" else "石けん")

    found = counter.get(_page(model), {"q": typed}).context_data["cl"].result_list

    assert len(found) == (0 if typed == "無い" else 1)


def test_a_product_saved_by_hand_is_found_by_its_new_words_and_leaves_a_trail(counter):
    company = a_company()
    product = make.a_product(company, "TEA", name="煎茶")
    text = product.texts.get()
    form = {
        "company": company.pk, "code": "TEA", "kind": "goods", "tax_class": "standard", "temperature_zone": "ambient", "position": 0,
        "texts-TOTAL_FORMS": 1, "texts-INITIAL_FORMS": 1, "texts-0-id": text.pk, "texts-0-product": product.pk, "texts-0-language": "ja",
        "texts-0-name": "番茶",
        "variants-TOTAL_FORMS": 1, "variants-INITIAL_FORMS": 0, "variants-0-sku": "TEA-9", "variants-0-product": product.pk, "variants-0-position": 0,
        "images-TOTAL_FORMS": 0, "images-INITIAL_FORMS": 0, "placements-TOTAL_FORMS": 0, "placements-INITIAL_FORMS": 0,
    }  # fmt: skip

    answer = counter.post(_page("product", "change", product.pk), form)

    assert answer.status_code == 302, answer.context_data["errors"]
    assert ProductText.objects.get().search_key == "番茶 tea tea-9"
    assert Variant.objects.get().company_id == company.pk
    assert AuditEntry.objects.filter(table_name="catalog_producttext", actor_kind="staff").count() == 1


def test_a_price_is_set_by_a_verb_with_a_reason(counter):
    variant = make.a_sellable_variant(a_company(), price=1_000)
    held = Price.objects.get()
    url = reverse("admin:catalog_variant_changelist")
    form = {
        "action": "verb_set_price", "_selected_action": [variant.pk], "verb_confirmed": "1", "reason": "値下げ",
        "price_list": held.price_list_id, "amount": 900, "min_quantity": 1, "from_on": "",
    }  # fmt: skip

    counter.post(url, form)

    held.refresh_from_db()
    assert held.until_at is not None
    assert Price.objects.get(amount=900).from_at == held.until_at
    assert AuditEntry.objects.get(table_name="catalog_price").reason == "値下げ"


def test_a_price_set_for_a_day_to_come_begins_at_its_first_moment(counter):
    variant = make.a_sellable_variant(a_company(), price=1_000)
    held = Price.objects.get()
    form = {
        "action": "verb_set_price", "_selected_action": [variant.pk], "verb_confirmed": "1", "reason": "改定",
        "price_list": held.price_list_id, "amount": 1_100, "min_quantity": 1, "from_on": "2999-04-01",
    }  # fmt: skip

    counter.post(reverse("admin:catalog_variant_changelist"), form)

    assert Price.objects.get(amount=1_100).from_at == datetime(2999, 3, 31, 15, tzinfo=UTC)


def test_products_are_put_on_sale_and_ended_by_verbs(counter):
    product = make.a_product(a_company(), status="draft")
    for verb, status in (("activate", "active"), ("end", "ended")):
        form = {"action": f"verb_{verb}", "_selected_action": [product.pk], "verb_confirmed": "1", "reason": "季節"}

        counter.post(_page("product"), form)

        assert Product.objects.get().status == status


def test_a_shelf_added_by_hand_has_its_path(counter):
    company = a_company()
    tea = make.a_category(company, "お茶", code="tea")

    answer = counter.post(
        _page("category", "add"),
        {"tree": tea.tree_id, "code": "green", "name": "緑茶", "treebeard_position": "first-child", "treebeard_ref_node": tea.pk},
    )

    assert answer.status_code == 302, answer.context_data["errors"]
    assert Category.objects.get(code="green").full_name == "お茶 > 緑茶"


def test_a_shelf_of_one_tree_does_not_hang_in_another(counter):
    company = a_company()
    tea = make.a_category(company, "お茶", code="tea")
    other = make.a_category_tree(company, "autumn", valid_from_on=datetime(2026, 9, 1, tzinfo=UTC).date())

    answer = counter.post(
        _page("category", "add"),
        {"tree": other.pk, "code": "green", "name": "緑茶", "treebeard_position": "first-child", "treebeard_ref_node": tea.pk},
    )

    assert answer.status_code == 200
    assert Category.objects.count() == 1
