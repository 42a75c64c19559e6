"""Two people who both hold the parcel slip claim the same past at once: one gets it; and guesses made at once are all counted."""

import pytest

from core import clock
from core.actor import Actor, ActorKind
from core.errors import Refusal
from customers.models import CustomerAccount, LinkTries
from customers.operations import ask_link_codes, give_link_codes, take_link_codes
from customers.rules import AskCode, Done, GiveCode, LinkedByCode
from orders.models import Order
from storefront.operations import claim_by_order
from tests.factories import customers as make
from tests.factories.orders import a_draft, a_person, a_shop, placed
from tests.races.contention import contend

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
PHONE = "090-1234-5678"
OWNER = Actor(ActorKind.CUSTOMER, "1")


def an_order() -> Order:
    shop = a_shop()
    (answer,) = placed(a_draft(shop, (shop.variant(), 1), person=a_person(phone=PHONE)))
    return Order.objects.get(pk=answer.order_id)


def test_of_two_who_hold_the_slip_one_gets_the_past() -> None:
    order, accounts = an_order(), [make.an_account() for _ in range(6)]

    def job(account_id: int):
        return lambda: claim_by_order(
            account_id, company_id=order.company_id, number=order.number, phone=PHONE, actor=OWNER, at=clock.now()
        )

    answers = contend([job(account.pk) for account in accounts], threads=6)

    assert [type(answer) for answer in answers].count(Done) == 1
    assert {answer.code for answer in answers if isinstance(answer, Refusal)} == {"customers.evidence_weak"}
    assert CustomerAccount.objects.filter(ended_at=None).count() == 1


def test_guesses_made_at_once_are_all_counted() -> None:
    order, account = an_order(), make.an_account()

    def job(n: int):
        return lambda: claim_by_order(
            account.pk, company_id=order.company_id, number=order.number, phone=f"090-0000-00{n:02d}", actor=OWNER, at=clock.now()
        )

    answers = contend([job(n) for n in range(20)], threads=8)

    codes = [answer.code for answer in answers]
    assert codes.count("storefront.no_such_order") == 5
    assert codes.count("customers.too_many_tries") == 15
    assert sorted(LinkTries.objects.values_list("tries", flat=True)) == [20, 20]


def test_one_code_given_twice_at_once_works_once() -> None:
    customer, account = make.a_customer(email="hanako@example.com"), make.an_account()
    ask = AskCode(account_id=account.pk, company_id=customer.company_id, address="hanako@example.com")
    ask_link_codes([ask], actor=OWNER, at=clock.now())
    code = take_link_codes(most=1, actor=OWNER, at=clock.now())[1][0].code

    def give():
        given = GiveCode(account_id=account.pk, company_id=customer.company_id, code=code)
        return give_link_codes([given], actor=OWNER, at=clock.now())[0]

    answers = contend([give] * 6, threads=6)

    assert [type(answer) for answer in answers].count(LinkedByCode) == 1
    assert CustomerAccount.objects.count() == 1


def test_codes_are_mailed_by_one_worker_each() -> None:
    customer = make.a_customer(email="hanako@example.com")
    for _n in range(4):
        account = make.an_account()
        ask = AskCode(account_id=account.pk, company_id=customer.company_id, address="hanako@example.com")
        ask_link_codes([ask], actor=OWNER, at=clock.now())

    taken = contend([lambda: take_link_codes(most=1, actor=OWNER, at=clock.now())[1]] * 8, threads=4)

    sent = [code.code_id for codes in taken for code in codes]
    assert (len(sent), len(set(sent))) == (4, 4)
