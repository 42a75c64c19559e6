"""Stock for tests: valid by default, the arguments are the point."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from catalog.models import Variant
from core.actor import SYSTEM, Actor, ActorKind
from core.db import acting, run
from core.models import Company, SalesChannel
from inventory.models import BackOrderTerms, Component, Location, PoolChannel, PoolSource, ShelfLife, Stock, StockItem, StockLot, StockPool
from inventory.operations import Fenced, Moved, QuotaAsk, allocate, receive_stock, set_quotas
from inventory.queries import supply_for
from inventory.rules import Allocated, Demand, Receipt
from tests.factories.catalog import a_product, a_variant

AT = datetime(2026, 5, 11, 3, 0, tzinfo=UTC)
WAREHOUSE_STAFF = Actor(ActorKind.STAFF, "12", "倉庫 花子")
_next = count(1)


def a_trading_company(**fields: Any) -> Company:
    """A company that can own stock."""
    number = next(_next)
    return Company.objects.create(**{"code": f"stock-{number}", "name": f"会社{number}", **fields})


def a_channel(company: Company, code: str = "", **fields: Any) -> SalesChannel:
    """Somewhere its goods are bought."""
    return SalesChannel.objects.create(
        company=company, code=code or f"ch{next(_next)}", name="ウェブ", kind=fields.pop("kind", "web"), **fields
    )


def a_location(company: Company, code: str = "", **fields: Any) -> Location:
    """A warehouse that ships."""
    code = code or f"loc{next(_next)}"
    return Location.objects.create(**{"company": company, "code": code, "name": code, "priority": next(_next), **fields})


def a_stock_item(company: Company, code: str = "", **fields: Any) -> StockItem:
    """Something that lies on shelves."""
    code = code or f"ITEM-{next(_next):05d}"
    return StockItem.objects.create(**{"company": company, "code": code, "name": code, **fields})


def a_stocked_variant(company: Company, *, parts: Mapping[StockItem, int] | None = None, **fields: Any) -> Variant:
    """A variant of goods, made of one stock item of its own unless parts are given."""
    variant = a_variant(a_product(company), **fields)
    for item, quantity in (parts if parts is not None else {a_stock_item(company, variant.sku): 1}).items():
        Component.objects.create(variant=variant, stock_item=item, quantity=quantity)
    return variant


def the_item(variant: Variant) -> StockItem:
    """What a one-to-one variant is made of."""
    return StockItem.objects.get(components__variant=variant)


def stock_of(item: StockItem | Variant, location: Location, on_hand: int = 0, *, sellable: int | None = None) -> Stock:
    """A shelf with an opening balance, counters and movement alike."""
    item = the_item(item) if isinstance(item, Variant) else item
    sold = on_hand if sellable is None else sellable
    stock = Stock.objects.create(
        stock_item=item, location=location, on_hand=on_hand, sellable=sold, quality_check=on_hand - sold, has_lots=item.is_lot_tracked
    )
    if on_hand:
        run(
            "INSERT INTO inventory_movement (stock_id, stock_item_id, location_id, kind, quantity, sellable_quantity, state, cause, once_key, at)"
            " VALUES (%s, %s, %s, 'opening', %s, %s, %s, 'test', %s, %s)",
            (stock.pk, item.pk, location.pk, on_hand, sold, "available" if sold == on_hand else "quality_check", f"test:{stock.pk}", AT),
        )
        if item.is_lot_tracked:
            StockLot.objects.create(stock=stock, on_hand=on_hand, sellable=sold, quality_check=on_hand - sold)
    return stock


def lots_of(item: StockItem | Variant, location: Location, **lots: tuple[int, date | None]) -> Stock:
    """A shelf with lots by number, each with its quantity and the day it expires; the item is tracked by lot."""
    item = the_item(item) if isinstance(item, Variant) else item
    receipts = [
        Receipt(
            stock_item_id=item.pk, location_id=location.pk, quantity=quantity, once_key=f"lots:{item.pk}:{location.pk}:{number}:{next(_next)}",
            cause="test", lot_number=number, expires_on=expires_on,
        )
        for number, (quantity, expires_on) in lots.items()
    ]  # fmt: skip
    results = receive_stock(receipts, company_id=location.company_id, actor=SYSTEM, at=AT)
    assert all(isinstance(result, Moved) for result in results), results
    return Stock.objects.get(stock_item=item, location=location)


def a_pool(company: Company, sources: Mapping[Location, int], *, channel: SalesChannel | None = None, **fields: Any) -> StockPool:
    """A pool that draws from locations in the order given, leaving a buffer in each."""
    pool = StockPool.objects.create(**{"company": company, "code": f"pool{next(_next)}", "name": "プール", **fields})
    for priority, (location, buffer) in enumerate(sources.items()):
        PoolSource.objects.create(pool=pool, location=location, priority=priority, buffer_quantity=buffer)
    if channel is not None:
        PoolChannel.objects.create(pool=pool, channel=channel)
    return pool


def keeps_at_least(channel: SalesChannel, days: int) -> ShelfLife:
    """The channel is promised only goods that keep so many days."""
    with acting(SYSTEM):
        return ShelfLife.objects.create(channel=channel, least_days=days)


def a_quota(stock: Stock, channel: SalesChannel, quantity: int, **fields: Any) -> Fenced:
    """Pieces of a shelf set aside for a channel; they must be free."""
    asks = [QuotaAsk(stock_id=stock.pk, channel_id=channel.pk, quantity=quantity, **fields)]
    (done,) = set_quotas(asks, company_id=channel.company_id, actor=SYSTEM, at=AT)
    assert isinstance(done, Fenced)
    return done


def a_demand(
    variant: Variant, quantity: int = 1, *, order: int = 1, demand_id: UUID | None = None, holder: UUID | None = None, to: str = ""
) -> Demand:
    """So many of a variant, wanted for an order."""
    return Demand(
        order_key=order, demand_id=demand_id or uuid4(), variant_id=variant.pk, quantity=quantity, holder_id=holder, prefecture=to
    )


def allocating(demands: list[Demand], channel: SalesChannel, *, actor: Actor = SYSTEM, at: datetime = AT) -> dict[int, Any]:
    """Read the supply and allocate, as an order does."""
    supply = supply_for(
        [demand.variant_id for demand in demands],
        company_id=channel.company_id,
        channel_id=channel.pk,
        holder_ids=[demand.holder_id for demand in demands if demand.holder_id],
        at=at,
    )
    return allocate(demands, supply=supply, company_id=channel.company_id, channel_id=channel.pk, actor=actor, at=at)


def an_allocation(variant: Variant, channel: SalesChannel, quantity: int = 1) -> Allocated:
    """Stock promised to a demand; there must be enough."""
    found = allocating([a_demand(variant, quantity)], channel)[1]
    assert isinstance(found, list), found
    return found[0]


def may_be_back_ordered(item: StockItem | Variant, cap: int = 10, **fields: Any) -> BackOrderTerms:
    """The item may be ordered while it is not here, so many at once, usually within two weeks."""
    item = the_item(item) if isinstance(item, Variant) else item
    with acting(SYSTEM):
        return BackOrderTerms.objects.create(**{"stock_item": item, "cap": cap, "lead_days": 14, **fields})
