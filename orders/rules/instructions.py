"""Shipping instructions to a warehouse and its actuals: their life, and what their files tell."""

from enum import StrEnum

from core.text import plain
from core.words import gettext_noop as _
from inventory.rules import FileField, FileKind


class InstructionStatus(StrEnum):
    """The life of an instruction: sent, accepted by the warehouse, shipped; or withdrawn."""

    SENT = "sent"
    ACCEPTED = "accepted"
    SHIPPED = "shipped"
    WITHDRAWN = "withdrawn"

    @classmethod
    def labels(cls) -> dict["InstructionStatus", str]:
        return {
            cls.SENT: _("Sent to the warehouse"),
            cls.ACCEPTED: _("Accepted by the warehouse"),
            cls.SHIPPED: _("Shipped"),
            cls.WITHDRAWN: _("Withdrawn"),
        }


NEW, WITHDRAWAL = "new", "withdrawal"

SHIPPING_INSTRUCTION = FileKind(
    code="shipping_instruction",
    label=_("Shipping instruction"),
    goes=True,
    key="instruction",
    help=_("Every parcel that may leave is told to the warehouse, once; what was taken back is told as withdrawn."),
    fields=(
        FileField(code="action", heading="区分", is_needed=True),
        FileField(code="instruction", heading="出荷指示番号", is_needed=True),
        FileField(code="version", heading="版"),
        FileField(code="order", heading="受注番号"),
        FileField(code="planned_on", heading="出荷予定日", is_day=True),
        FileField(code="location", heading="倉庫コード"),
        FileField(code="wished_on", heading="お届け希望日", is_day=True),
        FileField(code="time_band", heading="時間帯コード"),
        FileField(code="collect", heading="代引額"),
        FileField(code="name", heading="届け先氏名", is_needed=True),
        FileField(code="kana", heading="届け先カナ"),
        FileField(code="organisation", heading="届け先会社"),
        FileField(code="postal_code", heading="郵便番号"),
        FileField(code="prefecture", heading="都道府県"),
        FileField(code="city", heading="市区町村"),
        FileField(code="street", heading="番地"),
        FileField(code="building", heading="建物"),
        FileField(code="phone", heading="電話番号"),
        FileField(code="hide_prices", heading="金額非表示"),
        FileField(code="line", heading="行番号"),
        FileField(code="sku", heading="SKU", is_needed=True),
        FileField(code="product", heading="品名"),
        FileField(code="quantity", heading="数量", is_needed=True),
        FileField(code="box", heading="同梱番号"),
        FileField(code="insert", heading="同梱物区分"),
        FileField(code="sender", heading="依頼主"),
        FileField(code="noshi", heading="のし表書き"),
        FileField(code="noshi_kind", heading="のし種類"),
        FileField(code="knot", heading="水引"),
        FileField(code="placement", heading="のし掛け"),
        FileField(code="noshi_names", heading="のし名入れ"),
        FileField(code="wrapping", heading="包装"),
        FileField(code="card", heading="カード"),
        FileField(code="message", heading="メッセージ"),
    ),
)
SHIPPING_ACCEPTANCE = FileKind(
    code="shipping_acceptance",
    label=_("Acceptance of shipping instructions"),
    comes=True,
    key="instruction",
    help=_("The warehouse has taken instructions on: their orders cannot be cancelled any more unless it stops."),
    fields=(FileField(code="instruction", heading="出荷指示番号", is_needed=True),),
)
SHIPPING_ACTUAL = FileKind(
    code="shipping_actual",
    label=_("Shipping actuals"),
    comes=True,
    key="instruction",
    help=_("Parcels leave as the warehouse says: stock goes out, the sale is posted, the invoice issued, the buyer told."),
    fields=(
        FileField(code="instruction", heading="出荷指示番号", is_needed=True),
        FileField(code="shipped_on", heading="出荷日", is_needed=True, is_day=True),
        FileField(code="carrier", heading="配送会社"),
        FileField(code="tracking_number", heading="送り状番号", is_needed=True),
        FileField(code="sku", heading="SKU"),
        FileField(code="quantity", heading="出荷数量"),
        FileField(code="lot", heading="ロット"),
    ),
)
"""SKU, quantity and lot may be left out: then the whole instruction was shipped."""

SHIPPING_TRACKING = FileKind(
    code="shipping_tracking",
    label=_("Tracking of parcels"),
    comes=True,
    key="tracking_number",
    help=_("Where parcels are, as the carrier says: delivered ones are marked so, and customers see it on their page."),
    fields=(
        FileField(code="tracking_number", heading="送り状番号", is_needed=True),
        FileField(code="code", heading="状況コード", is_needed=True),
        FileField(code="at", heading="日時", is_needed=True),
        FileField(code="time", heading="時刻"),
        FileField(code="carrier", heading="配送会社"),
        FileField(code="label", heading="状況"),
        FileField(code="place", heading="取扱店"),
    ),
)
"""The day and the time may stand in two columns; the time of the first is then left out."""

_CALLED = {
    "yamato": ("ヤマト運輸", "ヤマト", "クロネコヤマト", "yamato transport"),
    "sagawa": ("佐川急便", "佐川", "sagawa express"),
    "japanpost": ("日本郵便", "郵便", "郵便局", "ゆうパック", "japan post"),
}


def carrier_code(text: str) -> str:
    """Our code for what a warehouse calls a carrier; a name we don't know stays as it is.

    >>> carrier_code("ﾔﾏﾄ運輸"), carrier_code("西濃運輸")
    ('yamato', '西濃運輸')
    """
    called = plain(text).strip()
    return next((code for code, names in _CALLED.items() if called.lower() in (code, *names)), called[:40])
