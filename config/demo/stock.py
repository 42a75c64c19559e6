"""Where the demo goods lie, what they are made of, and what postage costs."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from billing.rules import PaymentMethod
from catalog.rules import ProductKind, TemperatureZone
from config.demo.house import House
from config.demo.shelves import ALL, sku_of
from core.actor import SYSTEM
from core.db import acting
from core.errors import Refusal
from inventory.models import Component, Location, PoolChannel, PoolSource, RoutingRule, Stock, StockExclusion, StockItem, StockPool
from inventory.operations import QuotaAsk, receive_stock, set_quotas
from inventory.rules import Condition, LocationKind, MovementKind, Receipt, RoutingKind
from orders.models import DeliveryClosure, DeliveryService, DeliveryZone, FeeRule, FreeDelivery
from orders.operations import seed_delivery
from orders.rules import ClosureKind, FeeKind, ParcelSize

TRACKED: Final = ("TEA", "FOOD", "CARE")
"""What is tracked by lot: tea, food and skin care; boxes aren't."""
BOXES: Final = {"BOX-GIFT3": ("化粧箱（三缶用）", 90), "BOX-GIFT1": ("化粧箱（小）", 120)}


@dataclass(frozen=True, slots=True)
class Places:
    """The keys of the three locations."""

    shizuoka: int
    osaka: int
    store: int


def fill_stock(house: House, variants: dict[str, int], *, at: datetime) -> Places:
    """Three locations hold the opening stock; two pools say what each channel may promise."""
    with acting(SYSTEM, reason="demo"):
        places = _locations(house)
        items = _items(house, variants)
        _pools(house, places)
        _fees(house)
        _closures(house, at=at)
    receipts = [
        Receipt(
            stock_item_id=items[code],
            location_id=location,
            quantity=quantity,
            kind=MovementKind.OPENING,
            lot_number=f"{at:%y%m}-{code}"[:60] if code.startswith(TRACKED) else "",
            expires_on=(at + timedelta(days=420)).date() if code.startswith(TRACKED) else None,
            value=quantity * cost,
            cause="demo opening",
            once_key=f"demo:opening:{code}:{location}",
        )
        for code, quantities, cost in _opening()
        for location, quantity in zip((places.shizuoka, places.osaka, places.store), quantities, strict=True)
        if quantity
    ]
    for result in receive_stock(receipts, company_id=house.company_id, actor=SYSTEM, at=at, reason="期首在庫"):
        if isinstance(result, Refusal):
            raise RuntimeError(f"The demo's opening stock was refused: {result.code} {result.text()}")
    _virtual_stock(house, places, items, at=at)
    return places


def _virtual_stock(house: House, places: Places, items: dict[str, int], *, at: datetime) -> None:
    """The mall has some pieces of its own of the fullest shelves, is told its figures, and never sells B-grade goods."""
    fullest = list(Stock.objects.filter(location_id=places.shizuoka).order_by("-sellable", "pk").values_list("pk", flat=True)[:3])
    asks = [QuotaAsk(stock_id=stock, channel_id=house.channels["market"], quantity=5 + number) for number, stock in enumerate(fullest)]
    for result in set_quotas(asks, company_id=house.company_id, reason="モールの特集", actor=SYSTEM, at=at):
        if isinstance(result, Refusal):
            raise RuntimeError(f"The demo's quota was refused: {result.code} {result.text()}")
    with acting(SYSTEM, reason="demo"):
        StockExclusion.objects.bulk_create(
            StockExclusion(
                company_id=house.company_id, channel_id=house.channels["market"], stock_item_id=item, reason="モールではB品を売らない"
            )
            for item in StockItem.objects.filter(company_id=house.company_id, condition=Condition.B_GRADE)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        RoutingRule.objects.create(
            company_id=house.company_id, position=1, kind=RoutingKind.PREFER, location_id=places.osaka, channel_id=house.channels["b2b"]
        )


def _opening() -> list[tuple[str, tuple[int, int, int], int]]:
    own = [
        (sku_of(goods, size), size.stock, size.price * 2 // 5)
        for goods in ALL
        for size in goods.sizes
        if goods.kind == ProductKind.GOODS and not size.parts
    ]
    return own + [(code, (quantity, quantity // 2, 10), 60) for code, (_name, quantity) in BOXES.items()]


def _locations(house: House) -> Places:
    made = [
        Location.objects.create(
            company_id=house.company_id, code=code, name=name, kind=kind, postal_code=postal, prefecture=prefecture, address=address, phone=phone,
            cutoff_at=cutoff, can_pick_up=kind == LocationKind.STORE, priority=priority, keeps_frozen=kind != LocationKind.STORE,
        )
        for priority, (code, name, kind, postal, prefecture, address, phone, cutoff) in enumerate(
            (
                ("shizuoka", "静岡倉庫", LocationKind.WAREHOUSE, "421-0113", "静岡県", "静岡市駿河区下川原0-0", "0120-000-541", time(14)),
                ("osaka", "大阪倉庫", LocationKind.WAREHOUSE, "559-0034", "大阪府", "大阪市住之江区南港北0-0", "0120-000-542", time(13)),
                ("jimbocho", "神保町店", LocationKind.STORE, "101-0051", "東京都", "千代田区神田神保町0-0", "0120-000-543", time(16)),
            )
        )
    ]  # fmt: skip
    return Places(*(location.pk for location in made))


def _items(house: House, variants: dict[str, int]) -> dict[str, int]:
    """A stock item for every SKU that is no kit; the B-grade one has a condition of its own; kits are made of others."""
    named = [
        (sku_of(goods, size), f"{goods.ja.name} {size.option}"[:200], Condition.B_GRADE if size.b_grade else Condition.NEW, goods.zone)
        for goods in ALL
        for size in goods.sizes
        if goods.kind == ProductKind.GOODS and not size.parts
    ] + [(code, name, Condition.NEW, TemperatureZone.AMBIENT) for code, (name, _quantity) in BOXES.items()]
    made = StockItem.objects.bulk_create(
        [
            StockItem(
                company_id=house.company_id,
                code=code,
                name=name,
                condition=condition,
                temperature_zone=zone,
                is_lot_tracked=code.startswith(TRACKED),
                low_at=10,
            )
            for code, name, condition, zone in named
        ]
    )
    items = {item.code: item.pk for item in made}
    parts = [
        (variants[sku_of(goods, size)], items[code], quantity)
        for goods in ALL
        for size in goods.sizes
        if goods.kind == ProductKind.GOODS
        for code, quantity in size.parts or ((sku_of(goods, size), 1),)
    ]
    Component.objects.bulk_create(
        [Component(variant_id=variant, stock_item_id=item, quantity=quantity) for variant, item, quantity in parts]
    )
    return items


def _pools(house: House, places: Places) -> None:
    """The net draws from the warehouses first and leaves the store five pieces; the store sells its own first."""
    online = StockPool.objects.create(company_id=house.company_id, code="online", name="通販の仮想在庫", is_default=True)
    shop = StockPool.objects.create(company_id=house.company_id, code="store", name="店頭の仮想在庫")
    sources = (
        (online, places.shizuoka, 0, 2),
        (online, places.osaka, 1, 2),
        (online, places.store, 2, 5),
        (shop, places.store, 0, 0),
        (shop, places.shizuoka, 1, 2),
    )
    PoolSource.objects.bulk_create(
        [
            PoolSource(pool=pool, location_id=location, priority=priority, buffer_quantity=buffer)
            for pool, location, priority, buffer in sources
        ]
    )
    PoolChannel.objects.create(pool=shop, channel_id=house.channels["store"])
    PoolChannel.objects.create(pool=online, channel_id=house.channels["market"], is_told=True)


def _fees(house: House) -> None:
    """Postage 600 yen, free from 5,400; the north and the far south pay more, islands and cold goods too; 330 yen for cash on delivery."""
    company, free_from = house.company_id, 5_400
    seed_delivery(company, carriers=("yamato",), actor=SYSTEM)
    zones = {zone.code: zone.pk for zone in DeliveryZone.objects.filter(company_id=company)}
    packet = DeliveryService.objects.get(company_id=company, code="nekopos")

    def rule(label: str, amount: int, kind: FeeKind = FeeKind.SHIPPING, **named: object) -> FeeRule:
        return FeeRule(company_id=company, kind=kind, label=label, amount=amount, tax_class_id="standard", **named)

    def free(label: str, **named: object) -> FreeDelivery:
        return FreeDelivery(company_id=company, label=label, **named)

    FeeRule.objects.bulk_create(
        [
            rule("送料", 600),
            rule("送料", 600, up_to_size=ParcelSize.S100),
            rule("送料（大型）", 1_100, up_to_size=ParcelSize.S200),
            rule("ネコポス送料", 250, service=packet),
            rule("送料（北海道）", 1_200, zone_id=zones["hokkaido"]),
            rule("送料（北海道・割引）", 600, zone_id=zones["hokkaido"], from_goods_total=free_from),
            rule("送料（沖縄県）", 1_600, zone_id=zones["okinawa"]),
            rule("送料（沖縄県・割引）", 1_000, zone_id=zones["okinawa"], from_goods_total=free_from),
            rule("離島中継料", 800, FeeKind.REMOTE, zone_id=zones["islands"]),
            rule("クール代", 330, FeeKind.COOL),
            rule("店頭お渡し", 0, channel_id=house.channels["store"]),
            rule("卸送料", 0, channel_id=house.channels["b2b"]),
            rule("代金引換手数料", 330, FeeKind.CASH_ON_DELIVERY, method=PaymentMethod.CASH_ON_DELIVERY),
        ]
    )
    FreeDelivery.objects.bulk_create(
        [
            free("5,400円以上で送料無料", from_goods_total=free_from),
            *(
                free(f"{name}は送料無料の対象外", zone_id=zones[code])
                for code, name in (("hokkaido", "北海道"), ("okinawa", "沖縄"), ("islands", "離島"))
            ),
        ]
    )


def _closures(house: House, *, at: datetime) -> None:
    """Nothing leaves at the end of the year, and nothing is delivered on New Year's Day."""
    year = at.year
    DeliveryClosure.objects.bulk_create(
        [
            DeliveryClosure(
                company_id=house.company_id, kind=ClosureKind.SHIPPING, from_on=date(year, 12, 30), until_on=date(year + 1, 1, 4), reason="年末年始休業"
            ),
            DeliveryClosure(
                company_id=house.company_id, kind=ClosureKind.DELIVERY, from_on=date(year + 1, 1, 1), until_on=date(year + 1, 1, 2), reason="元日"
            ),
        ]
    )  # fmt: skip
