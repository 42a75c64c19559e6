"""Purchase orders are approved by a second person, sent, closed short or cancelled."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission

from core.actor import Actor, ActorKind
from core.errors import Refusal
from core.models import OutboxEvent
from customers.models import Account
from inventory.models import PurchaseOrder
from inventory.operations import approve_purchase_orders, cancel_purchase_orders, close_purchase_orders, send_purchase_orders
from inventory.queries import incoming
from tests.factories.inventory import AT, WAREHOUSE_STAFF, a_stock_item, a_trading_company
from tests.factories.purchasing import a_draft

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=2)


@pytest.fixture
def company():
    return a_trading_company()


@pytest.fixture
def draft(company):
    return a_draft(company, {a_stock_item(company, "TEA"): 5}, actor=WAREHOUSE_STAFF)


def an_approver(handle):
    account = Account.objects.create(handle=handle, kind="staff", is_staff=True)
    account.user_permissions.add(Permission.objects.get(codename="approve_purchaseorder"))
    return Actor(ActorKind.STAFF, str(account.pk), "経理 太郎")


def written_by(actor, order):
    PurchaseOrder.objects.filter(pk=order.pk).update(actor_kind=str(actor.kind), actor_id=actor.id)


def status(order):
    order.refresh_from_db()
    return str(order.status)


def codes(results):
    return [result.code if isinstance(result, Refusal) else str(result.status) for result in results]


def test_a_second_person_approves_and_the_order_is_sent(company, draft):
    boss = an_approver("boss")

    approved = approve_purchase_orders([draft.pk], actor=boss, at=AT)
    sent = send_purchase_orders([draft.pk], actor=WAREHOUSE_STAFF, at=LATER)

    assert (codes(approved), codes(sent), status(draft)) == (["approved"], ["sent"], "sent")
    assert (draft.approved_by_label, draft.approved_at, draft.sent_at) == ("経理 太郎", AT, LATER)
    event = OutboxEvent.objects.get(name="inventory.PurchaseOrderSent")
    assert (event.payload["number"], event.payload["stock_item_ids"]) == (draft.number, [draft.lines.get().stock_item_id])


def test_the_lead_time_counts_from_the_day_of_sending(company, draft):
    approve_purchase_orders([draft.pk], actor=an_approver("boss"), at=AT)

    send_purchase_orders([draft.pk], actor=WAREHOUSE_STAFF, at=LATER)

    [coming] = incoming([draft.lines.get().stock_item_id], company_id=company.pk)
    assert (coming.expected_on, coming.is_firm, coming.quantity) == (date(2026, 5, 18), True, 5)  # three working days from Wednesday


def test_nobody_approves_their_own_draft_while_somebody_else_may(draft, ledger):
    boss, other = an_approver("boss"), an_approver("other")
    written_by(boss, draft)
    before = ledger()

    [refused] = approve_purchase_orders([draft.pk], actor=boss, at=AT)

    assert refused.code == "purchase.own_draft"
    assert status(draft) == "draft"
    assert ledger() == before
    assert codes(approve_purchase_orders([draft.pk], actor=other, at=AT)) == ["approved"]


def test_who_rewrote_a_draft_does_not_approve_it_either(draft):
    boss, _other = an_approver("boss"), an_approver("other")
    for kind in (str(boss.kind), ""):  # before the kind was kept, whoever had the number may have been the one
        PurchaseOrder.objects.filter(pk=draft.pk).update(changed_by_kind=kind, changed_by_id=boss.id)

        assert codes(approve_purchase_orders([draft.pk], actor=boss, at=AT)) == ["purchase.own_draft"]


@pytest.mark.parametrize("column", ["actor", "changed_by"])
def test_a_partner_and_a_person_of_the_same_number_are_two(draft, column):
    boss, _other = an_approver("boss"), an_approver("other")
    PurchaseOrder.objects.filter(pk=draft.pk).update(**{f"{column}_kind": "partner", f"{column}_id": boss.id})

    assert codes(approve_purchase_orders([draft.pk], actor=boss, at=AT)) == ["approved"]


def test_a_partner_is_not_taken_for_the_only_person_who_may_approve(draft):
    boss = an_approver("boss")
    partner = Actor(ActorKind.PARTNER, boss.id, "問屋")
    written_by(partner, draft)

    assert codes(approve_purchase_orders([draft.pk], actor=partner, at=AT)) == ["purchase.own_draft"]
    assert codes(approve_purchase_orders([draft.pk], actor=boss, at=AT)) == ["approved"]


def test_where_nobody_else_may_one_person_does_both(draft):
    boss = an_approver("boss")
    Account.objects.create(handle="gone", kind="staff", is_staff=True, is_superuser=True, is_active=False)
    written_by(boss, draft)

    assert codes(approve_purchase_orders([draft.pk], actor=boss, at=AT)) == ["approved"]


def test_each_step_is_taken_once(draft):
    boss = an_approver("boss")

    repeated = [
        [result.repeated for result in step([draft.pk, draft.pk], actor=boss, at=AT)]
        for step in (approve_purchase_orders, send_purchase_orders)
    ]

    assert repeated == [[False, True], [False, True]]
    assert OutboxEvent.objects.filter(name="inventory.PurchaseOrderSent").count() == 1


def test_a_draft_is_neither_sent_nor_closed(draft):
    assert codes(send_purchase_orders([draft.pk, 0], actor=WAREHOUSE_STAFF, at=AT)) == ["purchase.not_approved", "purchase.not_found"]
    assert codes(close_purchase_orders([draft.pk], reason="不要", actor=WAREHOUSE_STAFF, at=AT)) == ["purchase.not_sent"]
    assert status(draft) == "draft"


def test_a_cancelled_order_is_not_incoming_and_comes_to_nothing_else(company, draft):
    boss = an_approver("boss")
    approve_purchase_orders([draft.pk], actor=boss, at=AT)
    send_purchase_orders([draft.pk], actor=boss, at=AT)

    assert codes(cancel_purchase_orders([draft.pk], reason="廃番", actor=boss, at=LATER)) == ["cancelled"]

    assert (status(draft), draft.closed_at) == ("cancelled", LATER)
    assert incoming([draft.lines.get().stock_item_id], company_id=company.pk) == []
    assert OutboxEvent.objects.get(name="inventory.PurchaseOrderEnded").payload["status"] == "cancelled"
    assert codes(approve_purchase_orders([draft.pk], actor=boss, at=LATER)) == ["purchase.not_a_draft"]
    assert codes(send_purchase_orders([draft.pk], actor=boss, at=LATER)) == ["purchase.not_approved"]
