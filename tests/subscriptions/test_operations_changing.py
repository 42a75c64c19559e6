"""Contracts are skipped, paused, resumed, cancelled and changed: within the rules, twice harmlessly, by customers and staff alike."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from billing.rules import PaymentMethod
from core.actor import SYSTEM, Actor, ActorKind
from core.errors import Refusal
from core.models import OutboxEvent
from subscriptions.models import Cycle, Subscription, SubscriptionChange, SubscriptionItem
from subscriptions.operations import (
    cancel_contracts,
    change_contracts,
    generate_due,
    pause_contracts,
    resume_contracts,
    resume_paused,
    skip_cycles,
    unskip_cycles,
)
from subscriptions.queries import Sight, contract_view
from subscriptions.rules import CancelAsk, ChangeAsk, Changed, CycleAsk, ItemWish, PauseAsk, ResumeAsk
from tests.factories.orders import AT, STAFF, a_place, a_shop
from tests.factories.subscriptions import a_contract, a_plan, open_cycle, something_to_subscribe
from tests.subscriptions.test_operations_generating import broken_promises

pytestmark = pytest.mark.django_db(transaction=True)
BUYER = Actor(ActorKind.CUSTOMER, "cus_1", "山田 花子")
TOO_LATE = AT + timedelta(days=27)  # the second delivery is planned for day 31, changes close five days before


def slots_of(contract: Subscription) -> list[tuple[int, str, date, date | None]]:
    return list(Cycle.objects.filter(subscription=contract).order_by("number").values_list("number", "status", "planned_on", "due_on"))


def test_skipping_leaves_one_delivery_out_and_twice_changes_nothing() -> None:
    contract = a_contract(a_shop())

    (first,) = skip_cycles([CycleAsk(contract_id=contract.pk, number=2)], actor=BUYER, at=AT)
    (second,) = skip_cycles([CycleAsk(contract_id=contract.pk, number=2)], actor=BUYER, at=AT)

    assert (first, second) == (
        Changed(contract_id=contract.pk, number=2, next_on=date(2026, 7, 11)),
        Changed(contract_id=contract.pk, number=2, next_on=date(2026, 7, 11), repeated=True),
    )
    assert slots_of(contract)[1:] == [
        (2, "skipped", date(2026, 6, 11), None),
        (3, "planned", date(2026, 7, 11), date(2026, 7, 8)),
    ]
    assert OutboxEvent.objects.filter(name="subscriptions.CycleSkipped").count() == 1
    assert SubscriptionChange.objects.filter(kind="skipped", actor_kind="customer").count() == 1
    assert broken_promises() == []


def test_a_later_delivery_can_be_skipped_ahead_and_wanted_again() -> None:
    contract = a_contract(a_shop())

    skip_cycles([CycleAsk(contract_id=contract.pk, number=3)], actor=BUYER, at=AT)
    generate_due(on=date(2026, 6, 8), actor=SYSTEM, at=AT + timedelta(days=28))

    assert open_cycle(contract).number == 4
    (answer,) = unskip_cycles([CycleAsk(contract_id=contract.pk, number=3)], actor=BUYER, at=AT + timedelta(days=28))
    assert isinstance(answer, Changed)
    assert (open_cycle(contract).number, open_cycle(contract).planned_on, open_cycle(contract).delivery) == (3, date(2026, 7, 11), 3)
    assert broken_promises() == []


def test_a_skip_is_taken_back() -> None:
    contract = a_contract(a_shop())
    before = slots_of(contract)

    skip_cycles([CycleAsk(contract_id=contract.pk)], actor=BUYER, at=AT)
    unskip_cycles([CycleAsk(contract_id=contract.pk, number=2)], actor=BUYER, at=AT)

    assert slots_of(contract) == before
    assert broken_promises() == []


@pytest.mark.parametrize(
    ("_case", "plan", "days", "code"),
    [
        ("after the deadline", {}, 27, "subscription.too_late"),
        ("the course knows no skipping", {"skip_allowed": False}, 0, "subscription.no_skipping"),
    ],
)
def test_a_skip_outside_the_rules_is_refused_unless_staff_set_them_aside(_case: str, plan: dict[str, object], days: int, code: str) -> None:
    contract = a_contract(a_shop(), plan=plan)
    at, ask = AT + timedelta(days=days), CycleAsk(contract_id=contract.pk)

    (refused,) = skip_cycles([ask], actor=STAFF, at=at)
    (cheeky,) = skip_cycles([replace(ask, exception=True)], actor=BUYER, at=at)

    assert isinstance(refused, Refusal)
    assert isinstance(cheeky, Refusal)
    assert (refused.code, cheeky.code) == (code, "subscription.staff_only")
    assert [s[1] for s in slots_of(contract)] == ["generated", "planned"]
    assert not SubscriptionChange.objects.exclude(kind="started").exists()

    (done,) = skip_cycles([replace(ask, exception=True)], actor=STAFF, at=at)
    assert isinstance(done, Changed)


def test_only_so_many_deliveries_in_a_row_are_skipped() -> None:
    contract = a_contract(a_shop(), plan={"skip_limit": 2})

    answers = [skip_cycles([CycleAsk(contract_id=contract.pk)], actor=BUYER, at=AT)[0] for _n in range(3)]

    assert [a.code if isinstance(a, Refusal) else a.number for a in answers] == [2, 3, "subscription.too_many_skips"]


def test_a_pause_stops_everything_and_ends_by_itself() -> None:
    contract = a_contract(a_shop())

    pause_contracts([PauseAsk(contract_id=contract.pk, until_on=date(2026, 8, 1), reason="旅行")], actor=BUYER, at=AT)
    made = generate_due(on=date(2026, 7, 8), actor=SYSTEM, at=AT)
    resumed_early = resume_paused(contract.company_id, on=date(2026, 7, 31), most=10, actor=SYSTEM, at=AT)
    assert (made.orders, resumed_early, open_cycle(contract).due_on) == (0, 0, None)
    assert broken_promises() == []

    resumed = resume_paused(contract.company_id, on=date(2026, 8, 1), most=10, actor=SYSTEM, at=AT + timedelta(days=82))

    contract.refresh_from_db()
    assert (resumed, contract.status, contract.paused_until_on) == (1, "active", None)
    assert (open_cycle(contract).number, open_cycle(contract).planned_on) == (2, date(2026, 8, 11))
    assert broken_promises() == []


def test_a_contract_is_resumed_with_the_date_wanted() -> None:
    contract = a_contract(a_shop())
    pause_contracts([PauseAsk(contract_id=contract.pk)], actor=BUYER, at=AT)

    (soon,) = resume_contracts([ResumeAsk(contract_id=contract.pk, next_on=date(2026, 5, 12))], actor=BUYER, at=AT)
    (done,) = resume_contracts([ResumeAsk(contract_id=contract.pk, next_on=date(2026, 5, 20))], actor=BUYER, at=AT)
    (again,) = resume_contracts([ResumeAsk(contract_id=contract.pk)], actor=BUYER, at=AT)

    assert isinstance(soon, Refusal)
    assert soon.code == "subscription.date_too_soon"
    assert (done, again) == (
        Changed(contract_id=contract.pk, next_on=date(2026, 5, 20)),
        Changed(contract_id=contract.pk, next_on=date(2026, 5, 20), repeated=True),
    )
    generate_due(on=date(2026, 5, 17), actor=SYSTEM, at=AT)
    assert open_cycle(contract).planned_on == date(2026, 6, 20)


def test_cancelling_in_time_ends_the_contract_at_once() -> None:
    contract = a_contract(a_shop())

    (done,) = cancel_contracts([CancelAsk(contract_id=contract.pk, reason="引越し")], actor=BUYER, at=AT)
    (again,) = cancel_contracts([CancelAsk(contract_id=contract.pk, reason="引越し")], actor=BUYER, at=AT)
    (skipped,) = skip_cycles([CycleAsk(contract_id=contract.pk)], actor=BUYER, at=AT)

    contract.refresh_from_db()
    assert (contract.status, contract.end_reason, contract.ended_at) == ("cancelled", "引越し", AT)
    assert (done, again) == (Changed(contract_id=contract.pk), Changed(contract_id=contract.pk, repeated=True))
    assert isinstance(skipped, Refusal)
    assert skipped.code == "subscription.ended"
    assert OutboxEvent.objects.filter(name="subscriptions.SubscriptionCancelled").count() == 1
    assert broken_promises() == []


def test_a_minimum_holds_for_everybody_but_those_who_may_waive_it() -> None:
    contract = a_contract(a_shop(), plan={"minimum_cycles": 3})

    (refused,) = cancel_contracts([CancelAsk(contract_id=contract.pk, reason="x")], actor=STAFF, at=AT)
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.params["made"]) == ("subscription.minimum_not_reached", 1)

    (done,) = cancel_contracts([CancelAsk(contract_id=contract.pk, reason="アレルギー", exception=True)], actor=STAFF, at=AT)
    assert isinstance(done, Changed)


def test_a_new_date_moves_the_deliveries_after_it_too() -> None:
    contract = a_contract(a_shop())

    (done,) = change_contracts([ChangeAsk(contract_id=contract.pk, next_on=date(2026, 6, 30))], actor=BUYER, at=AT)
    generate_due(on=date(2026, 6, 27), actor=SYSTEM, at=AT)

    assert isinstance(done, Changed)
    assert [s[2] for s in slots_of(contract)] == [date(2026, 5, 11), date(2026, 6, 30), date(2026, 7, 30)]
    assert SubscriptionChange.objects.filter(kind="next_date", before="2026-06-11", after="2026-06-30").count() == 1


def test_interval_articles_address_and_payment_change_from_the_coming_delivery_on() -> None:
    shop = a_shop()
    tea, cake = something_to_subscribe(shop), something_to_subscribe(shop)
    a_plan(shop, tea, cake)
    contract = a_contract(shop, (tea, 1))
    ask = ChangeAsk(
        contract_id=contract.pk, interval="2m", items=(ItemWish(variant_id=cake.pk, quantity=2),), place=a_place(street="銀座2-2"),
        time_band="1416", payment_method=PaymentMethod.BANK_TRANSFER,
    )  # fmt: skip

    (done,) = change_contracts([ask], actor=BUYER, at=AT)
    (again,) = change_contracts([replace(ask, place=None, time_band=None)], actor=BUYER, at=AT)
    generate_due(on=date(2026, 6, 8), actor=SYSTEM, at=AT)

    assert isinstance(done, Changed)
    assert isinstance(again, Changed)
    assert again.repeated
    contract.refresh_from_db()
    assert (contract.interval, contract.street, contract.time_band, contract.payment_method) == ("2m", "銀座2-2", "1416", "bank_transfer")
    assert list(SubscriptionItem.objects.values_list("variant_id", "quantity")) == [(cake.pk, 2)]
    assert [s[2] for s in slots_of(contract)] == [date(2026, 5, 11), date(2026, 6, 11), date(2026, 8, 11)]
    assert "銀座" not in "".join(SubscriptionChange.objects.values_list("after", flat=True))


@pytest.mark.parametrize(
    ("_case", "change", "code"),
    [
        ("interval not offered", {"interval": "5m"}, "subscription.interval_not_offered"),
        ("nothing left", {"items": ()}, "subscription.no_items"),
        ("nought of it", {"items": "nought"}, "subscription.bad_quantity"),
        ("not in the course", {"items": "other"}, "subscription.not_in_course"),
        ("tomorrow", {"next_on": date(2026, 5, 12)}, "subscription.date_too_soon"),
        ("in two years", {"next_on": date(2028, 5, 12)}, "subscription.date_too_far"),
        ("a card without a card", {"payment_method": PaymentMethod.CARD}, "subscription.card_missing"),
        ("somebody's card", {"means_id": 12345}, "subscription.card_not_theirs"),
        ("at the marketplace", {"payment_method": PaymentMethod.MARKETPLACE}, "subscription.payment_not_suited"),
    ],
)
def test_a_change_outside_the_rules_changes_nothing(_case: str, change: dict[str, object], code: str) -> None:
    shop = a_shop()
    contract = a_contract(shop)
    own, other = contract.items.get().variant_id, something_to_subscribe(shop).pk
    items = {"nought": (ItemWish(variant_id=own, quantity=0),), "other": (ItemWish(variant_id=other, quantity=1),)}
    if isinstance(change.get("items"), str):
        change = {"items": items[str(change["items"])]}
    before = Subscription.objects.filter(pk=contract.pk).values().get()

    (refused,) = change_contracts([ChangeAsk(contract_id=contract.pk, **change)], actor=BUYER, at=AT)  # type: ignore[arg-type]

    assert isinstance(refused, Refusal)
    assert refused.code == code
    assert Subscription.objects.filter(pk=contract.pk).values().get() == before
    assert SubscriptionChange.objects.count() == 1


def test_a_new_way_to_pay_tries_a_failed_delivery_again() -> None:
    shop = a_shop()
    tea = something_to_subscribe(shop, stock=[1])
    a_plan(shop, tea)
    contract = a_contract(shop, (tea, 1))
    generate_due(on=date(2026, 6, 8), actor=SYSTEM, at=AT + timedelta(days=28))
    assert open_cycle(contract).due_on == date(2026, 6, 9)

    change_contracts(
        [ChangeAsk(contract_id=contract.pk, payment_method=PaymentMethod.BANK_TRANSFER)], actor=BUYER, at=AT + timedelta(days=28)
    )

    assert (open_cycle(contract).due_on, open_cycle(contract).tries) == (date(2026, 6, 8), 0)


def test_an_unknown_contract_is_refused_beside_a_known_one() -> None:
    contract = a_contract(a_shop())

    unknown, known = skip_cycles([CycleAsk(contract_id=10**9), CycleAsk(contract_id=contract.pk)], actor=STAFF, at=AT)

    assert isinstance(unknown, Refusal)
    assert unknown.code == "subscription.not_found"
    assert isinstance(known, Changed)


def test_the_view_says_what_comes_within_a_year_and_what_may_be_done() -> None:
    contract = a_contract(a_shop())
    skip_cycles([CycleAsk(contract_id=contract.pk, number=4)], actor=BUYER, at=AT)

    view = contract_view(contract.public_id, Sight.of_customers([contract.customer_id]), language="ja", at=AT)

    assert view is not None
    assert [c.number for c in view.coming] == list(range(2, 14))
    assert [(c.delivery, c.status) for c in view.coming[:4]] == [(2, "planned"), (3, "planned"), (None, "skipped"), (4, "planned")]
    assert (view.coming[0].change_until, view.coming[0].may_skip, view.coming[2].may_unskip) == (date(2026, 6, 6), True, True)
    assert (view.year_amount, view.coming[0].amount) == (11_000, 1_000)
    assert (view.may_pause, view.may_cancel, view.may_change_next, view.interval_label) == (True, True, True, "毎月")
    assert [c.order_number for c in view.past] == [contract.first_order.number]
    assert contract_view(contract.public_id, Sight.of_customers([contract.customer_id + 1]), at=AT) is None
    late = contract_view(contract.public_id, Sight(everything=True), language="ja", at=TOO_LATE)
    assert late is not None
    assert (late.may_change_next, late.coming[0].may_skip, late.coming[1].may_skip) == (False, False, True)
