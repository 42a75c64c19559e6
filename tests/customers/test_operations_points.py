"""Points: lots that expire, taken soonest first, never twice, never below zero."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.actor import Actor
from core.db import rows
from customers import operations, queries
from customers.models import Customer, PointEntry, PointLot
from customers.rules import GiveBack, Grant, PointsMoved, Spend
from tests.factories import customers as make

DOING: dict[str, Any] = {"actor": make.STAFF, "at": make.NOON}
SOON, LATER = make.NOON + timedelta(days=10), make.NOON + timedelta(days=100)


def grant(customer: Customer, points: int, key: str, **given: Any) -> Any:
    ask = Grant(customer_id=customer.id, points=points, once_key=key, reference="campaign:1", **given)
    return operations.grant_points([ask], **DOING)[0]


def spend(customer: Customer, points: int, key: str, **given: Any) -> Any:
    ask = Spend(customer_id=customer.id, points=points, once_key=key, reference="order:1", **given)
    return operations.spend_points([ask], **DOING)[0]


def left() -> list[int]:
    return list(PointLot.objects.order_by("id").values_list("remaining", flat=True))


def test_a_grant_counts_once_per_key(joined: Actor) -> None:
    customer = make.a_customer()

    first, again = grant(customer, 100, "g1"), grant(customer, 999, "g1")

    assert (first, again) == (
        PointsMoved(customer_id=customer.id, points=100),
        PointsMoved(customer_id=customer.id, points=100, repeated=True),
    )
    assert left() == [100]


def test_spending_takes_the_soonest_to_expire_first(joined: Actor) -> None:
    customer = make.a_customer()
    for key, points, expires in [("never", 50, None), ("later", 30, LATER), ("soon", 20, SOON)]:
        grant(customer, points, key, expires_at=expires)

    assert spend(customer, 60, "s1") == PointsMoved(customer_id=customer.id, points=60)

    assert left() == [40, 0, 0]
    assert list(PointEntry.objects.filter(kind="spent").order_by("id").values_list("points", "once_key")) == [
        (-20, "s1"),
        (-30, "s1#2"),
        (-10, "s1#3"),
    ]
    balance = queries.point_balances([customer.id], brand_id=None, at=make.NOON)[customer.id]
    assert (balance.points, balance.next_expiry_at) == (40, None)


def test_the_same_spend_again_takes_nothing(joined: Actor) -> None:
    customer = make.a_customer()
    grant(customer, 100, "g1")

    first, again = spend(customer, 30, "s1"), spend(customer, 30, "s1")

    assert (first.repeated, again.repeated, again.points) == (False, True, 30)
    assert left() == [70]


@pytest.mark.parametrize(
    ("_case", "points", "code"),
    [("too many", 101, "customers.points_short"), ("zero", 0, "customers.points_impossible"), ("less", -1, "customers.points_impossible")],
)
def test_a_spend_that_cannot_be_is_refused_whole(joined: Actor, _case: str, points: int, code: str) -> None:
    customer = make.a_customer()
    grant(customer, 100, "g1")

    answer = spend(customer, points, "s1")

    assert answer.code == code
    assert left() == [100]
    assert PointEntry.objects.count() == 1


def test_a_batch_never_spends_the_same_points_twice(joined: Actor) -> None:
    customer = make.a_customer()
    grant(customer, 100, "g1")

    first, short = operations.spend_points(
        [Spend(customer_id=customer.id, points=70, once_key=key, reference="order:1") for key in ("a", "b")], **DOING
    )

    assert first.points == 70
    assert (short.code, short.params) == ("customers.points_short", {"there": 30, "wanted": 70})


def test_a_brands_points_are_spent_with_that_brand_only(joined: Actor) -> None:
    company = make.a_company()
    customer, brand = make.a_customer(company), make.a_brand(company)
    grant(customer, 100, "g1", brand_id=brand.id)
    grant(customer, 10, "g2")

    assert spend(customer, 20, "s1").code == "customers.points_short"
    assert spend(customer, 110, "s2", brand_id=brand.id).points == 110


def test_merged_customers_spend_together(joined: Actor) -> None:
    company = make.a_company()
    principal = make.a_customer(company)
    merged = make.a_customer(company, principal=principal)
    grant(principal, 50, "g1")
    grant(merged, 50, "g2")

    assert spend(merged, 80, "s1").points == 80
    assert queries.point_balances([principal.id, merged.id], brand_id=None, at=make.NOON)[principal.id].points == 20


def test_returned_points_go_back_to_their_lots_once(joined: Actor) -> None:
    customer = make.a_customer()
    grant(customer, 20, "g1", expires_at=SOON)
    grant(customer, 50, "g2")
    spend(customer, 30, "s1")

    first, unknown = operations.return_points(
        [GiveBack(spend_key="s1", reference="order:1"), GiveBack(spend_key="x", reference="")], **DOING
    )
    (again,) = operations.return_points([GiveBack(spend_key="s1", reference="order:1")], **DOING)

    assert (first.points, first.repeated, again.repeated) == (30, False, True)
    assert unknown.code == "customers.spend_not_found"
    assert left() == [20, 50]


def test_points_expire_at_their_moment_and_only_once(joined: Actor) -> None:
    customer = make.a_customer()
    grant(customer, 20, "g1", expires_at=SOON)
    grant(customer, 50, "g2")
    spend(customer, 5, "s1")

    assert operations.expire_points(actor=make.STAFF, at=SOON - timedelta(seconds=1)) == 0
    assert operations.expire_points(actor=make.STAFF, at=SOON) == 1
    assert operations.expire_points(actor=make.STAFF, at=SOON) == 0
    assert left() == [0, 50]

    operations.return_points([GiveBack(spend_key="s1", reference="")], actor=make.STAFF, at=LATER)
    assert operations.expire_points(actor=make.STAFF, at=LATER) == 1
    assert left() == [0, 50]


def test_dead_points_are_not_granted(joined: Actor) -> None:
    customer = make.a_customer()

    assert grant(customer, 10, "g1", expires_at=make.NOON).code == "customers.points_expired"
    assert grant(customer, 0, "g2").code == "customers.points_impossible"
    assert left() == []


def test_point_entries_only_grow(joined: Actor) -> None:
    grant(make.a_customer(), 10, "g1")

    for statement in ("UPDATE customers_pointentry SET points = 1", "DELETE FROM customers_pointentry"):
        with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
            rows(f"{statement} RETURNING id")


def test_statements_do_not_grow_with_the_batch(joined: Actor) -> None:
    company = make.a_company()
    customers = [make.a_customer(company) for _ in range(50)]
    counts = []
    for size in (1, 50):
        with CaptureQueriesContext(connection) as seen:
            operations.grant_points(
                [Grant(customer_id=c.id, points=10, once_key=f"g{size}-{c.id}", reference="") for c in customers[:size]], **DOING
            )
            operations.spend_points(
                [Spend(customer_id=c.id, points=5, once_key=f"s{size}-{c.id}", reference="") for c in customers[:size]], **DOING
            )
        counts.append(len(seen))

    assert counts[0] == counts[1] <= 10


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
def test_ten_spenders_at_once_share_what_is_there() -> None:
    customer = make.a_customer()
    grant(customer, 35, "g1")
    grant(customer, 30, "g2")
    barrier = Barrier(10)

    def one(number: int) -> bool:
        try:
            barrier.wait()
            return isinstance(spend(customer, 10, f"s{number}"), PointsMoved)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        done = list(pool.map(one, range(10)))

    assert sum(done) == 6
    assert sum(left()) == 5


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
def test_one_spend_sent_eight_times_at_once_is_spent_once() -> None:
    customer = make.a_customer()
    grant(customer, 100, "g1")
    barrier = Barrier(8)

    def one(_number: int) -> bool:
        try:
            barrier.wait()
            return bool(spend(customer, 10, "s1").repeated)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        repeated = list(pool.map(one, range(8)))

    assert sorted(repeated) == [False] + [True] * 7
    assert left() == [90]
