"""Japan Post's ゆうプリR: its filter is a map of columns, so this one is a template that a company changes by a new version."""

from collections.abc import Sequence
from typing import Final

from core.errors import Refusal
from core.words import gettext_noop as _
from inventory.rules import FileField, FileKind
from orders.rules.labels import LabelFlow, LabelLayout, LabelParcel, LabelTerms, Told, collect_faults, label_columns, told_of

MOST_COLLECT: Final = 300_000
_ZONES: Final = {"ambient": "0", "chilled": "1", "frozen": "2"}
_KINDS: Final = {"none": "0", "yu_packet": "9"}
_BANDS: Final = {"none": "00", "0812": "51", "1214": "52", "1416": "53", "1618": "54", "1820": "55", "1921": "57"}

COLUMNS: Final = label_columns(
    """
お客様側管理番号 | number | 15
発送予定日 | leaves_on | 8 | %Y%m%d
発送予定時間区分
出荷期限日
到着期限日
郵便種別 | mail_kind | 1
保冷種別 | temperature | 1
元着払/代引区分 | payment | 1
書留等種別
送り状種別 | freight_code | 7
お届け先コード
お届け先郵便番号 | recipient_postal_code | 8
お届け先住所１ | recipient_address_1 | 50
お届け先住所２ | recipient_address_2 | 50
お届け先住所３ | recipient_address_3 | 50
お届け先名称１ | recipient_name_1 | 50
お届け先名称２ | recipient_name_2 | 50
お届け先敬称区分 | =0
お届け先電話番号 | recipient_phone | 15
お届け先メールアドレス
ご依頼主コード | customer_code | 20
ご依頼主郵便番号 | sender_postal_code | 8
ご依頼主住所１ | sender_address_1 | 50
ご依頼主住所２ | sender_address_2 | 50
ご依頼主住所３ | sender_address_3 | 50
ご依頼主名称１ | sender_name_1 | 50
ご依頼主名称２ | sender_name_2 | 50
ご依頼主電話番号 | sender_phone | 15
受注番号 | order | 20
こわれもの区分 | =0
なまもの区分 | =0
ビン区分 | =0
逆さま厳禁区分 | =0
下積み厳禁区分 | =0
商品サイズ区分
重量
損害要償額
配達希望日 | wished_on | 8 | %Y%m%d
配達時間帯区分 | time_band | 2
複数個口数 | pieces | 2
記事名１ | handling_1 | 30
記事名２ | handling_2 | 30
代引金額 | collect | 7
代引消費税 | collect_tax | 7
品名 | goods_1 | 50
""",
    mail_kind=_KINDS,
    temperature=_ZONES,
    payment={"plain": "0", "collect": "2"},
    time_band=_BANDS,
)
_NEEDED = {
    "number", "leaves_on", "payment", "recipient_postal_code", "recipient_address_1", "recipient_name_1", "recipient_phone",
    "sender_postal_code", "sender_address_1", "sender_name_1", "sender_phone", "goods_1",
}  # fmt: skip
FLOWS: Final = (
    (
        LabelFlow(
            ("recipient_address_1", "recipient_address_2", "recipient_address_3"), (("recipient_address", 0), ("recipient_building", 1))
        ),
        LabelFlow(("recipient_name_1", "recipient_name_2"), (("recipient_organisation", 0), ("recipient_name", 0))),
        LabelFlow(("sender_address_1", "sender_address_2", "sender_address_3"), (("sender_address", 0), ("sender_building", 1))),
        LabelFlow(("sender_name_1", "sender_name_2"), (("sender_organisation", 0), ("sender_name", 0))),
    ),
)


def japanpost_rows(parcel: LabelParcel, terms: LabelTerms) -> Sequence[Told] | list[Refusal]:
    """One row for all pieces."""
    faults = collect_faults(parcel, most=MOST_COLLECT)
    return faults or [told_of(parcel, terms) | {"mail_kind": parcel.label_kind}]


JAPANPOST: Final = LabelLayout(
    code="japanpost_yupuri",
    carrier="japanpost",
    kind=FileKind(
        code="label_japanpost_yupuri", label=_("Label data for Japan Post Yu-Pri R"), standard=COLUMNS, file_name="japanpost_yupuri", key="number",
        fields=tuple(FileField(code=c.field, heading=c.heading, is_needed=c.field in _NEEDED) for c in COLUMNS if c.field),
    ),
    flows=FLOWS,
    rows=japanpost_rows,
)  # fmt: skip
JAPANPOST_RESULT: Final = FileKind(
    code="label_result_japanpost",
    label=_("Shipped labels of Japan Post Yu-Pri R"),
    comes=True,
    key="number",
    help=_("Tracking numbers come back to their parcels. Nothing leaves by this."),
    fields=(
        FileField(code="number", heading="お客様側管理番号", is_needed=True),
        FileField(code="tracking", heading="お問い合わせ番号", is_needed=True),
    ),
)
