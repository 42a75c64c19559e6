"""The recount at the command line: it reports first, and repairs only when told."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from billing import queries as billing_promises
from billing.models import PartyBalance
from tests.billing.proof import broken_promises
from tests.factories.billing import a_buyer, an_invoice

pytestmark = pytest.mark.django_db


def test_sound_books_have_nothing_to_recount():
    an_invoice()
    said = StringIO()

    call_command("recount_money", stdout=said)

    assert "Every counter" in said.getvalue()


def test_a_drifted_balance_is_reported_and_left_until_repair_is_asked_for():
    customer = a_buyer()
    an_invoice(customer)
    PartyBalance.objects.update(balance=1)
    said = StringIO()

    with pytest.raises(CommandError, match="1 counters drifted"):
        call_command("recount_money", company=customer.company.code, stdout=said)
    reported = PartyBalance.objects.get().balance
    call_command("recount_money", repair=True, stdout=said)

    assert (reported, PartyBalance.objects.get().balance) == (1, 3280)
    assert "1 -> 3280" in said.getvalue()
    assert broken_promises() == {}


def test_check_invariants_names_every_promise_of_billing():
    an_invoice()
    said = StringIO()

    call_command("check_invariants", only="billing.", stdout=said)

    lines = [line for line in said.getvalue().splitlines() if "billing." in line]
    assert len(lines) == len(billing_promises.invariants())
    assert all(line.startswith("ok") for line in lines)
