from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import ProductImage
from catalog.operations import save_products
from catalog.queries import category_tree, find_variants, product_page, shelf
from catalog.queries.shelves import PRECEDENCE
from catalog.rules import ProductStatus, ShelfOrder
from catalog.rules.drafts import ProductDraft, TextDraft, VariantDraft
from catalog.rules.prices import precedence
from core.actor import SYSTEM
from core.db import rows
from core.errors import Malformed, NotFound
from tests.catalog.test_rules_prices import price_rows
from tests.factories import catalog as make
from tests.factories.core import a_channel, a_company

pytestmark = pytest.mark.django_db
AT = datetime(2026, 4, 1, 3, tzinfo=UTC)


def _shelf(company, channel, **asked):
    return shelf(company_id=company.pk, channel_id=channel.pk, language=asked.pop("language", "ja"), at=asked.pop("at", AT), **asked)


def _codes(found):
    return [item.code for item in found.items]


@pytest.mark.parametrize("number", [1, 50])
@pytest.mark.parametrize("order", list(ShelfOrder))
def test_a_page_takes_one_statement_whatever_its_length(number, order):
    company = a_company()
    channel = a_channel(company)
    make.many_sellable_variants(company, number)

    with CaptureQueriesContext(connection) as seen:
        page = _shelf(company, channel, order=order, page_size=50)

    assert len(seen) == 1
    assert len(page.items) == number


def test_a_shelf_shows_words_picture_and_the_lowest_price():
    company = a_company()
    channel = a_channel(company)
    product = make.a_product(company, "TEA", name="煎茶", summary="朝の一杯に")
    for option, amount in (("50g", 600), ("100g", 1_080)):
        variant = make.a_variant(product, option=option, purchase_types="normal,subscription")
        make.a_price(variant, amount)
        make.a_listing(variant)
    ProductImage.objects.create(product=product, file="products/later.svg", alt="後ろ", position=2)
    ProductImage.objects.create(product=product, file="products/tea.svg", alt="煎茶の缶", position=1)

    [item] = _shelf(company, channel).items

    assert (item.name, item.summary, item.image_alt) == ("煎茶", "朝の一杯に", "煎茶の缶")
    assert item.image_url.endswith("products/tea.svg")
    assert (item.price.amount, item.has_several_prices, item.may_subscribe) == (600, True, True)
    assert [(v.option, v.price.amount) for v in item.variants] == [("50g", 600), ("100g", 1_080)]


def test_only_what_can_be_bought_lies_on_the_shelf():
    company = a_company()
    channel, other = a_channel(company), a_channel(company)
    shown = make.a_sellable_variant(company)
    make.a_sellable_variant(company, ended_at=AT)
    make.a_sellable_variant(a_company())
    elsewhere = make.a_variant(make.a_product(company))
    make.a_listing(elsewhere, channel=other)
    hidden = make.a_variant(make.a_product(company, status=ProductStatus.DRAFT))
    make.a_listing(hidden)

    assert _codes(_shelf(company, channel)) == [shown.product.code]


def _walk(company, channel, order, size):
    codes, cursor = [], ""
    while True:
        page = _shelf(company, channel, order=order, page_size=size, after=cursor)
        codes += _codes(page)
        if not page.next_cursor:
            return codes
        cursor = page.next_cursor


@pytest.mark.parametrize("order", list(ShelfOrder))
def test_walking_page_by_page_meets_every_product_once_in_order(order):
    company = a_company()
    channel = a_channel(company)
    prices = [300, 100, 200, 100, 300, 50, 100]
    products = [make.a_sellable_variant(company, price=price).product for price in prices]
    numbered = list(zip(prices, products, strict=True))
    expected = {
        ShelfOrder.POSITION: products,
        ShelfOrder.NEW: products[::-1],
        ShelfOrder.PRICE: [p for _price, p in sorted(numbered, key=lambda pair: pair[0])],
        ShelfOrder.PRICE_DOWN: [p for _price, p in sorted(numbered, key=lambda pair: -pair[0])],
    }[order]

    assert _walk(company, channel, order, 2) == [product.code for product in expected]


@pytest.mark.parametrize("cursor", ["x", "1", "1:2:3", "1:", ":1", "９:x", f"{2**63}:1", "1" * 60])
def test_a_cursor_that_is_not_ours_is_refused(cursor):
    company = a_company()

    with pytest.raises(Malformed) as refused:
        _shelf(company, a_channel(company), after=cursor)

    assert (refused.value.code, refused.value.field) == ("catalog.bad_cursor", "after")


def test_a_category_holds_its_sub_categories_too():
    company = a_company()
    channel = a_channel(company)
    tea = make.a_category(company, "お茶", code="tea")
    green = make.a_category(company, "緑茶", under=tea, code="green")
    other = make.a_category(company, "化粧品", code="care")
    first, second, third = (make.a_sellable_variant(company, category=c).product.code for c in (tea, green, other))

    assert _codes(_shelf(company, channel, category_code="tea")) == [first, second]
    assert _codes(_shelf(company, channel, category_code="green")) == [second]
    assert _codes(_shelf(company, channel, category_code="care")) == [third]
    assert _codes(_shelf(company, channel, category_code="nowhere")) == []
    assert [(place.code, place.depth, place.parent_code) for place in category_tree(company_id=company.pk, language="ja", at=AT)] == [
        ("tea", 1, ""),
        ("green", 2, "tea"),
        ("care", 1, ""),
    ]


@pytest.fixture
def searched():
    company = a_company()
    channel = a_channel(company)
    drafts = [
        ProductDraft(
            code="TEA-100%",
            texts=(TextDraft(language="ja", name="川根煎茶", kana="カワネセンチャ"), TextDraft(language="en", name="Kawane Sencha")),
            variants=(VariantDraft(sku="TEA-01", jan="4901234567894"),),
        ),
        ProductDraft(
            code="APPLE",
            position=1,
            texts=(TextDraft(language="ja", name="りんご酢", keywords="林檎 アップルビネガー"),),
            variants=(VariantDraft(sku="AP_1"),),
        ),
        ProductDraft(
            code="SOAP",
            position=2,
            texts=(TextDraft(language="ja", name="米ぬか石けん", summary="茶色の固形石けん"),),
            variants=(VariantDraft(sku="SO-1"),),
        ),
    ]
    saved = save_products(drafts, company_id=company.pk, actor=SYSTEM, at=AT)
    for product in saved:
        for _sku, variant_id in product.variants:
            make.Listing.objects.create(variant_id=variant_id)
    return company, channel


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("煎茶", ["TEA-100%"]),
        ("茶", ["TEA-100%", "SOAP"]),
        ("せんちゃ", ["TEA-100%"]),
        ("ｾﾝﾁｬ", ["TEA-100%"]),
        ("りんご", ["APPLE"]),
        ("林檎", ["APPLE"]),
        ("KAWANE", ["TEA-100%"]),
        ("ｋａｗ", ["TEA-100%"]),
        ("tea-01", ["TEA-100%"]),
        ("4901234567894", ["TEA-100%"]),
        ("234567", ["TEA-100%"]),
        ("100%", ["TEA-100%"]),
        ("%", ["TEA-100%"]),
        ("_", ["APPLE"]),
        ("ap_1", ["APPLE"]),
        ("ap%1", []),
        ("川根 煎茶", ["TEA-100%"]),
        ("川根　りんご", []),
        ("石けん 茶色", ["SOAP"]),
        ("' OR 1=1 --", []),
        ("\\", []),
        ("煎\x00茶", ["TEA-100%"]),
        ("無い物", []),
    ],
)
def test_a_product_is_found_as_people_type(searched, typed, codes):
    company, channel = searched

    assert _codes(_shelf(company, channel, search=typed)) == codes
    found = {"TEA-01": "TEA-100%", "AP_1": "APPLE", "SO-1": "SOAP"}
    assert [found[v.sku] for v in find_variants(typed, company_id=company.pk)] == codes


def test_an_operator_finds_articles_that_are_no_longer_sold_behind_those_that_are():
    company = a_company()
    old = make.a_sellable_variant(company, "OLD", name="旧煎茶", ended_at=AT)
    new = make.a_sellable_variant(company, "NEW", name="新煎茶")
    foreign = make.a_sellable_variant(a_company(), "X", name="他社煎茶")

    with CaptureQueriesContext(connection) as seen:
        found = find_variants("煎茶", company_id=company.pk)

    assert len(seen) == 1
    assert [(v.variant_id, v.ended_at) for v in found] == [(new.pk, None), (old.pk, AT)]
    assert foreign.pk not in [v.variant_id for v in found]


def test_a_product_page_tells_all_in_one_statement():
    company = a_company()
    channel = a_channel(company)
    green = make.a_category(company, "緑茶", under=make.a_category(company, "お茶", code="tea"), code="green", name_en="Green tea")
    variant = make.a_sellable_variant(company, "TEA-1", price=1_000, category=green, purchase_types="normal,subscription")
    make.a_price(variant, 900, min_quantity=10)
    make.a_price(variant, 1_200, price_list=make.a_price_list(company, "teika", is_list_price=True))
    make.a_price(variant, 500, price_list=make.a_price_list(company, "first", purchase_type="subscription", cycle_from=1, cycle_until=2))
    make.a_price(variant, 880, price_list=make.a_price_list(company, "teiki", purchase_type="subscription"))
    asked = {"code": variant.product.code, "company_id": company.pk, "channel_id": channel.pk, "at": AT}

    with CaptureQueriesContext(connection) as seen:
        page = product_page(**asked, language="ja")

    assert len(seen) == 1
    assert [(c.code, c.name) for c in page.breadcrumbs] == [("tea", "お茶"), ("green", "緑茶")]
    [shown] = page.variants
    assert (shown.price.amount, shown.price.list_price, shown.price.before) == (1_000, 1_200, None)
    assert shown.steps == ((1, 1_000), (10, 900))
    assert [price.amount for price in shown.subscription] == [500, 880]
    assert [c.name for c in product_page(**asked, language="en").breadcrumbs] == ["お茶", "Green tea"]


def test_a_product_page_shows_the_price_before_only_while_that_is_honest():
    company = a_company()
    channel = a_channel(company)
    variant = make.a_variant(make.a_product(company))
    make.a_listing(variant)
    make.a_price(variant, 1_000, from_at=AT - timedelta(days=60), until_at=AT)
    make.a_price(variant, 800, from_at=AT)

    def before(at):
        page = product_page(code=variant.product.code, company_id=company.pk, channel_id=channel.pk, language="ja", at=at)
        return page.variants[0].price.before

    assert before(AT) == 1_000
    assert before(AT + timedelta(days=15)) is None


def test_what_the_database_cannot_hold_is_simply_not_there():
    company = a_company()
    channel = a_channel(company)
    make.a_sellable_variant(company)

    assert _shelf(company, channel, category_code="te\x00a").items == ()
    with pytest.raises(NotFound):
        product_page(code="TE\x00A", company_id=company.pk, channel_id=channel.pk, language="ja", at=AT)


def test_a_product_that_cannot_be_bought_here_has_no_page():
    company = a_company()
    channel = a_channel(company)
    variant = make.a_variant(make.a_product(company))

    with pytest.raises(NotFound):
        product_page(code=variant.product.code, company_id=company.pk, channel_id=channel.pk, language="ja", at=AT)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(candidates=st.lists(price_rows, min_size=2, max_size=5, unique_by=lambda row: row.price_id))
def test_sorting_by_price_asks_the_price_rule_in_sql(candidates):
    fields = (
        "price_id",
        "priority",
        "is_list_price",
        "channel_id",
        "rank_code",
        "purchase_type",
        "cycle_from",
        "cycle_until",
        "min_quantity",
        "amount",
        "from_at",
    )
    types = ["bigint", "int", "boolean", "bigint", "text", "text", "int", "int", "int", "bigint", "timestamptz"]
    unnest = ", ".join(f"%s::{kind}[]" for kind in types)

    found = rows(
        f"SELECT w.price_id FROM unnest({unnest}) AS w ({', '.join(fields)}) ORDER BY {PRECEDENCE}",
        [[getattr(row, field) for row in candidates] for field in fields],
    )

    assert [row.price_id for row in found] == [row.price_id for row in sorted(candidates, key=precedence, reverse=True)]
