"""From whom the demo company buys, what it has ordered, and what is on the road between its places."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from config.demo.access import Staff
from config.demo.house import House
from config.demo.shelves import ALL, sku_of
from config.demo.stock import BOXES, Places
from core.actor import SYSTEM
from core.db import acting
from core.errors import Refusal
from inventory.models import LocationStaff, StockItem, Supplier, SupplierItem
from inventory.operations import (
    approve_purchase_orders,
    cancel_purchase_orders,
    draft_purchase_orders,
    plan_transfers,
    receive_deliveries,
    receive_transfers,
    send_purchase_orders,
    send_transfers,
)
from inventory.rules import (
    ArrivalAsk,
    DeliveredLine,
    DeliveryAsk,
    PurchaseAsk,
    PurchaseLineAsk,
    TransferAsk,
    TransferLineAsk,
)

# code, name, contact, phone, postal code, address, terms, lead time, prefix of the items, least quantity, multiples
SUPPLIERS: Final = (
    ("yamagiri", "山霧製茶株式会社", "山霧 茂", "054-000-0101", "421-0100", "静岡県静岡市駿河区0-1", "月末締め翌月末払い", 5, "TEA-", 24, 12),
    ("hamaya", "浜屋食品工業株式会社", "浜 美咲", "0548-00-0102", "421-0400", "静岡県牧之原市0-2", "20日締め翌月20日払い", 7, "FOOD-", 20, 10),
    ("shirakaba", "白樺化粧品・紙器株式会社", "白樺 亮", "06-0000-0103", "559-0000", "大阪府大阪市住之江区0-3", "月末締め翌々月10日払い", 14, ("CARE-", "BOX-"), 50, 50),
)  # fmt: skip


def buy_goods(house: House, places: Places, *, staff: Staff, at: datetime) -> None:
    """Three suppliers with their terms; a purchase order in every state, and a transfer on the road. As of ``at``."""
    suppliers = _suppliers(house)
    with acting(SYSTEM, reason="demo"):
        LocationStaff.objects.create(location_id=places.store, account_id=staff.accounts["store_staff"])
    items = {item.code: item for item in StockItem.objects.filter(company_id=house.company_id).order_by("pk")}
    buyer, boss = staff.actor("warehouse"), staff.actor("accounting")
    wanted = (
        ("yamagiri", places.shizuoka, "TEA-", (0, 1, 2), 48, "", 9),
        ("yamagiri", places.shizuoka, "TEA-", (3, 4), 36, "納品は午前中にお願いします。", 6),
        ("hamaya", places.osaka, "FOOD-", (0, 1, 2), 60, "", 4),
        ("shirakaba", places.shizuoka, "CARE-", (0, 1), 100, "", 3),
        ("shirakaba", places.osaka, "BOX-", (0, 1), 200, "", 2),
        ("hamaya", places.shizuoka, "FOOD-", (3, 4), 40, "賞味期限は入荷から10か月以上のもの", 0),
    )
    orders = []
    for number, (supplier, place, prefix, chosen, quantity, note, days) in enumerate(wanted):
        codes = [code for code in items if code.startswith(prefix)]
        lines = tuple(PurchaseLineAsk(stock_item_id=items[codes[n]].pk, quantity=quantity) for n in chosen if n < len(codes))
        ask = PurchaseAsk(supplier_id=suppliers[supplier], location_id=place, lines=lines, once_key=f"demo:purchase:{number}", note=note)
        moment = at - timedelta(days=days)
        [done] = draft_purchase_orders([ask], company_id=house.company_id, actor=buyer, at=moment)
        orders.append((_done(done).purchase_order_id, lines, moment))
    (closed, all_of, _), (partly, part_of, _), (sent, _l, _m), (approved, _n, _o), (cancelled, _p, _q), _draft = orders
    for order_id, ago in ((closed, 8), (partly, 5), (sent, 3), (approved, 2)):
        _all(approve_purchase_orders([order_id], actor=boss, at=at - timedelta(days=ago)))
    for order_id, ago in ((closed, 8), (partly, 5), (sent, 3)):
        _all(send_purchase_orders([order_id], actor=buyer, at=at - timedelta(days=ago)))
    _all(cancel_purchase_orders([cancelled], reason="箱の寸法を変更するため", actor=buyer, at=at - timedelta(days=1)))
    for order_id, lines, days, note, share in ((closed, all_of, 2, "YG-20451", 1.0), (partly, part_of, 1, "YG-20477", 0.5)):
        delivered = _delivered(lines, share=share, lot=f"{at:%y%m}-{note[-3:]}", at=at)
        ask_in = DeliveryAsk(purchase_order_id=order_id, delivery_note=note, lines=delivered, once_key=f"demo:delivery:{note}")
        _all(receive_deliveries([ask_in], company_id=house.company_id, actor=buyer, at=at - timedelta(days=days)))
    _move_goods(house, places, items=items, staff=staff, at=at)


def _delivered(lines: Sequence[PurchaseLineAsk], *, share: float, lot: str, at: datetime) -> tuple[DeliveredLine, ...]:
    keeps_until = (at + timedelta(days=400)).date()
    return tuple(
        DeliveredLine(stock_item_id=line.stock_item_id, quantity=round(line.quantity * share), lot_number=lot, expires_on=keeps_until)
        for line in lines
    )


def _move_goods(house: House, places: Places, *, items: dict[str, StockItem], staff: Staff, at: datetime) -> None:
    """One transfer to the store is on the road, of another a part has arrived; a third is only planned. Boxes have no lots."""
    sender, store = staff.actor("warehouse"), staff.actor("store_staff")
    boxes = [items[code].pk for code in BOXES]
    transfers = []
    for number, quantity in enumerate((6, 5, 4)):
        ask = TransferAsk(
            from_location_id=places.shizuoka,
            to_location_id=places.store,
            lines=tuple(TransferLineAsk(stock_item_id=item, quantity=quantity) for item in boxes),
            once_key=f"demo:transfer:{number}",
            expected_on=(at + timedelta(days=1)).date(),
            note="店頭のギフト用",
        )
        [done] = plan_transfers([ask], company_id=house.company_id, actor=sender, at=at - timedelta(days=2))
        transfers.append(_done(done).transfer_id)
    _all(send_transfers(transfers[:2], actor=sender, at=at - timedelta(days=1)))
    came = ArrivalAsk(transfer_id=transfers[1], lines=(TransferLineAsk(stock_item_id=boxes[0], quantity=5),), once_key="demo:arrival:0")
    _all(receive_transfers([came], actor=store, at=at))


def _suppliers(house: House) -> dict[str, int]:
    costs = {sku_of(goods, size): size.price * 2 // 5 for goods in ALL for size in goods.sizes} | dict.fromkeys(BOXES, 60)
    made: dict[str, int] = {}
    with acting(SYSTEM, reason="demo"):
        for code, name, person, phone, postal, address, terms, days, prefix, least, multiple in SUPPLIERS:
            supplier = Supplier.objects.create(
                company_id=house.company_id, code=code, name=name, person=person, phone=phone, postal_code=postal, address=address,
                payment_terms=terms, lead_time_days=days,
            )  # fmt: skip
            made[code] = supplier.pk
            SupplierItem.objects.bulk_create(
                SupplierItem(
                    supplier=supplier, stock_item=item, supplier_code=f"{code[:2].upper()}{item.pk:05d}", unit_cost=costs.get(item.code, 100),
                    minimum_quantity=least, order_multiple=multiple, is_preferred=True,
                )
                for item in StockItem.objects.filter(company_id=house.company_id).order_by("pk")
                if item.code.startswith(prefix)
            )  # fmt: skip
    return made


def _done(result: Any) -> Any:
    if isinstance(result, Refusal):
        raise RuntimeError(f"The demo's purchasing was refused: {result.code} {result.text()}")
    return result


def _all(results: Sequence[Any]) -> None:
    for result in results:
        _done(result)
