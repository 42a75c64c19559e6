"""Money comes as it does: at once, late, too little, never; carriers and marketplaces settle for many."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final

from billing.operations import identify_payments, receive_payments, refund_payments
from billing.rules import IdentifyAsk, PaymentAsk, PaymentMethod, RefundAsk
from config.simulation.parcels import comes_back
from config.simulation.scene import Scene
from core.db import rows
from core.errors import Refusal

M = PaymentMethod
NEVER: Final = {M.BANK_TRANSFER: 0.035, M.CONVENIENCE_STORE: 0.011, M.DEFERRED: 0.013}
LATE: Final = 0.06
TRANSFER_FEE: Final = 440
"""What some people keep back of a bank transfer."""

_OWED = """
SELECT o.id, o.public_id, o.number, o.customer_id, o.payment_method, o.total, o.paid_total, o.currency, o.placed_on,
    s.shipped_on, s.arrived_at, k.family_kana, k.given_kana, k.organisation_name
FROM orders_order o JOIN customers_customer k ON k.id = o.customer_id
LEFT JOIN LATERAL (SELECT max(s.shipped_on) AS shipped_on, max(s.delivered_at) AS arrived_at FROM orders_shipment s WHERE s.order_id = o.id) s ON true
WHERE o.company_id = %s AND o.status = 'confirmed' AND o.payment_status IN ('unpaid', 'partly_paid')
    AND o.payment_method NOT IN ('card', 'cash_at_store', 'free') AND o.placed_at < %s
ORDER BY o.id
"""
_UNKNOWN = """
SELECT p.id, p.received_on FROM billing_payment p
WHERE p.company_id = %s AND p.customer_id IS NULL AND p.status <> 'reversed' AND p.once_key LIKE 'simulated:lost:%%' ORDER BY p.id
"""
_TO_GIVE_BACK = """
SELECT p.id, p.unapplied_amount AS held, o.cancelled_at, o.id AS order_id FROM billing_payment p JOIN orders_order o ON o.public_id = p.order_ref
WHERE o.company_id = %s AND o.cancelled_at < %s AND o.cancelled_at > %s::timestamptz - interval '30 days' AND p.unapplied_amount > 0
    AND p.status <> 'reversed' AND p.method <> 'card'
ORDER BY p.id
"""


def collect(scene: Scene, day: date, at: datetime) -> int:
    """Everything that comes in on a day is booked to its order; answers with the number of payments."""
    asks = [ask for row in rows(_OWED, (scene.company.id, at), prepare=False) for ask in _payment_of(scene, row, day)]
    asks += _unknown_payer(scene, day)
    if asks:
        for result in receive_payments(asks, actor=scene.person("accounting"), at=at):
            if isinstance(result, Refusal):
                raise RuntimeError(f"A payment was refused: {result.code} {result.text()}")
    return len(asks)


def _payment_of(scene: Scene, row: Any, day: date) -> Iterator[PaymentAsk]:
    comes_on = comes_on_day(scene, row, day)
    if comes_on is None or comes_on > day or (day.weekday() >= 5 and row.payment_method in (M.BANK_TRANSFER, M.CASH_ON_DELIVERY)):
        return
    left = row.total - row.paid_total
    part = (
        row.payment_method == M.BANK_TRANSFER and not row.paid_total and left > 3_000 and scene.chance.happens(0.008, "keeps fee", row.id)
    )
    name = row.organisation_name or f"{row.family_kana} {row.given_kana}"
    yield PaymentAsk(
        company_id=scene.company.id,
        method=M(row.payment_method),
        currency=row.currency,
        amount=left - TRANSFER_FEE if part else left,
        received_on=day,
        once_key=f"simulated:{row.public_id}:{row.paid_total}",
        reference={M.BANK_TRANSFER: "振込", M.CASH_ON_DELIVERY: "代引精算", M.MARKETPLACE: "モール精算"}.get(row.payment_method, "収納"),
        payer_name=name.strip() if row.payment_method == M.BANK_TRANSFER else "",
        order_ref=row.public_id,
    )


def comes_on_day(scene: Scene, row: Any, day: date) -> date | None:
    """The day the rest of an order's money comes, as far as it can be told; None when it never does."""
    chance, method = scene.chance, M(row.payment_method)
    if chance.happens(NEVER.get(method, 0.0), "never pays", row.id):
        return None
    late = timedelta(days=chance.between(18, 45, "late by", row.id)) if chance.happens(LATE, "late", row.id) else timedelta()
    if row.paid_total:
        return day if chance.happens(0.2, "rest", day, row.id) else None
    if method == M.BANK_TRANSFER and not row.organisation_name:
        return row.placed_on + timedelta(days=1 + int(5 * chance.share("transfers", row.id) ** 2))
    if method == M.BANK_TRANSFER:
        return row.placed_on + timedelta(days=2)
    if row.shipped_on is None:
        return None
    if method == M.CASH_ON_DELIVERY:
        return None if row.arrived_at is None or comes_back(scene, row.id, method) else row.arrived_at.date() + timedelta(days=7)
    if method == M.MARKETPLACE:
        return day if day.day in (10, 25) else None
    usual = 30 if row.organisation_name else chance.between(2, 13, "pays after", row.id)
    return row.shipped_on + timedelta(days=usual) + late


def _unknown_payer(scene: Scene, day: date) -> list[PaymentAsk]:
    """Once in a while a transfer names nobody we know."""
    if day.weekday() >= 5 or not scene.chance.happens(0.03, "lost transfer", day):
        return []
    amount = 100 * scene.chance.between(18, 96, "lost amount", day)
    return [
        PaymentAsk(
            company_id=scene.company.id,
            method=M.BANK_TRANSFER,
            currency=scene.company.currency,
            amount=amount,
            received_on=day,
            once_key=f"simulated:lost:{scene.company.code}:{day}",
            reference="振込",
            payer_name=scene.chance.pick(("ヤマモトシヨウジ", "カ)ハナレ", "タナカ", "サトウ ヨウコ", "スズキケンイチ"), "lost payer", day),
        )
    ]


def find_payers(scene: Scene, day: date, at: datetime) -> int:
    """Whose the unknown transfers of last week are turns out, now and then."""
    known = [row for row in rows(_UNKNOWN, (scene.company.id,)) if row.received_on + timedelta(days=5) <= day]
    asks = []
    for row in known:
        if scene.chance.happens(0.25, "found", day, row.id):
            customer = _somebody(scene, row.id)
            if customer:
                asks.append(IdentifyAsk(payment_id=row.id, customer_id=customer))
    if asks:
        identify_payments(asks, actor=scene.person("accounting"), at=at, reason="お電話で確認")
    return len(asks)


def _somebody(scene: Scene, payment_id: int) -> int | None:
    found = rows(
        "SELECT customer_id AS id FROM orders_purchasefacts WHERE company_id = %s AND f_number > 1 ORDER BY customer_id LIMIT 200",
        (scene.company.id,),
    )
    return int(scene.chance.pick(found, "whose", payment_id).id) if found else None


def give_back(scene: Scene, day: date, at: datetime) -> int:
    """What was paid for orders cancelled some days ago goes back, but for the few whose account isn't known yet."""
    asks = [
        RefundAsk(payment_id=row.id, amount=row.held, once_key=f"simulated:refund:{row.id}", reason="ご注文取消のため")
        for row in rows(_TO_GIVE_BACK, (scene.company.id, at - timedelta(days=3), at), prepare=False)
        if not scene.chance.happens(0.08, "no account", row.order_id)
    ]
    if asks:
        refund_payments(asks, actor=scene.person("accounting"), at=at, reason="ご注文取消のため")
    return len(asks)
