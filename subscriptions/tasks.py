"""What the clock starts in subscriptions."""

from celery import shared_task

from core import clock
from core.actor import Actor, ActorKind
from orders.operations import take_payments
from subscriptions.operations import generate_due, remind_coming, resume_paused
from subscriptions.queries import trading_companies

RENEWALS = Actor(ActorKind.SYSTEM, "renewals", "定期便")
MOST_A_RUN = 5_000
STEP = 500


@shared_task(name="subscriptions.generate_renewals")
def generate_renewals() -> dict[str, int]:
    """Every due delivery has its order; then the cards of those orders are asked. Whatever is left, the next minute takes up."""
    orders = failed = charged = 0
    for company in trading_companies():
        at = clock.now()
        made = generate_due(company_id=company.id, on=company.business_date(at), most=MOST_A_RUN, actor=RENEWALS, at=at)
        orders, failed = orders + made.orders, failed + made.failed
        for start in range(0, len(made.charge), STEP):
            charged += len(take_payments(made.charge[start : start + STEP], actor=RENEWALS, at=clock.now()))
    return {"orders": orders, "failed": failed, "charged": charged}


@shared_task(name="subscriptions.remind")
def remind() -> int:
    """Customers are reminded of deliveries while these can still be changed; pauses that run out end."""
    done = 0
    for company in trading_companies():
        at = clock.now()
        on = company.business_date(at)
        while taken := resume_paused(company.id, on=on, most=STEP, actor=RENEWALS, at=at):
            done += taken
        while taken := remind_coming(company.id, on=on, most=STEP, actor=RENEWALS, at=at):
            done += taken
    return done
