"""Deferred payments wait until somebody answers for them, at the counter or through the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing.rules import PaymentMethod
from core.actor import SYSTEM
from core.db import acting, rows
from core.errors import Refusal
from core.ids import public
from core.models import OutboxEvent
from core.queries import forget_kept
from orders.models import Hold, HoldRule, Order, PaymentApproval, Shipment
from orders.operations import (
    ApprovalAsk,
    Confirming,
    Decided,
    Leaving,
    cancel_orders,
    confirm_change,
    decide_approvals,
    open_change,
    release_holds,
    ship_shipments,
    tick_off_holds,
)
from orders.queries import invariants
from orders.rules import (
    ChangeItem,
    ChangeKind,
    Refused,
)
from tests.factories.orders import (
    AT,
    STAFF,
    Shop,
    a_hold_rule,
    a_shop,
    an_order,
)
from tests.orders.test_admin import said
from tests.orders.test_api import caller, post
from tests.orders.test_entry import a_desk

needs_database = pytest.mark.django_db
LATER = AT + timedelta(hours=1)
TAKE = PaymentMethod.BANK_TRANSFER


def change(order: Order, *items: ChangeItem) -> None:
    opened = open_change(order.pk, items=items, actor=STAFF, at=LATER)
    assert not isinstance(opened, Refused), opened
    result = confirm_change(Confirming(change_id=opened.change_id), actor=STAFF, at=LATER)  # type: ignore[union-attr]
    assert not isinstance(result, Refused), result
    order.refresh_from_db()


def more(order: Order, quantity: int) -> ChangeItem:
    line = order.lines.get(until_revision=None)
    return ChangeItem(kind=ChangeKind.QUANTITY, target=str(line.public_id), after=str(quantity))


def a_deferred_order(shop: Shop, quantity: int = 1) -> Order:
    return an_order(shop, (shop.variant(1_000), quantity), payment_method=PaymentMethod.DEFERRED)


@pytest.fixture
def shop(db: None) -> Shop:
    found = a_shop()
    a_hold_rule(found, name="後払いの承認待ち", kind="approval", awaits_approval=True)
    return found


def decide(order: Order, *, is_approved: bool, **given: Any) -> Any:
    (answer,) = decide_approvals([ApprovalAsk(order_id=order.pk, is_approved=is_approved, **given)], actor=STAFF, at=LATER)
    order.refresh_from_db()
    return (answer.state, answer.repeated) if isinstance(answer, Decided) else answer.code


def broken() -> list[str]:
    return [p.name for p in invariants() if rows(p.sql, {"company": None}, prepare=False)]


def test_an_approved_payment_lets_its_order_go_on_once(shop: Shop) -> None:
    order = a_deferred_order(shop)
    assert (order.open_holds, PaymentApproval.objects.get().state, PaymentApproval.objects.get().amount) == (1, "requested", 1_000)

    assert decide(order, is_approved=True, reference="NP-1") == ("approved", False)
    assert decide(order, is_approved=True, reference="NP-2") == ("approved", True)

    approval = PaymentApproval.objects.get()
    assert (approval.reference, approval.decided_by, order.open_holds) == ("NP-1", "受注 太郎", 0)
    assert OutboxEvent.objects.filter(name="orders.HoldReleased").count() == 1
    assert broken() == []
    (answer,) = ship_shipments([Leaving(shipment_id=Shipment.objects.get(order=order).pk)], actor=STAFF, at=LATER)
    assert not isinstance(answer, Refusal)


def test_a_declined_payment_stays_on_hold_and_may_be_approved_later_but_not_the_other_way_round(shop: Shop) -> None:
    order = a_deferred_order(shop)

    assert decide(order, is_approved=False, reason="限度額超過") == ("declined", False)
    assert decide(order, is_approved=False, reason="限度額超過") == ("declined", True)
    assert order.open_holds == 1
    assert broken() == []
    assert decide(order, is_approved=True) == ("approved", False)
    assert decide(order, is_approved=False) == "approval.approved_before"
    assert order.open_holds == 0


def test_nobody_but_an_approval_lets_it_go(shop: Shop) -> None:
    order = a_deferred_order(shop)
    hold = order.holds.get()

    (one,) = tick_off_holds([hold.pk], reason="大丈夫", actor=STAFF, at=LATER)
    (all_,) = release_holds([order.pk], reason="大丈夫", actor=STAFF, at=LATER)

    assert isinstance(one, Refusal)
    assert isinstance(all_, Refusal)
    assert (one.code, all_.code) == ("order.approval_awaited",) * 2
    assert Hold.objects.get().released_at is None
    cancel_orders([order.pk], reason="お客様のご都合", actor=STAFF, at=LATER)
    assert broken() == []


@pytest.mark.parametrize(
    ("_case", "given", "code"),
    [
        ("nobody asks", {"payment_method": TAKE}, "approval.not_asked"),
        ("a long number", {"payment_method": PaymentMethod.DEFERRED, "reference": "9" * 81}, "approval.text_too_long"),
    ],
)
def test_a_decision_that_cannot_be_is_refused_and_changes_nothing(shop: Shop, _case: str, given: dict[str, Any], code: str) -> None:
    reference = given.pop("reference", "")
    order = an_order(shop, (shop.variant(), 1), **given)

    assert decide(order, is_approved=True, reference=reference) == code
    assert not PaymentApproval.objects.exclude(state="requested").exists()
    (unknown,) = decide_approvals([ApprovalAsk(order_id=10**9, is_approved=True)], actor=STAFF, at=LATER)
    assert isinstance(unknown, Refusal)
    assert unknown.code == "order.not_found"


def test_an_approval_covers_what_was_asked_and_more_is_asked_anew(shop: Shop) -> None:
    order = a_deferred_order(shop, 3)
    decide(order, is_approved=True)

    change(order, more(order, 2))
    assert (order.open_holds, PaymentApproval.objects.count()) == (0, 1)
    change(order, more(order, 5))

    assert order.open_holds == 1
    assert list(PaymentApproval.objects.order_by("pk").values_list("state", "amount", "ended_at")) == [
        ("approved", 3_000, LATER), ("requested", 5_000, None),
    ]  # fmt: skip
    assert broken() == []


def test_a_question_follows_the_total_and_ends_when_the_order_is_paid_otherwise(shop: Shop) -> None:
    order = a_deferred_order(shop, 3)

    change(order, more(order, 4))
    assert (PaymentApproval.objects.get().amount, order.open_holds) == (4_000, 1)
    decide(order, is_approved=False, reason="限度額超過")
    change(order, ChangeItem(kind=ChangeKind.PAYMENT, after="bank_transfer"))

    assert PaymentApproval.objects.get().ended_at == LATER
    assert order.open_holds == 0
    assert decide(order, is_approved=True) == "approval.not_asked"
    assert broken() == []


def told(name: str) -> list[Any]:
    return [event.payload for event in OutboxEvent.objects.filter(name=f"orders.{name}").order_by("pk")]


def test_nobody_answers_for_more_than_was_looked_at(shop: Shop) -> None:
    order = a_deferred_order(shop, 3)
    change(order, more(order, 5))

    assert decide(order, is_approved=True, amount=3_000) == "approval.other_amount"
    assert (order.open_holds, PaymentApproval.objects.get().state) == (1, "requested")
    assert decide(order, is_approved=True, amount=5_000) == ("approved", False)
    assert [one["amount"] for one in told("PaymentApprovalAsked")] == [3_000, 5_000]
    assert [one["state"] for one in told("PaymentApprovalDecided")] == ["approved"]
    assert broken() == []


def test_each_order_has_its_own_word_and_its_own_number(shop: Shop) -> None:
    first, second = a_deferred_order(shop), a_deferred_order(shop)
    asks = [
        ApprovalAsk(order_id=first.pk, is_approved=True, reference="NP-1"),
        ApprovalAsk(order_id=second.pk, is_approved=True, reference="NP-2"),
        ApprovalAsk(order_id=first.pk, is_approved=False),
    ]

    *_decided, twice = decide_approvals(asks, actor=STAFF, at=LATER)

    assert isinstance(twice, Refusal)
    assert twice.code == "approval.once_a_call"
    assert list(PaymentApproval.objects.order_by("pk").values_list("state", "reference")) == [("approved", "NP-1"), ("approved", "NP-2")]
    assert not any("NP-" in hold.released_by for hold in Hold.objects.all())
    assert broken() == []


def test_a_cancelled_order_waits_for_no_approval(shop: Shop) -> None:
    order = a_deferred_order(shop)

    cancel_orders([order.pk], reason="お客様のご都合", actor=STAFF, at=LATER)

    assert PaymentApproval.objects.get().ended_at == LATER
    assert decide(order, is_approved=True) == "approval.not_asked"


def test_what_no_rule_asks_for_any_more_is_not_asked_anew(shop: Shop) -> None:
    order = a_deferred_order(shop, 3)
    decide(order, is_approved=True)
    with acting(SYSTEM):
        HoldRule.objects.update(ended_at=LATER)
    forget_kept()

    change(order, more(order, 5))

    assert (order.open_holds, PaymentApproval.objects.get().state) == (0, "approved")
    assert broken() == []


def test_the_guarantor_approves_through_the_api(shop: Shop, client: Client) -> None:
    order = a_deferred_order(shop)
    url, headers = f"/api/v1/orders/{public('ord', order.public_id)}/payment-approval", caller(shop.company, "orders:read holds:write")

    asked = client.get(url, headers=headers).json()["data"]
    less = post(client, headers, {"state": "approved", "amount": 999}, url=url, key="key-5000")
    approved = post(client, headers, {"state": "approved", "amount": 1_000, "reference": "NP-1"}, url=url)
    refused = post(client, headers, {"state": "declined"}, url=url, key="key-2000")
    odd = post(client, headers, {"state": "maybe"}, url=url, key="key-3000")
    foreign = post(client, caller(a_shop().company, "holds:write"), {"state": "approved"}, url=url, key="key-4000")

    assert [(one["state"], one["amount"], one["currency"]) for one in asked] == [("requested", 1_000, "JPY")]
    assert (approved.status_code, approved.json()["data"][0]["state"]) == (200, "approved")
    assert (refused.status_code, refused.json()["code"]) == (422, "approval.approved_before")
    assert (less.status_code, less.json()["code"]) == (422, "approval.other_amount")
    assert (odd.status_code, foreign.status_code) == (400, 404)
    order.refresh_from_db()
    assert order.open_holds == 0


@needs_database
def test_approvals_are_worked_off_at_the_counter_and_the_page_says_what_next(shop: Shop) -> None:
    desk = a_desk()
    order = a_deferred_order(shop)
    approval = PaymentApproval.objects.get()
    url = reverse("admin:orders_paymentapproval_changelist")

    assert [row.pk for row in desk.get(url).context["cl"].result_list] == [approval.pk]
    said(desk, approval, "decline", reason="限度額超過")
    shown = desk.get(reverse("admin:orders_paymentapproval_change", args=[approval.pk])).content.decode()
    assert "受注を別の支払方法に変更するか" in shown
    said(desk, approval, "approve", reference="NP-9", reason="")
    order.refresh_from_db()
    assert (order.open_holds, PaymentApproval.objects.get().reference) == (0, "NP-9")
    assert list(desk.get(url).context["cl"].result_list) == []


@needs_database
def test_a_rule_by_the_house_may_release_an_approval_when_the_order_ends(shop: Shop) -> None:
    order = a_deferred_order(shop)

    (answer,) = release_holds([order.pk], reason="期限切れ", actor=SYSTEM, at=LATER)

    assert answer is None
