"""A day is closed while orders wish for it: each order was placed for it before, or is refused with the next one."""

from datetime import date
from functools import partial

import pytest

from core.actor import SYSTEM
from core.db import acting
from orders.models import DeliveryClosure, Order, Shipment
from orders.operations import place_orders
from orders.rules import DraftDestination, Placed
from tests.factories.delivery import a_delivery
from tests.factories.orders import AT, Shop, a_draft, a_place, a_shop
from tests.races.contention import contend, deadlocks
from tests.races.test_one_cart_makes_one_order import broken_promises

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
DAY = date(2026, 5, 20)


def closes(shop: Shop) -> str:
    with acting(SYSTEM):
        DeliveryClosure.objects.create(company=shop.company, kind="delivery", from_on=DAY, until_on="2026-05-21", reason="台風")
    return "closed"


def test_every_order_is_placed_for_the_day_or_told_the_next_one_and_none_is_half_of_both() -> None:
    shop = a_shop(locations=1)
    a_delivery(shop)
    tea = shop.variant(stock=[99])
    drafts = [a_draft(shop, (tea, 1), destinations=(DraftDestination(place=a_place(), wished_on=DAY),)) for _n in range(16)]
    before = deadlocks()

    jobs = [partial(place_orders, [draft], actor=SYSTEM, at=AT) for draft in drafts]
    answers = contend([*jobs[:8], partial(closes, shop), *jobs[8:]], threads=8)
    (late,) = place_orders([a_draft(shop, (tea, 1), destinations=drafts[0].destinations)], actor=SYSTEM, at=AT)

    told = [answer[0] for answer in answers if isinstance(answer, list)]
    assert len(told) == 16, answers
    assert answers.count("closed") == 1
    refused = [one for one in (*told, late) if not isinstance(one, Placed)]
    assert [(r.code, r.params) for one in refused for r in one.reasons] == [
        ("delivery.closed_day", {"day": "2026-05-20", "next": "2026-05-21"})
    ] * len(refused)
    assert late in refused
    assert Order.objects.count() == 17 - len(refused)
    assert list(Shipment.objects.values_list("expected_on", flat=True)) == [DAY] * Order.objects.count()
    assert deadlocks() - before == 0
    assert broken_promises() == {}
