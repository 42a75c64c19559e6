"""Work in the demo's warehouse: leaflets by rule, a batch being picked with its papers, a box that was inspected, words on delivery notes."""

from datetime import datetime, timedelta
from typing import Any, Final

from config.demo.finding import Cast
from config.demo.orders import TOKYO
from core.actor import SYSTEM
from core.db import acting, rows
from inventory.models import StockItem
from inventory.operations import receive_stock
from inventory.rules import Receipt
from orders.models import InsertRule, InspectionPolicy, NoteLetter, PickingBatch
from orders.operations import InBatch, Inspected, finish_inspection, open_inspection, pick_and_print, scan_piece
from orders.queries import parcels_to_pick
from orders.rules import PaperKind, PickingWay

PICKED: Final = 24
KEPT_DAYS: Final = 14
LEAFLETS: Final = (
    ("LEAF-WELCOME", "ごあいさつの冊子", 400), ("LEAF-TEA", "お茶のいれ方のしおり", 600), ("LEAF-F2", "2回目のお客様へのお便り", 200),
    ("SAMPLE-LOTION", "化粧水の試供品 5mL", 120), ("LEAF-SEASON", "秋冬のカタログ", 900),
)  # fmt: skip
RULES: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("LEAF-WELCOME", {"name": "初めての方へごあいさつ", "first_order": True, "is_once": True, "group": "お便り"}),
    ("LEAF-F2", {"name": "2回目の方へお便り", "f_from": 2, "f_until": 2, "is_once": True, "group": "お便り"}),
    ("LEAF-TEA", {"name": "お茶のしおり", "skus": ["TEA-SENCHA-100", "TEA-GYOKURO-50", "TEA-SHINCHA-80"], "is_once": True}),
    ("SAMPLE-LOTION", {"name": "5,000円以上で試供品", "amount_from": 5_000, "when_short": "skip"}),
    ("LEAF-SEASON", {"name": "秋冬のカタログ", "group": "お便り"}),
)


def open_warehouse(cast: Cast, *, now: datetime) -> None:
    """Rules put leaflets into this morning's parcels, which are being picked; one box is inspected. Told twice, it changes nothing."""
    company, keeper = cast.house.company_id, cast.staff.actor("warehouse")
    if PickingBatch.objects.filter(company_id=company).exists():
        return
    with acting(SYSTEM, reason="demo"):
        items = {
            code: StockItem.objects.get_or_create(company_id=company, code=code, defaults={"name": name})[0] for code, name, _n in LEAFLETS
        }
        for place, (code, terms) in enumerate(RULES, start=1):
            InsertRule.objects.get_or_create(company_id=company, stock_item=items[code], defaults={"position": place, **terms})
        InspectionPolicy.objects.get_or_create(company_id=company, location=None, defaults={"is_required": False})
        NoteLetter.objects.get_or_create(
            company_id=company, brand=None,
            defaults={
                "greeting": "このたびはご注文いただき、誠にありがとうございます。心を込めてお届けいたします。",
                "contact": "お客様窓口 0120-000-540（平日 9:00〜17:00）", "reorder": "こよみ堂オンラインショップ、またはお電話で承ります。",
                "closing": "商品に不都合がございましたら、到着後8日以内にお客様窓口へご連絡ください。",
            },
        )  # fmt: skip
    receipts = [
        Receipt(
            stock_item_id=items[code].pk,
            location_id=location,
            quantity=count,
            once_key=f"demo:leaflet:{code}:{location}",
            cause="印刷所より",
        )
        for code, _name, count in LEAFLETS
        for location in (cast.places.shizuoka, cast.places.osaka)
    ]
    receive_stock(receipts, company_id=company, actor=keeper, at=now - timedelta(days=2))
    # Whoever wished for a day is picked when it is time; a few of the next days are taken along, so that there is always something.
    ids = parcels_to_pick(cast.places.shizuoka, until=now.astimezone(TOKYO).date() + timedelta(days=7), limit=PICKED)
    if not ids:
        return
    answers = pick_and_print(
        ids, way=PickingWay.TOTAL, papers=tuple(PaperKind), kept_days=KEPT_DAYS, actor=keeper, at=now - timedelta(minutes=40)
    )
    batched = [one for one in answers if isinstance(one, InBatch)]
    if batched:
        _inspect(batched[0].shipment_id, cast, now=now)


def _inspect(shipment_id: int, cast: Cast, *, now: datetime) -> None:
    """The first box of the batch was scanned piece by piece, with one that did not belong."""
    keeper, company = cast.staff.actor("warehouse"), cast.house.company_id
    opened = open_inspection(shipment_id, actor=keeper, at=now - timedelta(minutes=20))
    if not isinstance(opened, Inspected):
        return
    ref = opened.view.ref
    stranger = rows(
        "SELECT code FROM inventory_stockitem WHERE company_id = %s AND id <> ALL(%s::bigint[]) AND ended_at IS NULL ORDER BY id LIMIT 1",
        (company, [one.stock_item_id for one in opened.view.expected]),
    )
    codes = [("", row.code, 1) for row in stranger]
    for one in opened.view.expected:
        codes += [(lot, one.item, pieces) for lot, pieces in one.lots.items()] or [("", one.item, one.quantity)]
    for n, (lot, code, pieces) in enumerate(codes):
        scan_piece(
            ref, code, once_key=f"demo:{n}", lot=lot, pieces=pieces, company_id=company, actor=keeper, at=now - timedelta(minutes=19, seconds=-4 * n)
        )  # fmt: skip
    finish_inspection(ref, company_id=company, actor=keeper, at=now - timedelta(minutes=17))
