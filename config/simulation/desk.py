"""What the desk does in the morning: held orders are looked at, orders taken back, unpaid ones given up, notes written."""

from datetime import date, datetime, timedelta
from typing import Final

from config.simulation.scene import Scene
from core.db import rows
from orders.operations import add_order_notes, cancel_orders, release_holds
from orders.rules import Visibility

WAITS_FOR_TRANSFER: Final = timedelta(days=8)
CHANGES_MIND: Final = 0.016
REASONS: Final = ("お客様のご都合", "数量・商品の変更のため再注文", "お届け先の誤り", "重複注文")
NOTES: Final = (
    "お電話で配送日のご確認あり。最短で発送とお伝えした。",
    "同梱のしおりをご希望。",
    "贈答用のため、納品書は同封しない。",
    "前回の配送で箱に凹みがあったとのこと。緩衝材を多めに。",
    "ご家族がお受け取りになる。",
)

_UNPAID = """
SELECT o.id FROM orders_order o WHERE o.company_id = %s AND o.status = 'confirmed' AND o.fulfilment_status = 'planned'
    AND o.payment_method = 'bank_transfer' AND o.payment_status = 'unpaid' AND o.placed_at < %s ORDER BY o.id
"""
_FRESH = """
SELECT o.id, o.placed_on FROM orders_order o WHERE o.company_id = %s AND o.status = 'confirmed' AND o.fulfilment_status = 'planned'
    AND o.placed_at >= %s AND o.placed_at < %s AND o.taken_at_id IS NULL ORDER BY o.id
"""
_HELD = """
SELECT o.id, o.placed_at FROM orders_order o WHERE o.company_id = %s AND o.status = 'confirmed' AND o.fulfilment_status = 'planned'
    AND o.open_holds > 0 AND o.placed_at < %s ORDER BY o.id
"""


def let_go_on(scene: Scene, day: date, at: datetime) -> int:
    """Held orders are looked at; most go on, a few wait for an answer."""
    found = rows(_HELD, (scene.company.id, at - timedelta(hours=4)), prepare=False)
    going = [row.id for row in found if scene.chance.happens(0.7, "released", day, row.id)]
    answers = release_holds(going, reason="内容を確認済み", actor=scene.person("order_desk"), at=at)
    guarded = [order_id for order_id, answer in zip(going, answers, strict=True) if answer is not None]
    release_holds(guarded, reason="与信を確認済み", actor=scene.person("accounting"), at=at)
    return len(going)


def take_back(scene: Scene, day: date, at: datetime) -> int:
    """Some change their mind before the parcel leaves, and transfers that never came are no longer waited for."""
    company, chance = scene.company.id, scene.chance
    fresh = rows(_FRESH, (company, scene.moment(day - timedelta(days=1), 13), at), prepare=False)
    cancelled = 0
    for reason in REASONS:
        mine = [
            row.id for row in fresh if chance.happens(CHANGES_MIND, "cancels", row.id) and chance.pick(REASONS, "why", row.id) == reason
        ]
        if mine:
            cancel_orders(mine, reason=reason, actor=scene.person("support"), at=at)
            cancelled += len(mine)
    unpaid = [row.id for row in rows(_UNPAID, (company, at - WAITS_FOR_TRANSFER), prepare=False)]
    if unpaid:
        cancel_orders(unpaid, reason="お振込期限切れ", actor=scene.person("order_desk"), at=at)
    return cancelled + len(unpaid)


def write_notes(scene: Scene, day: date, at: datetime) -> int:
    """Something is noted about one order in a hundred."""
    fresh = rows(_FRESH, (scene.company.id, scene.moment(day - timedelta(days=1), 13), at), prepare=False)
    noted = [row.id for row in fresh if scene.chance.happens(0.012, "noted", row.id)]
    for order_id in noted:
        body = scene.chance.pick(NOTES, "note", order_id)
        add_order_notes([order_id], body=body, actor=scene.person("support"), at=at, visibility=Visibility.STAFF)
    return len(noted)
