"""Customers in states that take more than an order: contracts, cards, complaints, a household."""

from datetime import datetime, timedelta
from typing import Final

from billing.rules import PaymentMethod
from catalog.rules import PurchaseType
from config.demo.courses import CARE_COURSE, TEA_COURSE
from config.demo.finding import Cast
from config.demo.orders import COD, Told, written
from config.simulation.cards import enter_card, on_offer
from contact.operations import open_cases
from contact.rules import OpenCase, Priority
from core.actor import SYSTEM
from core.db import acting, rows
from customers.models import Household, HouseholdMember
from customers.rules import ContactChannel
from orders.rules import DraftLine, SubscriptionWish
from subscriptions.operations import pause_contracts, skip_cycles
from subscriptions.rules import CycleAsk, PauseAsk

GOOD: Final = "4242424242424242"
DECLINED: Final = "4000000000000002"
_CONTRACT = "SELECT id FROM subscriptions_subscription WHERE customer_id = %s AND status = 'active' ORDER BY id LIMIT 1"


def contracts_told(cast: Cast, *, now: datetime) -> list[Told]:
    """The orders that open the contracts of the first shoppers, and one whose card is declined."""
    told = [
        _regular("teiki of the first shopper", cast, 0, "web", "TEA-SENCHA-100", TEA_COURSE, "1m", now - timedelta(days=6, hours=3)),
        _regular("teiki that rests", cast, 1, "web-suhada", "CARE-LOTION-120", CARE_COURSE, "2m", now - timedelta(days=5, hours=1)),
    ]
    if not on_offer(cast.house.company_id):
        return told
    at = now - timedelta(days=2, hours=2)
    refused = enter_card(cast.house.company_id, cast.people[6].customer_id, DECLINED, keep=False, at=at)
    if refused is not None:
        lines = (DraftLine(sku="CARE-SERUM-30", quantity=1),)
        told.append(written(cast, "declined card", 6, "web", lines, at, method=PaymentMethod.CARD, means_id=refused, fate="charged"))
    return told


def _regular(name: str, cast: Cast, place: int, channel: str, sku: str, course: str, interval: str, at: datetime) -> Told:
    wish = SubscriptionWish(plan_code=course, interval=interval)
    lines = (DraftLine(sku=sku, quantity=1, purchase_type=PurchaseType.SUBSCRIPTION, cycle=1, subscription=wish),)
    company, customer = cast.house.company_id, cast.people[place].customer_id
    means = enter_card(company, customer, GOOD, keep=True, at=at) if on_offer(company) else None
    method = PaymentMethod.CARD if means is not None else COD
    return written(cast, name, place, channel, lines, at, method=method, means_id=means, fate="charged" if means else "usual")


def give_lives(cast: Cast, *, now: datetime) -> None:
    """One contract leaves out its next delivery, one rests; two people share a house; somebody is angry, somebody unknown called."""
    if not _household(cast):
        return  # told before
    support = cast.staff.actor("support")
    first, second = (rows(_CONTRACT, (cast.people[place].customer_id,)) for place in (0, 1))
    if first:
        skip_cycles([CycleAsk(contract_id=first[0].id, reason="手もとに余っているため")], actor=support, at=now - timedelta(days=1))
    if second:
        until_on = (now + timedelta(days=75)).date()
        ask = PauseAsk(contract_id=second[0].id, until_on=until_on, reason="しばらく留守にするため")
        pause_contracts([ask], actor=support, at=now - timedelta(days=1))
    open_cases(_cases(cast, now=now), actor=support, at=now - timedelta(minutes=20))


def _household(cast: Cast) -> bool:
    """Whether the household is new."""
    pair = [cast.people[5].customer_id, cast.people[35].customer_id]
    with acting(SYSTEM, reason="demo"):
        home, made = Household.objects.get_or_create(company_id=cast.house.company_id, name="渡邊家")
        if made:
            for customer_id, role in zip(pair, ("本人", "配偶者"), strict=True):
                HouseholdMember.objects.create(household=home, customer_id=customer_id, role=role)
    return made


def _cases(cast: Cast, *, now: datetime) -> list[OpenCase]:
    company = cast.house.company_id
    return [
        OpenCase(
            company_id=company,
            customer_id=cast.people[9].customer_id,
            reason="complaint",
            theme="そば茶の混入のご心配",
            body="そばアレルギーなのに、試供品に蕎麦の菓子が入っていた。どういう管理をしているのか、説明がほしい。",
            channel=ContactChannel.CALL,
            priority=Priority.HIGH,
            occurred_at=now - timedelta(hours=26),
            once_key="demo:complaint",
        ),
        OpenCase(
            company_id=company,
            customer_id=cast.people[17].customer_id,
            reason="payment",
            theme="請求書の金額が違う",
            body="定期の値引きが入っていないのではないか。確認できるまで支払わない。",
            channel=ContactChannel.MAIL,
            occurred_at=now - timedelta(hours=5),
            once_key="demo:disputed",
        ),
        OpenCase(
            company_id=company,
            reason="catalogue",
            theme="カタログのご請求",
            body="友人に聞いた。お茶のカタログを送ってほしい。",
            channel=ContactChannel.CALL,
            caller_name="大西様",
            caller_contact="090-0000-4321",
            occurred_at=now - timedelta(minutes=50),
            once_key="demo:unknown-caller",
        ),
    ]
