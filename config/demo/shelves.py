"""The demo goods on their shelves: trees, products, pictures, price lists, prices, listings."""

from datetime import datetime, timedelta
from typing import Final

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from catalog.operations import put_on_shelf, save_categories, save_price_lists, save_products, set_images, set_prices
from catalog.rules import ProductKind, ProductStatus, PurchaseType
from catalog.rules.drafts import (
    CategoryDraft,
    ImageDraft,
    ListingAsk,
    PriceAt,
    PriceListDraft,
    ProductDraft,
    SavedProduct,
    TextDraft,
    VariantDraft,
    jan_check_digit,
)
from config.demo.care import CARE_GOODS, GIFTS
from config.demo.drawings import drawing
from config.demo.foods import FOODS
from config.demo.goods import Goods, Size
from config.demo.house import CARE, House
from config.demo.teas import TEAS
from core.actor import SYSTEM
from core.errors import Refusal

ALL: Final[tuple[Goods, ...]] = (*TEAS, *FOODS, *CARE_GOODS, *GIFTS)
TREE: Final = "koyomi"

CATEGORIES: Final = tuple(
    CategoryDraft(code=code, name=name, name_en=name_en, parent_code=parent)
    for code, name, name_en, parent in (
        ("tea", "お茶", "Tea", ""),
        ("sencha", "煎茶・玉露", "Sencha and gyokuro", "tea"),
        ("hojicha", "ほうじ茶・玄米茶", "Hojicha and genmaicha", "tea"),
        ("wakocha", "和紅茶・香りのお茶", "Black and scented tea", "tea"),
        ("matcha", "抹茶", "Matcha", "tea"),
        ("teabag", "ティーバッグ", "Tea bags", "tea"),
        ("caffeine-free", "カフェインなし", "Caffeine-free", "tea"),
        ("food", "健康食品・お菓子", "Food and sweets", ""),
        ("powder", "青汁・粉末", "Powders", "food"),
        ("drink", "お酢・はちみつ", "Vinegar and honey", "food"),
        ("pantry", "台所の定番", "Pantry", "food"),
        ("sweets", "お茶請け", "Sweets", "food"),
        ("care", "肌のお手入れ", "Skin care", ""),
        ("cleansing", "洗う", "Cleanse", "care"),
        ("moisture", "うるおす", "Moisturise", "care"),
        ("body", "からだ・手もと", "Body and hands", "care"),
        ("gift", "贈りもの", "Gifts", ""),
        ("lesson", "講座・体験", "Lessons", ""),
    )
)
MARKET: Final = ("TEA-SENCHA", "TEA-HOJI", "TEA-HOJI-TB", "TEA-GENMAI", "FOOD-AOJIRU", "FOOD-DASHI", "CARE-HAND", "CARE-SOAP", "GIFT-TEA3")
WINTER: Final = {"TEA-HOJI-100": 777, "FOOD-SHOGA-240": 1458, "CARE-BATH-10": 1540, "TEA-KUROMAME-15": 826}
RAISED: Final = {"TEA-SENCHA-100": 1026, "FOOD-AOJIRU-30": 2780, "CARE-LOTION-120": 3630}
"""What these cost until two months ago."""


def sku_of(goods: Goods, size: Size) -> str:
    """The SKU of a size."""
    return f"{goods.code}-{size.code}"


def fill_shelves(house: House, *, since: datetime, at: datetime) -> dict[str, int]:
    """Every product is described, drawn, priced and listed; answers with the variant ids by SKU."""
    save_categories(CATEGORIES, company_id=house.company_id, tree_code=TREE, tree_name="通年のカテゴリー", actor=SYSTEM, at=since)
    drafts = [
        product_draft(goods, position, first) for position, (goods, first) in enumerate(zip(ALL, _first_numbers(), strict=True), start=1)
    ]
    results = save_products(drafts, company_id=house.company_id, actor=SYSTEM, at=since)
    saved = [saved_product(result) for result in results]
    hang_pictures(saved, at=since)
    variants = {sku: variant_id for product in saved for sku, variant_id in product.variants}
    _price(house, variants, since=since, at=at)
    _list(house, variants, at=since)
    return variants


def saved_product(result: SavedProduct | Refusal) -> SavedProduct:
    if isinstance(result, Refusal):
        raise RuntimeError(f"The demo's own product was refused: {result.code} {result.text()}")
    return result


def _first_numbers() -> list[int]:
    numbers, used = [], 1
    for goods in ALL:
        numbers.append(used)
        used += len(goods.sizes)
    return numbers


def _parcel_size(grams: int) -> str:
    """Thin things go through a letter box, two of them in one packet; the rest shares a box by its weight."""
    if not grams:
        return ""
    return "packet/2" if grams <= 115 else "60/6" if grams <= 300 else "60/2" if grams <= 700 else "80/2"


def product_draft(goods: Goods, position: int, first_number: int) -> ProductDraft:
    digits = [f"200540{first_number + place:06d}" for place in range(len(goods.sizes))]  # 20…: for use inside a house only
    places = dict.fromkeys((goods.shelf, *goods.more_shelves)) if goods.shelf else {}
    return ProductDraft(
        code=goods.code,
        brand_code=goods.brand,
        kind=goods.kind,
        status=goods.status,
        tax_class=goods.tax,
        temperature_zone=goods.zone,
        content_quantity=goods.content[0] if goods.content else None,
        content_unit=goods.content[1] if goods.content else "",
        use_days=goods.days,
        position=position * 10,
        tree_code=TREE,
        categories=tuple(places),
        texts=(
            TextDraft(
                language="ja",
                name=goods.ja.name,
                kana=goods.kana,
                summary=goods.ja.summary,
                description=goods.ja.description,
                keywords=goods.keywords,
            ),
            TextDraft(language="en", name=goods.en.name, summary=goods.en.summary, description=goods.en.description),
        ),
        variants=tuple(
            VariantDraft(
                sku=sku_of(goods, size),
                jan=f"{number}{jan_check_digit(number)}",
                option=size.option,
                option_en=size.option_en,
                weight_grams=size.grams or None,
                parcel_size=_parcel_size(size.grams),
                purchase_types=goods.forms,
                max_quantity=size.most,
                position=place,
            )
            for place, (size, number) in enumerate(zip(goods.sizes, digits, strict=True))
        ),
    )


def hang_pictures(saved: list[SavedProduct], *, at: datetime, goods: tuple[Goods, ...] = ALL) -> None:
    images = []
    for one, product in zip(goods, saved, strict=True):
        name = f"products/demo/{one.code.lower()}.svg"
        if default_storage.exists(name):
            default_storage.delete(name)
        kept = default_storage.save(name, ContentFile(drawing(one.look).encode()))
        images.append(ImageDraft(product_id=product.product_id, file=kept, alt=one.look.alt))
    set_images(images, actor=SYSTEM, at=at)


def _price(house: House, variants: dict[str, int], *, since: datetime, at: datetime) -> None:
    company = house.company_id
    lists = (
        PriceListDraft(code="standard", name="通常価格"),
        PriceListDraft(code="teiki", name="定期お届け価格（10%引き）", purchase_type=PurchaseType.SUBSCRIPTION),
        PriceListDraft(
            code="teiki-first", name="定期 初回価格（30%引き）", purchase_type=PurchaseType.SUBSCRIPTION, cycle_from=1, cycle_until=2
        ),
        PriceListDraft(code="gold", name="ゴールド会員価格（5%引き）", rank_code="gold"),
        PriceListDraft(code="wholesale", name="卸価格", channel_id=house.channels["b2b"], priority=5),
        PriceListDraft(
            code="winter", name="冬のあたたか企画", priority=10, from_at=at - timedelta(days=7), until_at=at + timedelta(days=21)
        ),
    )
    save_price_lists(lists, company_id=company, actor=SYSTEM, at=since)
    prices = [(goods, size, sku_of(goods, size)) for goods in ALL for size in goods.sizes]
    first = [PriceAt(list_code="standard", variant_id=variants[sku], amount=RAISED.get(sku, size.price)) for _g, size, sku in prices]
    for goods, size, sku in prices:
        if PurchaseType.SUBSCRIPTION in goods.forms:
            first.append(PriceAt(list_code="teiki", variant_id=variants[sku], amount=size.price * 9 // 10))
        if goods.brand == CARE and PurchaseType.SUBSCRIPTION in goods.forms:
            first.append(PriceAt(list_code="teiki-first", variant_id=variants[sku], amount=size.price * 7 // 10))
            first.append(PriceAt(list_code="gold", variant_id=variants[sku], amount=size.price * 95 // 100))
        if goods.kind == ProductKind.GOODS and not size.b_grade:
            first.append(PriceAt(list_code="wholesale", variant_id=variants[sku], amount=size.price * 70 // 100))
            first.append(PriceAt(list_code="wholesale", variant_id=variants[sku], amount=size.price * 62 // 100, min_quantity=20))
    first += [PriceAt(list_code="winter", variant_id=variants[sku], amount=amount) for sku, amount in WINTER.items()]
    set_prices(first, company_id=company, actor=SYSTEM, at=since)
    now = {sku: size.price for _g, size, sku in prices}
    raised = [PriceAt(list_code="standard", variant_id=variants[sku], amount=now[sku]) for sku in RAISED]
    set_prices(raised, company_id=company, actor=SYSTEM, at=since + timedelta(days=60), reason="原料の値上がりのため")


def _list(house: House, variants: dict[str, int], *, at: datetime) -> None:
    """Skin care is sold everywhere; tea and food everywhere but in the skin-care shop; the marketplace takes a choice."""
    asks = []
    for goods in ALL:
        if goods.status == ProductStatus.DRAFT:
            continue
        for size in goods.sizes:
            for code, channel_id in house.channels.items():
                if (code == "web-suhada" and goods.brand != CARE) or (code == "market" and goods.code not in MARKET):
                    continue
                if code == "b2b" and (goods.kind != ProductKind.GOODS or size.b_grade):
                    continue
                asks.append(ListingAsk(variant_id=variants[sku_of(goods, size)], channel_id=channel_id))
    put_on_shelf(asks, actor=SYSTEM, at=at)
