"""Skips against generation, and generators against each other: two real connections, one winner."""

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from core.actor import SYSTEM
from core.db import acting, rows
from core.errors import Refusal
from orders.models import Order
from subscriptions.models import Cycle, Subscription
from subscriptions.operations import cancel_contracts, generate_due, skip_cycles
from subscriptions.rules import CancelAsk, Changed, CycleAsk, Generated
from tests.factories.orders import AT, STAFF, a_shop
from tests.factories.subscriptions import a_contract, many_contracts, open_cycle
from tests.subscriptions.test_operations_generating import broken_promises

pytestmark = pytest.mark.django_db(transaction=True)
DUE = date(2026, 6, 8)
THEN = AT + timedelta(days=28)


def at_once(*jobs: object) -> list[object]:
    """Every job in a thread of its own, all starting together; what each answered."""
    answers: list[object] = [None] * len(jobs)
    bell = Barrier(len(jobs))

    def work(place: int) -> None:
        try:
            rows("SELECT 1 AS awake")
            bell.wait()
            answers[place] = jobs[place]()  # type: ignore[operator]
        finally:
            connection.close()

    threads = [Thread(target=work, args=(n,)) for n in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_two_generators_make_every_due_order_once() -> None:
    many_contracts(a_shop(), 30)

    def generate() -> Generated:
        return generate_due(on=DUE, actor=SYSTEM, at=THEN, chunk=4)

    made = at_once(generate, generate, generate)
    rest = generate()

    assert sum(m.orders for m in (*made, rest)) == 30  # type: ignore[attr-defined]
    assert Order.objects.count() == 60
    assert Cycle.objects.filter(number=2, status="generated").count() == 30
    assert Cycle.objects.filter(number=3, status="planned").count() == 30
    assert broken_promises() == []


def test_a_skip_and_a_generator_have_one_winner() -> None:
    contracts = many_contracts(a_shop(), 12)
    asks = [CycleAsk(contract_id=c.pk, number=2, exception=True) for c in contracts]

    answers = at_once(
        lambda: [skip_cycles([ask], actor=STAFF, at=THEN)[0] for ask in asks],
        lambda: generate_due(on=DUE, actor=SYSTEM, at=THEN, chunk=2),
    )

    skipped = {a.contract_id for a in answers[0] if isinstance(a, Changed)}  # type: ignore[attr-defined]
    refused = [a for a in answers[0] if isinstance(a, Refusal)]  # type: ignore[attr-defined]
    assert {r.code for r in refused} <= {"subscription.no_such_delivery"}
    assert Cycle.objects.filter(number=2, status="skipped").count() == len(skipped)
    assert Cycle.objects.filter(number=2, status="generated").count() + Cycle.objects.filter(number=2, status="planned").count() == len(
        refused
    )
    assert broken_promises() == []


def test_a_generator_passes_by_what_a_change_holds() -> None:
    contract = a_contract(a_shop())
    seen: list[Generated] = []

    def rival() -> None:
        seen.append(generate_due(on=DUE, actor=SYSTEM, at=THEN))
        connection.close()

    with acting(STAFF):
        Subscription.objects.select_for_update().get(pk=contract.pk)
        thread = Thread(target=rival)
        thread.start()
        thread.join()
        cancel_contracts([CancelAsk(contract_id=contract.pk, reason="x", exception=True)], actor=STAFF, at=THEN)

    assert [s.orders for s in seen] == [0]
    assert generate_due(on=DUE, actor=SYSTEM, at=THEN).orders == 0
    contract.refresh_from_db()
    assert contract.status == "cancelled"
    assert Order.objects.count() == 1


def test_skipping_twice_at_once_leaves_out_one_delivery() -> None:
    contract = a_contract(a_shop())
    ask = CycleAsk(contract_id=contract.pk, number=2)

    answers = at_once(*[lambda: skip_cycles([ask], actor=STAFF, at=AT)[0]] * 4)

    assert sorted(a.repeated for a in answers) == [False, True, True, True]  # type: ignore[attr-defined]
    assert open_cycle(contract).number == 3
    assert broken_promises() == []
