"""The demo company itself: brands, shop fronts, channels, legal texts, numbers."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from core.actor import SYSTEM
from core.db import acting
from core.models import LegalText
from core.operations import NewCompany, open_brand, open_channel, open_company, open_number_series, open_site
from core.queries import ChannelKind

CODE: Final = "daifuku-demo"
TEA, CARE = "koyomi-chaho", "suhada-goyomi"

COMPANY: Final = NewCompany(
    code=CODE, name="こよみ堂", legal_name="株式会社こよみ堂", registration_number="T9000000000000", postal_code="420-0853",
    prefecture="静岡県", address="静岡市葵区追手町0-0 茶町ビル2階", phone="0120-000-540", email="shop@koyomido.example", representative="暦野 しずか",
)  # fmt: skip
CHANNELS: Final = (
    ("web", "こよみ茶舗 オンライン", ChannelKind.WEB, "koyomi"),
    ("web-suhada", "すはだ暦 オンライン", ChannelKind.WEB, "suhada"),
    ("phone", "お電話", ChannelKind.PHONE, None),
    ("paper", "ハガキ・FAX注文書", ChannelKind.PAPER, None),
    ("store", "神保町店 店頭", ChannelKind.STORE, None),
    ("chat", "LINE・チャット", ChannelKind.CHAT, None),
    ("market", "モール店", ChannelKind.MARKETPLACE, None),
    ("b2b", "卸・法人", ChannelKind.B2B, None),
)

_COMMERCIAL_JA = """販売業者：株式会社こよみ堂
運営責任者：暦野 しずか
所在地：静岡県静岡市葵区追手町0-0 茶町ビル2階
電話番号：0120-000-540（平日9時〜18時）
メールアドレス：shop@koyomido.example
販売価格：各商品ページに税込みで表示しています。
商品代金以外の必要料金：送料600円（税込5,400円以上のお買い上げで無料。北海道は600円、沖縄県は1,000円を加算）、代金引換手数料330円
お支払い方法：クレジットカード（発送時に請求）、代金引換、銀行振込（前払い。ご注文から7日以内）。お電話・郵送のご注文はコンビニ払い、後払い（お届けから14日以内）も承ります
お引き渡し時期：クレジットカード・代金引換・後払いはご注文から3営業日以内、銀行振込はご入金の確認から3営業日以内に発送します。
返品・交換：お届けから8日以内の未開封品に限ります。お客様のご都合による場合の返送料はお客様のご負担です。不良品は当社の負担で交換または返金します。
定期便：解約のお申し出があるまで継続してお届けします。回数のお約束はなく、次回お届けの5日前までにマイページまたはお電話でお休み・変更・解約ができます。"""
_COMMERCIAL_EN = """Seller: Koyomido Inc.
Person in charge: Shizuka Koyomino
Address: Chamachi Building 2F, 0-0 Ottemachi, Aoi-ku, Shizuoka, Japan
Phone: 0120-000-540 (weekdays 9:00-18:00)   E-mail: shop@koyomido.example
Prices: shown on each product page, tax included.
Other charges: shipping 600 yen (free from 5,400 yen; plus 600 yen to Hokkaido, 1,000 yen to Okinawa); cash on delivery 330 yen.
Payment: card (charged when the parcel leaves), cash on delivery, or bank transfer in advance within 7 days of the order; orders by phone or post also at a convenience store or within 14 days of arrival.
Delivery: sent within 3 business days of the order, or of the payment for bank transfers.
Returns: unopened goods within 8 days of arrival; return postage is the buyer's unless the goods are faulty."""

LEGAL: Final = (
    ("commercial_transactions", "ja", "特定商取引法に基づく表記", _COMMERCIAL_JA),
    ("commercial_transactions", "en", "Disclosure under the Act on Specified Commercial Transactions", _COMMERCIAL_EN),
    ("terms", "ja", "ご利用規約", "この規約は、株式会社こよみ堂（以下「当社」）のオンラインショップのご利用について定めます。\n1. ご注文は、最終確認画面で「注文を確定する」を押された時に当社へ届き、当社が受注の確認をお送りした時に契約が成立します。\n"
     "2. 価格は税込みで表示します。明らかな誤りがあった場合は、ご連絡のうえご注文を取り消すことがあります。\n3. アカウントの合言葉はご本人が管理してください。\n4. 転売を目的としたご購入はお断りすることがあります。"),
    ("terms", "en", "Terms of Use", "1. Your order reaches us when you press “Place the order” on the final confirmation page; the contract is made when we confirm it.\n2. Prices include tax. We may cancel orders made at an obviously wrong price, and will tell you.\n"
     "3. Please keep your password to yourself.\n4. We may decline purchases for resale."),
    ("privacy", "ja", "個人情報の取り扱い", "お預かりした個人情報は、商品のお届け、お問い合わせへのお返事、同意をいただいたご案内のためだけに使います。配送会社・決済会社に必要な範囲でお渡しするほかは、同意なく第三者に提供しません。\n"
     "開示・訂正・利用停止・削除のご請求は、shop@koyomido.example までお申し出ください。"),
    ("privacy", "en", "Privacy", "We use your data to deliver your goods, to answer you, and to send you what you agreed to. Carriers and payment providers get what they need and nobody else gets anything.\nWrite to shop@koyomido.example to see, correct or delete your data."),
    ("returns", "ja", "返品・交換について", "お届けから8日以内の未開封品に限り、返品・交換を承ります。食品・冷蔵品・B級品はお客様のご都合による返品をお受けできません。不良品やお届け違いは、当社の負担ですぐにお取り替えします。"),
    ("returns", "en", "Returns", "Unopened goods may be returned within 8 days of arrival. Food, chilled goods and B-grade goods only if faulty; then we exchange them at our cost."),
    ("payment_instructions", "ja", "お振込先", "茶町銀行 追手町支店 普通 0000540 カ）コヨミドウ\nご注文から7日以内にお振り込みください。振込手数料はお客様のご負担でお願いいたします。ご入金の確認後に発送します。"),
    ("payment_instructions", "en", "Where to pay", "Chamachi Bank, Ottemachi branch, ordinary account 0000540, KOYOMIDO\nPlease pay within 7 days of the order; we send the goods when the money has arrived."),
    ("subscription_terms", "ja", "定期便のお約束", "定期便は、解約のお申し出があるまで、お選びの間隔で自動的にお届けします。回数のお約束（縛り）はありません。\n"
     "各回のお届け日・商品・数量・お届け先・お支払い方法の変更、お休み、解約は、次回お届け予定日の5日前まで、マイページまたはお電話（0120-000-540）で承ります。それ以降のお申し出は、次々回からの扱いとなります。\n"
     "価格は各回のご注文を承る日の定期価格です。変わるときは、その回のお届けの8日前までにメールでお知らせします。"),
    ("subscription_terms", "en", "Subscription terms", "Deliveries go on at the interval you chose until you cancel. There is no minimum number.\n"
     "Date, goods, address and payment can be changed, a delivery skipped or the subscription cancelled until 5 days before the next delivery, on My Page or by phone; later requests count from the delivery after it.\n"
     "Each delivery is charged at the subscription price of the day its order is made; we write to you 8 days before if it changes."),
    ("invoice_note", "ja", "請求書の備考", "※印は軽減税率（8％）対象商品です。このたびはお買い上げいただき、ありがとうございました。"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class House:
    """The keys of what was opened."""

    company_id: int
    brands: dict[str, int]
    sites: dict[str, int]
    channels: dict[str, int]


def open_house(*, since: datetime) -> House:
    """The company, its brands, shop fronts and channels stand, with what the law wants shown."""
    company = open_company(COMPANY, actor=SYSTEM)
    brands = {
        TEA: open_brand(company.id, code=TEA, name="こよみ茶舗", actor=SYSTEM),
        CARE: open_brand(company.id, code=CARE, name="すはだ暦", actor=SYSTEM),
    }
    sites = {
        "koyomi": open_site(company.id, code="koyomi", domain="koyomi.localhost", name="こよみ堂", brand_id=brands[TEA], actor=SYSTEM),
        "suhada": open_site(company.id, code="suhada", domain="suhada.localhost", name="すはだ暦", brand_id=brands[CARE], actor=SYSTEM),
    }
    channels = {}
    for code, name, kind, site in CHANNELS:
        found = open_channel(company.id, code=code, name=name, kind=kind, site_id=sites[site] if site else None, actor=SYSTEM)
        channels[code] = found.id
    for document, prefix in (("order", "KO-"), ("shipment", "KS-"), ("invoice", "KI-{yy}-")):
        open_number_series(company.id, kind=document, prefix=prefix, digits=6, start=1001, actor=SYSTEM)
    _write_laws(company.id, on=since.date())
    return House(company.id, brands, sites, channels)


def _write_laws(company_id: int, *, on: date) -> None:
    with acting(SYSTEM, reason="demo"):
        LegalText.objects.bulk_create(
            [
                LegalText(company_id=company_id, kind=kind, language=language, title=title, body=body, valid_from_on=on)
                for kind, language, title, body in LEGAL
            ],
            ignore_conflicts=True,
        )
