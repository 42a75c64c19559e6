"""What is true about money, without a database."""

import re
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules import (
    DUE_DAYS,
    AccountKey,
    AccountKind,
    CreditableLine,
    CreditLine,
    IntentStatus,
    LineTaken,
    OpenReceivable,
    PaymentMethod,
    PaymentStatus,
    SaleLine,
    Share,
    Side,
    Unbalanced,
    application_sides,
    credit_taxes,
    due_on,
    may_move,
    oldest_due_first,
    payment_sides,
    payment_status,
    refund_refusal,
    sales_sides,
    settle,
    settled,
    split_sale,
    take_back,
    take_from_latest,
)
from core.errors import Refusal
from core.tax import Rounding

PAGE = (Path(__file__).resolve().parents[2] / "docs/algorithms/invoicing.md").read_text(encoding="utf-8")
ROUNDINGS = st.sampled_from(list(Rounding))
RATES = {"standard": 1000, "reduced": 800}
BASKETS = st.lists(st.tuples(st.sampled_from(sorted(RATES)), st.integers(0, 10**7)), min_size=1, max_size=12)


def line(tax_class: str, amount: int) -> SaleLine:
    return SaleLine(
        description="品", sku="", quantity=1, unit_price=amount, amount_included=amount, tax_class=tax_class, tax_rate_bp=RATES[tax_class]
    )


def table(title: str) -> list[list[str]]:
    """The rows of a worked table of the page, without its head."""
    section = PAGE.split(f"### {title}\n")[1].split("\n#")[0]
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in section.splitlines() if row.startswith("|")]
    return rows[2:]


def yen(text: str) -> int:
    return int(text.replace(",", ""))


@pytest.mark.parametrize("row", table("Splitting what was agreed"), ids=lambda row: row[0])
def test_the_worked_invoices_of_the_page_come_out(row):
    _case, standard, reduced, rounding, *expected, total = row
    lines = [line("standard", yen(a)) for a in standard.split("+") if a] + [line("reduced", yen(a)) for a in reduced.split("+") if a]

    rates = {tax.tax_class: tax for tax in split_sale(lines, rates_bp=RATES, rounding=Rounding(rounding))}

    told = [getattr(rates.get(name), field, 0) for name in ("standard", "reduced") for field in ("taxable", "tax")]
    assert told == [yen(cell) for cell in expected]
    assert sum(told) == yen(total)


@pytest.mark.parametrize("row", table("Taking back piece by piece"), ids=lambda row: row[0])
def test_the_worked_credit_notes_of_the_page_come_out(row):
    _case, amount, quantity, rate, rounding, notes, taxes = row
    sold, pieces, credited, found = yen(amount), int(quantity), 0, []
    for place in range(pieces):
        whole = CreditableLine(
            line_id=1,
            position=1,
            quantity=pieces,
            amount=sold,
            tax_class="c",
            tax_rate_bp=int(rate),
            credited_quantity=place,
            credited_amount=credited,
        )
        taken = take_back([whole], asked=[CreditLine(position=1, quantity=1)])
        found.append((taken[0].amount, credit_taxes([whole], taken=taken, rounding=Rounding(rounding))[0].tax))
        credited += taken[0].amount

    assert found == list(zip(map(yen, notes.split("+")), map(yen, taxes.split("+")), strict=True))


@pytest.mark.parametrize("row", table("Falling due"), ids=lambda row: row[0])
def test_the_due_days_of_the_page_come_out(row):
    method, issued, due = row

    assert due_on(PaymentMethod(method), issued_on=date.fromisoformat(issued)) == date.fromisoformat(due)


def test_every_method_has_a_due_day():
    assert {PaymentMethod(row[0]) for row in table("Falling due")} == set(PaymentMethod)
    assert set(DUE_DAYS) == set(PaymentMethod) - {PaymentMethod.DIRECT_DEBIT, PaymentMethod.MARKETPLACE}


@given(basket=BASKETS, rounding=ROUNDINGS)
def test_price_and_tax_of_any_basket_add_up_to_what_was_agreed(basket, rounding):
    lines = [line(tax_class, amount) for tax_class, amount in basket]

    rates = split_sale(lines, rates_bp=RATES, rounding=rounding)

    assert sum(rate.included for rate in rates) == sum(amount for _, amount in basket)
    assert len(rates) == len({tax_class for tax_class, _ in basket})
    for rate in rates:
        exact = rate.included * rate.rate_bp / (10_000 + rate.rate_bp)
        assert abs(rate.tax - exact) < 1


@given(basket=BASKETS.filter(lambda basket: sum(amount for _, amount in basket) > 0), rounding=ROUNDINGS, sign=st.sampled_from([1, -1]))
def test_the_sides_of_a_sale_sum_to_zero(basket, rounding, sign):
    rates = split_sale([line(*item) for item in basket], rates_bp=RATES, rounding=rounding)

    sides = sales_sides(company_id=1, currency="JPY", customer_id=7, taxes=rates, sign=sign)

    assert sum(side.amount for side in sides) == 0
    owed = next(side.amount for side in sides if side.account.kind is AccountKind.RECEIVABLE)
    assert owed == sign * sum(amount for _, amount in basket)


@given(amount=st.integers(-(10**12), 10**12).filter(bool), payer=st.none() | st.integers(1, 9))
def test_the_sides_of_payments_and_applications_sum_to_zero(amount, payer):
    for sides in (
        payment_sides(company_id=1, currency="JPY", customer_id=payer, amount=amount),
        application_sides(company_id=1, currency="JPY", payer_id=payer, debtor_id=10, amount=amount),
    ):
        assert [side.amount for side in sides] == [amount, -amount]


def test_sides_that_do_not_balance_are_refused():
    cash = AccountKey(company_id=1, kind=AccountKind.CASH, currency="JPY")
    dollars = AccountKey(company_id=1, kind=AccountKind.SALES, currency="USD")

    for sides in ([], [Side(account=cash, amount=1)], [Side(account=cash, amount=1), Side(account=dollars, amount=-1)]):
        with pytest.raises(Unbalanced):
            settled(sides)


def test_one_account_gets_one_posting():
    cash = AccountKey(company_id=1, kind=AccountKind.CASH, currency="JPY")
    sales = AccountKey(company_id=1, kind=AccountKind.SALES, currency="JPY")

    sides = settled([Side(account=cash, amount=1), Side(account=cash, amount=2), Side(account=sales, amount=-3)])

    assert [(side.account, side.amount) for side in sides] == [(cash, 3), (sales, -3)]


@given(amount=st.integers(0, 10**9), owed=st.lists(st.integers(0, 10**8), max_size=8))
def test_money_settles_no_more_than_there_is_and_no_more_than_is_owed(amount, owed):
    shares = settle(amount, owed=[Share(key=place, amount=debt) for place, debt in enumerate(owed)])

    assert sum(share.amount for share in shares) == min(amount, sum(owed))
    assert all(0 < share.amount <= owed[share.key] for share in shares)
    assert [share.key for share in shares] == sorted(share.key for share in shares)


@given(data=st.data(), applied=st.lists(st.integers(1, 10**6), min_size=1, max_size=8))
def test_taking_back_starts_with_the_latest(data, applied):
    amount = data.draw(st.integers(0, sum(applied)))

    parts = take_from_latest(amount, applied=[Share(key=place, amount=part) for place, part in enumerate(applied)])

    assert sum(part.amount for part in parts) == amount
    assert all(part.amount == applied[part.key] for part in parts[:-1])
    assert [part.key for part in parts] == sorted((part.key for part in parts), reverse=True)


def test_the_earliest_due_is_settled_first_and_undated_last():
    def debt(key: int, due: date | None) -> OpenReceivable:
        return OpenReceivable(
            receivable_id=key, company_id=1, customer_id=1, order_ref=UUID(int=key), currency="JPY", due_on=due, open_amount=1
        )

    queue = oldest_due_first([debt(1, None), debt(2, date(2026, 2, 1)), debt(4, date(2026, 1, 1)), debt(3, date(2026, 1, 1))])

    assert [owed.receivable_id for owed in queue] == [3, 4, 2, 1]


@given(amount=st.integers(1, 10**7), quantity=st.integers(1, 20), rate=st.sampled_from([0, 800, 1000]), rounding=ROUNDINGS, data=st.data())
def test_a_line_taken_back_in_pieces_gives_back_exactly_its_amount_and_tax(amount, quantity, rate, rounding, data):
    credited_quantity = credited_amount = tax = 0
    while credited_quantity < quantity:
        whole = CreditableLine(
            line_id=1, position=1, quantity=quantity, amount=amount, tax_class="c", tax_rate_bp=rate,
            credited_quantity=credited_quantity, credited_amount=credited_amount,
        )  # fmt: skip
        pieces = data.draw(st.integers(1, quantity - credited_quantity))
        taken = take_back([whole], asked=[CreditLine(position=1, quantity=pieces)])
        if isinstance(taken, Refusal):
            assert amount * (credited_quantity + pieces) // quantity == amount * credited_quantity // quantity
            break
        note = credit_taxes([whole], taken=taken, rounding=rounding)[0]
        assert 0 <= note.tax <= note.included
        assert note.included == taken[0].amount
        credited_quantity += pieces
        credited_amount += taken[0].amount
        tax += note.tax
    else:
        sold = SaleLine(description="", sku="", quantity=quantity, unit_price=0, amount_included=amount, tax_class="c", tax_rate_bp=rate)
        assert credited_amount == amount
        assert tax == split_sale([sold], rates_bp={}, rounding=rounding)[0].tax


def test_without_lines_all_that_is_left_goes_back():
    lines = [
        CreditableLine(
            line_id=1, position=1, quantity=2, amount=200, tax_class="c", tax_rate_bp=1000, credited_quantity=1, credited_amount=100
        ),
        CreditableLine(
            line_id=2, position=2, quantity=1, amount=50, tax_class="c", tax_rate_bp=1000, credited_quantity=1, credited_amount=50
        ),
    ]

    assert take_back(lines, asked=[]) == [LineTaken(line=lines[0], quantity=1, amount=100)]


@given(amount=st.integers(-5, 20), held=st.integers(0, 15))
def test_a_refund_is_within_what_is_held(amount, held):
    refused = refund_refusal(amount=amount, held=held, is_reversed=False)

    assert (refused is None) == (0 < amount <= held)


def test_the_state_of_a_payment_follows_from_what_it_holds():
    assert payment_status(unapplied=1, reversed_=False) is PaymentStatus.RECEIVED
    assert payment_status(unapplied=0, reversed_=False) is PaymentStatus.APPLIED
    assert payment_status(unapplied=0, reversed_=True) is PaymentStatus.REVERSED


def test_nothing_leaves_a_final_state():
    for status in (IntentStatus.VOIDED, IntentStatus.FAILED):
        assert [to for to in IntentStatus if may_move(status, to=to)] == [status]


def test_every_value_has_a_word():
    from billing import rules

    for name in ("AccountKind", "EntryKind", "IntentStatus", "InvoiceKind", "PartyKind", "PaymentMethod", "PaymentStatus"):
        kind = getattr(rules, name)
        assert set(kind.labels()) == set(kind)
        assert all(re.search(r"[A-Z]", word) for word in kind.labels().values())
