"""Yamato's B2クラウド: 基本レイアウト of 95 columns, and of 97 with the two that came later."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from core.errors import Refusal
from core.words import gettext_noop as _
from inventory.rules import FileField, FileKind, MapColumn
from orders.rules.labels import LabelFlow, LabelLayout, LabelParcel, LabelTerms, Told, collect_faults, label_columns, told_of

MOST_COLLECT: Final = 300_000
LATEST_DAYS: Final = 30
_KINDS: Final = {"plain": "0", "collect": "2", "several": "6", "nekopos": "7", "compact": "8", "compact_collect": "9"}
_ZONES: Final = {"ambient": "0", "frozen": "1", "chilled": "2"}
_BANDS: Final = {band: band for band in ("0812", "1416", "1618", "1820", "1921")}

_FIRST = """
お客様管理番号 | number | 50
送り状種類 | label_kind | 1
クール区分 | temperature | 1
伝票番号 | | 12
出荷予定日 | leaves_on | 10 | %Y/%m/%d
お届け予定日 | wished_on | 10 | %Y/%m/%d
配達時間帯 | time_band | 4
お届け先コード | | 20
お届け先電話番号 | recipient_phone | 15
お届け先電話番号枝番 | | 2
お届け先郵便番号 | recipient_postal_code | 8
お届け先住所 | recipient_address_1 | 64
お届け先アパートマンション名 | recipient_address_2 | 32
お届け先会社・部門１ | recipient_organisation_1 | 50
お届け先会社・部門２ | recipient_organisation_2 | 50
お届け先名 | recipient_name_1 | 32
お届け先名(ｶﾅ) | | 50
敬称 | recipient_honorific | 4
ご依頼主コード | | 20
ご依頼主電話番号 | sender_phone | 15
ご依頼主電話番号枝番 | | 2
ご依頼主郵便番号 | sender_postal_code | 8
ご依頼主住所 | sender_address_1 | 64
ご依頼主アパートマンション | sender_address_2 | 32
ご依頼主名 | sender_name_1 | 32
ご依頼主名(ｶﾅ) | | 50
品名コード１ | | 30
品名１ | goods_1 | 50
品名コード２ | | 30
品名２ | goods_2 | 50
荷扱い１ | handling_1 | 20
荷扱い２ | handling_2 | 20
記事 | | 44
ｺﾚｸﾄ代金引換額（税込) | collect | 7
内消費税額等 | collect_tax | 7
止置き | =0 | 1
営業所コード | | 6
発行枚数 | =1 | 2
個数口表示フラグ | =1 | 1
請求先顧客コード | customer_code | 12
請求先分類コード | classification | 3
運賃管理番号 | freight_code | 2
"""
_REST = """
クロネコwebコレクトデータ登録
クロネコwebコレクト加盟店番号
クロネコwebコレクト申込受付番号１
クロネコwebコレクト申込受付番号２
クロネコwebコレクト申込受付番号３
お届け予定ｅメール利用区分
お届け予定ｅメールe-mailアドレス
入力機種
お届け予定ｅメールメッセージ
お届け完了ｅメール利用区分
お届け完了ｅメールe-mailアドレス
お届け完了ｅメールメッセージ
クロネコ収納代行利用区分
予備１
収納代行請求金額(税込)
収納代行内消費税額等
収納代行請求先郵便番号
収納代行請求先住所
収納代行請求先住所（アパートマンション名）
収納代行請求先会社・部門名１
収納代行請求先会社・部門名２
収納代行請求先名(漢字)
収納代行請求先名(カナ)
収納代行問合せ先名(漢字)
収納代行問合せ先郵便番号
収納代行問合せ先住所
収納代行問合せ先住所（アパートマンション名）
収納代行問合せ先電話番号
収納代行管理番号
収納代行品名
収納代行備考
複数口くくりキー | bundle_key | 20
検索キータイトル１
検索キー１
検索キータイトル２
検索キー２
検索キータイトル３
検索キー３
検索キータイトル４
検索キー４
検索キータイトル５
検索キー５
予備２
予備３
投函予定メール利用区分
投函予定メールe-mailアドレス
投函予定メールメッセージ
投函完了メール（お届け先宛）利用区分
投函完了メール（お届け先宛）e-mailアドレス
投函完了メール（お届け先宛）メールメッセージ
投函完了メール（ご依頼主宛）利用区分
投函完了メール（ご依頼主宛）e-mailアドレス
投函完了メール（ご依頼主宛）メールメッセージ
"""
_CODES = {"label_kind": _KINDS, "temperature": _ZONES, "time_band": _BANDS}
COLUMNS_95: Final = label_columns(_FIRST + _REST, **_CODES)
COLUMNS_97: Final = (*COLUMNS_95, *label_columns("連携管理番号\n通知メールアドレス"))

_NEEDED = {
    "number", "label_kind", "leaves_on", "recipient_phone", "recipient_postal_code", "recipient_address_1", "recipient_name_1", "sender_phone",
    "sender_postal_code", "sender_address_1", "sender_name_1", "goods_1", "customer_code", "freight_code",
}  # fmt: skip
FLOWS: Final = (
    (
        LabelFlow(
            ("recipient_address_1", "recipient_address_2", "recipient_organisation_1", "recipient_organisation_2"),
            (("recipient_address", 0), ("recipient_building", 1), ("recipient_organisation", 2)),
        ),
        LabelFlow(("recipient_name_1",), (("recipient_name", 0),)),
        LabelFlow(("sender_address_1", "sender_address_2"), (("sender_address", 0), ("sender_building", 1))),
        LabelFlow(("sender_name_1",), (("sender_organisation", 0), ("sender_name", 0))),
    ),
)


def _kind(parcel: LabelParcel, payment: str) -> str:
    """The kind of label of its service; a compact box that is paid at the door has a kind of its own."""
    if parcel.label_kind == "compact" and payment == "collect":
        return "compact_collect"
    return parcel.label_kind or payment


def yamato_rows(parcel: LabelParcel, terms: LabelTerms) -> Sequence[Told] | list[Refusal]:
    """A row per piece: several pieces are 発払い（複数口） under one key."""
    faults = collect_faults(parcel, most=MOST_COLLECT)
    if parcel.leaves_on > parcel.today + timedelta(days=LATEST_DAYS):
        words = _("It leaves on %(day)s; label data is made %(most)s days ahead at most.")
        faults.append(Refusal("order.label_too_early", words, {"day": parcel.leaves_on, "most": LATEST_DAYS}))
    if faults:
        return faults
    told = told_of(parcel, terms)
    told["label_kind"] = "several" if parcel.pieces > 1 else _kind(parcel, str(told["payment"]))
    told["bundle_key"] = parcel.number if parcel.pieces > 1 else ""
    return [told] * parcel.pieces


def _layout(code: str, label: str, columns: tuple[MapColumn, ...]) -> LabelLayout:
    kind = FileKind(
        code=f"label_{code}", label=label, standard=columns, file_name=code, key="number",
        fields=tuple(FileField(code=c.field, heading=c.heading, is_needed=c.field in _NEEDED) for c in columns if c.field),
    )  # fmt: skip
    return LabelLayout(code=code, carrier="yamato", kind=kind, flows=FLOWS, rows=yamato_rows)


YAMATO_95: Final = _layout("yamato_b2_95", _("Label data for Yamato B2 Cloud (95 columns)"), COLUMNS_95)
YAMATO_97: Final = _layout("yamato_b2_97", _("Label data for Yamato B2 Cloud (97 columns)"), COLUMNS_97)
YAMATO_RESULT: Final = FileKind(
    code="label_result_yamato",
    label=_("Issued labels of Yamato B2 Cloud"),
    comes=True,
    key="number",
    help=_("Tracking numbers come back to their parcels. Nothing leaves by this."),
    fields=(
        FileField(code="number", heading="お客様管理番号", is_needed=True),
        FileField(code="tracking", heading="伝票番号", is_needed=True),
    ),
    headings=tuple(column.heading for column in COLUMNS_97),
)
