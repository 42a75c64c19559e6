"""Two first orders of one person at the same time end as one customer."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from core.actor import SYSTEM
from customers.models import ContactPoint, Customer, Identity
from customers.operations import recognise_customers
from customers.rules import Recognise
from tests.factories import customers as make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.races]


def at_once(asks: list[Recognise]) -> list[int]:
    """Every ask in a thread and a transaction of its own, released together."""
    barrier = Barrier(len(asks))

    def one(ask: Recognise) -> int:
        try:
            barrier.wait()
            (answer,) = recognise_customers([ask], actor=SYSTEM, at=make.NOON)
            return answer.customer_id
        finally:
            connection.close()

    with ThreadPoolExecutor(len(asks)) as pool:
        return list(pool.map(one, asks))


def test_twelve_first_orders_of_one_person_make_one_customer() -> None:
    company = make.a_company()

    found = at_once([Recognise(company_id=company.id, person=make.a_person()) for _ in range(12)])

    assert len(set(found)) == 1
    assert (Customer.objects.count(), ContactPoint.objects.count()) == (1, 2)


def test_one_outside_number_with_different_phones_makes_one_customer() -> None:
    company = make.a_company()

    found = at_once(
        [Recognise(company_id=company.id, identity=("rakuten", "R-1"), person=make.a_person(phone=f"090-1111-000{n}")) for n in range(8)]
    )

    assert len(set(found)) == 1
    assert (Customer.objects.count(), Identity.objects.count()) == (1, 1)


def test_different_people_at_once_stay_apart() -> None:
    company = make.a_company()

    found = at_once([Recognise(company_id=company.id, person=make.a_person(phone=f"090-1111-000{n}")) for n in range(8)])

    assert len(set(found)) == 8
