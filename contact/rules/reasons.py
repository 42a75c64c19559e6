"""The reasons every company begins with; what people change or end of them stays so."""

from typing import Final

from contact.rules.statuses import Desk

# code, name, desk, complaint, hours until an answer is owed
REASONS: Final = (
    ("order", "ご注文について", Desk.SUPPORT, False, 24),
    ("delivery", "お届け・配送", Desk.SUPPORT, False, 24),
    ("change", "ご注文の変更・取消", Desk.SUPPORT, False, 4),
    ("subscription", "定期便について", Desk.SUPPORT, False, 24),
    ("payment", "お支払い・ご請求", Desk.SUPPORT, False, 24),
    ("return", "返品・交換", Desk.SUPPORT, False, 24),
    ("product", "商品について", Desk.SUPPORT, False, 24),
    ("trouble", "商品の不具合・体調の変化", Desk.SUPPORT, True, 4),
    ("complaint", "ご意見・苦情", Desk.SUPPORT, True, 8),
    ("account", "アカウント・ログイン", Desk.SUPPORT, False, 24),
    ("campaign", "キャンペーン・ポイント", Desk.SUPPORT, False, 48),
    ("address", "ご住所・連絡先の変更", Desk.SUPPORT, False, 24),
    ("catalogue", "カタログ・資料請求", Desk.SUPPORT, False, 48),
    ("advice", "商品選び・使い方のご相談", Desk.SUCCESS, False, 24),
    ("follow_up", "ご使用後のフォロー", Desk.SUCCESS, False, 0),
    ("praise", "お褒めの言葉", Desk.SUPPORT, False, 0),
    ("other", "その他", Desk.SUPPORT, False, 24),
)
