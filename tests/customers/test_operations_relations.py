"""Merging, consent, accounts, duplicates and erasure."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.actor import Actor
from core.db import rows
from core.models import AuditEntry, AuditPersonal, OutboxEvent
from customers import operations, queries
from customers.models import Account, AttributeValue, Consent, Customer, CustomerAccount, DuplicateCandidate, Identity, Merge, Note
from customers.ports import CUSTOMER_DATA, MergedPair, Objection
from customers.rules import (
    ChangeCustomer,
    ConsentPurpose,
    ConsentSaid,
    ConsentStatus,
    ContactChannel,
    Done,
    LinkAccount,
    LinkEvidence,
    MergeAsk,
    NewNote,
    Visibility,
    Word,
    in_force,
)
from tests.factories import customers as make

DOING: dict[str, Any] = {"actor": make.STAFF, "at": make.NOON}
MAIL = {"channel": ContactChannel.MAIL, "purpose": ConsentPurpose.ADVERTISING}


def told() -> list[str]:
    return list(OutboxEvent.objects.order_by("id").values_list("name", flat=True))


def said(customer: Customer, status: ConsentStatus = ConsentStatus.GIVEN, **given: Any) -> ConsentSaid:
    return ConsentSaid(**{"customer_id": customer.id, "status": status, "source": "web:checkout", "wording": "2026-04", **MAIL, **given})


def pair(principal: Customer, merged: Customer) -> MergeAsk:
    return MergeAsk(principal_id=principal.id, merged_id=merged.id)


def test_merging_names_a_principal_and_moves_nothing(joined: Actor) -> None:
    company = make.a_company()
    principal, merged = make.a_customer(company), make.a_customer(company, phone="090-1234-5678")

    (done,) = operations.merge_customers([pair(principal, merged)], reason="同一人物", **DOING)

    assert isinstance(done, Done)
    assert queries.group_of(merged.id) == queries.group_of(principal.id) == (principal.id, merged.id)
    assert merged.contact_points.count() == 1
    assert told() == ["customers.CustomersMerged"]
    assert Merge.objects.get().actor_label == "佐々木 美咲"


def test_merging_twice_and_undoing_twice_change_nothing_more(joined: Actor) -> None:
    company = make.a_company()
    principal, merged = make.a_customer(company), make.a_customer(company)
    ask = pair(principal, merged)

    (first,) = operations.merge_customers([ask], reason="同一人物", **DOING)
    (again,) = operations.merge_customers([ask], reason="同一人物", **DOING)
    (undone,) = operations.undo_merges([first.id], reason="別人でした", **DOING)
    (undone_again,) = operations.undo_merges([first.id], reason="別人でした", **DOING)

    assert (first.repeated, again, undone.repeated, undone_again.repeated) == (False, Done(id=first.id, repeated=True), False, True)
    assert queries.group_of(merged.id) == (merged.id,)
    assert told() == ["customers.CustomersMerged", "customers.MergeUndone"]


def test_a_chain_of_merges_is_refused_within_one_batch_too(joined: Actor) -> None:
    company = make.a_company()
    first, second, third = (make.a_customer(company) for _ in range(3))

    done, chained, foreign = operations.merge_customers(
        [pair(first, second), pair(third, first), pair(first, make.a_customer())], reason="同一人物", **DOING
    )

    assert isinstance(done, Done)
    assert (chained.code, foreign.code) == ("customers.merged_is_principal", "customers.merge_across_companies")
    assert Customer.objects.exclude(principal=None).count() == 1


def test_the_hooks_hear_of_merges_inside_the_transaction(joined: Actor) -> None:
    company = make.a_company()
    principal, merged = make.a_customer(company), make.a_customer(company)
    listener = _Listener()

    with CUSTOMER_DATA.temporarily(listener):
        (done,) = operations.merge_customers([pair(principal, merged)], reason="同一人物", **DOING)
        operations.undo_merges([done.id], reason="別人", **DOING)

    assert listener.heard == [MergedPair(principal.id, merged.id), MergedPair(principal.id, merged.id, undone=True)]


def test_the_candidate_of_a_pair_follows_its_merge(joined: Actor) -> None:
    company = make.a_company()
    one, other = make.a_customer(company), make.a_customer(company)
    candidate = DuplicateCandidate.objects.create(company=company, customer=one, other=other, score=65, reasons="phone kana")

    (done,) = operations.merge_customers([pair(other, one)], reason="同一人物", **DOING)
    candidate.refresh_from_db()
    assert (candidate.status, candidate.decided_at) == ("merged", make.NOON)

    operations.undo_merges([done.id], reason="別人", **DOING)
    candidate.refresh_from_db()
    assert (candidate.status, candidate.decided_at) == ("open", None)

    operations.dismiss_candidates([candidate.id], reason="親子", **DOING)
    (again,) = operations.dismiss_candidates([candidate.id], reason="親子", **DOING)
    assert again.repeated


class _Listener:
    tables = ()
    lanes: dict[Any, str] = {}

    def __init__(self, objecting: int = 0) -> None:
        self.heard: list[MergedPair] = []
        self.objecting = objecting

    def timeline(self, customer_ids: Any, *, before: Any, limit: int, only: Any = frozenset()) -> list[Any]:
        return []

    def merge(self, pairs: Any, *, at: Any) -> None:
        self.heard += pairs

    def objections(self, customer_ids: Any, *, at: Any) -> list[Objection]:
        return [Objection(customer_id=n, code="orders.open", message="An order is open.") for n in customer_ids if n == self.objecting]

    def erase(self, customer_ids: Any, *, at: Any) -> list[Any]:
        return []

    def export(self, customer_ids: Any) -> list[Any]:
        return []


def test_consent_is_added_to_and_the_latest_word_counts(joined: Actor) -> None:
    customer, other = make.a_customer(), make.a_customer()

    operations.record_consents([said(customer), said(other), said(other, ConsentStatus.WITHDRAWN)], **DOING)

    asked = [customer.id, other.id]
    assert queries.consent_in_force(asked, brand_id=None, at=make.NOON, **MAIL) == {customer.id}
    assert queries.consent_in_force(asked, brand_id=None, at=make.NOON - timedelta(days=1), **MAIL) == frozenset()
    assert Consent.objects.count() == 3
    assert told() == ["customers.ConsentRecorded"] * 3


def test_consent_of_a_merged_entry_counts_for_the_group(joined: Actor) -> None:
    company = make.a_company()
    principal = make.a_customer(company)
    merged = make.a_customer(company, principal=principal)

    operations.record_consents([said(principal), said(merged, ConsentStatus.WITHDRAWN)], **DOING)

    assert queries.consent_in_force([principal.id], brand_id=None, at=make.NOON, **MAIL) == frozenset()


def test_a_consent_that_could_not_be_shown_is_refused(joined: Actor) -> None:
    customer = make.a_customer()

    no_source, no_wording, nobody = operations.record_consents(
        [
            said(customer, source=" "),
            said(customer, wording=""),
            ConsentSaid(**{**{f: getattr(said(customer), f) for f in ConsentSaid.__slots__}, "customer_id": 10**9}),
        ],
        **DOING,
    )

    assert (no_source.field, no_wording.field, nobody.code) == ("/source", "/wording", "customers.not_found")
    assert Consent.objects.count() == 0


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.tuples(st.sampled_from(ConsentStatus), st.booleans(), st.integers(-2, 2)), max_size=5), ours=st.booleans())
def test_the_query_agrees_with_the_rule(joined: Actor, words: list[tuple[ConsentStatus, bool, int]], ours: bool) -> None:
    customer = make.a_customer()
    brand = make.a_brand(customer.company)
    spoken = []
    for status, for_brand, days in words:
        at, brand_id = make.NOON + timedelta(days=days), brand.id if for_brand else None
        (done,) = operations.record_consents([said(customer, status, brand_id=brand_id)], actor=make.STAFF, at=at)
        spoken.append(Word(done.id, status, at, brand_id))
    asked = brand.id if ours else None

    answered = queries.consent_in_force([customer.id], brand_id=asked, at=make.NOON, **MAIL)

    assert (customer.id in answered) is in_force(spoken, brand_id=asked, at=make.NOON)


def test_consents_only_grow(joined: Actor) -> None:
    operations.record_consents([said(make.a_customer())], **DOING)

    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        rows("UPDATE customers_consent SET status = 'withdrawn' RETURNING id")


def test_an_account_is_linked_on_evidence_and_unlinked_again(joined: Actor) -> None:
    customer, account, staff = make.a_customer(), make.an_account(), make.a_staff_account()
    ask = LinkAccount(customer_id=customer.id, account_id=account.id, evidence=LinkEvidence.STAFF_CONFIRMED, note="電話で生年月日を確認")

    done, bare, of_staff = operations.link_accounts(
        [
            ask,
            LinkAccount(customer_id=customer.id, account_id=make.an_account().id, evidence=LinkEvidence.STAFF_CONFIRMED),
            LinkAccount(customer_id=customer.id, account_id=staff.id, evidence=LinkEvidence.MAIL_CODE),
        ],
        **DOING,
    )
    (again,) = operations.link_accounts([ask], **DOING)
    assert (done.repeated, again, bare.code, of_staff.code) == (
        False,
        Done(id=done.id, repeated=True),
        "customers.evidence_missing",
        "customers.account_not_found",
    )
    assert queries.customers_of_account(account.id) == [customer.id]

    (ended,) = operations.unlink_accounts([done.id], reason="取り違え", **DOING)
    (ended_again,) = operations.unlink_accounts([done.id], reason="取り違え", **DOING)
    assert (ended.repeated, ended_again.repeated) == (False, True)
    assert queries.customers_of_account(account.id) == []
    assert told() == ["customers.AccountLinked", "customers.AccountUnlinked"]


def test_opening_an_account_writes_its_one_proof_and_no_customer(joined: Actor) -> None:
    account = Account(handle="p-1", email="hanako@example.com")

    number = operations.open_account(account, provider="email", subject="hanako@example.com", verified=False, **DOING)

    proof = Identity.objects.get()
    assert (proof.account_id, proof.customer_id, proof.provider, proof.subject, proof.verified_at) == (
        number,
        None,
        "email",
        "hanako@example.com",
        None,
    )
    assert Customer.objects.count() == 0
    assert told() == ["customers.AccountOpened"]


@pytest.mark.django_db(transaction=True)
def test_a_second_account_with_the_same_proof_is_refused_whole() -> None:
    operations.open_account(Account(handle="p-1"), provider="email", subject="hanako@example.com", verified=False, **DOING)

    with pytest.raises(operations.AccountExists):
        operations.open_account(Account(handle="p-2"), provider="email", subject="hanako@example.com", verified=False, **DOING)

    assert (Account.objects.count(), Identity.objects.count(), OutboxEvent.objects.count()) == (1, 1, 1)


def test_a_proven_new_address_ends_the_former_proof(joined: Actor) -> None:
    number = operations.open_account(
        Account(handle="p-1", email="old@example.com"), provider="email", subject="old@example.com", verified=True, **DOING
    )

    operations.prove_email(number, email="New@Example.com", **DOING)
    operations.prove_email(number, email="New@Example.com", **DOING)

    assert list(Identity.objects.order_by("id").values_list("subject", "ended_at")) == [
        ("old@example.com", make.NOON),
        ("new@example.com", None),
    ]
    assert Account.objects.get(pk=number).email == "New@Example.com"


def test_duplicates_are_found_scored_and_found_again_without_change(joined: Actor) -> None:
    company = make.a_company()
    one = make.a_customer(company, phone="090-1234-5678", email="hanako@example.com")
    same = make.a_customer(company, phone="０９０１２３４５６７８")
    son = make.a_customer(company, phone="09012345678", given_name="一郎", given_kana="イチロウ")
    make.a_customer(make.a_company(), phone="09012345678")
    everybody = [one.id, same.id, son.id]

    found, again = operations.find_duplicates(everybody, **DOING), operations.find_duplicates(everybody, **DOING)

    candidate = DuplicateCandidate.objects.get()
    assert (found, again) == (1, 0)
    assert (candidate.customer_id, candidate.other_id, candidate.score, candidate.reasons) == (one.id, same.id, 75, "phone kana name")


def test_dismissed_and_merged_pairs_are_left_alone(joined: Actor) -> None:
    company = make.a_company()
    one, same = (make.a_customer(company, phone="090-1234-5678") for _ in range(2))
    operations.find_duplicates([one.id], **DOING)
    operations.dismiss_candidates([DuplicateCandidate.objects.get().id], reason="親子", **DOING)

    make.a_contact_point(one, kind=make.ContactKind.EMAIL, value="a@example.com")
    make.a_contact_point(same, kind=make.ContactKind.EMAIL, value="a@example.com")

    assert operations.find_duplicates([one.id, same.id], **DOING) == 0
    assert DuplicateCandidate.objects.get().score == 75


def test_finding_duplicates_takes_three_statements_for_one_and_for_fifty(joined: Actor) -> None:
    company = make.a_company()
    customers = [make.a_customer(company, phone=f"090-1234-{number // 2:04}") for number in range(50)]
    counts = []
    for asked in (customers[:1], customers):
        with CaptureQueriesContext(connection) as seen:
            operations.find_duplicates([c.id for c in asked], **DOING)
        counts.append(len(seen))

    assert counts == [3, 3]
    assert DuplicateCandidate.objects.count() == 25


def test_erasing_leaves_numbers_and_no_person_in_the_whole_group(joined: Actor) -> None:
    company = make.a_company()
    principal = make.a_customer(company, phone="090-1234-5678", email="hanako@example.com", outside_number="A-1")
    merged = make.a_customer(company, phone="03-1111-2222")
    make.an_address(principal)
    make.an_outside_number(merged)
    account = make.an_account()
    make.a_link(principal, account)
    operations.add_notes([NewNote(customer_id=principal.id, body="犬が苦手", visibility=Visibility.STAFF)], **DOING)
    operations.merge_customers([pair(principal, merged)], reason="同一人物", **DOING)
    operations.update_customers([ChangeCustomer(customer_id=principal.id, changes={"family_name": "佐藤"})], **DOING)
    assert AuditPersonal.objects.exists()

    (erased,) = operations.erase_customers([merged.id], reason="ご本人の請求", **DOING)
    (again,) = operations.erase_customers([merged.id], reason="ご本人の請求", **DOING)

    assert (erased.member_ids, erased.repeated, again.repeated) == ((principal.id, merged.id), False, True)
    assert [row.table for row in erased.kept] == ["customers_consent"] * 2
    assert (
        list(Customer.objects.order_by("id").values_list("status", "family_name", "name_key", "outside_number"))
        == [("erased", "", "", "")] * 2
    )
    assert (Note.objects.get().body, AttributeValue.objects.count(), CustomerAccount.objects.filter(ended_at=None).count()) == ("", 0, 0)
    assert not AuditPersonal.objects.exists()
    assert AuditEntry.objects.filter(table_name="customers_customer").exists()
    assert rows("SELECT count(*) AS n FROM core_outboxevent WHERE payload::text LIKE %s", ("%佐藤%",))[0].n == 0
    assert queries.search_customers(company.id, "佐藤") == []


def test_an_objection_anywhere_keeps_the_whole_group(joined: Actor) -> None:
    company = make.a_company()
    principal = make.a_customer(company)
    merged = make.a_customer(company, principal=principal)
    other = make.a_customer(company)

    with CUSTOMER_DATA.temporarily(_Listener(objecting=merged.id)):
        refused, erased, nobody = operations.erase_customers([principal.id, other.id, 10**9], reason="ご本人の請求", **DOING)

    assert (refused.code, erased.member_ids, nobody.code) == ("orders.open", (other.id,), "customers.not_found")
    assert Customer.objects.filter(status="erased").count() == 1
