"""What follows by itself: duplicates after a registration, points at their time, cards on the first page."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from core.actor import SYSTEM, Actor
from core.clock import travel
from customers import handlers, hooks, operations, queries, tasks
from customers.events import CustomerChanged, CustomerRegistered
from customers.models import DuplicateCandidate, PointLot
from customers.rules import (
    ChangeCustomer,
    ConsentPurpose,
    ConsentSaid,
    ConsentStatus,
    ContactChannel,
    Grant,
    LinkAccount,
    LinkEvidence,
    NewCustomer,
)
from tests.factories import customers as make

pytestmark = pytest.mark.django_db
DOING: dict[str, Any] = {"actor": make.STAFF, "at": make.NOON}


def test_a_new_entry_that_looks_like_another_becomes_a_candidate_once() -> None:
    company = make.a_company()
    make.a_customer(company, phone="090-1234-5678")
    new = make.a_customer(company, phone="09012345678")
    event = CustomerRegistered(customer_id=new.id, company_id=company.id)

    handlers.look_for_duplicates(event, at=make.NOON)
    handlers.look_for_duplicates(event, at=make.NOON)

    assert DuplicateCandidate.objects.get().other_id == new.id


@pytest.mark.parametrize(("fields", "found"), [(("family_name",), 1), (("contact_points",), 1), (("notes", "tags"), 0)])
def test_an_entry_is_compared_again_when_something_compared_changed(fields: tuple[str, ...], found: int) -> None:
    company = make.a_company()
    changed = make.a_customer(company, phone="090-1234-5678")
    make.a_customer(company, phone="090-1234-5678")

    handlers.look_again_for_duplicates(CustomerChanged(customer_id=changed.id, fields=fields), at=make.NOON)

    assert DuplicateCandidate.objects.count() == found


def test_events_carry_no_personal_value() -> None:
    company = make.a_company()
    event = CustomerRegistered(customer_id=1, company_id=company.id)

    assert event.to_payload() == {"customer_id": 1, "company_id": company.id}
    assert event.stream == "customer:1"
    assert CustomerChanged.from_payload({"customer_id": 1, "fields": ["birth_on"]}).fields == ("birth_on",)


def test_due_points_expire_by_the_clock() -> None:
    customer = make.a_customer()
    operations.grant_points(
        [Grant(customer_id=customer.id, points=10, once_key="g1", reference="", expires_at=make.NOON + timedelta(days=1))], **DOING
    )

    with travel(make.NOON) as traveller:
        assert tasks.expire_due_points() == 0
        traveller.to(make.NOON + timedelta(days=1))
        assert tasks.expire_due_points() == 1

    assert PointLot.objects.get().remaining == 0


def test_the_first_page_counts_waiting_pairs() -> None:
    company = make.a_company()
    one, other = (make.a_customer(company) for _ in range(2))
    DuplicateCandidate.objects.create(company=company, customer=one, other=other, score=85, reasons="phone")

    with CaptureQueriesContext(connection) as seen:
        cards = hooks.dashboard_cards(may=lambda _permission: True, at=clock.now() + timedelta(minutes=1))

    assert [(card.value, card.tone) for card in cards] == [("1", "warn")]
    assert len(seen) == 1
    assert hooks.dashboard_cards(may=lambda _permission: False, at=clock.now()) == []


def test_a_purchase_while_signed_in_proves_only_an_entry_of_ones_own(joined: Actor) -> None:
    customer, owner, stranger = make.a_customer(), make.an_account(), make.an_account()
    asks = [LinkAccount(customer_id=customer.id, account_id=a.id, evidence=LinkEvidence.SIGNED_IN_PURCHASE) for a in (owner, stranger)]

    own, weak = operations.link_accounts(asks, **DOING)

    assert not own.repeated
    assert weak.code == "customers.evidence_weak"
    assert queries.customers_of_account(stranger.id) == []


def test_the_quoted_rank_is_the_rank_of_the_order() -> None:
    company = make.a_company()
    brand = make.a_brand(company)
    principal = make.a_customer(company)
    merged = make.a_customer(company, principal=principal)
    make.holds(merged, make.a_rank(company, code="gold", level=9))
    make.holds(principal, make.a_rank(company, code="silver", level=1, brand=brand))

    assert queries.rank_codes([principal.id, merged.id]) == {principal.id: "gold", merged.id: "gold"}
    assert queries.rank_codes([merged.id], brand_id=brand.id) == {merged.id: "silver"}


def test_statements_do_not_grow_with_the_batch(joined: Actor) -> None:
    company = make.a_company()
    customers = [make.a_customer(company) for _ in range(50)]
    said = {
        "channel": ContactChannel.MAIL,
        "purpose": ConsentPurpose.ADVERTISING,
        "status": ConsentStatus.GIVEN,
        "source": "web",
        "wording": "1",
    }
    counts = []
    for size in (1, 50):
        chosen = customers[:size]
        with CaptureQueriesContext(connection) as seen:
            operations.update_customers([ChangeCustomer(customer_id=c.id, changes={"family_name": f"佐藤{size}"}) for c in chosen], **DOING)
            operations.record_consents([ConsentSaid(customer_id=c.id, **said) for c in chosen], **DOING)
            operations.register_customers([NewCustomer(company_id=company.id, person=make.a_person()) for _ in chosen], **DOING)
            operations.set_attention([c.id for c in chosen], attention=size == 1, reason="x", **DOING)
        counts.append(len(seen))

    assert counts[0] == counts[1] <= 16


def test_the_system_may_act_without_a_label() -> None:
    assert operations.expire_points(actor=SYSTEM, at=make.NOON) == 0
