"""What becomes of customers beside their orders: consent, points, ranks, duplicates, notes."""

from datetime import date, datetime, timedelta
from typing import Final

from config.simulation.scene import Scene
from core.actor import SYSTEM
from core.db import rows
from customers.operations import (
    AssignRank,
    add_notes,
    assign_ranks,
    dismiss_candidates,
    expire_points,
    merge_customers,
    record_consents,
    set_attention,
)
from customers.rules import ConsentPurpose, ConsentSaid, ConsentStatus, ContactChannel, MergeAsk, NewNote

CONSENTS: Final = {"web": 0.66, "phone": 0.34, "paper": 0.4, "store": 0.45, "chat": 0.6, "marketplace": 0.0, "b2b": 0.1}
RANK_FROM: Final = (("gold", 60_000), ("silver", 24_000))
WORDING: Final = "新商品とお得なご案内を受け取る"
NOTES: Final = (
    "ご不在が多いため、宅配ボックスをご希望。",
    "香りの強いものは苦手とのこと。",
    "お電話は午前中をご希望。",
    "のし紙は毎回「御礼」。",
    "お母さまの分も一緒にご注文されている。",
    "季節のお便りを楽しみにされている。",
)

_NEW = """
SELECT f.customer_id AS id, ch.kind FROM orders_purchasefacts f JOIN core_saleschannel ch ON ch.id = f.entry_channel_id
WHERE f.company_id = %s AND f.first_on = %s ORDER BY f.customer_id
"""
_REGULARS = """
SELECT f.customer_id AS id FROM orders_purchasefacts f JOIN customers_customer c ON c.id = f.customer_id
WHERE f.company_id = %s AND f.f_number >= 1 AND c.principal_id IS NULL AND c.status = 'active' ORDER BY f.customer_id
"""
_RANKED = """
SELECT f.customer_id AS id, sum(o.total)::bigint AS amount, coalesce((SELECT r.code FROM customers_rankassignment a
    JOIN customers_customerrank r ON r.id = a.rank_id WHERE a.customer_id = f.customer_id AND a.until_at IS NULL LIMIT 1), '') AS rank
FROM orders_purchasefacts f JOIN orders_order o ON o.customer_id = f.customer_id AND o.status <> 'cancelled' AND o.placed_on > %s::date - 365
WHERE f.company_id = %s AND f.amount_total >= %s GROUP BY f.customer_id ORDER BY f.customer_id
"""
_RANKS = "SELECT id, code FROM customers_customerrank WHERE company_id = %s ORDER BY id"
_LET_GO = """
SELECT DISTINCT o.customer_id AS id FROM orders_order o JOIN customers_customer c ON c.id = o.customer_id AND NOT c.attention
    AND c.status = 'active' AND c.principal_id IS NULL
WHERE o.company_id = %s AND o.fulfilment_status = 'returned' AND o.payment_method = 'cash_on_delivery'
    AND EXISTS (SELECT 1 FROM orders_shipment s WHERE s.order_id = o.id AND s.returned_at > %s) ORDER BY 1
"""
_CANDIDATES = """
SELECT d.id, d.customer_id, d.other_id, d.score FROM customers_duplicatecandidate d
JOIN customers_customer a ON a.id = d.customer_id JOIN customers_customer b ON b.id = d.other_id
WHERE d.company_id = %s AND d.status = 'open' AND a.principal_id IS NULL AND b.principal_id IS NULL
    AND a.status IN ('active', 'prospect') AND b.status IN ('active', 'prospect')
ORDER BY d.score DESC, d.id LIMIT 60
"""


def ask_consent(scene: Scene, day: date, at: datetime) -> int:
    """Those who bought for the first time were asked whether they want letters; now and then somebody no longer does."""
    said = [
        _said(row.id, row.kind, ConsentStatus.GIVEN)
        for row in rows(_NEW, (scene.company.id, day), prepare=False)
        if scene.chance.happens(CONSENTS.get(row.kind, 0.3), "consents", row.id)
    ]
    if day.weekday() == 4:
        regulars = rows(_REGULARS, (scene.company.id,), prepare=False)
        said += [_said(row.id, "web", ConsentStatus.WITHDRAWN) for row in regulars if scene.chance.happens(0.0018, "no more", day, row.id)]
    if said:
        record_consents(said, actor=SYSTEM, at=at)
    return len(said)


def _said(customer_id: int, kind: str, status: ConsentStatus) -> ConsentSaid:
    source = {"web": "ご注文画面", "phone": "お電話", "paper": "注文ハガキ", "store": "店頭カード"}.get(kind, "ご注文時")
    return ConsentSaid(
        customer_id=customer_id,
        channel=ContactChannel.MAIL,
        purpose=ConsentPurpose.ADVERTISING,
        status=status,
        source=source if status is ConsentStatus.GIVEN else "配信停止のご希望",
        wording=WORDING,
    )


def end_points(scene: Scene, day: date, at: datetime) -> int:
    """Points whose time has come are gone, as the clock does it."""
    return expire_points(actor=SYSTEM, at=at, limit=10_000)


def rank(scene: Scene, day: date, at: datetime) -> int:
    """On the first of a month everybody has the rank of the last twelve months."""
    ids = {row.code: row.id for row in rows(_RANKS, (scene.company.id,))}
    asks = []
    for row in rows(_RANKED, (day, scene.company.id, RANK_FROM[-1][1]), prepare=False):
        earned = next((code for code, least in RANK_FROM if row.amount >= least and code in ids), "")
        if earned and earned != row.rank:
            asks.append(AssignRank(customer_id=row.id, rank_id=ids[earned]))
    if asks:
        assign_ranks(asks, actor=SYSTEM, at=at, reason="直近12か月の実績")
    return len(asks)


def look_at_twins(scene: Scene, day: date, at: datetime) -> int:
    """Once a week somebody decides on the alike ones: the very alike are merged, some told apart, the rest wait."""
    staff = scene.person("support")
    used: set[int] = set()
    merging, apart = [], []
    for row in rows(_CANDIDATES, (scene.company.id,), prepare=False):
        if used & {row.customer_id, row.other_id}:
            continue
        if row.score >= 60 and scene.chance.happens(0.6, "merged", row.id):
            merging.append(MergeAsk(principal_id=row.customer_id, merged_id=row.other_id))
            used |= {row.customer_id, row.other_id}
        elif row.score < 60 and scene.chance.happens(0.15, "apart", row.id):
            apart.append(row.id)
    if merging:
        merge_customers(merging, reason="お名前・ご住所・お電話番号が同じ", actor=staff, at=at)
    if apart:
        dismiss_candidates(apart, reason="別の方と確認", actor=staff, at=at)
    return len(merging) + len(apart)


def note_people(scene: Scene, day: date, at: datetime) -> int:
    """A few regulars a week get a note for whoever picks up the telephone next."""
    regulars = rows(_REGULARS, (scene.company.id,), prepare=False)
    chosen = [row.id for row in regulars if scene.chance.happens(0.0015, "noted", day, row.id)]
    asks = [
        NewNote(customer_id=key, body=scene.chance.pick(NOTES, "note", day, key), show_until_at=at + timedelta(days=365)) for key in chosen
    ]
    if asks:
        add_notes(asks, actor=scene.person("support"), at=at)
    return len(asks)


def watch_out(scene: Scene, day: date, at: datetime) -> int:
    """Whoever let a parcel to be paid at the door go back is looked at before the next one leaves."""
    found = [row.id for row in rows(_LET_GO, (scene.company.id, at - timedelta(days=2)), prepare=False)]
    if found:
        set_attention(found, attention=True, reason="代金引換のお荷物をお受け取りにならなかった", actor=scene.person("support"), at=at)
    return len(found)
