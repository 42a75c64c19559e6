"""Why a channel sees so many, and what it is told."""

import pytest

from core.actor import SYSTEM
from core.models import OutboxEvent
from inventory.models import ChannelFigure, StockExclusion
from inventory.operations import reserve_stock, tell_figures
from inventory.queries import ShelfVerdict, atp, explanations, supply_for
from inventory.rules import UNLIMITED
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
    stock_of,
    the_item,
)

pytestmark = pytest.mark.django_db
HOW = {"actor": SYSTEM, "at": AT}


def test_every_shelf_says_what_is_taken_off_and_added_or_why_it_gives_nothing():
    company = a_trading_company()
    web, mall, tea = a_channel(company), a_channel(company), a_stocked_variant(company)
    names = ("east", "lean", "shop", "old", "stand", "barred")
    fields = {"old": {"ended_at": AT}, "stand": {"can_ship": False}}
    places = {name: a_location(company, name, **fields.get(name, {})) for name in names}
    stocks = {name: stock_of(tea, place, 10) for name, place in places.items()}
    a_pool(company, {places[name]: 10 if name == "lean" else 2 for name in names if name != "shop"}, channel=web, name="通販")
    a_quota(stocks["east"], mall, 3)
    a_quota(stocks["east"], web, 1)
    StockExclusion.objects.create(company=company, channel=web, stock_item=the_item(tea), location=places["barred"])
    allocating([a_demand(tea, 1)], mall)
    supply = supply_for([tea.pk], company_id=company.pk, channel_id=web.pk, at=AT)
    demand = a_demand(tea, 2)
    reserve_stock([(demand.demand_id, [demand])], supply=supply, until=AT, **HOW)

    told = explanations([tea.pk], channel_id=web.pk, at=AT)[tea.pk]

    shelves = {s.location: (s.sellable, s.allocated, s.held, s.fenced, s.buffer, s.own, s.pieces, s.verdict) for s in told.parts[0].shelves}
    assert shelves == {
        "east": (10, 1, 2, 2, 2, 0, 3, ShelfVerdict.GIVES),
        "lean": (10, 0, 0, 0, 10, 0, 0, ShelfVerdict.BELOW_BUFFER),
        "shop": (10, 0, 0, 0, 0, 0, 0, ShelfVerdict.NOT_A_SOURCE),
        "old": (10, 0, 0, 0, 0, 0, 0, ShelfVerdict.ENDED),
        "stand": (10, 0, 0, 0, 0, 0, 0, ShelfVerdict.DOES_NOT_SHIP),
        "barred": (10, 0, 0, 0, 2, 0, 0, ShelfVerdict.EXCLUDED),
    }
    assert (told.units, told.pool, atp([tea.pk], channel_id=web.pk, at=AT)) == (3, "通販", {tea.pk: 3})


def test_a_kit_is_explained_part_by_part_and_place_by_place_and_agrees_with_what_may_be_promised():
    company = a_trading_company()
    channel, east, west = a_channel(company), a_location(company, "east"), a_location(company, "west")
    tea, cup = a_stock_item(company, "TEA"), a_stock_item(company, "CUP")
    kit, service = a_stocked_variant(company, parts={tea: 1, cup: 2}), a_stocked_variant(company, parts={})
    stock_of(tea, east, 9), stock_of(cup, east, 5), stock_of(tea, west, 1), stock_of(cup, west, 9)

    told = explanations([kit.pk, service.pk], channel_id=channel.pk, at=AT)

    assert [(part.item, part.quantity) for part in told[kit.pk].parts] == [("TEA", 1), ("CUP", 2)]
    assert (told[kit.pk].units, told[kit.pk].places) == (3, (("east", 2), ("west", 1)))
    assert told[service.pk].units is None
    assert atp([kit.pk, service.pk], channel_id=channel.pk, at=AT) == {kit.pk: 3, service.pk: UNLIMITED}


def test_a_channel_is_told_once_what_changed_page_by_page():
    company = a_trading_company()
    mall, place = a_channel(company), a_location(company)
    teas = [a_stocked_variant(company) for _ in range(5)]
    service = a_stocked_variant(company, parts={})
    for tea in teas:
        stock_of(tea, place, 4)

    def tell():
        last, changed = 0, []
        while last is not None:
            told = tell_figures(mall.pk, after_id=last, limit=4, **HOW)
            changed, last = [*changed, told.changed], told.last_id
        return changed

    first, again = tell(), tell()
    allocating([a_demand(teas[1], 3)], mall)
    third = tell()

    assert (first, again, third) == ([4, 2, 0], [0, 0, 0], [1, 0, 0])
    event = OutboxEvent.objects.order_by("pk").last()
    assert (event.name, event.payload["skus"], event.payload["units"]) == ("inventory.ChannelFiguresChanged", [teas[1].sku], [1])
    assert dict(ChannelFigure.objects.values_list("variant", "units")) == {
        **{tea.pk: 4 for tea in teas}, teas[1].pk: 1, service.pk: None,
    }  # fmt: skip
