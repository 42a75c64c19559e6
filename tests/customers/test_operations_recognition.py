"""Who is buying? The batch finds the known, opens an entry for the new, and never takes one for another."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.actor import SYSTEM
from core.db import acting
from core.errors import Refusal
from customers.models import Address, ContactPoint, Customer, CustomerAccount, Identity
from customers.operations import recognise_customers
from customers.rules import MatchedBy, Recognise, Recognised
from tests.factories import customers as make

pytestmark = pytest.mark.django_db


def recognise(*asks: Recognise) -> list[Any]:
    with acting(SYSTEM):
        return recognise_customers(asks, actor=SYSTEM, at=make.NOON)


def only(*asks: Recognise) -> Recognised:
    (answer,) = recognise(*asks)
    assert isinstance(answer, Recognised), answer
    return answer


def statements(asks: list[Recognise]) -> int:
    with acting(SYSTEM), CaptureQueriesContext(connection) as seen:
        recognise_customers(asks, actor=SYSTEM, at=make.NOON)
    return len(seen)


def test_a_person_nobody_knows_becomes_a_customer_with_ways_to_reach_them() -> None:
    company = make.a_company()
    channel = make.a_channel(company)

    answer = only(Recognise(company_id=company.id, channel_id=channel.id, person=make.a_person(), address=make.a_place()))

    customer = Customer.objects.get(pk=answer.customer_id)
    assert (answer.is_new, answer.matched_by, answer.rank_code, answer.attention) == (True, MatchedBy.NOTHING, "", False)
    assert (customer.family_name, customer.kana_key, customer.name_key, customer.first_channel_id) == (
        "山田",
        "ヤマダハナコ",
        "山田花子",
        channel.id,
    )
    assert customer.status == "active"
    assert customer.number.startswith("C")
    assert len(customer.number) == 8
    assert sorted(ContactPoint.objects.values_list("kind", "value", "value_key")) == [
        ("email", "hanako@example.com", "hanako@example.com"),
        ("phone", "090-1234-5678", "+819012345678"),
    ]
    address = Address.objects.get()
    assert (address.customer_id, address.postal_code, address.number_key, address.is_default) == (customer.id, "1060032", "6-10-1", True)


@pytest.mark.parametrize(
    ("_case", "phone", "family_kana"),
    [
        ("as typed before", "090-1234-5678", "ヤマダ"),
        ("full width and minus signs", "０９０−１２３４−５６７８", "ﾔﾏﾀﾞ"),
        ("country code, hiragana", "+81 90 1234 5678", "やまだ"),
        ("a blank in the reading", "09012345678", "ヤマ ダ"),
    ],
)
def test_phone_and_reading_find_the_customer_however_they_are_typed(_case: str, phone: str, family_kana: str) -> None:
    company = make.a_company()
    first = only(Recognise(company_id=company.id, person=make.a_person()))

    again = only(Recognise(company_id=company.id, person=make.a_person(phone=phone, family_kana=family_kana, email="")))

    assert (again.customer_id, again.is_new, again.matched_by) == (first.customer_id, False, MatchedBy.PHONE_AND_KANA)
    assert Customer.objects.count() == 1


@pytest.mark.parametrize(
    ("_case", "other"),
    [
        ("a family member on the same phone", {"given_name": "一郎", "given_kana": "イチロウ"}),
        ("the same name on another phone", {"phone": "03-1111-2222"}),
        ("no phone", {"phone": ""}),
        ("kanji without a reading", {"family_kana": "", "given_kana": ""}),
    ],
)
def test_who_is_only_alike_stays_another_customer(_case: str, other: dict[str, str]) -> None:
    company = make.a_company()
    first = only(Recognise(company_id=company.id, person=make.a_person()))

    second = only(Recognise(company_id=company.id, person=make.a_person(**other)))

    assert second.is_new
    assert second.customer_id != first.customer_id


def test_another_company_keeps_its_own_ledger() -> None:
    ours, theirs = make.a_company(), make.a_company()
    first = only(Recognise(company_id=ours.id, person=make.a_person()))

    second = only(Recognise(company_id=theirs.id, person=make.a_person()))

    assert second.is_new
    assert second.customer_id != first.customer_id


def test_a_different_date_of_birth_is_another_person() -> None:
    from datetime import date

    company = make.a_company()
    father = only(Recognise(company_id=company.id, person=make.a_person(birth_on=date(1960, 5, 5))))

    son = only(Recognise(company_id=company.id, person=make.a_person(birth_on=date(1990, 1, 8))))

    assert son.is_new
    assert son.customer_id != father.customer_id


def test_a_chosen_customer_is_answered_with_rank_and_attention() -> None:
    company = make.a_company()
    customer = make.a_customer(company, attention=True)
    make.holds(customer, make.a_rank(company))

    answer = only(Recognise(company_id=company.id, customer_id=customer.id))

    assert answer == Recognised(customer_id=customer.id, is_new=False, matched_by=MatchedBy.GIVEN, rank_code="gold", attention=True)


def test_the_rank_of_the_brand_counts_before_the_rank_of_the_company() -> None:
    company = make.a_company()
    brand = make.a_brand(company)
    customer = make.a_customer(company)
    make.holds(customer, make.a_rank(company, code="gold", level=9))
    make.holds(customer, make.a_rank(company, code="silver", level=1, brand=brand))

    with_brand, without = recognise(
        Recognise(company_id=company.id, customer_id=customer.id, brand_id=brand.id),
        Recognise(company_id=company.id, customer_id=customer.id),
    )

    assert (with_brand.rank_code, without.rank_code) == ("silver", "gold")


@pytest.mark.parametrize("_case", ["of another company", "nobody", "too large", "erased"])
def test_a_customer_who_is_not_the_companys_is_refused(_case: str) -> None:
    company = make.a_company()
    wrong = {
        "of another company": make.a_customer().id,
        "nobody": 10**9,
        "too large": 2**63,
        "erased": make.a_customer(company, status="erased").id,
    }

    (answer,) = recognise(Recognise(company_id=company.id, customer_id=wrong[_case], person=make.a_person()))

    assert isinstance(answer, Refusal)
    assert (answer.code, answer.field) == ("customers.not_found", "/customer_id")
    assert ContactPoint.objects.count() == 0


def test_a_merged_customer_answers_with_the_principal() -> None:
    company = make.a_company()
    principal = make.a_customer(company, family_name="佐藤", family_kana="サトウ")
    merged = make.a_customer(company, phone="090-1234-5678", principal=principal)

    chosen, recognised = recognise(
        Recognise(company_id=company.id, customer_id=merged.id), Recognise(company_id=company.id, person=make.a_person())
    )

    assert (chosen.customer_id, recognised.customer_id) == (principal.id, principal.id)


def test_a_linked_account_finds_its_customer_and_a_strange_one_links_nothing() -> None:
    company = make.a_company()
    customer = make.a_customer(company)
    linked, strange = make.an_account(), make.an_account()
    make.a_link(customer, linked)

    known, new = recognise(
        Recognise(company_id=company.id, account_id=linked.id, person=make.a_person(phone="03-1111-2222")),
        Recognise(company_id=company.id, account_id=strange.id, person=make.a_person()),
    )

    assert (known.customer_id, known.matched_by) == (customer.id, MatchedBy.ACCOUNT)
    assert new.is_new
    assert CustomerAccount.objects.count() == 1


def test_an_outside_number_is_kept_and_finds_its_customer_next_time() -> None:
    company = make.a_company()
    ask = Recognise(company_id=company.id, identity=("rakuten", "R-1"), person=make.a_person(phone="", family_kana="", given_kana=""))
    first = only(ask)

    again = only(ask)

    assert (again.customer_id, again.matched_by) == (first.customer_id, MatchedBy.IDENTITY)
    assert Identity.objects.get().customer_id == first.customer_id


def test_a_guest_with_a_new_outside_number_gets_it_written_down() -> None:
    company = make.a_company()
    first = only(Recognise(company_id=company.id, person=make.a_person()))

    again = only(Recognise(company_id=company.id, identity=("amazon", "A-7"), person=make.a_person()))

    assert (again.customer_id, again.matched_by) == (first.customer_id, MatchedBy.PHONE_AND_KANA)
    assert Identity.objects.get(provider="amazon").customer_id == first.customer_id


def test_one_new_person_twice_in_a_batch_is_one_customer() -> None:
    company = make.a_company()

    answers = recognise(
        Recognise(company_id=company.id, person=make.a_person()),
        Recognise(company_id=company.id, person=make.a_person(phone="０９０１２３４５６７８"), identity=("rakuten", "R-1")),
        Recognise(company_id=company.id, person=make.a_person(phone=""), identity=("rakuten", "R-1")),
        Recognise(company_id=company.id, person=make.a_person(given_name="一郎", given_kana="イチロウ")),
    )

    assert len({answer.customer_id for answer in answers[:3]}) == 1
    assert answers[3].customer_id != answers[0].customer_id
    assert (Customer.objects.count(), Identity.objects.count()) == (2, 1)


def test_a_prospect_who_buys_becomes_active() -> None:
    company = make.a_company()
    prospect = make.a_customer(company, phone="090-1234-5678", status="prospect")

    answer = only(Recognise(company_id=company.id, person=make.a_person()))

    prospect.refresh_from_db()
    assert (answer.customer_id, prospect.status) == (prospect.id, "active")


def test_a_closed_customer_is_recognised_and_asks_for_attention() -> None:
    company = make.a_company()
    closed = make.a_customer(company, phone="090-1234-5678", status="closed")

    answer = only(Recognise(company_id=company.id, person=make.a_person()))

    assert (answer.customer_id, answer.attention) == (closed.id, True)


@pytest.mark.parametrize(
    ("_case", "ask", "code", "field"),
    [
        ("nobody", {}, "customers.person_missing", "/person"),
        ("no name", {"person": make.a_person(family_name="　", given_name="")}, "customers.name_missing", "/person/family_name"),
        (
            "a name of signs",
            {"person": make.a_person(family_name="---", given_name="")},
            "customers.name_unreadable",
            "/person/family_name",
        ),
        ("NUL", {"person": make.a_person(family_name="a\x00")}, "customers.text_unstorable", "/person/family_name"),
        ("half a pair", {"person": make.a_person(given_name="\ud83d")}, "customers.text_unstorable", "/person/given_name"),
        ("a long name", {"person": make.a_person(family_name="山" * 121)}, "customers.text_too_long", "/person/family_name"),
        ("dashes for a phone", {"person": make.a_person(phone="---")}, "customers.phone_unreadable", "/person/phone"),
        ("nine digits", {"person": make.a_person(phone="090123456")}, "customers.phone_unreadable", "/person/phone"),
        ("a mail header", {"person": make.a_person(email="x@y.jp\r\nBcc: z@y.jp")}, "customers.email_unreadable", "/person/email"),
        ("two addresses", {"person": make.a_person(email="a@y.jp,b@y.jp")}, "customers.email_unreadable", "/person/email"),
        (
            "postal code",
            {"person": make.a_person(), "address": make.a_place(postal_code="〒１００")},
            "customers.postal_code_unreadable",
            "/address/postal_code",
        ),
        (
            "a long outside number",
            {"person": make.a_person(), "identity": ("rakuten", "9" * 255)},
            "customers.identity_unreadable",
            "/identity",
        ),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_field(_case: str, ask: dict[str, Any], code: str, field: str) -> None:
    company = make.a_company()

    good, refused = recognise(
        Recognise(company_id=company.id, person=make.a_person(phone="03-5555-6666")), Recognise(company_id=company.id, **ask)
    )

    assert isinstance(refused, Refusal)
    assert (refused.code, refused.field) == (code, field)
    assert good.is_new
    assert Customer.objects.count() == 1


def test_names_are_kept_as_typed_and_compared_folded() -> None:
    company = make.a_company()

    first = only(Recognise(company_id=company.id, person=make.a_person(family_name="髙橋﨑", given_name="𠮷　か゛")))

    customer = Customer.objects.get(pk=first.customer_id)
    assert (customer.family_name, customer.given_name) == ("髙橋﨑", "𠮷 が")
    assert customer.name_key == "高橋崎吉ガ"


@pytest.mark.parametrize("size", [1, 50])
def test_known_customers_take_one_statement(size: int) -> None:
    company = make.a_company()
    known = [make.a_customer(company) for _ in range(size)]

    assert statements([Recognise(company_id=company.id, customer_id=customer.id) for customer in known]) == 1


@pytest.mark.parametrize("size", [1, 50])
def test_new_guests_take_three_statements_and_recognised_ones_one(size: int) -> None:
    company = make.a_company()
    guests = [
        Recognise(
            company_id=company.id,
            person=make.a_person(phone=f"090-1111-{number:04}", email=f"g{number}@example.com"),
            address=make.a_place(),
        )
        for number in range(size)
    ]

    assert (statements(guests), statements(guests)) == (3, 1)
    assert Customer.objects.count() == size
