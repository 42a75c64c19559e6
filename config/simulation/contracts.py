"""Contracts: renewed before dawn, and in between left out, paused, taken up again, ended."""

from datetime import date, datetime, timedelta
from typing import Final

from config.simulation.scene import Scene
from core.actor import Actor, ActorKind
from core.db import rows
from orders.operations import take_payments
from subscriptions.operations import cancel_contracts, generate_due, pause_contracts, resume_contracts, skip_cycles
from subscriptions.rules import CancelAsk, CycleAsk, PauseAsk, ResumeAsk

RENEWALS: Final = Actor(ActorKind.SYSTEM, "renewals", "定期便")
LEAVES, LEAVES_OUT, RESTS, COMES_BACK = 0.0016, 0.0013, 0.0005, 0.03
"""Likelihoods on any one day of a contract."""
WHY: Final = ("手もとに余っているため", "ほかの商品を試したいため", "価格", "味・使い心地が合わなかった", "引っ越しのため")

_OPEN = """
SELECT s.id, s.status, s.started_at FROM subscriptions_subscription s
WHERE s.company_id = %s AND s.status IN ('active', 'paused') AND s.started_at < %s ORDER BY s.id
"""


def renew(scene: Scene, day: date, at: datetime) -> int:
    """Every delivery that is due has its order, and the cards of those orders are asked."""
    made = generate_due(on=day, company_id=scene.company.id, actor=RENEWALS, at=at)
    if made.charge:
        take_payments(made.charge, actor=RENEWALS, at=at)
    return made.orders


def change_minds(scene: Scene, day: date, at: datetime) -> int:
    """What customers do with their contracts on a day; what a course does not allow is refused, and so it stays."""
    chance, staff = scene.chance, scene.person("support")
    found = rows(_OPEN, (scene.company.id, at - timedelta(days=6)), prepare=False)
    active = [row.id for row in found if row.status == "active"]
    leaving = [key for key in active if chance.happens(LEAVES, "leaves", day, key)]
    resting = [key for key in active if chance.happens(RESTS, "rests", day, key)]
    skipping = [key for key in active if chance.happens(LEAVES_OUT, "skips", day, key)]
    back = [row.id for row in found if row.status == "paused" and chance.happens(COMES_BACK, "resumes", day, row.id)]
    if skipping:
        skip_cycles([CycleAsk(contract_id=key, reason=chance.pick(WHY[:2], "why", key)) for key in skipping], actor=staff, at=at)
    if resting:
        until = day + timedelta(days=60)
        pause_contracts([PauseAsk(contract_id=key, until_on=until, reason="しばらく留守にするため") for key in resting], actor=staff, at=at)
    if back:
        resume_contracts([ResumeAsk(contract_id=key) for key in back], actor=staff, at=at)
    if leaving:
        cancel_contracts([CancelAsk(contract_id=key, reason=chance.pick(WHY, "why", key)) for key in leaving], actor=staff, at=at)
    return len(leaving) + len(resting) + len(skipping) + len(back)
