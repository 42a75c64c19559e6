"""Cards kept and let go, money given back, what the gateway tells: happy, refused, twice, raced."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from billing.models import GatewayCall, Payment, PaymentIntent, PaymentMeans
from billing.operations import (
    NoSuchCard,
    ask_again,
    authorise_orders,
    blank_payers,
    close_intents,
    end_means,
    give_up_calls,
    keep_cards,
    note_truth,
    open_intents,
    refund_payments,
    request_captures,
    work_calls,
    work_notices,
)
from billing.operations.charging import InTransaction
from billing.operations.converging import Differs
from billing.ports import CARD_GATEWAY
from billing.queries import card_form, means_of
from billing.rules import MOST_ATTEMPTS, GatewayPayment, IntentStatus, KeepCard, KeptCard, Outcome, PaymentMethod, PaymentState, RefundAsk
from core.actor import SYSTEM
from core.db import operation
from core.errors import Refusal
from core.models import OutboxEvent
from tests.billing.proof import broken_promises
from tests.factories.billing import NOON, STAFF, a_buyer, a_payment, an_intent, money_in
from tests.factories.card_stories import captured, charged, notify, time_passes, wanted
from tests.factories.cards import a_kept_card

pytestmark = pytest.mark.django_db


# ---------------------------------------------------------------------------------------------------- cards


def test_a_kept_card_shows_its_last_digits_and_nothing_else(sandbox):
    customer = a_buyer()

    kept = a_kept_card(customer, sandbox.token("5555555555554444"))

    (row,) = means_of([customer.pk])
    assert (row.means_id, row.masked, kept.last4) == (kept.means_id, "Mastercard •••• 4444", "4444")


def test_the_same_token_twice_is_one_card(sandbox):
    customer, token = a_buyer(), sandbox.token("4242424242424242")

    first, again = a_kept_card(customer, token), a_kept_card(customer, token)

    assert (first, PaymentMeans.objects.count()) == (again, 1)


def test_a_card_given_once_is_not_offered_again(sandbox):
    customer = a_buyer()

    a_kept_card(customer, reusable=False)

    assert means_of([customer.pk]) == []


@pytest.mark.parametrize("token", ["4242424242424242", "", "pm_card_visa; DROP", "pm_unknown"])
def test_what_is_no_token_is_refused(sandbox, token):
    customer = a_buyer()
    ask = KeepCard(company_id=customer.company_id, customer_id=customer.pk, token=token, reusable=True)

    (refused,) = keep_cards([ask], actor=STAFF, at=NOON)

    assert isinstance(refused, Refusal)
    assert (refused.code, PaymentMeans.objects.count()) == ("billing.bad_token", 0)


def test_a_token_of_somebody_elses_card_is_refused(sandbox):
    first, second = a_buyer(), a_buyer()
    token = sandbox.token("4242424242424242")
    a_kept_card(first, token, reusable=False)

    (refused,) = keep_cards([KeepCard(company_id=second.company_id, customer_id=second.pk, token=token)], actor=STAFF, at=NOON)

    assert refused.code == "billing.no_such_card"


def test_another_companys_customer_keeps_no_card(sandbox):
    ask = KeepCard(company_id=a_buyer().company_id, customer_id=a_buyer().pk, token="pm_card_visa", reusable=True)

    (refused,) = keep_cards([ask], actor=STAFF, at=NOON)

    assert refused.code == "billing.no_such_card"


def test_a_silent_gateway_keeps_nothing_and_says_so(sandbox):
    customer = a_buyer()
    sandbox.trouble("keep", "cut_before", times=5)
    ask = KeepCard(company_id=customer.company_id, customer_id=customer.pk, token="pm_card_visa", reusable=True)

    (refused,) = keep_cards([ask], actor=STAFF, at=NOON)

    assert (refused.code, PaymentMeans.objects.count()) == ("billing.gateway_silent", 0)


def test_without_a_gateway_cards_are_off():
    customer = a_buyer()
    with CARD_GATEWAY.only():
        (refused,) = keep_cards([KeepCard(company_id=customer.company_id, customer_id=customer.pk, token="pm_x")], actor=STAFF, at=NOON)
        form = card_form(customer.company_id)

    assert (refused.code, form) == ("billing.cards_off", None)


def test_an_ended_card_is_charged_no_more_and_the_gateway_forgets_it(sandbox):
    customer = a_buyer()
    card = a_kept_card(customer)

    answers = [end_means([card.means_id], actor=STAFF, at=NOON) for _ in range(2)]
    work_calls(actor=SYSTEM, at=NOON)

    assert (answers, means_of([customer.pk])) == ([[None], [None]], [])
    assert list(GatewayCall.objects.values_list("kind", "state")) == [("forget", "ok")]
    with pytest.raises(NoSuchCard):
        open_intents([an_intent(customer, method=PaymentMethod.CARD, means_id=card.means_id)], actor=STAFF, at=NOON)


def test_forgetting_a_customer_forgets_their_cards(sandbox):
    customer = a_buyer()
    a_kept_card(customer)

    blank_payers([customer.pk], actor=STAFF, at=NOON)

    assert PaymentMeans.objects.values_list("last4", flat=True).get() == ""
    assert means_of([customer.pk]) == []


# ---------------------------------------------------------------------------------------------- authorising


def test_the_request_stands_before_anybody_is_asked(sandbox):
    ref = wanted(a_buyer())

    assert list(GatewayCall.objects.values_list("kind", "state", "attempts")) == [("authorise", "requested", 0)]
    assert sandbox.effects() == []
    assert PaymentIntent.objects.get(order_ref=ref).provider == "stripe"


def test_the_gateway_is_never_asked_inside_a_transaction(sandbox):
    ref = wanted(a_buyer())

    @operation
    def inside(*, actor: object) -> None:
        charged(ref)

    with pytest.raises(InTransaction):
        inside(actor=STAFF)


def test_many_orders_are_asked_for_in_one_go_and_each_gets_its_own_answer(sandbox):
    refs = [wanted(a_buyer(), token) for token in ("pm_card_visa", "pm_card_chargeCustomerFail", "pm_card_jcb")]

    answers = authorise_orders([*refs, uuid4()], actor=SYSTEM, at=NOON)

    assert [a.outcome for a in answers] == [Outcome.OK, Outcome.FAILED, Outcome.OK, Outcome.UNKNOWN]
    names = sorted(OutboxEvent.objects.filter(name__startswith="billing.").values_list("name", flat=True))
    assert names == ["billing.PaymentAuthorised", "billing.PaymentAuthorised", "billing.PaymentFailed"]


@pytest.mark.parametrize("point", ["open", "confirm"])
@pytest.mark.parametrize("how", ["cut_before", "cut_after", "error", "error_after"])
def test_whatever_is_lost_the_card_is_held_once(sandbox, point, how):
    ref = wanted(a_buyer())
    sandbox.trouble(point, how)

    first = charged(ref)
    time_passes()
    work_calls(actor=SYSTEM, at=NOON)

    assert (first, charged(ref)) == (Outcome.UNKNOWN, Outcome.OK)
    assert [e["what"] for e in sandbox.effects()] == ["authorise"]
    assert broken_promises() == {}


def test_who_gets_no_answer_for_long_is_shown_to_a_person_who_asks_again(sandbox):
    ref = wanted(a_buyer())
    sandbox.trouble("open", "error", times=100)
    for _ in range(MOST_ATTEMPTS + 2):
        time_passes()
        work_calls(actor=SYSTEM, at=NOON)
    call = GatewayCall.objects.get()
    assert (call.state, call.attempts) == ("stuck", MOST_ATTEMPTS)

    sandbox.order("calm")
    ask_again([call.pk], actor=STAFF, at=NOON, reason="the provider says all is well")
    work_calls(actor=SYSTEM, at=NOON)

    assert charged(ref) is Outcome.OK


def test_what_is_given_up_has_failed_and_is_let_go_should_it_ever_show(sandbox):
    ref = wanted(a_buyer())
    sandbox.trouble("confirm", "cut_after")
    sandbox.trouble("look", "error", times=100)
    for _ in range(MOST_ATTEMPTS + 1):
        time_passes()
        work_calls(actor=SYSTEM, at=NOON)
    call = GatewayCall.objects.get()
    assert call.state == "stuck"

    assert give_up_calls([call.pk], actor=STAFF, at=NOON, reason="buyer paid in the store") == [None]
    intent = PaymentIntent.objects.get(order_ref=ref)
    assert (intent.status, intent.decline_code) == ("failed", "by_staff")

    sandbox.order("calm")
    notify(intent.provider_ref, kind="payment_intent.amount_capturable_updated")
    work_notices(actor=SYSTEM, at=NOON)
    work_calls(actor=SYSTEM, at=NOON)
    assert [e["what"] for e in sandbox.effects()] == ["authorise", "void"]


def test_a_payment_that_is_not_ours_is_never_followed(sandbox):
    ref = wanted(a_buyer())
    charged(ref)
    intent = PaymentIntent.objects.get(order_ref=ref)
    odd = GatewayPayment(reference=intent.provider_ref, state=PaymentState.CAPTURED, currency="JPY", amount=9999, captured=9999)

    with pytest.raises(Differs):
        note_truth(intent.pk, odd, actor=SYSTEM, at=NOON)

    assert Payment.objects.count() == 0


def test_no_call_changes_once_it_is_settled(sandbox):
    charged(wanted(a_buyer()))

    with pytest.raises(IntegrityError), transaction.atomic():
        GatewayCall.objects.update(state="failed")


def test_nothing_is_taken_without_an_authorisation():
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentIntent.objects.create(
            company_id=(customer := a_buyer()).company_id, customer=customer, order_ref=uuid4(), method="card", currency="JPY", amount=100,
            captured_amount=100, requested_at=NOON,
        )  # fmt: skip


# ------------------------------------------------------------------------------------- taking and giving back


def test_asking_for_the_capture_twice_takes_the_money_once(sandbox):
    ref = wanted(a_buyer())
    charged(ref)

    counts = [request_captures([ref], actor=SYSTEM, at=NOON) for _ in range(3)]
    for _ in range(3):
        work_calls(actor=SYSTEM, at=NOON)

    assert (counts, [e["what"] for e in sandbox.effects()]) == ([1, 0, 0], ["authorise", "capture"])
    assert list(Payment.objects.values_list("amount", "method")) == [(3280, "card")]
    assert broken_promises() == {}


@pytest.mark.parametrize("how", ["cut_before", "cut_after", "error_after"])
def test_a_lost_answer_takes_the_money_once(sandbox, how):
    ref = wanted(a_buyer())
    charged(ref)
    sandbox.trouble("capture", how)

    request_captures([ref], actor=SYSTEM, at=NOON)
    work_calls(actor=SYSTEM, at=NOON)
    assert Payment.objects.count() == 0
    time_passes()
    work_calls(actor=SYSTEM, at=NOON)

    assert len(sandbox.effects("capture")) == 1
    assert Payment.objects.get().amount == 3280
    assert PaymentIntent.objects.get().status == "captured"


def test_what_came_some_other_way_is_not_taken_again(sandbox):
    customer = a_buyer()
    ref, other = wanted(customer), wanted(customer)
    assert [charged(ref), charged(other)] == [Outcome.OK, Outcome.OK]
    money_in(customer, 1280, order_ref=ref)
    money_in(customer, 3280, order_ref=other)

    request_captures([ref, other], actor=SYSTEM, at=NOON)
    work_calls(actor=SYSTEM, at=NOON)

    assert [(e["what"], e["amount"]) for e in sandbox.effects() if e["what"] != "authorise"] == [("capture", 2000), ("void", 3280)]
    assert broken_promises() == {}


def test_a_refund_goes_back_to_the_card_once(sandbox):
    captured(a_buyer())
    payment = Payment.objects.get()
    ask = RefundAsk(payment_id=payment.pk, amount=1000, once_key="r1", reason="返品")

    for _ in range(2):
        refund_payments([ask], actor=STAFF, at=NOON)
        work_calls(actor=SYSTEM, at=NOON)

    assert [(e["what"], e["amount"]) for e in sandbox.effects()][2:] == [("refund", 1000)]
    assert GatewayCall.objects.get(kind="refund").state == "ok"
    assert broken_promises() == {}


def test_a_refund_with_a_lost_answer_is_found_not_made_again(sandbox):
    captured(a_buyer())
    sandbox.trouble("refund", "cut_after", times=2)

    refund_payments([RefundAsk(payment_id=Payment.objects.get().pk, amount=3280, once_key="r1")], actor=STAFF, at=NOON)
    for _ in range(4):
        work_calls(actor=SYSTEM, at=NOON)
        time_passes()

    assert len(sandbox.effects("refund")) == 1
    assert GatewayCall.objects.get(kind="refund").state == "ok"


def test_a_refund_the_bank_sends_back_is_ours_to_hold_again(sandbox):
    captured(a_buyer())
    refund_payments([RefundAsk(payment_id=Payment.objects.get().pk, amount=1000, once_key="r1")], actor=STAFF, at=NOON)
    work_calls(actor=SYSTEM, at=NOON)
    refund = sandbox.state()["refunds"][0]
    sandbox.order("fail-refund", refund=refund["id"])

    for _ in range(2):
        notify(refund["payment_intent"], kind="refund.failed", object_ref=refund["id"], object_kind="refund")
        work_notices(actor=SYSTEM, at=NOON)

    assert sorted(Payment.objects.values_list("amount", "unapplied_amount")) == [(1000, 1000), (3280, 2280)]
    assert OutboxEvent.objects.filter(name="billing.PaymentFailed", payload__stage="refund").count() == 1
    assert broken_promises() == {}


def test_a_closed_intent_lets_its_card_go(sandbox):
    ref = wanted(a_buyer())
    charged(ref)

    close_intents([ref], status=IntentStatus.VOIDED, actor=STAFF, at=NOON)
    close_intents([ref], status=IntentStatus.VOIDED, actor=STAFF, at=NOON)
    work_calls(actor=SYSTEM, at=NOON)

    assert [e["what"] for e in sandbox.effects()] == ["authorise", "void"]
    assert broken_promises() == {}


def test_money_in_the_bank_does_not_close_a_cards_intent(sandbox):
    customer = a_buyer()
    ref = wanted(customer)
    charged(ref)

    from billing.operations import receive_payments

    receive_payments([a_payment(customer.company_id, order_ref=ref, amount=3280)], actor=STAFF, at=NOON)

    assert PaymentIntent.objects.get().status == "authorised"


def test_a_card_kept_for_a_guest_is_theirs_once_they_ordered(sandbox):
    customer = a_buyer()
    (card,) = keep_cards([KeepCard(company_id=customer.company_id, customer_id=None, token="pm_card_visa")], actor=STAFF, at=NOON)
    assert isinstance(card, KeptCard)

    open_intents([an_intent(customer, method=PaymentMethod.CARD, means_id=card.means_id)], actor=STAFF, at=NOON)

    assert PaymentMeans.objects.get().customer_id == customer.pk
