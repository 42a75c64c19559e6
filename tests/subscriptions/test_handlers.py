"""What follows from events: mails in the customer's language, cycles that fail with their order; what others ask of us."""

from datetime import date, timedelta

import pytest

from core import operations
from core.actor import SYSTEM
from core.clock import travel
from core.models import OutgoingMail
from customers.models import Customer
from customers.ports import Lane
from orders.models import Order
from orders.operations import cancel_orders
from subscriptions import hooks
from subscriptions.models import Subscription
from subscriptions.operations import cancel_contracts, generate_due, pause_contracts, remind_coming, skip_cycles
from subscriptions.rules import CancelAsk, CycleAsk, PauseAsk
from subscriptions.tasks import generate_renewals, remind
from tests.factories.orders import AT, STAFF, a_person, a_shop
from tests.factories.subscriptions import a_contract, a_plan, open_cycle, something_to_subscribe
from tests.subscriptions.test_operations_generating import broken_promises

pytestmark = pytest.mark.django_db(transaction=True)


def relayed(*, days: int = 0) -> None:
    """Everything announced so far is handled, as the relay does it."""
    at = AT + timedelta(days=days)
    with travel(at):
        while not operations.carry(at=lambda: at).idle:
            pass


def mails(kind: str = "subscription.") -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(kind__startswith=kind).order_by("id"))


def test_a_new_contract_is_confirmed_with_its_terms() -> None:
    contract = a_contract(a_shop(name="春風堂"))

    relayed()
    relayed()

    (mail,) = mails()
    assert mail.kind == "subscription.started"
    for words in (
        contract.number,
        "山田 花子 様",
        "お茶の定期便（毎月）" if "（毎月）" in mail.body else "お茶の定期便",
        "2026/06/11",
        "1,000円",
        "いつでも解約できます",
    ):
        assert words in mail.body, (words, mail.body)
    assert "{" not in mail.body
    assert "Thank you" not in mail.body


def test_an_english_customer_is_written_to_in_english() -> None:
    a_contract(a_shop(), language="en", person=a_person(family_name="Smith", given_name="Ann", language="en"))

    relayed()

    (mail,) = mails()
    assert "Your subscription has begun" in mail.subject
    assert "It can be cancelled at any time." in mail.body
    assert "解約" not in mail.body


def test_a_delivery_is_announced_once_while_it_can_still_be_changed() -> None:
    contract = a_contract(a_shop())
    relayed()

    early = remind_coming(contract.company_id, on=date(2026, 6, 2), most=10, actor=SYSTEM, at=AT)
    told = remind_coming(contract.company_id, on=date(2026, 6, 3), most=10, actor=SYSTEM, at=AT)
    again = remind_coming(contract.company_id, on=date(2026, 6, 4), most=10, actor=SYSTEM, at=AT)
    relayed(days=23)

    assert (early, told, again) == (0, 1, 0)
    (mail,) = mails("subscription.coming")
    assert "2026/06/11" in mail.body
    assert "2026/06/06" in mail.body


def test_skips_pauses_failures_and_cancellations_are_told_once() -> None:
    shop = a_shop()
    tea = something_to_subscribe(shop, stock=[2])
    a_plan(shop, tea)
    skipped, cancelled = a_contract(shop, (tea, 1)), a_contract(shop, (tea, 1))
    skip_cycles([CycleAsk(contract_id=skipped.pk)], actor=STAFF, at=AT)
    pause_contracts([PauseAsk(contract_id=skipped.pk, until_on=date(2026, 8, 1))], actor=STAFF, at=AT)
    generate_due(on=date(2026, 6, 8), actor=SYSTEM, at=AT + timedelta(days=28))
    cancel_contracts([CancelAsk(contract_id=cancelled.pk, reason="x")], actor=STAFF, at=AT + timedelta(days=28))

    relayed(days=28)
    relayed(days=28)

    assert sorted(m.kind for m in mails()) == [
        "subscription.cancelled", "subscription.failed", "subscription.paused", "subscription.skipped", "subscription.started",
        "subscription.started",
    ]  # fmt: skip
    assert "在庫切れ" in mails("subscription.failed")[0].body


def test_a_cancelled_order_settles_its_delivery_by_the_event() -> None:
    contract = a_contract(a_shop())
    generate_due(on=date(2026, 6, 8), actor=SYSTEM, at=AT + timedelta(days=28))
    cancel_orders([Order.objects.latest("id").pk], reason="いらない", actor=STAFF, at=AT + timedelta(days=28))

    relayed(days=28)

    assert (open_cycle(contract).number, open_cycle(contract).delivery) == (3, 2)
    assert broken_promises() == []


def test_the_clock_makes_what_is_due_today_and_reminds() -> None:
    a_contract(a_shop())

    with travel(AT + timedelta(days=23)):
        assert (generate_renewals(), remind()) == ({"orders": 0, "failed": 0, "charged": 0}, 1)
    with travel(AT + timedelta(days=28)):
        assert generate_renewals() == {"orders": 1, "failed": 0, "charged": 0}
        assert generate_renewals() == {"orders": 0, "failed": 0, "charged": 0}


def test_the_timeline_shows_what_happened_and_what_is_planned() -> None:
    contract = a_contract(a_shop())
    skip_cycles([CycleAsk(contract_id=contract.pk, number=3, reason="旅行")], actor=STAFF, at=AT + timedelta(days=1))

    rows = hooks.timeline([contract.customer_id], before=None, limit=10)

    assert Lane.SUBSCRIPTIONS in hooks.lanes
    assert [(r.planned, r.at.date()) for r in rows] == [
        (True, date(2026, 6, 11)), (True, date(2026, 8, 11)), (True, date(2026, 9, 11)), (False, date(2026, 5, 12)), (False, date(2026, 5, 11)),
    ]  # fmt: skip
    assert all(f"/{contract.pk}/" in r.link for r in rows)
    assert [r.planned for r in hooks.timeline([contract.customer_id], before=AT + timedelta(hours=1), limit=10)] == [False]


def test_a_running_contract_objects_to_erasure_and_an_ended_one_is_blanked() -> None:
    contract = a_contract(a_shop())
    assert [o.code for o in hooks.objections([contract.customer_id], at=AT)] == ["subscription.running"]
    cancel_contracts([CancelAsk(contract_id=contract.pk, reason="引越し")], actor=STAFF, at=AT)

    assert hooks.objections([contract.customer_id], at=AT) == []
    hooks.erase([contract.customer_id], at=AT)
    hooks.erase([contract.customer_id], at=AT)

    contract.refresh_from_db()
    assert (contract.family_name, contract.street, contract.phone, contract.end_reason) == ("", "", "", "")
    assert Subscription.objects.count() == 1


def test_everything_held_about_a_customer_is_handed_over() -> None:
    contract = a_contract(a_shop())

    rows = hooks.export([contract.customer_id])

    assert sorted({r.table for r in rows}) == [
        "subscriptions_cycle", "subscriptions_subscription", "subscriptions_subscriptionchange", "subscriptions_subscriptionitem",
    ]  # fmt: skip
    assert Customer.objects.filter(pk=contract.customer_id).exists()


def test_the_first_page_counts_contracts_and_failures() -> None:
    a_contract(a_shop())

    cards = hooks.dashboard_cards(may=lambda right: True, at=AT)

    assert [(c.value, c.tone) for c in cards] == [("1", ""), ("0", ""), ("0", "good")]
    assert hooks.dashboard_cards(may=lambda right: False, at=AT) == []
