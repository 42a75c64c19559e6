"""Two people change one price, or bring in one product, at the same time: the record stays whole."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection

from catalog.models import Price, Product, ProductText, Variant
from catalog.operations import save_price_lists, save_products, set_prices
from catalog.queries import invariants
from catalog.rules.drafts import PriceAt, PriceListDraft, ProductDraft, SavedProduct, TextDraft, VariantDraft
from core.actor import SYSTEM
from core.db import rows
from tests.factories import catalog as make
from tests.factories.core import a_company

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.races]
AT = datetime(2026, 4, 1, 3, tzinfo=UTC)


def _at_once(deeds: list[Callable[[], object]]) -> list[object]:
    barrier = Barrier(len(deeds))

    def one(deed: Callable[[], object]) -> object:
        try:
            barrier.wait()
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(one, deeds))


def _broken():
    return [promise.name for promise in invariants() if rows(promise.sql, {"company": None}, prepare=False)]


def test_twelve_prices_set_at_once_leave_one_that_holds():
    company = a_company()
    variants = [make.a_variant(make.a_product(company)) for _ in range(3)]
    save_price_lists([PriceListDraft(code="standard", name="通常価格")], company_id=company.pk, actor=SYSTEM, at=AT)

    def setting(number):
        order = variants if number % 2 else variants[::-1]
        asks = [PriceAt(list_code="standard", variant_id=v.pk, amount=1_000 + number) for v in order]
        return lambda: set_prices(asks, company_id=company.pk, actor=SYSTEM, at=AT + timedelta(seconds=1))

    _at_once([setting(number) for number in range(12)])

    assert Price.objects.filter(until_at=None).count() == len(variants)
    assert len({price.amount for price in Price.objects.filter(until_at=None)}) == 1
    assert Price.objects.count() == 12 * len(variants)
    assert _broken() == []


def test_one_product_brought_in_eight_times_at_once_is_one_product():
    company = a_company()
    drafts = [
        ProductDraft(code=code, texts=(TextDraft(language="ja", name=f"煎茶{code}"),), variants=(VariantDraft(sku=f"S-{code}"),))
        for code in "ABCDE"
    ]

    def saving(number):
        batch = drafts if number % 2 else drafts[::-1]
        return lambda: save_products(batch, company_id=company.pk, actor=SYSTEM, at=AT)

    answers = _at_once([saving(number) for number in range(8)])

    assert all(isinstance(result, SavedProduct) for results in answers for result in results)
    assert (Product.objects.count(), ProductText.objects.count(), Variant.objects.count()) == (5, 5, 5)
    assert _broken() == []
