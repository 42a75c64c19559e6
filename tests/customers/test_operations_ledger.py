"""Ledger entries, contact points, addresses, notes, tags and ranks as people change them."""

from datetime import date, timedelta
from typing import Any

import pytest

from core.actor import Actor
from core.errors import Refusal
from core.models import OutboxEvent
from customers import operations
from customers.models import Address, ContactPoint, Customer, CustomerTag, Note, RankAssignment, Tag
from customers.rules import (
    ChangeAddress,
    ChangeCustomer,
    Changed,
    ContactKind,
    Done,
    NewAddress,
    NewContactPoint,
    NewCustomer,
    NewNote,
    Registered,
)
from tests.factories import customers as make

pytestmark = pytest.mark.django_db(transaction=False)
DOING: dict[str, Any] = {"actor": make.STAFF, "at": make.NOON}


def told() -> list[str]:
    return list(OutboxEvent.objects.order_by("id").values_list("name", flat=True))


def test_registering_opens_an_entry_each_even_for_people_alike(joined: Actor) -> None:
    company = make.a_company()

    first, second = operations.register_customers(
        [
            NewCustomer(
                company_id=company.id, person=make.a_person(birth_on=date(1990, 1, 8)), address=make.a_place(), outside_number="A-1"
            ),
            NewCustomer(company_id=company.id, person=make.a_person()),
        ],
        **DOING,
    )

    assert isinstance(first, Registered)
    assert isinstance(second, Registered)
    customer = Customer.objects.get(pk=first.customer_id)
    assert (customer.public_id, customer.number, customer.outside_number) == (first.public_id, first.number, "A-1")
    assert customer.number != second.number
    assert ContactPoint.objects.filter(customer=customer).count() == 2
    assert Address.objects.get().is_default
    assert told() == ["customers.CustomerRegistered"] * 2


def test_registering_refuses_item_by_item(joined: Actor) -> None:
    company = make.a_company()
    make.a_customer(company, outside_number="A-1")

    answers = operations.register_customers(
        [
            NewCustomer(company_id=company.id, person=make.a_person(), outside_number="A-1"),
            NewCustomer(company_id=company.id, person=make.a_person(), outside_number="A-2"),
            NewCustomer(company_id=company.id, person=make.a_person(), outside_number="A-2"),
            NewCustomer(company_id=company.id, person=make.a_person(family_name="", given_name="")),
            NewCustomer(company_id=company.id, person=make.a_person(birth_on=date(2030, 1, 1))),
        ],
        **DOING,
    )

    assert [getattr(answer, "code", "") for answer in answers] == [
        "customers.outside_number_taken",
        "",
        "customers.outside_number_taken",
        "customers.name_missing",
        "customers.birth_impossible",
    ]
    assert Customer.objects.count() == 2


def test_updating_changes_names_keys_and_version(joined: Actor) -> None:
    customer = make.a_customer()

    (answer,) = operations.update_customers(
        [ChangeCustomer(customer_id=customer.id, changes={"family_name": "髙橋", "family_kana": "たかはし"}, version=1)], **DOING
    )

    customer.refresh_from_db()
    assert answer == Changed(customer_id=customer.id, version=2, fields=("family_kana", "family_name"))
    assert (customer.family_name, customer.name_key, customer.kana_key, customer.version) == ("髙橋", "高橋花子", "タカハシハナコ", 2)
    assert "高橋花子" in customer.search
    assert told() == ["customers.CustomerChanged"]


def test_updating_with_the_same_values_changes_nothing(joined: Actor) -> None:
    customer = make.a_customer()

    (answer,) = operations.update_customers([ChangeCustomer(customer_id=customer.id, changes={"family_name": " 山田 "})], **DOING)

    assert answer == Changed(customer_id=customer.id, version=1, fields=())
    assert told() == []


@pytest.mark.parametrize(
    ("_case", "changes", "version", "code"),
    [
        ("an old version", {"family_name": "佐藤"}, 7, "customers.changed_meanwhile"),
        ("a status", {"status": "closed"}, None, "customers.field_fixed"),
        ("a number", {"number": "C1"}, None, "customers.field_fixed"),
        ("null for a name", {"family_name": None}, None, "customers.value_unreadable"),
        ("a number for a name", {"family_name": 3}, None, "customers.value_unreadable"),
        ("a kind of its own", {"kind": "alien"}, None, "customers.value_unreadable"),
        ("no name left", {"family_name": "", "given_name": " "}, None, "customers.name_missing"),
        ("NUL", {"given_name": "\x00"}, None, "customers.text_unstorable"),
    ],
)
def test_an_edit_that_cannot_be_is_refused_and_changes_nothing(
    joined: Actor, _case: str, changes: dict[str, Any], version: int | None, code: str
) -> None:
    customer = make.a_customer()

    (answer,) = operations.update_customers([ChangeCustomer(customer_id=customer.id, changes=changes, version=version)], **DOING)

    assert isinstance(answer, Refusal)
    assert answer.code == code
    customer.refresh_from_db()
    assert (customer.family_name, customer.version) == ("山田", 1)
    assert told() == []


def test_closing_and_reopening_are_verbs_that_may_be_repeated(joined: Actor) -> None:
    customer, erased = make.a_customer(), make.a_customer(status="erased")

    first, refused = operations.close_customers([customer.id, erased.id], reason="ご本人の希望", **DOING)
    (again,) = operations.close_customers([customer.id], reason="ご本人の希望", **DOING)
    (reopened,) = operations.reopen_customers([customer.id], reason="再開", **DOING)

    assert (first.fields, again.fields, reopened.fields) == (("status",), (), ("status",))
    assert refused.code == "customers.erased"
    customer.refresh_from_db()
    assert (customer.status, customer.version) == ("active", 3)


def test_a_contact_point_is_added_once_however_typed(joined: Actor) -> None:
    customer = make.a_customer(phone="090-1234-5678")

    known, new, bad, nobody = operations.add_contact_points(
        [
            NewContactPoint(customer_id=customer.id, kind=ContactKind.PHONE, value="０９０ー１２３４ー５６７８"),
            NewContactPoint(customer_id=customer.id, kind=ContactKind.EMAIL, value="Hanako@Example.com"),
            NewContactPoint(customer_id=customer.id, kind=ContactKind.EMAIL, value="nobody"),
            NewContactPoint(customer_id=10**9, kind=ContactKind.PHONE, value="03-1234-5678"),
        ],
        **DOING,
    )

    assert known == Done(id=ContactPoint.objects.get(kind="phone").id, repeated=True)
    assert new == Done(id=ContactPoint.objects.get(kind="email").id)
    assert (bad.code, nobody.code) == ("customers.email_unreadable", "customers.not_found")
    assert ContactPoint.objects.get(kind="email").value_key == "hanako@example.com"
    assert told() == ["customers.CustomerChanged"]


def test_a_bounce_and_a_new_proof_are_kept(joined: Actor) -> None:
    point = make.a_contact_point(make.a_customer())

    operations.mark_unreachable([point.id], reason="bounce", **DOING)
    operations.verify_contact_points([point.id], **DOING)
    point.refresh_from_db()
    assert (point.unreachable_at, point.verified_at) == (None, make.NOON)

    (ended, missing) = operations.end_contact_points([point.id, 10**9], reason="解約", **DOING)
    (again, _missing) = operations.end_contact_points([point.id, 10**9], reason="解約", **DOING)
    assert (ended.repeated, again.repeated, missing.code) == (False, True, "customers.contact_point_not_found")


def test_the_first_address_is_the_default_until_another_is_chosen(joined: Actor) -> None:
    customer = make.a_customer()

    home, office = operations.add_addresses(
        [
            NewAddress(customer_id=customer.id, place=make.a_place()),
            NewAddress(customer_id=customer.id, place=make.a_place(street="丸の内1-1"), label="会社"),
        ],
        **DOING,
    )
    assert Address.objects.get(is_default=True).id == home.id

    operations.make_default_addresses([office.id], **DOING)
    assert Address.objects.get(is_default=True).id == office.id

    (third,) = operations.add_addresses([NewAddress(customer_id=customer.id, place=make.a_place(city="渋谷区"), is_default=True)], **DOING)
    assert Address.objects.get(is_default=True).id == third.id

    operations.end_addresses([third.id], reason="転居", **DOING)
    assert not Address.objects.filter(is_default=True).exists()


def test_an_address_is_changed_from_the_version_that_was_seen(joined: Actor) -> None:
    address = make.an_address(make.a_customer())

    (done,) = operations.change_addresses(
        [ChangeAddress(address_id=address.id, place=make.a_place(street="赤坂９－７－１"), version=1)], **DOING
    )
    (late,) = operations.change_addresses([ChangeAddress(address_id=address.id, place=make.a_place(), version=1)], **DOING)

    address.refresh_from_db()
    assert isinstance(done, Done)
    assert (address.street, address.number_key, address.version) == ("赤坂９－７－１", "9-7-1", 2)
    assert (late.code, late.params) == ("customers.changed_meanwhile", {"given": 1, "current": 2})


def test_a_note_is_signed_and_can_be_done_with(joined: Actor) -> None:
    customer = make.a_customer()

    done, empty = operations.add_notes(
        [NewNote(customer_id=customer.id, body="電話は午後に\r\nお願いします"), NewNote(customer_id=customer.id, body=" \n ")], **DOING
    )
    note = Note.objects.get()
    assert (done.id, note.body, note.author_kind, note.author_label) == (note.id, "電話は午後に\nお願いします", "staff", "佐々木 美咲")
    assert (empty.code, empty.field) == ("customers.note_empty", "/body")

    (first,) = operations.end_notes([note.id], **DOING)
    (again,) = operations.end_notes([note.id], **DOING)
    assert (first.repeated, again.repeated) == (False, True)


def test_tags_of_another_company_are_not_found(joined: Actor) -> None:
    customer, stranger = make.a_customer(), make.a_customer()
    tag = Tag.objects.create(company=customer.company, name="ギフト利用")

    tagged, foreign = operations.tag_customers([customer.id, stranger.id], tag_id=tag.id, **DOING)
    (again,) = operations.tag_customers([customer.id], tag_id=tag.id, **DOING)
    (gone,) = operations.untag_customers([customer.id], tag_id=tag.id, **DOING)

    assert (tagged.repeated, again.repeated, gone.repeated) == (False, True, False)
    assert foreign.code == "customers.not_found"
    assert CustomerTag.objects.count() == 0


def test_one_rank_per_brand_is_open_and_the_former_one_ends(joined: Actor) -> None:
    company = make.a_company()
    customer = make.a_customer(company)
    silver, gold = make.a_rank(company, code="silver", level=1), make.a_rank(company, code="gold", level=2)
    foreign = make.a_rank(make.a_company(), code="other")
    later = make.NOON + timedelta(days=1)

    operations.assign_ranks([operations.AssignRank(customer_id=customer.id, rank_id=silver.id)], **DOING)
    (raised, refused) = operations.assign_ranks(
        [
            operations.AssignRank(customer_id=customer.id, rank_id=gold.id),
            operations.AssignRank(customer_id=customer.id, rank_id=foreign.id),
        ],
        actor=make.STAFF,
        at=later,
    )
    (again,) = operations.assign_ranks([operations.AssignRank(customer_id=customer.id, rank_id=gold.id)], **DOING)

    assert (raised.repeated, again.repeated, refused.code) == (False, True, "customers.rank_not_found")
    assert list(RankAssignment.objects.order_by("id").values_list("rank__code", "until_at")) == [("silver", later), ("gold", None)]
    assert told() == ["customers.RankChanged"] * 2


def test_an_erased_customer_takes_nothing_any_more(joined: Actor) -> None:
    gone = make.a_customer(status="erased")
    rank = make.a_rank(gone.company)

    answers = [
        *operations.add_contact_points([NewContactPoint(customer_id=gone.id, kind=ContactKind.PHONE, value="03-1234-5678")], **DOING),
        *operations.add_addresses([NewAddress(customer_id=gone.id, place=make.a_place())], **DOING),
        *operations.add_notes([NewNote(customer_id=gone.id, body="x")], **DOING),
        *operations.assign_ranks([operations.AssignRank(customer_id=gone.id, rank_id=rank.id)], **DOING),
        *operations.update_customers([ChangeCustomer(customer_id=gone.id, changes={"family_name": "山田"})], **DOING),
    ]

    assert [answer.code for answer in answers] == ["customers.erased"] * 5
    assert told() == []
