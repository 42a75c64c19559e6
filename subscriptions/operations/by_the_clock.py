"""What the clock starts beside the orders: reminders, and pauses that run out."""

from datetime import date, datetime, timedelta

from core.actor import Actor
from core.db import operation, rows
from core.outbox import announce
from subscriptions.events import DeliveryComing
from subscriptions.operations.changing import resume_contracts
from subscriptions.rules import ResumeAsk

_REMIND = """
UPDATE subscriptions_cycle c SET reminded_on = %(on)s
FROM (
    SELECT c.id, s.id AS contract_id, s.public_id, s.company_id, s.customer_id, p.change_deadline_days
    FROM subscriptions_cycle c JOIN subscriptions_subscription s ON s.id = c.subscription_id JOIN subscriptions_plan p ON p.id = s.plan_id
    WHERE c.status = 'planned' AND c.reminded_on IS NULL AND s.status = 'active' AND p.notice_days > 0
        AND c.planned_on > %(on)s AND c.planned_on <= %(on)s + p.notice_days AND c.planned_on < %(on)s::date + 400
        AND s.company_id = %(company)s
    ORDER BY c.planned_on, c.id LIMIT %(most)s FOR UPDATE OF s, c SKIP LOCKED
) due
WHERE c.id = due.id
RETURNING due.contract_id, due.public_id, due.company_id, due.customer_id, c.number, c.planned_on, due.change_deadline_days
"""


@operation
def remind_coming(company_id: int, *, on: date, most: int, actor: Actor, at: datetime) -> int:
    """The customers of deliveries that come soon are to be reminded, each once; answers with how many. Announces DeliveryComing."""
    found = rows(_REMIND, {"on": on, "company": company_id, "most": most})
    announce(
        *(
            DeliveryComing(
                contract_id=r.contract_id,
                contract_ref=r.public_id,
                company_id=r.company_id,
                customer_id=r.customer_id,
                number=r.number,
                planned_on=r.planned_on,
                change_until=r.planned_on - timedelta(days=r.change_deadline_days),
            )
            for r in found
        )
    )
    return len(found)


_OVER = """
SELECT id FROM subscriptions_subscription WHERE status = 'paused' AND paused_until_on <= %s AND company_id = %s
ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""


@operation
def resume_paused(company_id: int, *, on: date, most: int, actor: Actor, at: datetime) -> int:
    """Contracts whose pause runs out go on by their schedule; answers with how many. Announces SubscriptionResumed."""
    over = [r.id for r in rows(_OVER, (on, company_id, most))]
    return len(resume_contracts([ResumeAsk(contract_id=i) for i in over], actor=actor, at=at)) if over else 0
