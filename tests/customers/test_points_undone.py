"""Points follow what gave or took them: in proportion, never below nothing, however often and in whatever order it is told."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models import OutboxEvent
from customers import operations
from customers.models import PointEntry, PointLot
from customers.rules import Grant, PointsUndone, Spend, Undone, still_to_take
from tests.factories import customers as make

DOING = {"actor": make.STAFF, "at": make.NOON}
UNTIL = make.NOON + timedelta(days=365)


@given(st.integers(1, 10_000), st.lists(st.integers(0, 9_000), max_size=8))
def test_whatever_is_told_of_an_undoing_its_share_is_taken_and_never_more(granted: int, parts: list[int]):
    taken, most = 0, 0
    for part in parts:
        undone = Undone(company_id=1, reference="N", part=part, whole=8_000)
        taken += still_to_take(granted, taken, undone)
        most = max(most, min(part, 8_000))

    assert taken == granted * most // 8_000


def a_customer_with(points: int, *, reference: str = "KO-1"):
    customer = make.a_customer()
    [moved] = operations.grant_points(
        [Grant(customer_id=customer.pk, points=points, reference=reference, once_key=f"{reference}:{customer.pk}", expires_at=UNTIL)],
        **DOING,
    )
    assert moved.points == points
    return customer


def undo(customer, part: int, whole: int = 1_000, reference: str = "KO-1") -> PointsUndone:
    return operations.undo_points([Undone(company_id=customer.company_id, reference=reference, part=part, whole=whole)], **DOING)[0]


pytestmark = pytest.mark.django_db


def test_a_part_takes_its_share_and_telling_it_again_takes_nothing():
    customer = a_customer_with(101)

    answers = [undo(customer, part) for part in (300, 300, 100, 1_000, 1_000)]

    assert answers == [PointsUndone(taken_back=30), PointsUndone(), PointsUndone(), PointsUndone(taken_back=71), PointsUndone()]
    assert PointLot.objects.get().remaining == 0
    assert list(PointEntry.objects.order_by("pk").values_list("kind", "points")) == [
        ("granted", 101),
        ("corrected", -30),
        ("corrected", -71),
    ]
    assert OutboxEvent.objects.filter(name="customers.PointsCorrected").count() == 2


def test_what_was_spent_meanwhile_is_not_claimed_and_is_told():
    customer = a_customer_with(100)
    operations.spend_points([Spend(customer_id=customer.pk, points=80, reference="KO-2", once_key="spend-2")], **DOING)

    assert undo(customer, 1_000) == PointsUndone(taken_back=20, short=80)
    assert undo(customer, 1_000) == PointsUndone(short=80)
    assert PointLot.objects.get().remaining == 0


def test_points_spent_on_it_come_back_once_all_of_it_is_undone():
    customer = a_customer_with(100)
    operations.spend_points([Spend(customer_id=customer.pk, points=60, reference="KO-2", once_key="spend-2")], **DOING)

    answers = [undo(customer, part, reference="KO-2") for part in (999, 1_000, 1_000)]

    assert answers == [PointsUndone(), PointsUndone(given_back=60), PointsUndone()]
    assert PointLot.objects.get().remaining == 100


def test_another_companys_number_is_another_order():
    ours, theirs = a_customer_with(100), a_customer_with(50)

    undo(ours, 1_000)

    assert list(PointLot.objects.order_by("pk").values_list("remaining", flat=True)) == [0, 50]
    assert ours.company_id != theirs.company_id


def test_nothing_undone_and_nothing_known_change_nothing():
    customer = a_customer_with(100)

    assert [undo(customer, 0), undo(customer, 5, whole=0), undo(customer, 1, reference="?")] == [PointsUndone()] * 3
    assert PointLot.objects.get().remaining == 100
