"""The courses of the demo company: what comes regularly, and under which rules."""

from datetime import datetime

from catalog.rules import PurchaseType
from config.demo.house import CARE, House
from config.demo.shelves import ALL, sku_of
from core.actor import SYSTEM
from subscriptions.operations import save_plans
from subscriptions.rules import NewPlan

TEA_COURSE, CARE_COURSE, POWDER_COURSE = "tea-teiki", "suhada-teiki", "genki-teiki"


def offer_courses(house: House, variants: dict[str, int], *, at: datetime) -> None:
    """Three courses stand: tea and pantry by the month, skin care with a cheap first delivery, powders by the days they last."""
    save_plans(house.company_id, _courses(variants), actor=SYSTEM, at=at)


def _courses(variants: dict[str, int]) -> list[NewPlan]:
    regular = [(goods, variants[sku_of(goods, size)]) for goods in ALL for size in goods.sizes if PurchaseType.SUBSCRIPTION in goods.forms]
    care = tuple(key for goods, key in regular if goods.brand == CARE)
    powder = tuple(key for goods, key in regular if goods.shelf in ("powder", "drink"))
    tea = tuple(key for goods, key in regular if key not in (*care, *powder))
    return [
        NewPlan(
            code=TEA_COURSE,
            name="お茶の定期便",
            name_en="Tea by the month",
            intervals=("1m", "2m", "3m"),
            default_interval="1m",
            note="毎回10％引き。回数のお約束はなく、次回お届けの5日前までいつでもお休み・解約いただけます。",
            note_en="10% off every delivery. No minimum; skip or cancel up to 5 days before the next one.",
            variant_ids=tea,
        ),
        NewPlan(
            code=CARE_COURSE,
            name="すはだ定期便",
            name_en="Skin care by the month",
            intervals=("1m", "2m", "60d"),
            default_interval="2m",
            note="初回30％引き、2回目から10％引き。回数のお約束はありません。次回お届けの5日前までいつでもお休み・解約いただけます。",
            note_en="30% off the first delivery, 10% from the second. No minimum; skip or cancel up to 5 days before the next one.",
            variant_ids=care,
        ),
        NewPlan(
            code=POWDER_COURSE,
            name="まいにち元気コース",
            name_en="Every-day course",
            intervals=("30d", "45d", "60d"),
            default_interval="30d",
            skip_limit=2,
            note="毎回10％引き。お手元に余ったときは続けて2回までお休みいただけます。解約は次回お届けの5日前まで。",
            note_en="10% off every delivery. Skip up to two in a row; cancel up to 5 days before the next one.",
            variant_ids=powder,
        ),
    ]
