from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.queries import offers
from catalog.rules import Offer, PriceAsk, PurchaseType
from core.errors import Refusal
from tests.factories import catalog as make
from tests.factories.core import a_channel, a_company

pytestmark = pytest.mark.django_db
AT = datetime(2026, 4, 1, 3, tzinfo=UTC)


def _ask(company, channel, *asks, language="ja", at=AT):
    return offers(asks, company_id=company.pk, channel_id=channel.pk, language=language, at=at)


def test_an_offer_carries_what_an_order_line_keeps():
    company = a_company()
    channel = a_channel(company)
    tea = make.a_category(company, "お茶")
    green = make.a_category(company, "緑茶", under=tea)
    variant = make.a_sellable_variant(company, "TEA-1", price=1_080, name="川根煎茶", tax_class="reduced", category=green, option="100g")

    [offer] = _ask(company, channel, PriceAsk(variant_id=variant.pk, quantity=2))

    assert isinstance(offer, Offer)
    assert (offer.sku, offer.name, offer.option, offer.category_path) == ("TEA-1", "川根煎茶", "100g", "お茶 > 緑茶")
    assert (offer.unit_price, offer.list_price, offer.currency, offer.tax_basis, offer.tax_class) == (
        1_080,
        None,
        "JPY",
        "included",
        "reduced",
    )
    assert (offer.price_reason, offer.kind, offer.temperature_zone, offer.max_quantity) == ("standard", "goods", "ambient", None)


def test_a_batch_of_any_size_takes_one_statement_and_keeps_its_order():
    company = a_company()
    channel = a_channel(company)
    variants = make.many_sellable_variants(company, 50)
    asks = [PriceAsk(variant_id=v.pk) for v in reversed(variants)] + [PriceAsk(sku=variants[7].sku, quantity=3)]

    with CaptureQueriesContext(connection) as seen:
        answers = _ask(company, channel, *asks)

    assert len(seen) == 1
    assert [a.sku for a in answers] == [v.sku for v in reversed(variants)] + [variants[7].sku]


def test_a_name_falls_back_to_the_language_of_the_company():
    company = a_company()
    channel = a_channel(company)
    variant = make.a_sellable_variant(company, name="ほうじ茶", option="缶", option_en="Tin")
    make.a_text(variant.product, "Roasted tea", language="en")

    said = [_ask(company, channel, PriceAsk(variant_id=variant.pk), language=language)[0] for language in ("ja", "en", "fr")]

    assert [(o.name, o.option) for o in said] == [("ほうじ茶", "缶"), ("Roasted tea", "Tin"), ("ほうじ茶", "缶")]


def _refused(answer):
    assert isinstance(answer, Refusal), answer
    return answer.code


def test_an_unknown_sku_is_refused_and_so_is_one_of_another_company():
    company, other = a_company(), a_company()
    channel = a_channel(company)
    foreign = make.a_sellable_variant(other)

    answers = _ask(company, channel, PriceAsk(sku="NOWHERE"), PriceAsk(variant_id=foreign.pk), PriceAsk(variant_id=0))

    assert [_refused(a) for a in answers] == ["catalog.unknown_sku"] * 3
    assert answers[0].params == {"sku": "NOWHERE"}


@pytest.mark.parametrize(
    ("_case", "product_fields", "variant_fields"),
    [
        ("still a draft", {"status": "draft"}, {}),
        ("sale ended", {"status": "ended"}, {}),
        ("only described", {"kind": "reference"}, {}),
        ("variant ended", {}, {"ended_at": AT}),
    ],
)
def test_what_is_not_on_sale_is_refused(_case, product_fields, variant_fields):
    company = a_company()
    channel = a_channel(company)
    variant = make.a_variant(make.a_product(company, **product_fields), **variant_fields)
    make.a_price(variant, 100)
    make.a_listing(variant)

    assert _refused(_ask(company, channel, PriceAsk(variant_id=variant.pk))[0]) == "catalog.not_for_sale"


def test_a_variant_ends_at_its_moment_and_not_before():
    company = a_company()
    channel = a_channel(company)
    variant = make.a_sellable_variant(company, ended_at=AT)

    assert isinstance(_ask(company, channel, PriceAsk(variant_id=variant.pk), at=AT - timedelta(microseconds=1))[0], Offer)
    assert _refused(_ask(company, channel, PriceAsk(variant_id=variant.pk), at=AT)[0]) == "catalog.not_for_sale"


def test_a_listing_holds_for_its_channel_rank_and_period_only():
    company = a_company()
    web, phone = a_channel(company), a_channel(company)
    variant = make.a_variant(make.a_product(company))
    make.a_price(variant, 100)
    make.a_listing(variant, channel=web, rank_code="gold", from_at=AT, until_at=AT + timedelta(days=1))
    gold, plain = PriceAsk(variant_id=variant.pk, rank_code="gold"), PriceAsk(variant_id=variant.pk)

    assert isinstance(_ask(company, web, gold)[0], Offer)
    assert _refused(_ask(company, web, plain)[0]) == "catalog.not_for_sale"
    assert _refused(_ask(company, phone, gold)[0]) == "catalog.not_for_sale"
    assert _refused(_ask(company, web, gold, at=AT - timedelta(seconds=1))[0]) == "catalog.not_for_sale"
    assert _refused(_ask(company, web, gold, at=AT + timedelta(days=1))[0]) == "catalog.not_for_sale"


def test_a_purchase_form_the_variant_is_not_sold_in_is_refused():
    company = a_company()
    channel = a_channel(company)
    variant = make.a_sellable_variant(company)
    on_contract = make.a_sellable_variant(company, purchase_types="normal,subscription")

    answers = _ask(
        company,
        channel,
        PriceAsk(variant_id=variant.pk, purchase_type=PurchaseType.SUBSCRIPTION),
        PriceAsk(variant_id=on_contract.pk, purchase_type=PurchaseType.SUBSCRIPTION, cycle=1),
        PriceAsk(variant_id=variant.pk, purchase_type=PurchaseType.SPOT),
    )

    assert _refused(answers[0]) == "catalog.not_for_sale"
    assert [a.unit_price for a in answers[1:]] == [1_000, 1_000]


def test_a_variant_without_a_price_here_is_refused():
    company = a_company()
    web, phone = a_channel(company), a_channel(company)
    variant = make.a_variant(make.a_product(company))
    make.a_listing(variant)
    make.a_price(variant, 100, price_list=make.a_price_list(company, "web-only", channel=web))

    assert _refused(_ask(company, phone, PriceAsk(variant_id=variant.pk))[0]) == "catalog.no_price"
    assert _ask(company, web, PriceAsk(variant_id=variant.pk))[0].unit_price == 100


@pytest.mark.parametrize(("quantity", "code"), [(0, "catalog.bad_quantity"), (-1, "catalog.bad_quantity"), (6, "catalog.too_many")])
def test_a_quantity_out_of_bounds_is_refused(quantity, code):
    company = a_company()
    channel = a_channel(company)
    variant = make.a_sellable_variant(company, max_quantity=5)

    assert _refused(_ask(company, channel, PriceAsk(variant_id=variant.pk, quantity=quantity))[0]) == code
    assert _ask(company, channel, PriceAsk(variant_id=variant.pk, quantity=5))[0].unit_price == 1_000


def test_a_line_takes_the_place_in_the_tree_of_its_season():
    company = a_company()
    channel = a_channel(company)
    spring = make.a_category_tree(company, "spring", valid_from_on="2026-03-01", valid_until_on="2026-09-01")
    autumn = make.a_category_tree(company, "autumn", valid_from_on="2026-09-01")
    variant = make.a_sellable_variant(company, category=make.a_category(company, "春の棚", tree=spring))
    make.ProductCategory.objects.create(product=variant.product, category=make.a_category(company, "秋の棚", tree=autumn))

    def place(at):
        return _ask(company, channel, PriceAsk(variant_id=variant.pk), at=at)[0].category_path

    assert place(AT) == "春の棚"
    assert place(datetime(2026, 8, 31, 14, 59, tzinfo=UTC)) == "春の棚"
    assert place(datetime(2026, 8, 31, 15, 0, tzinfo=UTC)) == "秋の棚"  # the 1st of September in Tokyo
