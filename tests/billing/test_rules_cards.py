"""How a card intent follows its gateway: pure, for every state of both."""

from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules import (
    MOST_ATTEMPTS,
    OPEN_INTENTS,
    SECRET_DECLINES,
    CallKind,
    CallState,
    GatewayPayment,
    IntentStatus,
    PaymentState,
    amount_to_capture,
    converge,
    decline_words,
    is_valid_token,
    may_move,
    retry_after_s,
)

STATUSES = st.sampled_from(list(IntentStatus))
STATES = st.sampled_from(list(PaymentState))


def truth(state: PaymentState, **given: object) -> GatewayPayment:
    captured = 500 if state is PaymentState.CAPTURED else 0
    return GatewayPayment(**{"reference": "pi_1", "state": state, "currency": "JPY", "amount": 500, "captured": captured, **given})


@given(STATUSES, STATES, st.booleans())
def test_an_intent_only_ever_makes_moves_it_may(status, state, voiding):
    found = converge(status, truth=truth(state), voiding=voiding)

    assert found.move_to is None or may_move(status, to=found.move_to)


@given(STATUSES, STATES, st.booleans())
def test_what_is_taken_is_booked_whatever_we_thought_and_nothing_else_is(status, state, voiding):
    assert converge(status, truth=truth(state), voiding=voiding).book == (state is PaymentState.CAPTURED)


@given(STATUSES, STATES, st.booleans())
def test_an_amount_held_for_nobody_is_let_go(status, state, voiding):
    unwanted = status in (IntentStatus.VOIDED, IntentStatus.FAILED) and state is PaymentState.AUTHORISED

    assert converge(status, truth=truth(state), voiding=voiding).void == unwanted


@given(STATUSES, STATES, st.booleans())
def test_following_twice_is_following_once(status, state, voiding):
    once = converge(status, truth=truth(state), voiding=voiding)
    again = converge(once.move_to or status, truth=truth(state), voiding=voiding)

    assert again.move_to is None


@given(st.lists(STATES, max_size=8))
def test_a_closed_intent_never_opens_again(states):
    status, closed = IntentStatus.REQUESTED, False
    for state in states:
        status = converge(status, truth=truth(state)).move_to or status
        assert not (closed and status in OPEN_INTENTS)
        closed = closed or status not in OPEN_INTENTS


@pytest.mark.parametrize("order", list(permutations([PaymentState.ACTION, PaymentState.AUTHORISED, PaymentState.CAPTURED])))
def test_messages_in_any_order_end_alike_because_each_looks_at_the_truth(order):
    """A message only makes us look; whatever order they come in, the last look sees the payment captured."""
    status = IntentStatus.REQUESTED
    for _told in order:
        status = converge(status, truth=truth(PaymentState.CAPTURED)).move_to or status

    assert status is IntentStatus.CAPTURED


@given(STATUSES, STATES, st.booleans())
def test_a_call_is_never_settled_both_ways(status, state, voiding):
    settles = dict(converge(status, truth=truth(state), voiding=voiding).settles or {})

    assert not (settles.get(CallKind.CAPTURE) is CallState.OK and settles.get(CallKind.VOID) is CallState.OK)
    assert settles.get(CallKind.CAPTURE) is not CallState.OK or state is PaymentState.CAPTURED


@pytest.mark.parametrize(
    ("status", "code"), [(IntentStatus.REQUESTED, "authentication_abandoned"), (IntentStatus.AUTHORISED, "authorisation_expired")]
)
def test_a_payment_the_gateway_ended_fails_with_its_reason(status, code):
    found = converge(status, truth=truth(PaymentState.CANCELLED))

    assert (found.move_to, found.decline_code) == (IntentStatus.FAILED, code)


def test_a_payment_we_ended_ourselves_has_not_failed():
    assert converge(IntentStatus.AUTHORISED, truth=truth(PaymentState.CANCELLED), voiding=True).move_to is None


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_never_more_is_taken_than_is_held_or_still_owed(authorised, paid):
    amount = amount_to_capture(authorised=authorised, paid=paid)

    assert 0 <= amount <= authorised
    assert amount + min(paid, authorised) == authorised


def test_retries_grow_and_end():
    waits = [retry_after_s(attempt) for attempt in range(1, MOST_ATTEMPTS + 5)]

    assert waits[:4] == [10, 20, 40, 80]
    assert waits == sorted(waits)
    assert max(waits) <= 45 * 60


@given(st.from_regex(r"[0-9]{12,19}", fullmatch=True))
def test_a_card_number_is_no_token(number):
    assert not is_valid_token(number)
    assert not is_valid_token(f"pm_{number}")
    assert not is_valid_token(f"{number[:4]}-{number[4:]}")


@pytest.mark.parametrize("token", ["pm_1NirD82eZvKYlo2CIvbtLWuY", "pm_card_visa", "tok_visa"])
def test_what_gateways_call_a_card_is_a_token(token):
    assert is_valid_token(token)


@pytest.mark.parametrize("token", ["", "pm", "pm card", "pm_カード", "pm/1", "p" * 201, "pm_1\n"])
def test_other_texts_are_no_tokens(token):
    assert not is_valid_token(token)


def test_nobody_is_told_that_a_card_is_reported_stolen():
    plain = decline_words("generic_decline")

    assert {decline_words(code) for code in SECRET_DECLINES} == {plain}
    assert decline_words("something new") == plain


def test_every_pair_of_states_has_an_answer():
    for status, state, voiding in product(IntentStatus, PaymentState, (True, False)):
        converge(status, truth=truth(state), voiding=voiding)
