"""Column maps of order files: data with versions, so that a counter's change of format is a new version and no new code. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.csv import fold_heading
from core.errors import Refusal
from core.words import gettext_noop as _

MOST_HEADING = 80
MOST_COLUMNS = 200

FIELDS: Final[Mapping[str, str]] = {
    "number": _("order number"),
    "line": _("number of the line"),
    "status": _("status"),
    "ordered_at": _("ordered at"),
    "said_at": _("last changed at"),
    "sku": _("SKU"),
    "code": _("product code"),
    "jan": _("JAN"),
    "name": _("product"),
    "quantity": _("quantity"),
    "unit_price": _("unit price"),
    "line_discount": _("discount of the line"),
    "tax_flag": _("price with tax (1) or without (0)"),
    "tax_rate": _("rate of tax, where the price is without it"),
    "postage": _("postage"),
    "cod_fee": _("cash-on-delivery fee"),
    "gift_fee": _("gift wrapping fee"),
    "other_fee": _("other fee"),
    "shop_coupon": _("coupon that the shop pays"),
    "counter_coupon": _("coupon that the counter pays"),
    "points": _("points that the counter pays"),
    "grand_total": _("total before coupons and points"),
    "total": _("total we get"),
    "payment": _("way to pay"),
    "remark": _("remark"),
    "wished_on": _("wished delivery day"),
    "time_band": _("time band"),
    "noshi": _("gift paper (noshi)"),
    "wrapping": _("wrapping"),
    "note": _("note for staff"),
    "destination": _("destination number"),
    **{
        f"{who}_{name}": words
        for who in ("buyer", "ship")
        for name, words in {
            "name": _("name in one piece"),
            "family_name": _("family name"),
            "given_name": _("given name"),
            "family_kana": _("family name in kana"),
            "given_kana": _("given name in kana"),
            "organisation": _("organisation"),
            "email": _("e-mail"),
            "phone": _("phone"),
            "postal": _("postal code"),
            "prefecture": _("prefecture"),
            "city": _("city"),
            "street": _("street and number"),
            "building": _("building"),
        }.items()
    },
}
"""What a column of an order file may tell. A field in several columns is put together, phones and postal codes with hyphens."""

OUT_FIELDS: Final[Mapping[str, str]] = {
    "number": _("order number"),
    "destination": _("destination number"),
    "carrier": _("carrier"),
    "tracking": _("tracking number"),
    "shipped_on": _("shipped on"),
    "status": _("status"),
}
NEEDED: Final = ("number", "quantity", "unit_price")


@dataclass(frozen=True, slots=True)
class IntakeColumn:
    """A column: its heading, and our field or (in outgoing files) the same words in every row."""

    heading: str
    field: str = ""
    constant: str = ""


def columns_of(text: str, *, outgoing: bool = False) -> tuple[IntakeColumn, ...] | list[Refusal]:
    """The columns of a map as staff write it, a line each: "heading = field", outgoing also 'heading = "words"'."""
    known = OUT_FIELDS if outgoing else FIELDS
    columns: list[IntakeColumn] = []
    faults: list[Refusal] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        heading, sign, field = (part.strip() for part in line.rpartition("="))
        about = {"line": number, "heading": heading[:80] or line[:80]}
        if not sign or not heading or len(heading) > MOST_HEADING:
            faults.append(Refusal("intake.bad_map", _("Line %(line)s: write “heading = field”."), about, "/columns"))
        elif outgoing and len(field) > 1 and field[0] == field[-1] == '"':
            columns.append(IntakeColumn(heading, constant=field[1:-1]))
        elif field not in known:
            faults.append(
                Refusal("intake.bad_map", _("Line %(line)s: there is no field “%(field)s”."), {**about, "field": field[:40]}, "/columns")
            )
        else:
            columns.append(IntakeColumn(heading, field))
    faults += _faults_of_all(columns, outgoing=outgoing)
    return faults or tuple(columns)


def _faults_of_all(columns: Sequence[IntakeColumn], *, outgoing: bool) -> list[Refusal]:
    faults = []
    headings = [fold_heading(column.heading) for column in columns]
    told = {column.field for column in columns}
    if doubled := sorted({columns[n].heading for n, heading in enumerate(headings) if headings.count(heading) > 1}):
        faults.append(
            Refusal("intake.bad_map", _("These headings stand there twice: %(columns)s."), {"columns": ", ".join(doubled)}, "/columns")
        )
    missing = [name for name in (("number", "tracking") if outgoing else NEEDED) if name not in told]
    if not outgoing and not told & {"sku", "code", "jan"}:
        missing.append("sku / code / jan")
    if not outgoing and not told & {"total", "grand_total"}:
        missing.append("total / grand_total")
    if missing:
        faults.append(
            Refusal(
                "intake.bad_map", _("These fields are needed and have no column: %(columns)s."), {"columns": ", ".join(missing)}, "/columns"
            )
        )
    if len(columns) > MOST_COLUMNS:
        faults.append(Refusal("intake.bad_map", _("A map has at most %(most)s columns."), {"most": MOST_COLUMNS}, "/columns"))
    return faults


def text_of_columns(columns: Sequence[IntakeColumn]) -> str:
    """The columns as staff write them."""
    return "\n".join(_shown(column) for column in columns)


def _shown(column: IntakeColumn) -> str:
    said = column.field or f'"{column.constant}"'
    return f"{column.heading} = {said}"


def _map(text: str, *, outgoing: bool = False) -> tuple[IntakeColumn, ...]:
    found = columns_of(text, outgoing=outgoing)
    if isinstance(found, list):
        raise ValueError("; ".join(fault.text() for fault in found))
    return found


GENERIC: Final = _map("""
注文番号 = number
明細番号 = line
状態 = status
注文日時 = ordered_at
SKU = sku
商品コード = code
JAN = jan
商品名 = name
数量 = quantity
単価 = unit_price
値引 = line_discount
送料 = postage
代引手数料 = cod_fee
ギフト料 = gift_fee
店舗クーポン = shop_coupon
モールクーポン = counter_coupon
ポイント利用 = points
合計 = total
支払方法 = payment
備考 = remark
配達希望日 = wished_on
時間帯 = time_band
のし = noshi
ラッピング = wrapping
届け先番号 = destination
注文者氏名 = buyer_name
注文者姓 = buyer_family_name
注文者名 = buyer_given_name
注文者姓カナ = buyer_family_kana
注文者名カナ = buyer_given_kana
注文者メール = buyer_email
注文者電話 = buyer_phone
注文者郵便番号 = buyer_postal
注文者都道府県 = buyer_prefecture
注文者市区町村 = buyer_city
注文者番地 = buyer_street
注文者建物 = buyer_building
届け先氏名 = ship_name
届け先姓 = ship_family_name
届け先名 = ship_given_name
届け先姓カナ = ship_family_kana
届け先名カナ = ship_given_kana
届け先電話 = ship_phone
届け先郵便番号 = ship_postal
届け先都道府県 = ship_prefecture
届け先市区町村 = ship_city
届け先番地 = ship_street
届け先建物 = ship_building
""")

RAKUTEN: Final = _map("""
注文番号 = number
ステータス = status
注文日時 = ordered_at
支払方法名 = payment
送料合計 = postage
代引料合計 = cod_fee
決済手数料 = other_fee
合計金額 = grand_total
ポイント利用額 = points
店舗発行クーポン利用額 = shop_coupon
楽天発行クーポン利用額 = counter_coupon
注文者郵便番号1 = buyer_postal
注文者郵便番号2 = buyer_postal
注文者住所都道府県 = buyer_prefecture
注文者住所郡市区 = buyer_city
注文者住所それ以降の住所 = buyer_street
注文者姓 = buyer_family_name
注文者名 = buyer_given_name
注文者姓カナ = buyer_family_kana
注文者名カナ = buyer_given_kana
注文者電話番号1 = buyer_phone
注文者電話番号2 = buyer_phone
注文者電話番号3 = buyer_phone
注文者メールアドレス = buyer_email
送付先ID = destination
のし = noshi
送付先郵便番号1 = ship_postal
送付先郵便番号2 = ship_postal
送付先住所都道府県 = ship_prefecture
送付先住所郡市区 = ship_city
送付先住所それ以降の住所 = ship_street
送付先姓 = ship_family_name
送付先名 = ship_given_name
送付先姓カナ = ship_family_kana
送付先名カナ = ship_given_kana
送付先電話番号1 = ship_phone
送付先電話番号2 = ship_phone
送付先電話番号3 = ship_phone
商品明細ID = line
商品名 = name
システム連携用SKU番号 = sku
商品番号 = code
商品管理番号 = code
単価 = unit_price
税込別 = tax_flag
商品毎税率 = tax_rate
個数 = quantity
ラッピング名1 = wrapping
ラッピング料金1 = gift_fee
お届け時間帯 = time_band
お届け日指定 = wished_on
コメント = remark
""")

GENERIC_OUT: Final = _map("注文番号 = number\n配送会社 = carrier\n送り状番号 = tracking\n出荷日 = shipped_on\n状態 = status", outgoing=True)
RAKUTEN_OUT: Final = _map(
    '注文番号 = number\n送付先ID = destination\n発送明細ID = ""\nお荷物伝票番号 = tracking\n配送会社 = carrier\n発送日 = shipped_on',
    outgoing=True,
)
YAHOO_OUT: Final = _map(
    'OrderId = number\nShipStatus = "3"\nShipCompanyCode = carrier\nShipInvoiceNumber1 = tracking\nShipDate = shipped_on', outgoing=True
)
