"""The database itself: books only grow and balance, and no payment gives more than it received, whoever writes."""

import pytest
from django.db import IntegrityError, connection, transaction

from billing.models import Entry, LedgerAccount, Payment
from billing.operations import issue_credit_notes, record_sales, refund_payments, reverse_payments
from billing.rules import AccountKey, AccountKind, CreditAsk, PartyKind, RefundAsk, ReverseAsk
from core.db import rows, run, sqlstate
from tests.factories.billing import NOON, STAFF, a_buyer, a_sale, a_trader, an_invoice, money_in, requested

pytestmark = pytest.mark.django_db

BOOKS = (
    "entry", "posting", "application", "refund", "invoice", "invoiceline", "invoicetax", "creditnote", "creditnoteline", "creditnotetax",
)  # fmt: skip


def refused(sql: str, params: tuple = ()) -> str:
    """Why the database says no."""
    with pytest.raises(IntegrityError) as said, transaction.atomic():
        run(sql, params, prepare=False)
    return str(said.value)


def written_books() -> int:
    """Some money in every table; the company."""
    customer = a_buyer()
    sale = a_sale(customer)
    invoice = record_sales([sale], actor=STAFF, at=NOON)[0]
    paid = money_in(customer, 5000, order_ref=sale.order_ref)
    issue_credit_notes([CreditAsk(invoice_id=invoice.invoice_id, once_key="c")], actor=STAFF, at=NOON)
    refund_payments([RefundAsk(payment_id=paid.payment_id, amount=1, once_key="r")], actor=STAFF, at=NOON)
    return customer.company_id


@pytest.mark.parametrize("table", BOOKS)
def test_the_books_only_grow(table):
    written_books()
    run("SET CONSTRAINTS ALL IMMEDIATE")

    assert "only grows: UPDATE" in refused(f"UPDATE billing_{table} SET id = id")
    assert "only grows: DELETE" in refused(f"DELETE FROM billing_{table}")
    assert "only grows: TRUNCATE" in refused(f"TRUNCATE billing_{table} CASCADE")


@pytest.mark.parametrize("table", ["payment", "receivable", "paymentintent", "ledgeraccount", "partybalance"])
def test_no_document_is_ever_deleted(table):
    written_books()
    requested(a_buyer())

    assert "DELETE is refused" in refused(f"DELETE FROM billing_{table}")


def entry_with(*sides: tuple[int, int], company_id: int, once_key: str = "raw") -> None:
    """An entry and its postings in one statement, past every operation."""
    run(
        "WITH e AS (INSERT INTO billing_entry (company_id, kind, reference, once_key, booked_on, at)"
        " VALUES (%s, 'sale', 'raw', %s, '2026-11-20', now()) RETURNING id)"
        " INSERT INTO billing_posting (entry_id, account_id, currency, amount)"
        " SELECT e.id, s.account_id, 'JPY', s.amount FROM e, unnest(%s::bigint[], %s::bigint[]) AS s (account_id, amount)",
        (company_id, once_key, [account for account, _ in sides], [amount for _, amount in sides]),
        prepare=False,
    )


def two_accounts() -> tuple[int, int, int]:
    company = a_trader()
    cash = LedgerAccount.objects.create(company=company, kind="cash", currency="JPY")
    sales = LedgerAccount.objects.create(company=company, kind="sales", currency="JPY")
    return company.pk, cash.pk, sales.pk


def test_an_entry_that_sums_to_zero_is_written():
    company_id, cash, sales = two_accounts()

    entry_with((cash, 100), (sales, -100), company_id=company_id)

    assert Entry.objects.get().postings.count() == 2


@pytest.mark.parametrize(("_case", "amounts"), [("a yen off", (100, -99)), ("one-sided", (100, 100))])
def test_an_entry_that_does_not_balance_is_refused(_case, amounts):
    company_id, cash, sales = two_accounts()

    with pytest.raises(IntegrityError, match="does not sum to zero"), transaction.atomic():
        entry_with((cash, amounts[0]), (sales, amounts[1]), company_id=company_id)

    assert not Entry.objects.exists()


def test_two_unbalanced_entries_do_not_make_up_for_each_other():
    company_id, cash, sales = two_accounts()

    with pytest.raises(IntegrityError, match="does not sum to zero"), transaction.atomic():
        run(
            "WITH e AS (INSERT INTO billing_entry (company_id, kind, reference, once_key, booked_on, at)"
            " SELECT %s, 'sale', 'raw', k, '2026-11-20', now() FROM unnest('{a,b}'::text[]) k RETURNING id, once_key)"
            " INSERT INTO billing_posting (entry_id, account_id, currency, amount)"
            " SELECT id, CASE once_key WHEN 'a' THEN %s ELSE %s END, 'JPY', CASE once_key WHEN 'a' THEN 5 ELSE -5 END FROM e",
            (company_id, cash, sales),
            prepare=False,
        )


def test_an_entry_without_postings_is_refused_at_once():
    company_id, _cash, _sales = two_accounts()

    said = refused(
        "INSERT INTO billing_entry (company_id, kind, reference, once_key, booked_on, at) VALUES (%s, 'sale', 'raw', 'raw', '2026-11-20', now())",
        (company_id,),
    )

    assert "has no postings" in said


def test_nothing_is_added_to_an_entry_later_even_if_it_balances():
    company_id, cash, sales = two_accounts()
    entry_with((cash, 100), (sales, -100), company_id=company_id)
    entry = Entry.objects.get()

    said = refused(
        "INSERT INTO billing_posting (entry_id, account_id, currency, amount) VALUES (%s, %s, 'JPY', 7), (%s, %s, 'JPY', -7)",
        (entry.pk, cash, entry.pk, sales),
    )

    assert "is closed" in said


def test_a_posting_to_another_companys_account_is_refused():
    company_id, cash, _sales = two_accounts()
    _other, theirs, _their_sales = two_accounts()

    with pytest.raises(IntegrityError, match="another company"), transaction.atomic():
        entry_with((cash, 100), (theirs, -100), company_id=company_id)


def test_raw_sql_cannot_refund_more_than_was_received():
    paid = money_in(a_buyer(), 10_000)
    entry = _booked(paid.payment_id)

    said = refused(
        "INSERT INTO billing_refund (payment_id, amount, once_key, refunded_on, at, entry_id) VALUES (%s, 10001, 'raw', '2026-11-20', now(), %s)",
        (paid.payment_id, entry),
    )

    assert "would give more than was received" in said


def test_raw_sql_cannot_refund_what_has_settled_an_invoice():
    customer = a_buyer()
    an_invoice(customer)
    paid = money_in(customer, 3280)
    entry = _booked(paid.payment_id)

    said = refused(
        "INSERT INTO billing_refund (payment_id, amount, once_key, refunded_on, at, entry_id) VALUES (%s, 1, 'raw', '2026-11-20', now(), %s)",
        (paid.payment_id, entry),
    )

    assert "would give more than was received" in said


@pytest.mark.parametrize("amount", [0, -5])
def test_raw_sql_cannot_refund_nothing_or_less(amount):
    paid = money_in(a_buyer(), 10_000)

    said = refused(
        "INSERT INTO billing_refund (payment_id, amount, once_key, refunded_on, at, entry_id) VALUES (%s, %s, 'raw', '2026-11-20', now(), %s)",
        (paid.payment_id, amount, _booked(paid.payment_id)),
    )

    assert "billing_refund_positive" in said


def test_raw_sql_cannot_draw_on_a_reversed_payment():
    paid = money_in(a_buyer(), 10_000)
    reverse_payments([ReverseAsk(payment_id=paid.payment_id)], actor=STAFF, at=NOON)

    said = refused(
        "INSERT INTO billing_refund (payment_id, amount, once_key, refunded_on, at, entry_id) VALUES (%s, 1, 'raw', '2026-11-20', now(), %s)",
        (paid.payment_id, _booked(paid.payment_id)),
    )

    assert "would give more than was received" in said


@pytest.mark.parametrize("change", ["amount = amount + 1", "currency = 'USD'", "received_on = '2020-01-01'", "once_key = 'x'"])
def test_what_a_payment_said_when_it_came_never_changes(change):
    money_in(a_buyer(), 10_000)

    assert "UPDATE is refused" in refused(f"UPDATE billing_payment SET {change}")


def test_the_payer_of_a_payment_is_found_once():
    paid = money_in(a_buyer(), 10_000)
    other = a_buyer()

    assert "UPDATE is refused" in refused("UPDATE billing_payment SET customer_id = %s WHERE id = %s", (other.pk, paid.payment_id))
    assert Payment.objects.get().customer_id != other.pk


def test_the_rules_spell_accounts_like_the_database():
    customer = a_buyer()
    an_invoice(customer)
    keys = set(LedgerAccount.objects.values_list("key", flat=True))

    expected = AccountKey(
        company_id=customer.company_id, kind=AccountKind.RECEIVABLE, currency="JPY", party_kind=PartyKind.CUSTOMER, party_id=customer.pk
    )
    tax = AccountKey(company_id=customer.company_id, kind=AccountKind.TAX_PAYABLE, currency="JPY", tax_class="reduced")
    assert {expected.text, tax.text} <= keys


def test_a_refusal_carries_a_code_that_programs_can_read():
    company_id, cash, sales = two_accounts()

    with pytest.raises(IntegrityError) as said, transaction.atomic():
        entry_with((cash, 1), (sales, 1), company_id=company_id)

    assert sqlstate(said.value) == "23514"


def test_every_table_of_the_books_is_guarded():
    guarded = {row.name for row in rows("SELECT DISTINCT tgrelid::regclass::text AS name FROM pg_trigger WHERE NOT tgisinternal")}
    with connection.cursor() as cursor:
        tables = {name for name in connection.introspection.table_names(cursor) if name.startswith("billing_")}

    assert tables <= guarded


def _booked(payment_id: int) -> int:
    """An entry of its own for a raw document."""
    payment = Payment.objects.get(pk=payment_id)
    accounts = [
        LedgerAccount.objects.create(company_id=payment.company_id, kind=kind, currency="JPY").pk for kind in ("discount", "fee_expense")
    ]
    entry_with((accounts[0], 1), (accounts[1], -1), company_id=payment.company_id, once_key="raw:booked")
    return Entry.objects.get(once_key__startswith="raw:").pk
