"""Searching, the gate, the story of a customer, and the promises."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.actor import SYSTEM, Actor, ActorKind
from core.db import rows
from core.ports import Invariant
from customers import hooks, operations, queries
from customers.models import Account, Customer, DuplicateCandidate, PartnerApplication, PointLot
from customers.rules import Grant, MergeAsk, NewNote, Visibility
from tests.factories import customers as make

pytestmark = pytest.mark.django_db
DOING: dict[str, Any] = {"actor": make.STAFF, "at": make.NOON}


@pytest.mark.parametrize(
    ("_case", "text"),
    [
        ("kanji", "高橋"),
        ("the rare form", "髙橋"),
        ("two letters inside", "橋美"),
        ("the given name", "美咲"),
        ("one letter at the end", "咲"),
        ("full name with a blank", "高橋　美咲"),
        ("hiragana reading", "たかはし"),
        ("half-width reading", "ﾐｻｷ"),
        ("small kana and long vowel", "しょーじ"),
        ("number", "c7654321"),
        ("part of the number", "76543"),
        ("phone as typed", "090-1234-5678"),
        ("phone in full width", "０９０１２３４５６７８"),
        ("phone abroad", "+81 90 1234 5678"),
        ("the last four digits", "5678"),
        ("e-mail", "Misaki@Example.com"),
        ("part of the e-mail", "misaki@"),
        ("the company", "㈱春風"),
        ("number of the former system", "old-77"),
    ],
)
def test_one_box_finds(_case: str, text: str) -> None:
    company = make.a_company()
    wanted = make.a_customer(
        company,
        number="C7654321",
        family_name="髙橋",
        given_name="美咲",
        family_kana="タカハシ",
        given_kana="ミサキ",
        organisation_name="株式会社春風商事",
        outside_number="OLD-77",
        phone="090-1234-5678",
        email="misaki@example.com",
    )
    if _case == "small kana and long vowel":
        wanted = make.a_customer(company, family_name="庄司", given_name="", family_kana="ショージ", given_kana="")
    make.a_customer(
        company, number="C0000001", family_name="佐藤", given_name="健太", family_kana="サトウ", given_kana="ケンタ", phone="03-9999-0000"
    )
    make.a_customer(family_name="髙橋", given_name="美咲", phone="090-1234-5678")

    assert queries.search_customers(company.id, text) == [wanted.id]


@pytest.mark.parametrize(
    "text", ["", "　", "'; DROP TABLE", "%", "_", "\\", "'", "((", "\x00", "存在しない", "🙂", "x" * 5000, "--", "a & b | !c"]
)
def test_whatever_is_typed_the_search_answers(text: str) -> None:
    company = make.a_company()
    make.a_customer(company)

    assert queries.search_customers(company.id, text) == []


@pytest.mark.parametrize("text", ["420-0853", "4200853", "〒４２０−０８５３", "420ー0853"])
def test_a_whole_postal_code_finds_who_lives_there(text: str) -> None:
    company, neighbours = make.a_company(), []
    for _ in range(2):
        neighbours.append(make.a_customer(company))
        make.an_address(neighbours[-1], postal_code="4200853")
    moved, stranger = make.a_customer(company), make.a_customer()
    make.an_address(moved, postal_code="4200853", ended_at=timezone.now())
    make.an_address(stranger, postal_code="4200853")

    assert queries.search_customers(company.id, text) == [one.id for one in reversed(neighbours)]
    assert queries.search_customers(company.id, "420085") == []


def test_exact_matches_come_first_and_merged_numbers_are_found() -> None:
    company = make.a_company()
    principal = make.a_customer(company, number="C0000500")
    merged = make.a_customer(company, number="C0000005", principal=principal)

    assert queries.search_customers(company.id, "C0000005") == [merged.id]
    assert queries.search_customers([company.id], "0005") == [merged.id, principal.id]


def test_searching_is_one_statement() -> None:
    company = make.a_company()
    with CaptureQueriesContext(connection) as seen:
        queries.search_customers(company.id, "山田")
    assert len(seen) == 1


def seen_by(actor: Actor) -> set[int]:
    return set(queries.visible_to(actor).values_list("id", flat=True))


def test_every_actor_sees_its_own() -> None:
    ours, theirs = make.a_company(), make.a_company()
    principal, stranger = make.a_customer(ours), make.a_customer(theirs)
    merged, gone = make.a_customer(ours, principal=principal), make.a_customer(ours, status="erased")
    person = make.an_account()
    make.a_link(merged, person)
    make.a_link(gone, person)
    everybody = {principal.id, merged.id, gone.id, stranger.id}
    application = PartnerApplication.objects.create(company=ours, client_id="mall")
    PartnerApplication.objects.create(client_id="nobody's")

    def staff(account: Account) -> Actor:
        return Actor(ActorKind.STAFF, str(account.pk))

    assert seen_by(SYSTEM) == everybody
    assert seen_by(staff(make.a_staff_account())) == everybody
    assert seen_by(staff(make.a_staff_account(company=ours))) == everybody - {stranger.id}
    assert seen_by(staff(make.a_staff_account(is_active=False))) == set()
    assert seen_by(staff(person)) == set()
    assert seen_by(Actor(ActorKind.PARTNER, application.client_id)) == {principal.id, merged.id}
    assert seen_by(Actor(ActorKind.PARTNER, "nobody's")) == set()
    assert seen_by(Actor(ActorKind.CUSTOMER, str(person.pk))) == {principal.id, merged.id}
    assert seen_by(Actor(ActorKind.CUSTOMER, str(make.an_account().pk))) == set()
    assert seen_by(Actor(ActorKind.CUSTOMER, "1 OR 1=1")) == set()


def test_rows_for_other_apps_come_in_the_order_asked_in_one_statement() -> None:
    company = make.a_company()
    first, second = make.a_customer(company, phone="090-1234-5678"), make.a_customer(company, organisation_name="春風商事")
    make.holds(second, make.a_rank(company))

    with CaptureQueriesContext(connection) as seen:
        found = queries.customer_rows([second.id, 10**9, first.id])

    assert len(seen) == 1
    assert [(row.customer_id, row.phone, row.rank_code, row.name) for row in found] == [
        (second.id, "", "gold", "山田 花子"),
        (first.id, "090-1234-5678", "", "山田 花子"),
    ]
    assert found[0].word.startswith("cus_")


def test_notes_for_the_customer_leave_out_what_is_for_staff(joined: Actor) -> None:
    company = make.a_company()
    principal = make.a_customer(company)
    merged = make.a_customer(company, principal=principal)
    operations.add_notes(
        [
            NewNote(customer_id=principal.id, body="要注意", visibility=Visibility.STAFF),
            NewNote(customer_id=merged.id, body="ご案内済み", visibility=Visibility.CUSTOMER),
            NewNote(customer_id=principal.id, body="期限切れ", show_until_at=make.NOON),
        ],
        **DOING,
    )

    assert [note.body for note in queries.open_notes([principal.id], at=make.NOON)] == ["ご案内済み", "要注意"]
    assert [note.body for note in queries.open_notes([merged.id], at=make.NOON, visibility=Visibility.CUSTOMER)] == ["ご案内済み"]


def test_the_story_of_a_customer_is_told_in_words_and_exported_without_staff_notes(joined: Actor) -> None:
    customer = make.a_customer(phone="090-1234-5678")
    operations.grant_points([Grant(customer_id=customer.id, points=100, once_key="g1", reference="入会")], **DOING)
    operations.add_notes([NewNote(customer_id=customer.id, body="staff only")], **DOING)

    story = queries.story_page([customer.id]).past
    exported = hooks.export([customer.id])

    assert sorted((row.kind, row.title, row.for_customer) for row in story) == [
        ("ポイント", "ポイント付与 +100", True),
        ("メモ", "staff only", False),
    ]
    assert {row.table for row in exported} >= {"customers_customer", "customers_contactpoint", "customers_pointentry"}
    assert "staff only" not in str(exported)
    assert "ヤマダハナコ" not in str(exported)


def broken(name: str, company_id: int | None = None) -> int:
    promise: Invariant = next(promise for promise in queries.invariants() if promise.name == name)
    return len(rows(promise.sql, {"company": company_id}))


@pytest.mark.parametrize("promise", queries.invariants(), ids=lambda promise: promise.name)
def test_every_promise_holds_after_a_busy_day(promise: Invariant, joined: Actor) -> None:
    company = make.a_company()
    one, other = make.a_customer(company, phone="090-1234-5678"), make.a_customer(company)
    make.an_address(one, is_default=True)
    make.a_link(one, make.an_account())
    make.an_outside_number(one)
    make.holds(one, make.a_rank(company))
    operations.grant_points([Grant(customer_id=one.id, points=100, once_key="g1", reference="")], **DOING)
    operations.merge_customers([MergeAsk(principal_id=one.id, merged_id=other.id)], reason="同一人物", **DOING)
    operations.erase_customers([one.id], reason="請求", **DOING)

    for asked in (None, company.id):
        assert rows(promise.sql, {"company": asked}) == []


def test_broken_promises_are_seen(joined: Actor) -> None:
    company = make.a_company()
    principal = make.a_customer(company)
    merged = make.a_customer(company, principal=principal)
    Customer.objects.filter(pk=principal.pk).update(principal=make.a_customer(company))
    Customer.objects.filter(pk=merged.pk).update(status="erased")
    PointLot.objects.create(customer=merged, granted=10, remaining=5, granted_at=make.NOON)
    low, high = sorted([merged, make.a_customer()], key=lambda customer: customer.id)
    DuplicateCandidate.objects.create(company=company, customer=low, other=high, score=50, reasons="")

    assert broken("customers.merge_depth_one", company.id) == 1
    assert broken("customers.merge_is_recorded") == 2
    assert broken("customers.lot_is_sum_of_entries") == 1
    assert broken("customers.candidates_of_one_company", company.id) == 1
    assert broken("customers.erased_means_erased") == 1
    assert broken("customers.erased_means_erased", company.id + 10**6) == 0
