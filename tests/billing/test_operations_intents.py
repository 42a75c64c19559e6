"""Payment intents: one open attempt per order, moved along a table that the database holds too."""

from contextlib import contextmanager
from itertools import product
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from billing.models import PaymentIntent
from billing.operations import close_intents, open_intents
from billing.rules import INTENT_MOVES, OPEN_INTENTS, IntentMoved, IntentStatus
from tests.factories.billing import NOON, STAFF, a_buyer, an_intent, requested

pytestmark = pytest.mark.django_db


def test_many_orders_get_their_intents_in_one_statement():
    customer = a_buyer()
    asks = [an_intent(customer, amount=amount) for amount in (100, 200, 300)]

    with CaptureQueriesContext(connection) as seen:
        ids = open_intents(asks, actor=STAFF, at=NOON)

    assert [PaymentIntent.objects.get(pk=i).amount for i in ids] == [100, 200, 300]
    assert len([q for q in seen.captured_queries if "billing_paymentintent" in q["sql"]]) == 1
    assert set(PaymentIntent.objects.values_list("status", "attempt", "requested_at")) == {("requested", 1, NOON)}


def test_an_order_keeps_the_intent_it_has():
    ask = an_intent(a_buyer())

    first = open_intents([ask], actor=STAFF, at=NOON)
    again = open_intents([ask], actor=STAFF, at=NOON)

    assert (again, PaymentIntent.objects.count()) == (first, 1)


def test_one_order_named_twice_in_a_batch_gets_one_intent():
    ask = an_intent(a_buyer())

    ids = open_intents([ask, ask], actor=STAFF, at=NOON)

    assert (ids[0] == ids[1], PaymentIntent.objects.count()) == (True, 1)


def test_nothing_to_pay_is_paid_already():
    ask = an_intent(a_buyer(), amount=0)

    first = open_intents([ask], actor=STAFF, at=NOON)
    again = open_intents([ask], actor=STAFF, at=NOON)

    assert again == first
    assert PaymentIntent.objects.values_list("status", "closed_at").get() == ("captured", NOON)


def test_after_a_failure_an_order_may_try_again():
    customer = a_buyer()
    order_ref, first = requested(customer)
    close_intents([order_ref], status=IntentStatus.FAILED, actor=STAFF, at=NOON)

    _ref, second = requested(customer, order_ref=order_ref)

    assert second != first
    assert PaymentIntent.objects.values_list("attempt", "status").get(pk=second) == (2, "requested")


def test_calling_off_a_payment_twice_changes_nothing():
    order_ref, intent = requested(a_buyer())

    first = close_intents([order_ref], status=IntentStatus.VOIDED, actor=STAFF, at=NOON)
    again = close_intents([order_ref], status=IntentStatus.VOIDED, actor=STAFF, at=NOON)

    assert first == again == [IntentMoved(order_ref=order_ref, intent_id=intent, status=IntentStatus.VOIDED)]
    assert PaymentIntent.objects.get().closed_at == NOON


def test_a_paid_order_is_not_called_off():
    order_ref, intent = requested(a_buyer())
    close_intents([order_ref], status=IntentStatus.CAPTURED, actor=STAFF, at=NOON)

    refused = close_intents([order_ref], status=IntentStatus.VOIDED, actor=STAFF, at=NOON)[0]

    assert (refused.code, PaymentIntent.objects.get(pk=intent).status) == ("billing.intent_closed", "captured")


def test_an_order_that_never_had_an_intent_is_refused():
    assert close_intents([uuid4()], status=IntentStatus.VOIDED, actor=STAFF, at=NOON)[0].code == "billing.no_intent"


@contextmanager
def refused_move():
    with pytest.raises(IntegrityError, match="cannot go from"), transaction.atomic():
        yield


@pytest.mark.parametrize(("old", "new"), list(product(IntentStatus, IntentStatus)))
def test_the_database_allows_exactly_the_moves_of_the_rules(old, new):
    customer = a_buyer()
    intent = PaymentIntent.objects.create(
        company_id=customer.company_id, order_ref=uuid4(), customer=customer, attempt=1, method="card", status=old, currency="JPY",
        amount=1, requested_at=NOON,
    )  # fmt: skip

    with transaction.atomic() if new == old or new in INTENT_MOVES[old] else refused_move():
        PaymentIntent.objects.filter(pk=intent.pk).update(status=new)


def test_open_states_are_those_the_index_knows():
    condition = next(c for c in PaymentIntent._meta.constraints if c.name == "billing_paymentintent_one_open").condition

    assert set(dict(condition.children)["status__in"]) == {str(status) for status in OPEN_INTENTS}
