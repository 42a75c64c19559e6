"""kill -9 of both generators while 2,000 renewals are due: every delivery has exactly one order, and none is lost.

The generators are the two processes of a worker; the clock's call comes again after each death, as it does every minute.
"""

from collections.abc import Iterator
from datetime import timedelta

from faults.house import House, a_house, kill, number, until
from faults.outcome import Outcome

RENEWALS, PROCESSES = 2_000, 2
KILLED_AT = (200, 900)
"""So many renewals are there when the generators die, once in the middle of their first chunks and once in later ones."""
ORDERS = "SELECT count(*) FROM orders_order"


def outcomes() -> Iterator[Outcome]:
    """2,000 contracts are due; their generators die twice."""
    with a_house("renewals_killed") as house:
        _contracts()
        before = number(ORDERS)
        for reached in KILLED_AT:
            worker = house.worker()
            _call()
            until(lambda floor=before + reached: number(ORDERS) >= floor, within_s=120, what="renewals are made", every_s=0.01)  # type: ignore[misc]
            kill(worker)
            assert number(ORDERS) < before + RENEWALS, "the generators were done before they could be killed"
        house.worker()
        _call()
        until(lambda: number(ORDERS) >= before + RENEWALS and not _due(), within_s=300, what="all renewals are made", every_s=0.5)
        yield _judged(house, before=before)


def _contracts() -> None:
    """Contracts that began a month ago, each with the order that opened it."""
    from core import clock
    from tests.factories.orders import a_shop
    from tests.factories.subscriptions import many_contracts

    assert len(many_contracts(a_shop(), RENEWALS, at=clock.now() - timedelta(days=30))) == RENEWALS


def _call() -> None:
    """What the clock does every minute, once for each process of the worker: a duplicate tick does no harm."""
    from config.celery import app

    for _ in range(PROCESSES):
        app.send_task("subscriptions.generate_renewals")


def _due() -> int:
    return number("SELECT count(*) FROM subscriptions_cycle WHERE number = 2 AND status <> 'generated'")


def _judged(house: House, *, before: int) -> Outcome:
    broken, names = house.broken_promises()
    made = number(ORDERS) - before
    losses = {
        "renewals without an order": _due(),
        "orders too many": max(0, made - RENEWALS),
        "deliveries with two orders": number(
            "SELECT count(*) FROM (SELECT c.id FROM subscriptions_cycle c JOIN orders_order o ON o.cart_ref = c.cart_ref"
            " GROUP BY c.id HAVING count(*) > 1) d"
        ),
        "next deliveries not planned": RENEWALS
        - number("SELECT count(*) FROM subscriptions_cycle WHERE number = 3 AND status = 'planned'"),
        f"broken promises ({names})": broken,
    }
    note = ", ".join(f"{count} {what}" for what, count in losses.items() if count)
    told = f"[{len(KILLED_AT)} kills of {PROCESSES} generators; {made} orders]"
    return Outcome("generators killed while renewals are made", tried=RENEWALS, lost=sum(losses.values()), note=f"{note} {told}".strip())
