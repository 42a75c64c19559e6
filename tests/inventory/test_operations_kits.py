"""Sets are composed, nested, priced by their parts and sold out of the stock of their parts."""

from datetime import timedelta

import pytest

from catalog.events import PriceChanged
from catalog.models import Price, PriceList
from catalog.operations import set_prices
from catalog.rules.drafts import PriceAt
from core.actor import SYSTEM
from core.db import rows
from core.errors import Refusal
from inventory.handlers import follow_part_price
from inventory.models import Component, Kit, KitPart
from inventory.operations import ComponentAsk, Composed, compose_kits, compose_variants, expand_kits
from inventory.queries import atp, invariants
from inventory.rules import KitAsk, KitPartAsk, KitPrice
from tests.factories.inventory import AT, a_channel, a_location, a_stock_item, a_stocked_variant, a_trading_company, stock_of, the_item

pytestmark = pytest.mark.django_db
HOW = {"actor": SYSTEM, "at": AT}


@pytest.fixture(autouse=True)
def promises_hold(db):
    yield
    assert [p.name for p in invariants() if rows(p.sql, {"company": None}, prepare=False)] == []


@pytest.fixture
def company():
    return a_trading_company()


def a_set(company, *parts, **rule):
    """An article without stock of its own, made of others: (variant or stock item, quantity)."""
    kit = a_stocked_variant(company, parts={})
    (done,) = compose_kits([asked(kit, *parts, **rule)], company_id=company.pk, **HOW)
    assert isinstance(done, Composed), done
    return kit


def asked(kit, *parts, **rule):
    told = [
        KitPartAsk(variant_id=one.pk, quantity=q) if type(one).__name__ == "Variant" else KitPartAsk(stock_item_id=one.pk, quantity=q)
        for one, q in parts
    ]
    return KitAsk(variant_id=kit.pk, parts=tuple(told), **rule)


def made_of(variant):
    return dict(Component.objects.filter(variant=variant).values_list("stock_item_id", "quantity"))


def test_a_nested_set_is_sold_out_of_the_stock_of_its_leaves(company):
    channel, place = a_channel(company), a_location(company)
    tea, cup, box = a_stocked_variant(company), a_stocked_variant(company), a_stock_item(company)
    pair = a_set(company, (tea, 2), (cup, 1))
    gift = a_set(company, (pair, 2), (tea, 1), (box, 1))
    for item, there in ((the_item(tea), 11), (the_item(cup), 9), (box, 9)):
        stock_of(item, place, there)

    assert made_of(gift) == {the_item(tea).pk: 5, the_item(cup).pk: 2, box.pk: 1}
    assert atp([pair.pk, gift.pk], channel_id=channel.pk, at=AT) == {pair.pk: 5, gift.pk: 2}


def test_changing_an_inner_set_changes_those_that_hold_it(company):
    tea, cup = a_stocked_variant(company), a_stocked_variant(company)
    pair = a_set(company, (tea, 2))
    gift = a_set(company, (pair, 3))

    (done,) = compose_kits([asked(pair, (tea, 1), (cup, 1))], company_id=company.pk, **HOW)

    assert done == Composed(variant_id=pair.pk, items=2, pieces=2)
    assert made_of(gift) == {the_item(tea).pk: 3, the_item(cup).pk: 3}
    assert KitPart.objects.count() == 3


def test_parts_whose_components_changed_are_expanded_anew(company):
    tea, other = a_stocked_variant(company), a_stock_item(company)
    gift = a_set(company, (tea, 3))
    compose_variants([ComponentAsk(variant_id=tea.pk, stock_item_id=other.pk, quantity=2)], company_id=company.pk, **HOW)

    assert expand_kits(company_id=company.pk, **HOW) == 1
    assert made_of(gift) == {other.pk: 6}


def test_a_set_that_would_hold_itself_is_refused_with_the_way_round(company):
    tea = a_stocked_variant(company)
    inner = a_set(company, (tea, 1))
    outer = a_set(company, (inner, 1))

    (refused,) = compose_kits([asked(inner, (outer, 1))], company_id=company.pk, **HOW)

    assert isinstance(refused, Refusal)
    assert (refused.code, refused.params["way"]) == ("inventory.kit_in_itself", f"{inner.sku} → {outer.sku} → {inner.sku}")
    assert made_of(inner) == {the_item(tea).pk: 1}


@pytest.mark.parametrize(
    ("_case", "quantity", "twice", "code"),
    [
        ("nothing of it", 0, False, "inventory.kit_bad_quantity"),
        ("too many", 10_001, False, "inventory.kit_bad_quantity"),
        ("twice", 1, True, "inventory.kit_part_twice"),
    ],
)
def test_bad_parts_are_refused_and_nothing_changes(company, _case, quantity, twice, code):
    tea, kit = a_stocked_variant(company), a_stocked_variant(company, parts={})
    parts = [(tea, quantity)] * (2 if twice else 1)

    (refused,) = compose_kits([asked(kit, *parts)], company_id=company.pk, **HOW)

    assert isinstance(refused, Refusal)
    assert (refused.code, Kit.objects.count(), made_of(kit)) == (code, 0, {})


def test_an_empty_set_and_parts_of_another_company_are_refused(company):
    kit, foreign = a_stocked_variant(company, parts={}), a_stocked_variant(a_trading_company())

    empty, alien = compose_kits([asked(kit), asked(kit, (foreign, 1))], company_id=company.pk, **HOW)

    assert isinstance(empty, Refusal)
    assert isinstance(alien, Refusal)
    assert (empty.code, alien.code, Kit.objects.count()) == ("inventory.kit_is_empty", "inventory.kit_unknown_part", 0)


def price(company, variant, amount, **when):
    set_prices([PriceAt(list_code="standard", variant_id=variant.pk, amount=amount, **when)], company_id=company.pk, **HOW)


def prices_of(variant, at=AT):
    held = Price.objects.filter(variant=variant, from_at__lte=at).exclude(until_at__lte=at)
    return list(held.values_list("amount", flat=True))


def test_a_set_costs_its_parts_less_a_rate_and_follows_them(company):
    PriceList.objects.create(company=company, code="standard", name="通常")
    tea, cup = a_stocked_variant(company), a_stocked_variant(company)
    price(company, tea, 1_000)
    price(company, cup, 900)
    pair = a_set(company, (tea, 2), (cup, 1), price=KitPrice.LESS_RATE, rate_bp=1_000)
    gift = a_set(company, (pair, 2), price=KitPrice.LESS_AMOUNT, amount=220)
    before = prices_of(pair), prices_of(gift)

    later = AT + timedelta(days=2)
    price(company, tea, 1_100, from_at=later)
    told = PriceChanged(tea.pk, "standard", 1, 1_100, "JPY", later, None)
    follow_part_price(told, at=AT)
    follow_part_price(told, at=AT)

    assert before == ([2_610], [5_000])
    assert (prices_of(pair), prices_of(gift)) == ([2_610], [5_000])
    assert (prices_of(pair, later), prices_of(gift, later)) == ([2_790], [5_360])


def test_a_set_with_a_price_of_its_own_is_left_alone(company):
    PriceList.objects.create(company=company, code="standard", name="通常")
    tea = a_stocked_variant(company)
    price(company, tea, 1_000)
    pair = a_set(company, (tea, 2))

    follow_part_price(PriceChanged(tea.pk, "standard", 1, 1_000, "JPY", AT, None), at=AT)

    assert prices_of(pair) == []
