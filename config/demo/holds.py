"""Which orders the demo company looks at before they ship."""

from django.contrib.auth.models import Group

from billing.rules import PaymentMethod
from config.demo.house import House
from config.staff_roles import ROLES
from core.actor import SYSTEM
from core.db import acting
from orders.models import HoldRule
from orders.rules import HoldKind

ISLANDS = (*(f"1000{n}" for n in range(1, 7)), *(f"1001{n}" for n in range(1, 8)), "10021", "10022", "906", "907")
"""Izu, Ogasawara, Miyako and Yaeyama: no carrier promises a time band there. The middle of Tokyo begins with 1000 as well."""


def write_hold_rules(house: House) -> None:
    """Remarks are read, odd addresses asked about, repeats told apart; a first large order on delivery is accounting's to release."""
    accounting = Group.objects.get(name=ROLES["accounting"])
    rules = (
        HoldRule(name="備考欄の確認", kind=HoldKind.REMARK, has_remark=True),
        HoldRule(name="郵便番号と都道府県が一致しません", kind=HoldKind.ADDRESS, postal_differs=True),
        HoldRule(name="離島は時間帯を指定できません", kind=HoldKind.ADDRESS, postal_prefixes=list(ISLANDS), has_time_band=True),
        HoldRule(name="同じ商品の重複注文かもしれません", kind=HoldKind.DUPLICATE, repeats_within_days=1),
        HoldRule(
            name="初回・代引・3万円以上の与信確認", kind=HoldKind.AMOUNT, method=PaymentMethod.CASH_ON_DELIVERY, first_order=True,
            total_from=30_000, role=accounting,
        ),
        HoldRule(name="同じ商品が30点以上です（転売の確認）", kind=HoldKind.QUANTITY, article_pieces_from=30),
        HoldRule(name="与信限度額を超えます", kind=HoldKind.CREDIT, over_credit_limit=True, role=accounting),
    )  # fmt: skip
    with acting(SYSTEM, reason="demo"):
        for position, rule in enumerate(rules, 1):
            rule.company_id, rule.position = house.company_id, position
            rule.full_clean()
            rule.save()
