"""Why customers call and write, and how it ends."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from config.simulation.scene import Scene
from contact.operations import add_interactions, open_cases, solve_cases
from contact.rules import CauseClass, Direction, NewInteraction, OpenCase, Solution, SolveCase
from core.db import rows
from customers.rules import ContactChannel

CASES_PER_ORDER: Final = 0.055


@dataclass(frozen=True, slots=True)
class Matter:
    """A thing people contact a shop about: how often, in whose words, and how it is usually solved."""

    weight: float
    reason: str
    theme: str
    said: str
    answer: str
    cause: CauseClass
    days: int
    """How long it takes to solve at most; 0 is at once."""


MATTERS: Final = (
    Matter(22, "delivery", "配送日の確認", "注文した商品はいつ届きますか。", "発送済みとお伝えし、お問い合わせ番号をご案内した。", CauseClass.DELIVERY, 0),
    Matter(12, "delivery", "時間帯の変更", "夜の時間帯に変更したい。", "配送会社に手配し、19時から21時でお届けとした。", CauseClass.DELIVERY, 0),
    Matter(10, "change", "注文内容の変更", "数量を一つ増やしたい。", "発送前のため、追加のご注文として承った。", CauseClass.ORDERING, 0),
    Matter(10, "product", "飲み方・使い方", "お湯の温度はどのくらいがよいですか。", "袋の裏面の目安と、好みに合わせた入れ方をご案内した。", CauseClass.CUSTOMER, 0),
    Matter(8, "subscription", "次回お届け日の相談", "まだ残っているので、次を遅らせたい。", "マイページからのお休みの方法をご案内した。", CauseClass.CUSTOMER, 0),
    Matter(8, "payment", "お支払い方法", "払込票が届いていない。", "再発行し、三日以内にお届けするとお伝えした。", CauseClass.BILLING, 2),
    Matter(6, "advice", "肌に合うものの相談", "乾燥が気になる。どれから試せばよいか。", "お試しセットと、夜のお手入れの順番をご提案した。", CauseClass.CUSTOMER, 1),
    Matter(6, "return", "未開封品の返品", "贈り物が重なった。返品できるか。", "お届けから八日以内の未開封のため承った。", CauseClass.CUSTOMER, 4),
    Matter(5, "trouble", "容器の破損", "届いた箱の中で瓶にひびが入っていた。", "お詫びのうえ、翌日に代わりの品を発送した。", CauseClass.DELIVERY, 3),
    Matter(4, "complaint", "包装が簡素", "贈り物なのに包装が簡素だった。", "お詫びし、次回から包装の見本を添えてご案内することにした。", CauseClass.SITE, 5),
    Matter(2, "trouble", "肌に合わなかった", "使い始めて赤みが出た。", "ご使用を中止いただき、受診をお勧めした。経過を三日後に伺う。", CauseClass.PRODUCT, 8),
    Matter(4, "praise", "お礼", "母がとても喜んでいました。", "製造の者に伝えますとお礼を申し上げた。", CauseClass.OTHER, 0),
    Matter(3, "address", "引っ越し", "来月引っ越します。新しい住所を伝えたい。", "新しいご住所を登録した。", CauseClass.CUSTOMER, 0),
)  # fmt: skip
CHANNELS: Final = (ContactChannel.CALL, ContactChannel.CALL, ContactChannel.MAIL, ContactChannel.WEB, ContactChannel.CHAT)

_LATELY = """
SELECT o.id, o.public_id, o.customer_id FROM orders_order o JOIN customers_customer c ON c.id = o.customer_id AND c.status <> 'erased'
WHERE o.company_id = %s AND o.placed_at >= %s AND o.placed_at < %s AND o.status <> 'cancelled' ORDER BY o.id
"""
_UNSOLVED = """
SELECT k.id, k.theme, k.occurred_at FROM contact_case k WHERE k.company_id = %s AND k.state <> 'solved' AND k.occurred_at < %s ORDER BY k.id
"""


def listen(scene: Scene, day: date, at: datetime) -> int:
    """Those who have something to say say it, mostly about what they ordered in the last days."""
    if day.weekday() == 6:
        return 0
    chance, company = scene.chance, scene.company.id
    found = rows(_LATELY, (company, scene.moment(day - timedelta(days=4), 0), scene.moment(day - timedelta(days=3), 0)), prepare=False)
    asks = []
    for row in found:
        if not chance.happens(CASES_PER_ORDER, "says", row.id):
            continue
        matter = _matter(scene, row.id)
        asks.append(
            OpenCase(
                company_id=company,
                customer_id=row.customer_id,
                theme=matter.theme,
                body=matter.said,
                reason=matter.reason,
                channel=chance.pick(CHANNELS, "by", row.id),
                occurred_at=at - timedelta(minutes=chance.between(5, 240, "minutes", row.id)),
                order_refs=(row.public_id,),
                solution=_solution(matter) if matter.days == 0 else None,
                once_key=f"simulated:{row.public_id}",
            )
        )
    if asks:
        open_cases(asks, actor=scene.person("support"), at=at)
    return len(asks)


def _matter(scene: Scene, order_id: int) -> Matter:
    return scene.chance.weighted(MATTERS, [matter.weight for matter in MATTERS], "matter", order_id)


def _solution(matter: Matter) -> Solution:
    return Solution(resolution=matter.answer, cause_class=matter.cause)


def answer(scene: Scene, day: date, at: datetime) -> int:
    """What could not be solved at once is worked on, and solved some days later; a few drag on."""
    if day.weekday() == 6:
        return 0
    by_theme = {matter.theme: matter for matter in MATTERS}
    talking, solving = [], []
    for row in rows(_UNSOLVED, (scene.company.id, at - timedelta(hours=12)), prepare=False):
        matter = by_theme.get(row.theme)
        if matter is None or scene.chance.happens(0.03, "drags on", row.id):
            continue
        days = (day - row.occurred_at.date()).days
        if days >= scene.chance.between(1, max(1, matter.days), "solved after", row.id):
            solving.append(SolveCase(case_id=row.id, solution=_solution(matter)))
        elif days == 1:
            body = "状況を確認し、折り返しご連絡するとお伝えした。"
            talking.append(NewInteraction(case_id=row.id, body=body, direction=Direction.OUTBOUND, once_key=f"simulated:{row.id}"))
    staff = scene.person("support")
    if talking:
        add_interactions(talking, actor=staff, at=at)
    if solving:
        solve_cases(solving, actor=staff, at=at)
    return len(talking) + len(solving)
