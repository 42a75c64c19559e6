"""What the demo company writes to its customers: campaigns, whom they are for, the letters themselves, and coupons."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from campaigns.models import Campaign, Coupon, Message, Segment, SegmentCondition
from campaigns.rules import CampaignAim, ConditionKind, MessageKind
from config.demo.house import House
from config.demo.orders import TOKYO
from core.actor import SYSTEM
from core.db import acting

CAMPAIGNS: Final = (
    ("weekly", "木曜日のお便り", CampaignAim.KEEP),
    ("second", "はじめての方へ 二通目", CampaignAim.MEET),
    ("again", "おひさしぶりのお便り", CampaignAim.WIN_BACK),
    ("season", "季節のご案内", CampaignAim.KEEP),
)
SEGMENTS: Final = (
    ("お便りをご希望の方", "メールに同意いただいた方すべて", ()),
    ("一度お買い上げの方", "初回から90日以内、まだ一度きりの方", (("frequency", {"at_most": 1}), ("first_purchase", {"at_most": 90}))),
    ("おひさしぶりの方", "四か月以上、一年以内にお買い上げのない方", (("recency", {"at_least": 120, "at_most": 365}),)),
    ("よくお買い上げの方", "三度以上お買い上げの方", (("frequency", {"at_least": 3}),)),
)
MESSAGES: Final = (
    ("木曜日のお便り", MessageKind.OFFER, "今週のお茶と、季節のひと皿",
     "{{お名前}} 様\n\nこよみ堂の木曜日のお便りです。\n\n今週は、食後に合う茎ほうじ茶「あかね」を。熱いお湯で三十秒、ほうじたての香りが立ちます。\n"
     "お茶請けには、塩麹のおせんべいをどうぞ。\n\n{{会社名}}\n{{ショップURL}}"),
    ("はじめての方へ", MessageKind.DIALOGUE, "お茶のおいしい入れ方を、もう一度",
     "{{お名前}} 様\n\n先日はありがとうございました。\n\n深蒸しのお茶は、少しぬるめのお湯でゆっくりと。二煎目は熱いお湯で、待たずに注いでください。\n"
     "ご不明なことは、お電話でもお気軽に。\n\n{{会社名}}\n{{ショップURL}}"),
    ("おひさしぶりです", MessageKind.OFFER, "お変わりありませんか",
     "{{お名前}} 様\n\nしばらくぶりにお便りいたします。\n\n季節が変わり、あたたかいお茶が恋しいころになりました。新しく入った生姜はちみつを、ひとさじ紅茶に。\n\n{{会社名}}\n{{ショップURL}}"),
    ("よくお買い上げの方へ", MessageKind.OFFER, "いつもありがとうございます",
     "{{お名前}} 様\n\nいつもありがとうございます。\n\n今年の新しいお茶と、定期便のご案内です。お休みも解約も、次のお届けの五日前までマイページから承ります。\n\n{{会社名}}\n{{ショップURL}}"),
)  # fmt: skip


COUPONS: Final[tuple[tuple[str, str, str, dict[str, Any]], ...]] = (
    ("YOUKOSO", "はじめてのお買い物に", "second", {"amount": 500, "minimum": 3_000, "customer_limit": 1, "is_shown": True}),
    ("OCHA10", "よりどりお茶10%引き", "season", {"percent_bp": 1_000, "most_off": 1_500, "use_limit": 300, "is_shown": True, "back_when_returned": True}),
    ("OHISASHIBURI", "おひさしぶりの方へ", "again", {"amount": 800, "minimum": 4_000, "customer_limit": 1}),
)  # fmt: skip


def prepare_letters(house: House, *, since_on: date) -> None:
    """Four campaigns, four segments and four messages stand, in the order in which the weeks take them up; and three coupons."""
    year = timedelta(days=730)
    with acting(SYSTEM, reason="demo"):
        for code, name, aim in CAMPAIGNS:
            Campaign.objects.create(
                company_id=house.company_id, code=code, name=name, aim=aim, kind="メール", starts_on=since_on, ends_on=since_on + year
            )
        for name, note, conditions in SEGMENTS:
            segment = Segment.objects.create(company_id=house.company_id, name=name, note=note)
            for kind, bounds in (("consent", {}), *conditions):
                SegmentCondition.objects.create(segment=segment, kind=ConditionKind(kind), **bounds)
        for name, kind, subject, body in MESSAGES:
            Message.objects.create(company_id=house.company_id, name=name, kind=kind, subject=subject, body=body)
        for code, name, campaign, terms in COUPONS:
            Coupon.objects.create(
                company_id=house.company_id, code=code, name=name, campaign=Campaign.objects.get(company_id=house.company_id, code=campaign),
                kind="percent" if "percent_bp" in terms else "amount", starts_at=datetime.combine(since_on, time(), TOKYO), **terms,
            )  # fmt: skip
