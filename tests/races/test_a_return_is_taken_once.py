"""Several hands ask for, receive, inspect and settle the same returns at once: each piece comes back once, and is credited once."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from billing.models import CreditNote
from core.errors import Refusal
from inventory.models import Movement
from orders.models import Line, Order, ReturnCase
from orders.operations import (
    Found,
    InspectAsk,
    ReceiveAsk,
    SettleAsk,
    approve_returns,
    inspect_returns,
    receive_returns,
    request_returns,
    settle_returns,
)
from tests.factories.orders import STAFF, a_shop
from tests.factories.returns import NOW, a_delivered_order, an_approved_case, an_exchange, asked, broken_promises, shelf
from tests.races.contention import contend, deadlocks

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]


def test_the_last_piece_is_asked_for_once() -> None:
    shop = a_shop(locations=1)
    order = a_delivered_order(shop, (shop.variant(1_000, stock=[10]), 3))
    before = deadlocks()

    answers = contend([partial(_ask, order) for _ in range(8)], threads=8)

    taken = [answer for answer in answers if not isinstance(answer, Refusal)]
    assert len(taken) == 1
    assert {answer.code for answer in answers if isinstance(answer, Refusal)} == {"return.more_than_sent"}
    assert Line.objects.get(order=order).returning_quantity == 2
    assert (deadlocks() - before, broken_promises()) == (0, [])


def _ask(order: Order) -> Any:
    return request_returns([asked(order, 2)], actor=STAFF, at=NOW)[0]


def test_a_case_is_received_inspected_and_settled_once_by_many_hands() -> None:
    shop = a_shop(locations=1)
    tea = shop.variant(1_000, stock=[40])
    cases = [an_approved_case(asked(a_delivered_order(shop, (tea, 3)), 2)) for _ in range(4)]
    before = deadlocks()

    def work(case_id: int) -> Any:
        receive_returns([ReceiveAsk(case_id=case_id, received={1: 2})], actor=STAFF, at=NOW)
        inspect_returns([InspectAsk(case_id=case_id, found={1: Found(restocked=2)})], actor=STAFF, at=NOW)
        return settle_returns([SettleAsk(case_id=case_id)], actor=STAFF, at=NOW)[0]

    jobs: list[Callable[[], Any]] = [partial(work, case.pk) for _ in range(3) for case in cases]
    answers = contend(jobs, threads=6)

    assert [answer for answer in answers if isinstance(answer, BaseException | Refusal)] == []
    assert sorted(CreditNote.objects.values_list("total", flat=True)) == [2_000] * 4
    assert sum(Movement.objects.filter(kind="return").values_list("quantity", flat=True)) == 8
    assert (shelf(tea).sellable, set(ReturnCase.objects.values_list("status", flat=True))) == (36, {"settled"})
    assert (deadlocks() - before, broken_promises()) == (0, [])


def test_an_exchange_is_ordered_once() -> None:
    shop = a_shop(locations=1)
    tea = shop.variant(1_000, stock=[10])
    (result,) = request_returns([an_exchange(a_delivered_order(shop, (tea, 1)), tea)], actor=STAFF, at=NOW)
    assert not isinstance(result, Refusal)

    answers = contend([lambda: approve_returns([result.case_id], actor=STAFF, at=NOW)[0]] * 6, threads=6)

    assert sorted(answer.repeated for answer in answers) == [False, *[True] * 5]  # type: ignore[union-attr]
    assert (Order.objects.count(), broken_promises()) == (2, [])
