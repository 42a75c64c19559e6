from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.models import Category, CategoryTree, Listing, Price, PriceList, Product, ProductCategory, ProductImage, ProductText, Variant
from catalog.operations import (
    end_variants,
    put_on_shelf,
    save_categories,
    save_price_lists,
    save_products,
    set_images,
    set_prices,
    take_off_shelf,
)  # fmt: skip
from catalog.queries import invariants, offers
from catalog.rules import PriceAsk, PurchaseType
from catalog.rules.drafts import (
    CategoryDraft,
    ImageDraft,
    ListingAsk,
    PriceAt,
    PriceListDraft,
    PriceSet,
    ProductDraft,
    SavedProduct,
    TextDraft,
    VariantDraft,
)  # fmt: skip
from core.actor import SYSTEM
from core.db import rows
from core.errors import Refusal, Refused
from core.models import AuditEntry, OutboxEvent
from tests.factories import catalog as make
from tests.factories.core import a_brand, a_channel, a_company

pytestmark = pytest.mark.django_db
AT = datetime(2026, 4, 1, 3, tzinfo=UTC)
TEXT = TextDraft(language="ja", name="煎茶", kana="センチャ")


def _draft(code="TEA", *skus, **fields):
    fields.setdefault("texts", (TEXT,))
    return ProductDraft(code=code, variants=tuple(VariantDraft(sku=sku) for sku in skus or (f"{code}-1",)), **fields)


def _save(company, *drafts):
    return save_products(drafts, company_id=company.pk, actor=SYSTEM, at=AT)


def _broken():
    return [promise.name for promise in invariants() if rows(promise.sql, {"company": None}, prepare=False)]


def test_a_product_is_written_with_its_texts_variants_and_places():
    company = a_company()
    brand = a_brand(company)
    save_categories(
        [CategoryDraft(code="tea", name="お茶"), CategoryDraft(code="green", name="緑茶", parent_code="tea")],
        company_id=company.pk,
        actor=SYSTEM,
        at=AT,
    )
    draft = ProductDraft(
        code="TEA",
        brand_code=brand.code,
        tax_class="reduced",
        texts=(TEXT, TextDraft(language="en", name="Sencha")),
        variants=(
            VariantDraft(sku="T-1", jan="4901234567894", option="100g", purchase_types=(PurchaseType.NORMAL, PurchaseType.SUBSCRIPTION)),
        ),
        categories=("green", "tea"),
    )

    [saved] = _save(company, draft)

    assert isinstance(saved, SavedProduct)
    assert saved.is_new
    variant = Variant.objects.get(pk=dict(saved.variants)["T-1"])
    assert (variant.purchase_types, variant.jan, variant.product_id) == ("normal,subscription", "4901234567894", saved.product_id)
    assert list(ProductText.objects.order_by("language").values_list("language", "search_key")) == [
        ("en", "sencha tea t-1 4901234567894"),
        ("ja", "煎茶 センチャ tea t-1 4901234567894 100g"),
    ]
    assert list(ProductCategory.objects.order_by("-is_main").values_list("category__code", "is_main")) == [("green", True), ("tea", False)]
    assert list(OutboxEvent.objects.values_list("name", "payload")) == [
        ("catalog.ProductChanged", {"product_id": saved.product_id, "company_id": company.pk, "code": "TEA"})
    ]
    assert _broken() == []


def test_saving_twice_changes_nothing():
    company = a_company()
    [first] = _save(company, _draft())

    [second] = _save(company, _draft())

    assert (second.product_id, second.variants, second.is_new) == (first.product_id, first.variants, False)
    assert Product.objects.get().version == Variant.objects.get().version == 1
    assert not AuditEntry.objects.filter(table_name__startswith="catalog_product").exists()
    assert OutboxEvent.objects.filter(name="catalog.ProductChanged").count() == 1


def test_a_changed_product_is_found_by_its_new_words_only():
    company = a_company()
    _save(company, _draft())

    _save(company, _draft(texts=(TextDraft(language="ja", name="番茶"),), position=5))

    text = ProductText.objects.get()
    assert text.search_key == "番茶 tea tea-1"
    assert Product.objects.get().version == 2
    assert AuditEntry.objects.filter(table_name="catalog_product").count() == 1


def test_a_batch_takes_the_same_statements_as_one():
    company = a_company()
    with CaptureQueriesContext(connection) as one:
        _save(company, _draft("A"))

    with CaptureQueriesContext(connection) as many:
        _save(company, *(_draft(f"B{i}") for i in range(50)))

    assert len(many) == len(one) <= 12


def test_a_refused_draft_leaves_the_others_be():
    company = a_company()
    _save(company, _draft("OLD", "TAKEN"))
    drafts = [
        _draft("A"),
        _draft("B", "TAKEN"),
        _draft("C", brand_code="none"),
        _draft("D", tax_class="none"),
        _draft("E", categories=("none",)),
        _draft("F", texts=()),
        _draft("A"),
    ]

    results = _save(company, *drafts)

    assert isinstance(results[0], SavedProduct)
    assert [r.code for r in results[1:] if isinstance(r, Refusal)] == [
        "catalog.sku_taken", "catalog.unknown_brand", "catalog.unknown_tax_class", "catalog.unknown_category", "catalog.no_name",
        "catalog.twice_in_batch",
    ]  # fmt: skip
    assert set(Product.objects.values_list("code", flat=True)) == {"OLD", "A"}


def test_last_seasons_place_stays_when_this_seasons_changes():
    company = a_company()
    for tree, code in (("spring", "s1"), ("autumn", "a1"), ("autumn", "a2")):
        save_categories([CategoryDraft(code=code, name=code)], company_id=company.pk, tree_code=tree, actor=SYSTEM, at=AT)
    _save(company, _draft(tree_code="spring", categories=("s1",)))
    _save(company, _draft(tree_code="autumn", categories=("a1",)))

    _save(company, _draft(tree_code="autumn", categories=("a2",)))

    assert set(ProductCategory.objects.values_list("category__code", flat=True)) == {"s1", "a2"}


def test_a_renamed_shelf_renames_the_paths_below_it():
    company = a_company()
    shelves = [CategoryDraft(code="tea", name="お茶"), CategoryDraft(code="green", name="緑茶", parent_code="tea")]
    save_categories(shelves, company_id=company.pk, actor=SYSTEM, at=AT)

    save_categories([CategoryDraft(code="tea", name="日本茶")], company_id=company.pk, actor=SYSTEM, at=AT)

    assert Category.objects.get(code="green").full_name == "日本茶 > 緑茶"
    assert _broken() == []


def test_a_shelf_under_an_unknown_one_is_refused():
    company = a_company()

    with pytest.raises(Refused) as refused:
        save_categories([CategoryDraft(code="green", name="緑茶", parent_code="tea")], company_id=company.pk, actor=SYSTEM, at=AT)

    assert refused.value.code == "catalog.unknown_parent"
    assert not CategoryTree.objects.exists()


def _set(company, variant, amount, *, at=AT, **fields):
    return set_prices(
        [PriceAt(list_code="standard", variant_id=variant.pk, amount=amount, **fields)], company_id=company.pk, actor=SYSTEM, at=at
    )


def _priced():
    company = a_company()
    save_price_lists([PriceListDraft(code="standard", name="通常価格")], company_id=company.pk, actor=SYSTEM, at=AT)
    return company, make.a_variant(make.a_product(company))


def _prices():
    return list(Price.objects.order_by("from_at", "id").values_list("amount", "from_at", "until_at"))


def test_a_changed_price_ends_the_old_row_and_begins_a_new_one():
    company, variant = _priced()
    later = AT + timedelta(days=1)

    assert _set(company, variant, 1_000) == [PriceSet(list_code="standard", variant_id=variant.pk, amount=1_000, changed=True)]
    _set(company, variant, 900, at=later)

    assert _prices() == [(1_000, AT, later), (900, later, None)]
    assert list(OutboxEvent.objects.order_by("id").values_list("payload__amount", flat=True)) == [1_000, 900]
    assert _broken() == []


def test_setting_the_price_that_holds_changes_nothing():
    company, variant = _priced()
    _set(company, variant, 1_000)

    assert [r.changed for r in _set(company, variant, 1_000, at=AT + timedelta(days=1))] == [False]
    assert _prices() == [(1_000, AT, None)]
    assert OutboxEvent.objects.count() == 1


def test_a_price_set_twice_at_one_moment_never_held():
    company, variant = _priced()
    _set(company, variant, 1_000)

    _set(company, variant, 900)

    assert _prices() == [(1_000, AT, AT), (900, AT, None)]
    assert _broken() == []


@pytest.mark.parametrize(
    ("_case", "fields", "code"),
    [
        ("negative", {"amount": -1}, "catalog.negative_price"),
        ("no step", {"min_quantity": 0}, "catalog.bad_quantity"),
        ("the past", {"from_at": AT - timedelta(seconds=1)}, "catalog.price_in_past"),
        ("ends first", {"from_at": AT, "until_at": AT}, "catalog.bad_period"),
        ("no such list", {"list_code": "none"}, "catalog.unknown_list"),
        ("no such variant", {"variant_id": 0}, "catalog.unknown_sku"),
    ],
)
def test_a_price_that_cannot_be_is_refused_and_nothing_changes(_case, fields, code):
    company, variant = _priced()
    asked = {"list_code": "standard", "variant_id": variant.pk, "amount": 1_000, **fields}

    [refusal] = set_prices([PriceAt(**asked)], company_id=company.pk, actor=SYSTEM, at=AT)

    assert isinstance(refusal, Refusal)
    assert refusal.code == code
    assert not Price.objects.exists()
    assert not OutboxEvent.objects.exists()


@pytest.mark.parametrize(("_case", "sql"), [("deleted", "DELETE FROM catalog_price"), ("changed", "UPDATE catalog_price SET amount = 1")])
def test_a_price_row_is_evidence(_case, sql):
    company, variant = _priced()
    _set(company, variant, 1_000)

    with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)

    assert _prices() == [(1_000, AT, None)]


def test_two_prices_never_hold_at_once():
    company, variant = _priced()
    _set(company, variant, 1_000)

    with pytest.raises(DatabaseError, match="catalog_price_one_at_a_time"), transaction.atomic():
        Price.objects.create(price_list=PriceList.objects.get(), variant=variant, amount=900, from_at=AT + timedelta(days=1))


def test_a_variant_is_put_on_sale_once_and_taken_off():
    company, variant = _priced()
    web, phone = a_channel(company), a_channel(company)
    _set(company, variant, 1_000)
    asks = [ListingAsk(variant_id=variant.pk, channel_id=web.pk), ListingAsk(variant_id=variant.pk, channel_id=phone.pk)]

    assert put_on_shelf(asks, actor=SYSTEM, at=AT) == [variant.pk]
    assert put_on_shelf(asks, actor=SYSTEM, at=AT) == []
    assert take_off_shelf([variant.pk], channel_id=web.pk, actor=SYSTEM, at=AT) == 1

    def said(channel):
        [answer] = offers([PriceAsk(variant_id=variant.pk)], company_id=company.pk, channel_id=channel.pk, language="ja", at=AT)
        return getattr(answer, "code", "sold")

    assert (said(web), said(phone)) == ("catalog.not_for_sale", "sold")
    assert Listing.objects.count() == 2


def test_a_variant_ends_once():
    _company, variant = _priced()

    assert end_variants([variant.pk], actor=SYSTEM, at=AT) == [variant.pk]
    assert end_variants([variant.pk], actor=SYSTEM, at=AT + timedelta(days=1)) == []
    assert Variant.objects.get().ended_at == AT
    assert list(OutboxEvent.objects.values_list("name", flat=True)) == ["catalog.VariantEnded"]


def test_a_product_shows_exactly_the_pictures_set():
    company = a_company()
    product, other = make.a_product(company), make.a_product(company)
    ProductImage.objects.create(product=other, file="other.svg", alt="他")
    drafts = [ImageDraft(product_id=product.pk, file=f"{n}.svg", alt=n, position=i) for i, n in enumerate("ab")]
    set_images(drafts, actor=SYSTEM, at=AT)
    kept = ProductImage.objects.get(file="a.svg").pk

    set_images(drafts[:1], actor=SYSTEM, at=AT)

    assert list(ProductImage.objects.order_by("pk").values_list("file", flat=True)) == ["other.svg", "a.svg"]
    assert ProductImage.objects.get(file="a.svg").pk == kept
