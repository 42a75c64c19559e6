"""Two people at two desks: the ledger ends in one of the states either alone could have made."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from core.db import rows
from core.errors import Refusal
from customers import hooks, operations, queries
from customers.models import ContactPoint, Customer, CustomerAccount, Merge, RankAssignment
from customers.ports import CUSTOMER_DATA
from customers.rules import ChangeCustomer, Changed, ContactKind, Done, LinkAccount, LinkEvidence, MergeAsk, NewContactPoint
from tests.factories import customers as make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.races]
DOING: dict[str, Any] = {"actor": make.STAFF, "at": make.NOON}


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Every deed in a thread and a transaction of its own, released together."""
    barrier = Barrier(len(deeds))

    def one(deed: Callable[[], Any]) -> Any:
        try:
            barrier.wait()
            return deed()[0]
        finally:
            connection.close()

    with CUSTOMER_DATA.only(hooks), ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(one, deeds))


def test_of_two_edits_from_one_version_one_wins() -> None:
    customer = make.a_customer()

    def edit(name: str) -> Any:
        return operations.update_customers([ChangeCustomer(customer_id=customer.id, changes={"family_name": name}, version=1)], **DOING)

    answers = at_once(*(lambda n=n: edit(f"佐藤{n}") for n in range(6)))

    assert sorted(type(answer).__name__ for answer in answers) == ["Changed"] + ["Refusal"] * 5
    customer.refresh_from_db()
    assert customer.version == 2
    assert {a.code for a in answers if isinstance(a, Refusal)} == {"customers.changed_meanwhile"}
    assert next(a for a in answers if isinstance(a, Changed)).version == 2


def test_merging_both_ways_at_once_makes_no_circle() -> None:
    company = make.a_company()
    one, other, third = (make.a_customer(company) for _ in range(3))

    def merge(principal: Customer, merged: Customer) -> Any:
        return operations.merge_customers([MergeAsk(principal_id=principal.id, merged_id=merged.id)], reason="同一人物", **DOING)

    answers = at_once(lambda: merge(one, other), lambda: merge(other, one), lambda: merge(third, one), lambda: merge(other, third))

    done = sum(isinstance(answer, Done) for answer in answers)
    assert done >= 1
    assert Merge.objects.filter(undone_at=None).count() == Customer.objects.exclude(principal=None).count() == done
    for promise in queries.invariants():
        assert rows(promise.sql, {"company": None}) == [], promise.name


def test_a_contact_point_added_six_times_at_once_is_one() -> None:
    customer = make.a_customer()
    ask = NewContactPoint(customer_id=customer.id, kind=ContactKind.PHONE, value="090-1234-5678")

    answers = at_once(*(lambda: operations.add_contact_points([ask], **DOING) for _ in range(6)))

    assert len({answer.id for answer in answers}) == 1
    assert sorted(answer.repeated for answer in answers) == [False] + [True] * 5
    assert ContactPoint.objects.count() == 1


def test_a_link_made_six_times_at_once_is_one() -> None:
    ask = LinkAccount(customer_id=make.a_customer().id, account_id=make.an_account().id, evidence=LinkEvidence.MAIL_CODE)

    answers = at_once(*(lambda: operations.link_accounts([ask], **DOING) for _ in range(6)))

    assert len({answer.id for answer in answers}) == 1
    assert CustomerAccount.objects.count() == 1


def test_ranks_assigned_at_once_leave_one_open() -> None:
    company = make.a_company()
    customer = make.a_customer(company)
    ranks = [make.a_rank(company, code=f"rank-{n}", level=n) for n in range(4)]

    at_once(*(lambda r=r: operations.assign_ranks([operations.AssignRank(customer_id=customer.id, rank_id=r.id)], **DOING) for r in ranks))

    assert RankAssignment.objects.filter(until_at=None).count() == 1
