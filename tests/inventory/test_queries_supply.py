"""What a channel may draw on and promise: the worked table of docs/algorithms/atp.md, in the database."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from core.actor import SYSTEM
from core.db import acting
from inventory.models import PoolSource, RoutingRule, Stock, StockExclusion
from inventory.queries import ShelfVerdict, atp, explanations, supply_for
from inventory.rules import UNLIMITED, Part, RoutingKind, promisable
from tests.factories.inventory import (
    AT,
    a_channel,
    a_demand,
    a_location,
    a_pool,
    a_quota,
    a_stock_item,
    a_stocked_variant,
    a_trading_company,
    allocating,
    keeps_at_least,
    lots_of,
    stock_of,
)

pytestmark = pytest.mark.django_db
PAGE = Path(__file__).parents[2] / "docs" / "algorithms" / "atp.md"


def worked_table(name: str) -> list[list[str]]:
    block = PAGE.read_text(encoding="utf-8").split(f"<!-- table: {name} -->")[1].split("\n\n")[0]
    rows = [line for line in block.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


@pytest.mark.parametrize(("variant", "tea_a", "cup_a", "tea_b", "cup_b", "pool", "units"), worked_table("atp"))
def test_the_worked_table(variant, tea_a, cup_a, tea_b, cup_b, pool, units):
    company = a_trading_company()
    channel, places = a_channel(company), {"A": a_location(company), "B": a_location(company)}
    tea, cup = a_stock_item(company), a_stock_item(company)
    parts = {"tea": {tea: 1}, "set": {tea: 1, cup: 2}, "gift wrapping": {}}[variant]
    sold = a_stocked_variant(company, parts=parts)
    for item, place, told in ((tea, "A", tea_a), (cup, "A", cup_a), (tea, "B", tea_b), (cup, "B", cup_b)):
        if told != "-":
            on_hand, sellable, allocated, reserved = map(int, told.split("/"))
            Stock.objects.create(
                stock_item=item,
                location=places[place],
                on_hand=on_hand,
                sellable=sellable,
                quality_check=on_hand - sellable,
                allocated=allocated,
                reserved=reserved,
            )
    if pool != "all":
        a_pool(
            company, {places[source.partition("−")[0]]: int(source.partition("−")[2] or 0) for source in pool.split(", ")}, channel=channel
        )

    promised = atp([sold.pk], channel_id=channel.pk, at=AT)

    assert promised == {sold.pk: UNLIMITED if units == "no limit" else int(units)}
    supply = supply_for([sold.pk], company_id=company.pk, channel_id=channel.pk, at=AT)
    assert promisable(sold.pk, supply=supply) == promised[sold.pk]


@pytest.mark.parametrize(("a", "b", "pool", "quotas", "not_for_web", "web_sees", "mall_sees"), worked_table("virtual"))
def test_the_worked_table_of_virtual_stock(a, b, pool, quotas, not_for_web, web_sees, mall_sees):
    company = a_trading_company()
    web, mall = a_channel(company, "web"), a_channel(company, "mall")
    places, tea, cup = {"A": a_location(company), "B": a_location(company)}, a_stock_item(company), a_stock_item(company)
    sold = a_stocked_variant(company, parts={tea: 1})
    shelves = {
        place: Stock.objects.create(
            stock_item=tea,
            location=places[place],
            **dict(zip(("on_hand", "sellable", "allocated", "reserved"), map(int, told.split("/")), strict=True)),
        )
        for place, told in (("A", a), ("B", b))
        if told != "-"
    }
    drawn = a_pool(company, {}, is_default=True)
    for priority, source in enumerate(pool.split(", ")):
        place, *buffers = source.split("−")
        PoolSource.objects.create(
            pool=drawn,
            location=places[place],
            priority=priority,
            buffer_quantity=next((int(buffer) for buffer in buffers if "%" not in buffer), 0),
            buffer_percent=next((int(buffer[:-1]) for buffer in buffers if "%" in buffer), 0),
        )
    for quota in quotas.replace("-", "").split(", "):
        if quota:
            channel, (quantity, place) = quota.split(" ")[0], quota.split(" ")[1].split("@")
            a_quota(shelves[place], {"web": web, "mall": mall}[channel], int(quantity))
    if not_for_web != "-":
        item, _, place = not_for_web.rpartition("@") if "@" in not_for_web else (not_for_web, "", "")
        StockExclusion.objects.create(
            company=company,
            channel=web,
            variant=sold if item == "the variant" else None,
            stock_item={"tea": tea, "cup": cup}.get(item),
            location=places.get(place or item),
        )

    promised = {channel: atp([sold.pk], channel_id=channel.pk, at=AT)[sold.pk] for channel in (web, mall)}

    assert promised == {web: int(web_sees), mall: int(mall_sees)}
    for channel in (web, mall):
        supply = supply_for([sold.pk], company_id=company.pk, channel_id=channel.pk, at=AT)
        assert promisable(sold.pk, supply=supply) == promised[channel]


@pytest.mark.parametrize(("on_hand", "keeps", "buffer", "quota", "web_sees", "mall_sees"), worked_table("keeping"))
def test_the_worked_table_of_goods_that_must_keep(on_hand, keeps, buffer, quota, web_sees, mall_sees):
    company = a_trading_company()
    web, mall, place = a_channel(company, "web"), a_channel(company, "mall"), a_location(company)
    keeps_at_least(mall, 30)
    tea = a_stock_item(company, is_lot_tracked=True)
    sold = a_stocked_variant(company, parts={tea: 1})
    late, soon = (AT + timedelta(days=60)).date(), (AT + timedelta(days=10)).date()
    lots = {"LATE": (int(keeps), late), "SOON": (int(on_hand) - int(keeps), soon)}
    shelf = lots_of(tea, place, **{number: lot for number, lot in lots.items() if lot[0]})
    a_pool(company, {place: int(buffer)}, is_default=True)
    if quota != "-":
        channel, quantity = quota.split(" ")
        a_quota(shelf, {"web": web, "mall": mall}[channel], int(quantity))

    promised = [atp([sold.pk], channel_id=channel.pk, at=AT)[sold.pk] for channel in (web, mall)]

    assert promised == [int(web_sees), int(mall_sees)]
    for channel, units in zip((web, mall), promised, strict=True):
        supply = supply_for([sold.pk], company_id=company.pk, channel_id=channel.pk, at=AT)
        told = explanations([sold.pk], channel_id=channel.pk, at=AT)[sold.pk]
        assert (promisable(sold.pk, supply=supply), told.units) == (units, units)


@pytest.mark.parametrize(("zone", "kept_at"), [("ambient", {"depot", "shop"}), ("chilled", {"shop"}), ("frozen", {"depot"})])
def test_goods_are_promised_only_from_where_their_temperature_zone_is_kept(zone, kept_at):
    company = a_trading_company()
    channel, item = a_channel(company), a_stock_item(company, temperature_zone=zone)
    places = {
        "depot": a_location(company, "depot", keeps_chilled=False),
        "shop": a_location(company, "shop", keeps_frozen=False),
        "cellar": a_location(company, "cellar", keeps_ambient=False, keeps_chilled=False, keeps_frozen=False),
    }
    sold = a_stocked_variant(company, parts={item: 1})
    for place in places.values():
        stock_of(item, place, 5)

    promised = atp([sold.pk], channel_id=channel.pk, at=AT)
    taken = allocating([a_demand(sold, 5 * len(kept_at))], channel)[1]
    refused = allocating([a_demand(sold, 1)], channel)[1]

    assert promised == {sold.pk: 5 * len(kept_at)}
    assert {part.location_id for part in taken} == {places[name].pk for name in kept_at}
    assert refused.code == "inventory.out_of_stock"
    shelves = explanations([sold.pk], channel_id=channel.pk, at=AT)[sold.pk].parts[0].shelves
    assert {shelf.location for shelf in shelves if shelf.verdict is ShelfVerdict.NOT_KEPT} == set(places) - kept_at


def test_the_oldest_lot_that_keeps_long_enough_and_is_not_picked_yet_leads_where_a_rule_asks():
    company = a_trading_company()
    easy, picky = a_channel(company), a_channel(company)
    keeps_at_least(picky, 30)
    with acting(SYSTEM):
        RoutingRule.objects.create(company=company, position=1, kind=RoutingKind.OLDEST_LOT)
    first, second = a_location(company, priority=0), a_location(company, priority=1)
    tea = a_stock_item(company, is_lot_tracked=True)
    sold = a_stocked_variant(company, parts={tea: 1})
    lots_of(tea, first, A=(5, (AT + timedelta(days=50)).date()))
    lots_of(tea, second, B=(5, (AT + timedelta(days=10)).date()), C=(5, (AT + timedelta(days=90)).date()))

    taken = {channel: allocating([a_demand(sold, 1)], channel)[1][0].location_id for channel in (easy, picky)}

    assert taken == {easy: second.pk, picky: first.pk}


def test_a_pool_of_many_locations_sums_them_all_like_one_of_few():
    company = a_trading_company()
    channel, tea = a_channel(company), a_stock_item(company)
    sold = a_stocked_variant(company, parts={tea: 1})
    places = [a_location(company) for _ in range(12)]
    for place in places:
        stock_of(tea, place, 3)

    everywhere = atp([sold.pk], channel_id=channel.pk, at=AT)
    a_pool(company, dict.fromkeys(places[:4], 1), channel=channel)
    few = atp([sold.pk], channel_id=channel.pk, at=AT)

    assert (everywhere, few) == ({sold.pk: 36}, {sold.pk: 8})


def test_the_channels_pool_comes_before_the_default_pool_and_that_before_all_locations():
    company = a_trading_company()
    east, west, shop = a_location(company), a_location(company), a_location(company, kind="store")
    tea = a_stocked_variant(company)
    for place in (east, west, shop):
        stock_of(tea, place, 1)
    web, phone = a_channel(company), a_channel(company)

    unpooled = supply_for([tea.pk], company_id=company.pk, channel_id=web.pk, at=AT).locations
    a_pool(company, {west: 0, east: 0}, is_default=True)
    a_pool(company, {shop: 0}, channel=phone)

    assert unpooled == (east.pk, west.pk, shop.pk)
    assert supply_for([tea.pk], company_id=company.pk, channel_id=web.pk, at=AT).locations == (west.pk, east.pk)
    assert supply_for([tea.pk], company_id=company.pk, channel_id=phone.pk, at=AT).locations == (shop.pk,)


@pytest.mark.parametrize(
    "closed", [{"can_ship": False}, {"kind": "quarantine"}, {"kind": "in_transit"}, {"ended_at": "2026-01-01T00:00:00Z"}]
)
def test_a_location_that_does_not_ship_gives_nothing(closed):
    company = a_trading_company()
    channel, tea = a_channel(company), a_stocked_variant(company)
    stock_of(tea, a_location(company, **closed), 5)

    assert atp([tea.pk], channel_id=channel.pk, at=AT) == {tea.pk: 0}
    assert supply_for([tea.pk], company_id=company.pk, channel_id=channel.pk, at=AT).shelves == {}


def test_a_batch_is_one_statement_and_leaves_out_what_is_not_the_companys(django_assert_num_queries):
    company, other = a_trading_company(), a_trading_company()
    channel, place = a_channel(company), a_location(company)
    teas, foreign = [a_stocked_variant(company) for _ in range(48)], a_stocked_variant(other)
    for tea in teas:
        stock_of(tea, place, 3)
    asked = [*(tea.pk for tea in teas), foreign.pk, teas[0].pk]
    connection.ensure_connection()

    with django_assert_num_queries(1):
        supply = supply_for(asked, company_id=company.pk, channel_id=channel.pk, at=AT)
    with django_assert_num_queries(1):
        promised = atp(asked, channel_id=channel.pk, at=AT)

    assert promised == {tea.pk: 3 for tea in teas}
    assert set(supply.parts) == {tea.pk for tea in teas}
    assert supply.skus[teas[0].pk] == teas[0].sku
    assert all(len(parts) == 1 and isinstance(parts[0], Part) for parts in supply.parts.values())
