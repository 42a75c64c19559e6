"""The reasons every company begins with."""

from typing import Final

from contact.rules import Desk
from core.actor import Actor
from core.db import operation, run

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

_SEED = """
INSERT INTO contact_casereason (company_id, code, name, desk, complaint, due_hours, position)
SELECT %s, code, name, desk, complaint, hours, place * 10
FROM unnest(%s::text[], %s::text[], %s::text[], %s::boolean[], %s::bigint[]) WITH ORDINALITY AS r (code, name, desk, complaint, hours, place)
ORDER BY place ON CONFLICT (company_id, code) DO NOTHING
"""


@operation
def seed_reasons(company_id: int, *, actor: Actor) -> int:
    """The company has the usual reasons; answers how many are new. What people changed or ended stays as it is."""
    codes, names, desks, complaints, hours = (list(column) for column in zip(*REASONS, strict=True))
    return run(_SEED, (company_id, codes, names, [str(desk) for desk in desks], complaints, hours))
