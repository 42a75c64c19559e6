"""What the demo company sells before it is here, and a set of sets: with purchase orders on their way and people who wait."""

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from catalog.operations import put_on_shelf, save_products, set_prices
from catalog.rules.drafts import ListingAsk, PriceAt
from config.demo.finding import Cast
from config.demo.goods import NORMAL, Goods, Look, Size, Words
from config.demo.house import TEA
from config.demo.orders import COD, TOKYO, written
from config.demo.shelves import hang_pictures, product_draft, saved_product, sku_of
from core.actor import SYSTEM
from core.db import acting, rows
from core.errors import Refusal
from inventory.models import BackOrderTerms, Supplier, SupplierItem
from inventory.operations import (
    StockItemAsk,
    approve_purchase_orders,
    compose_kits,
    draft_purchase_orders,
    make_stock_items,
    send_purchase_orders,
)
from inventory.queries import item_keys
from inventory.rules import KitAsk, KitPartAsk, KitPrice, PurchaseAsk, PurchaseLineAsk, WaitKind
from orders.operations import place_orders
from orders.rules import DraftLine, Placed

NEW_YEAR_TEA: Final = Goods(
    code="TEA-OBUKU", brand=TEA, shelf="sencha", kana="オオブクチャ", keywords="大福茶 正月 迎春 予約",
    ja=Words(name="迎春 大福茶", summary="元日にいただく縁起のお茶。梅干しと結び昆布つき。", description="京番茶と煎茶を合わせ、小梅と結び昆布を添えました。年に一度、予約の分だけ詰めます。発売日にそろって発送します。"),
    en=Words(name="New Year's Obukucha", summary="Tea for New Year's morning.", description="Packed once a year, for those who ordered ahead. Leaves on its release day."),
    look=Look(shape="pouch", body="#a8433c", accent="#f7e7d0", ground="#f9efe8", mark="福", alt="迎春大福茶の袋"), forms=NORMAL,
    sizes=(Size(code="80", price=1296, option="80g", option_en="80 g", grams=110, stock=(0, 0, 0), most=5),),
)  # fmt: skip
TEAPOT: Final = Goods(
    code="WARE-KYUSU", brand=TEA, shelf="gift", tax="standard", kana="トコナメ キュウス", keywords="急須 常滑焼 茶器",
    ja=Words(name="常滑の急須 朱泥", summary="深蒸し茶のための細かい帯網つき、300ml。", description="常滑の窯で月に一度だけ焼き上がります。品切れのときは、次の窯出しの予定日でご注文を承ります。"),
    en=Words(name="Tokoname Teapot", summary="Red clay, 300 ml, with a fine band strainer.", description="Fired once a month. While it is sold out, order from the next firing."),
    look=Look(shape="kyusu", body="#a65a3a", accent="#f3e2d3", ground="#f6ede6", mark="窯", alt="常滑焼の急須"), forms=NORMAL,
    sizes=(Size(code="300", price=6600, option="300ml", option_en="300 ml", grams=420, stock=(0, 0, 0), most=4),),
)  # fmt: skip
WINTER_BOX: Final = Goods(
    code="GIFT-SEIBO", brand=TEA, shelf="gift", kana="オセイボ オオバコ", keywords="お歳暮 ギフト 詰め合わせ セット",
    ja=Words(name="お歳暮の大箱", summary="三缶詰め合わせとお菓子の小箱を、ひとつの箱に。", description="「こよみ詰め合わせ 三缶」と「お茶とお菓子の小箱」ふたつを合わせました。別々にお求めになるより一割お得です。"),
    en=Words(name="The Large Winter Box", summary="Three teas and two boxes of sweets.", description="A set of sets, a tenth off."),
    look=Look(shape="giftset", body="#5f6b8a", accent="#e6ebf4", ground="#eef0f6", mark="歳", alt="お歳暮の大きな詰め合わせ箱"), forms=NORMAL,
    sizes=(Size(code="1", price=6512, option="大箱", option_en="Large box", grams=1300, stock=(0, 0, 0)),),
)  # fmt: skip
GOODS: Final = (NEW_YEAR_TEA, TEAPOT, WINTER_BOX)
FIRST_NUMBER: Final = 900
_AHEAD: Final = UUID("6f1f2a3c-3a5e-4a0b-8f2d-0b0a61686561")
WAITING: Final = (
    (3, TEAPOT, 1, 4),
    (14, TEAPOT, 2, 3),
    (8, TEAPOT, 1, 2),
    (27, TEAPOT, 3, 1),
    (11, NEW_YEAR_TEA, 2, 2),
    (19, NEW_YEAR_TEA, 1, 1),
)
"""(who, what, how many, days ago)"""


def offer_ahead(cast: Cast, *, now: datetime) -> None:
    """One product to be ordered before its release, one that is sold out with people waiting for the next firing, and two sets,
    one made of the other. Told twice, it changes nothing.
    """
    company = cast.house.company_id
    if rows("SELECT 1 AS told FROM catalog_product WHERE company_id = %s AND code = %s", (company, TEAPOT.code)):
        return
    at, today = now - timedelta(days=6), now.astimezone(TOKYO).date()
    variants = _on_the_shelf(cast, at=at)
    items = make_stock_items(
        [
            StockItemAsk(code=sku_of(goods, goods.sizes[0]), name=goods.ja.name, variant_id=variants[sku_of(goods, goods.sizes[0])])
            for goods in (NEW_YEAR_TEA, TEAPOT)
        ],
        company_id=company,
        actor=SYSTEM,
        at=at,
    )
    _terms(items, today=today)
    _on_its_way(cast, items, today=today, at=at)
    _sets(cast, variants, at=at)
    _wait(cast, now=now)


def _on_the_shelf(cast: Cast, *, at: datetime) -> dict[str, int]:
    company = cast.house.company_id
    drafts = [product_draft(goods, 900 + place, FIRST_NUMBER + place) for place, goods in enumerate(GOODS)]
    saved = [saved_product(result) for result in save_products(drafts, company_id=company, actor=SYSTEM, at=at)]
    hang_pictures(saved, at=at, goods=GOODS)
    variants = {sku: variant for product in saved for sku, variant in product.variants}
    prices = [
        PriceAt(list_code="standard", variant_id=variants[sku_of(goods, goods.sizes[0])], amount=goods.sizes[0].price)
        for goods in (NEW_YEAR_TEA, TEAPOT)
    ]
    set_prices(prices, company_id=company, actor=SYSTEM, at=at)
    channels = [channel for code, channel in cast.house.channels.items() if code in ("web", "phone", "paper", "chat")]
    put_on_shelf(
        [ListingAsk(variant_id=variant, channel_id=channel) for variant in variants.values() for channel in channels], actor=SYSTEM, at=at
    )
    return variants


def _terms(items: list[int], *, today: date) -> None:
    """The tea comes out in three weeks and a half; of the teapot twenty may be waited for."""
    tea, pot = items
    with acting(SYSTEM, reason="demo"):
        BackOrderTerms.objects.create(stock_item_id=tea, kind=WaitKind.PRE_ORDER, cap=200, release_on=today + timedelta(days=24))
        BackOrderTerms.objects.create(stock_item_id=pot, kind=WaitKind.BACK_ORDER, cap=20, lead_days=45)


def _on_its_way(cast: Cast, items: list[int], *, today: date, at: datetime) -> None:
    company, buyer, boss = cast.house.company_id, cast.staff.actor("warehouse"), cast.staff.actor("accounting")
    with acting(SYSTEM, reason="demo"):
        supplier = Supplier.objects.create(company_id=company, code="chagu", name="茶器と迎春の問屋 まるふく", lead_time_days=14)
        for item, cost in zip(items, (480, 2600), strict=True):
            SupplierItem.objects.create(supplier=supplier, stock_item_id=item, unit_cost=cost, is_preferred=True)
    asks = [
        PurchaseAsk(
            supplier_id=supplier.pk,
            location_id=cast.places.shizuoka,
            lines=(PurchaseLineAsk(stock_item_id=item, quantity=quantity),),
            once_key=f"demo:ahead:{item}:{days}",
            expected_on=today + timedelta(days=days),
        )
        for item, quantity, days in ((items[0], 120, 20), (items[1], 4, 9), (items[1], 12, 38))
    ]
    orders = [_done(result).purchase_order_id for result in draft_purchase_orders(asks, company_id=company, actor=buyer, at=at)]
    for result in (*approve_purchase_orders(orders, actor=boss, at=at), *send_purchase_orders(orders, actor=buyer, at=at)):
        _done(result)


def _sets(cast: Cast, variants: dict[str, int], *, at: datetime) -> None:
    company = cast.house.company_id
    known = {row.sku: row.id for row in rows("SELECT sku, id FROM catalog_variant WHERE company_id = %s", (company,))} | variants
    box = item_keys(["BOX-GIFT3", "BOX-GIFT1"], company_id=company)

    def of(sku: str, quantity: int = 1) -> KitPartAsk:
        return KitPartAsk(variant_id=known[sku], quantity=quantity)

    asks = [
        KitAsk(
            variant_id=known["GIFT-TEA3-3"],
            parts=(of("TEA-SENCHA-100"), of("TEA-HOJI-100"), of("TEA-WAKOCHA-60"), KitPartAsk(stock_item_id=box["BOX-GIFT3"])),
        ),
        KitAsk(
            variant_id=known["GIFT-SWEET-1"], parts=(of("TEA-HOJI-TB-20"), of("FOOD-SENBEI-12"), KitPartAsk(stock_item_id=box["BOX-GIFT1"]))
        ),
        KitAsk(
            variant_id=known["GIFT-SEIBO-1"],
            parts=(of("GIFT-TEA3-3"), of("GIFT-SWEET-1", 2)),
            price=KitPrice.LESS_RATE,
            rate_bp=1_000,
        ),
    ]
    for result in compose_kits(asks, company_id=company, actor=SYSTEM, at=at):
        _done(result)


def _wait(cast: Cast, *, now: datetime) -> None:
    for place, goods, quantity, days in WAITING:
        line = DraftLine(sku=sku_of(goods, goods.sizes[0]), quantity=quantity, waits_until=date.max)
        at = now - timedelta(days=days, hours=place % 7)
        name = f"waits for {goods.code}"
        told = written(cast, name, place, "web", (line,), at, method=COD, fate="waits")
        [result] = place_orders([told.with_key(uuid5(_AHEAD, f"{name}|{place}|{cast.house.company_id}"))], actor=told.actor, at=at)
        if not isinstance(result, Placed):
            raise RuntimeError(f"The demo's waiting order was refused: {result.code}")


def _done(result: Any) -> Any:
    if isinstance(result, Refusal):
        raise RuntimeError(f"The demo's goods ahead were refused: {result.code} {result.text()}")
    return result
