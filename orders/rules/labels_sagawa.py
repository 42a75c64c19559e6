"""Sagawa's e飛伝III: 標準_飛脚宅配便 with a row of headings, 74 columns."""

from collections.abc import Sequence
from typing import Final

from core.errors import Refusal
from core.words import gettext_noop as _
from inventory.rules import FileField, FileKind
from orders.rules.labels import LabelFlow, LabelLayout, LabelParcel, LabelTerms, Told, collect_faults, label_columns, told_of

MOST_COLLECT: Final = 9_999_999
_ZONES: Final = {"ambient": "001", "chilled": "002", "frozen": "003"}
_BANDS: Final = {"0812": "01", "1214": "12", "1416": "14", "1618": "16", "1820": "18", "1921": "19", "1821": "04"}

COLUMNS: Final = label_columns(
    """
お届け先コード取得区分
お届け先コード
お届け先電話番号 | recipient_phone | 14
お届け先郵便番号 | recipient_postal_code | 8
お届け先住所１ | recipient_address_1 | 32
お届け先住所２ | recipient_address_2 | 32
お届け先住所３ | recipient_address_3 | 32
お届け先名称１ | recipient_name_1 | 32
お届け先名称２ | recipient_name_2 | 32
お客様管理番号 | number | 16
お客様コード | customer_code | 12
部署ご担当者コード取得区分
部署ご担当者コード
部署ご担当者名称
荷送人電話番号 | company_phone | 14
ご依頼主コード取得区分
ご依頼主コード
ご依頼主電話番号 | sender_phone | 14
ご依頼主郵便番号 | sender_postal_code | 8
ご依頼主住所１ | sender_address_1 | 32
ご依頼主住所２ | sender_address_2 | 32
ご依頼主名称１ | sender_name_1 | 32
ご依頼主名称２ | sender_name_2 | 32
荷姿 | packing | 3
品名１ | goods_1 | 32
品名２ | goods_2 | 32
品名３ | goods_3 | 32
品名４ | goods_4 | 32
品名５ | goods_5 | 32
荷札荷姿
荷札品名１
荷札品名２
荷札品名３
荷札品名４
荷札品名５
荷札品名６
荷札品名７
荷札品名８
荷札品名９
荷札品名１０
荷札品名１１
出荷個数 | pieces | 3
スピード指定 | =000
クール便指定 | temperature | 3
配達日 | wished_on | 8 | %Y%m%d
配達指定時間帯 | time_band | 2
配達指定時間（時分）
代引金額 | collect | 7
消費税 | collect_tax | 7
決済種別
保険金額
指定シール１
指定シール２
指定シール３
営業所受取
ＳＲＣ区分
営業所受取営業所コード
元着区分 | =1
メールアドレス
ご不在時連絡先
出荷日
お問い合せ送り状No.
出荷場印字区分
集約解除指定
編集０１
編集０２
編集０３
編集０４
編集０５
編集０６
編集０７
編集０８
編集０９
編集１０
""",
    temperature=_ZONES,
    time_band=_BANDS,
)
_NEEDED = {
    "number", "recipient_phone", "recipient_postal_code", "recipient_address_1", "recipient_name_1", "customer_code", "sender_phone",
    "sender_postal_code", "sender_address_1", "sender_name_1", "pieces",
}  # fmt: skip
_ADDRESS = ("recipient_address_1", "recipient_address_2", "recipient_address_3")
_NAMES = ("recipient_name_1", "recipient_name_2")
_PLACE = (("recipient_address", 0), ("recipient_building", 1))
_SENDER = (
    LabelFlow(("sender_address_1", "sender_address_2"), (("sender_address", 0), ("sender_building", 1))),
    LabelFlow(("sender_name_1", "sender_name_2"), (("sender_organisation", 0), ("sender_name", 0))),
)
FLOWS: Final = (
    (LabelFlow(_ADDRESS, _PLACE), LabelFlow(_NAMES, (("recipient_organisation", 0), ("recipient_name", 0))), *_SENDER),
    # A long company stands where the building ends, so that the name keeps its room.
    (LabelFlow(_ADDRESS, (*_PLACE, ("recipient_organisation", 1))), LabelFlow(_NAMES, (("recipient_name", 0),)), *_SENDER),
)


def sagawa_rows(parcel: LabelParcel, terms: LabelTerms) -> Sequence[Told] | list[Refusal]:
    """One row for all pieces; the day it leaves is that of its import."""
    return collect_faults(parcel, most=MOST_COLLECT, by_piece=True) or [told_of(parcel, terms)]


SAGAWA_74: Final = LabelLayout(
    code="sagawa_hiden3",
    carrier="sagawa",
    kind=FileKind(
        code="label_sagawa_hiden3", label=_("Label data for Sagawa e-Hiden III"), standard=COLUMNS, file_name="sagawa_hiden3", key="number",
        fields=tuple(FileField(code=c.field, heading=c.heading, is_needed=c.field in _NEEDED) for c in COLUMNS if c.field),
    ),
    flows=FLOWS,
    rows=sagawa_rows,
)  # fmt: skip
SAGAWA_RESULT: Final = FileKind(
    code="label_result_sagawa",
    label=_("Shipped labels of Sagawa e-Hiden III"),
    comes=True,
    key="number",
    help=_("Tracking numbers come back to their parcels. Nothing leaves by this."),
    fields=(
        FileField(code="number", heading="お客様管理番号", is_needed=True),
        FileField(code="tracking", heading="お問い合せ送り状No.", is_needed=True),
    ),
    headings=tuple(column.heading for column in COLUMNS),
)
