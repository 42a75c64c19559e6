"""The orders file: one row per line, the order's own columns repeated on each; what its columns are and why a row is left out."""

import re
from collections.abc import Sequence
from typing import Final

from billing.rules import PaymentMethod
from catalog.rules import PurchaseType
from config.imports.cells import (
    Fault,
    amount_reader,
    bare,
    choice_reader,
    code_reader,
    folded,
    moment_reader,
    phone_reader,
    postal_reader,
    text_reader,
)
from config.imports.columns import Column, fixed
from config.imports.finishing import finish
from config.imports.orders_sql import load, prepare
from config.imports.running import Kind
from core.text import whole_number
from core.words import gettext_noop as _

MOST_PIECES: Final = 1_000_000
MOST_DISCOUNTS: Final = 20


def quantity_reader(cell: str) -> str | Fault:
    """How many pieces: at least one. Rows of quantity 0 (deposits, voids) are no sale of anything."""
    number = whole_number(folded(cell))
    if number is None:
        return Fault("import.not_a_whole_number", _("This is not a whole number."))
    if number < 1:
        return Fault("import.quantity_not_positive", _("The quantity must be at least 1."))
    if number > MOST_PIECES:
        return Fault(
            "import.number_out_of_range", _("The number must be between %(least)s and %(most)s."), {"least": 1, "most": MOST_PIECES}
        )
    return str(number)


def _channel_code(cell: str) -> str | Fault:
    read = code_reader(40)(cell)
    return read if isinstance(read, Fault) else read.lower()


_STATUS: Final = {
    "confirmed": "confirmed", "受付": "confirmed", "確定": "confirmed", "受注": "confirmed", "処理中": "confirmed", "open": "confirmed",
    "completed": "completed", "完了": "completed", "発送済": "completed", "発送済み": "completed", "closed": "completed",
    "cancelled": "cancelled", "canceled": "cancelled", "キャンセル": "cancelled", "取消": "cancelled", "取消し": "cancelled",
}  # fmt: skip
_PAYMENT: Final = {
    "paid": "paid",
    "入金済": "paid",
    "入金済み": "paid",
    "支払済": "paid",
    "unpaid": "unpaid",
    "未入金": "unpaid",
    "未払": "unpaid",
}
_FULFILMENT: Final = {
    "planned": "planned", "未出荷": "planned", "未発送": "planned", "unshipped": "planned", "shipped": "shipped", "出荷済": "shipped",
    "出荷済み": "shipped", "発送済": "shipped", "発送済み": "shipped", "delivered": "delivered", "配達済": "delivered", "お届け済": "delivered",
    "nothing_to_ship": "nothing_to_ship", "出荷なし": "nothing_to_ship", "店頭渡し": "nothing_to_ship",
}  # fmt: skip
_METHOD: Final = {
    **{method.value: method.value for method in PaymentMethod},
    "クレジットカード": "card", "クレジット": "card", "代引": "cash_on_delivery", "代金引換": "cash_on_delivery", "代引き": "cash_on_delivery",
    "銀行振込": "bank_transfer", "コンビニ": "convenience_store", "コンビニ払い": "convenience_store", "後払い": "deferred", "口座振替": "direct_debit",
    "店頭": "cash_at_store", "店頭払い": "cash_at_store", "現金": "cash_at_store", "モール決済": "marketplace", "ポイント": "points",
}  # fmt: skip
_FORM: Final = {
    **{form.value: form.value for form in PurchaseType},
    "通常": "normal",
    "都度": "spot",
    "定期": "subscription",
    "無料": "free",
    "サンプル": "free",
}

ORDER_COLUMNS: Final = (
    Column("order_number", ("注文番号", "order number", "受注番号", "order id", "order"), fixed(code_reader(80)), needed=True),
    Column(
        "ordered_at",
        ("注文日時", "ordered at", "注文日", "受注日時", "order date", "purchase date", "購買日"),
        lambda c: moment_reader(c.timezone),
        "timestamptz",
        needed=True,
    ),
    Column("channel", ("販売チャネル", "channel", "チャネル", "sales channel"), fixed(_channel_code), needed=True),
    Column("customer", ("顧客番号", "customer number", "会員番号", "customer id", "customer"), fixed(code_reader(64)), needed=True),
    Column("status", ("注文状態", "status", "ステータス", "受注状態"), fixed(choice_reader(_STATUS))),
    Column("payment_status", ("入金状態", "payment status", "支払状況"), fixed(choice_reader(_PAYMENT))),
    Column("fulfilment", ("出荷状態", "fulfilment", "fulfillment", "shipping status", "発送状況"), fixed(choice_reader(_FULFILMENT))),
    Column("payment_method", ("支払方法", "payment method", "決済方法"), fixed(choice_reader(_METHOD))),
    Column("store", ("店舗", "store", "店舗コード", "location"), fixed(code_reader(40))),
    Column("shipping_fee", ("送料", "shipping fee", "postage"), lambda c: amount_reader(c.currency), "bigint"),
    Column("payment_fee", ("代引手数料", "payment fee", "決済手数料", "手数料"), lambda c: amount_reader(c.currency), "bigint"),
    Column("remark", ("備考", "remark", "お客様備考", "note"), fixed(text_reader(1000))),
    Column("cancelled_at", ("キャンセル日時", "cancelled at", "取消日時"), lambda c: moment_reader(c.timezone), "timestamptz"),
    Column("to_name", ("お届け先名", "recipient", "送付先名"), fixed(text_reader(320))),
    Column("to_postal_code", ("お届け先郵便番号", "recipient postal code"), lambda c: postal_reader(c.country)),
    Column("to_prefecture", ("お届け先都道府県", "recipient prefecture", "recipient state"), fixed(text_reader(60))),
    Column("to_city", ("お届け先市区町村", "recipient city"), fixed(text_reader(120))),
    Column("to_street", ("お届け先番地", "recipient street", "お届け先住所"), fixed(text_reader(200))),
    Column("to_building", ("お届け先建物名", "recipient building"), fixed(text_reader(200))),
    Column("to_phone", ("お届け先電話番号", "recipient phone"), lambda c: phone_reader(c.country), "text NOT NULL, text NOT NULL"),
)
"""What belongs to the order; every row of an order repeats it."""

LINE_COLUMNS: Final = (
    Column("sku", ("SKU", "商品コード", "品番", "product code", "item code"), fixed(code_reader(64)), needed=True),
    Column("quantity", ("数量", "quantity", "個数", "qty"), fixed(quantity_reader), "integer", needed=True),
    Column("unit_price", ("単価", "unit price"), lambda c: amount_reader(c.currency), "bigint"),
    Column("amount", ("金額", "amount", "小計", "line amount"), lambda c: amount_reader(c.currency), "bigint"),
    Column("list_price", ("定価", "list price"), lambda c: amount_reader(c.currency), "bigint"),
    Column("line_no", ("明細番号", "line number", "行番号", "line"), fixed(code_reader(72))),
    Column("item_name", ("商品名", "item name", "product name"), fixed(text_reader(300))),
    Column("purchase_type", ("購入形態", "purchase type"), fixed(choice_reader(_FORM, blank="normal"))),
    Column("campaign", ("企画コード", "campaign", "キャンペーンコード", "campaign code"), fixed(code_reader(80))),
    Column("ad_code", ("広告コード", "ad code"), fixed(code_reader(60))),
    Column("route_medium", ("流入媒体", "route medium", "媒体"), fixed(text_reader(60))),
    Column("outbound_at", ("案内日時", "outbound at"), lambda c: moment_reader(c.timezone), "timestamptz"),
    Column("referral_code", ("紹介コード", "referral code"), fixed(code_reader(60))),
)

_DISCOUNT: Final = re.compile(r"(?:値引|値引き|discount)[:：](.+)", re.IGNORECASE)


def columns(header: Sequence[str]) -> list[Column]:
    """The known columns, and one per discount the header names: 値引:クーポン, discount:coupon."""
    found: list[Column] = []
    for title in header:
        if (match := _DISCOUNT.fullmatch(bare(title))) and len(found) < MOST_DISCOUNTS:
            source = match[1].strip()[:80]
            found.append(Column(f"discount_{len(found)}", (title,), lambda c: amount_reader(c.currency), "bigint", note=source))
    return [*ORDER_COLUMNS, *LINE_COLUMNS, *found]


ORDERS: Final = Kind(
    name="orders", table="import_orders", columns=columns, together=("channel", "order_number"), prepare=prepare, load=load, finish=finish
)
