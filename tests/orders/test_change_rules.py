"""What a change comes to, by property: before + difference = after, lines add up, tax once per rate, discounts only shrink."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from billing.rules import PaymentMethod
from core.errors import Refusal
from core.tax import Rounding, TaxBasis, TaxedAmount, tax_totals
from orders.rules import (
    NO_ATTRIBUTION,
    NO_MASTERS,
    ChangeItem,
    ChangeKind,
    DraftDiscount,
    StandingLine,
    StandingOrder,
    difference,
    differing,
    effective,
    pieces_of,
    recalculate,
)

RATES = {"standard": 1_000, "reduced": 800}


@st.composite
def standing(draw: st.DrawFn, basis: TaxBasis = TaxBasis.INCLUDED) -> StandingOrder:
    """An order as placed, with what may have left of it."""
    lines = []
    for n in range(draw(st.integers(1, 5))):
        quantity, price = draw(st.integers(1, 20)), draw(st.integers(0, 5_000))
        discount = draw(st.integers(0, quantity * price))
        amount = quantity * price - discount
        gone = draw(st.integers(0, quantity)) if basis is TaxBasis.INCLUDED else 0
        parts = tuple(
            DraftDiscount(amount=d, source=s) for d, s in ((discount // 3, "coupon:A"), (discount - discount // 3, "sale:B")) if d
        )
        lines.append(
            StandingLine(
                line_id=n + 1, ref=UUID(int=n + 1), position=n + 1, variant_id=n + 1, sku=f"S{n}", name=f"品{n}", category_path="",
                purchase_type="normal", cycle=None, destination=1, outside_line="", quantity=quantity, cancelled_quantity=0,
                shipped_quantity=gone, waiting=0, list_price=None, unit_price=price, price_reason="", discount=discount, amount=amount,
                total=amount, tax_class=draw(st.sampled_from(sorted(RATES))), tax_rate_bp=0, until_revision=None, attribution=NO_ATTRIBUTION,
                discounts=parts,
            )
        )  # fmt: skip
    bare = StandingOrder(
        order_id=1, ref=UUID(int=99), number="K-1", company_id=1, channel_id=1, channel_kind="web", customer_id=1, origin="placed",
        status="confirmed", version=1, revision=1, language="ja", currency="JPY", tax_basis=basis,
        rounding=draw(st.sampled_from(Rounding)), country="JP", timezone="Asia/Tokyo", payment_method=PaymentMethod.BANK_TRANSFER,
        placed_on=date(2026, 5, 11), goods_total=0, discount_total=0, fee_total=0, tax_total=0, total=0, paid_total=0, instructed=(),
        labelled=(), has_left=any(n.shipped_quantity for n in lines), lines=tuple(lines), fees=(), destinations=(),
    )  # fmt: skip
    sums = recalculate(bare, (), offers={}, masters=NO_MASTERS, rates_bp=RATES)
    assert not isinstance(sums, Refusal)
    s = sums.sums
    own = tuple(replace(line, total=summed.total) for line, summed in zip(lines, s.lines, strict=True))
    return replace(
        bare,
        lines=own,
        goods_total=s.goods_total,
        discount_total=s.discount_total,
        fee_total=s.fee_total,
        tax_total=s.tax_total,
        total=s.total,
    )


@st.composite
def wishes(draw: st.DrawFn, order: StandingOrder) -> list[ChangeItem]:
    found = []
    for line in order.lines:
        if draw(st.booleans()):
            wanted = str(draw(st.integers(line.shipped_quantity, 30)))
            found.append(ChangeItem(kind=ChangeKind.QUANTITY, target=str(line.ref), after=wanted))
        if line.open and draw(st.booleans()):
            found.append(ChangeItem(kind=ChangeKind.PRICE, target=str(line.ref), after=str(draw(st.integers(0, 5_000))), reason="x"))
    return effective(order, found)


@settings(max_examples=300, deadline=None)
@given(st.data(), st.sampled_from(TaxBasis))
def test_the_sums_add_up_however_an_order_is_changed(data: st.DataObject, basis: TaxBasis):
    order = data.draw(standing(basis))
    items = data.draw(wishes(order))

    assume(pieces_of(order, items))  # what would leave nothing is refused before

    found = recalculate(order, items, offers={}, masters=NO_MASTERS, rates_bp=RATES)
    assert not isinstance(found, Refusal)
    sums, money = found.sums, difference(order, found.sums)

    assert money.total.before + money.total.more == money.total.after == sum(line.total for line in sums.lines)
    assert sums.goods_total - sums.discount_total == sum(line.amount for line in sums.lines)
    told = tax_totals([TaxedAmount(n.offer.tax_class, n.tax_rate_bp, n.amount) for n in sums.lines], basis, order.rounding)
    assert list(sums.taxes) == told
    assert sums.discount_total <= order.discount_total
    assert all(line.amount >= 0 and line.discount >= 0 for line in sums.lines)
    for piece, line in zip(found.pieces, sums.lines, strict=True):
        assert sum(d.amount for d in piece.discounts) == line.discount
        if piece.fixed is not None:
            assert (line.amount, line.total) == piece.fixed


@given(st.data())
def test_what_has_left_costs_what_was_invoiced(data: st.DataObject):
    order = data.draw(standing())
    items = data.draw(wishes(order))

    gone = {piece.line.ref: piece.quantity for piece in pieces_of(order, items) if piece.line and piece.fixed is not None}

    for line in order.lines:
        if line.shipped_quantity:
            assert gone[line.ref] >= line.shipped_quantity


@given(st.data())
def test_changing_nothing_changes_nothing(data: st.DataObject):
    order = data.draw(standing())
    same = [ChangeItem(kind=ChangeKind.QUANTITY, target=str(line.ref), after=str(line.live)) for line in order.lines]

    assert effective(order, same) == []
    found = recalculate(order, (), offers={}, masters=NO_MASTERS, rates_bp=RATES)
    assert not isinstance(found, Refusal)
    money = difference(order, found.sums)
    assert [step.more for step in (money.goods, money.discounts, money.fees, money.tax, money.total)] == [0] * 5


@given(standing(), st.integers(0, 50), st.integers(0, 50))
def test_a_conflict_is_two_wishes_that_differ_from_one_past(order: StandingOrder, was: int, mine: int):
    line = order.lines[0]
    item = ChangeItem(kind=ChangeKind.QUANTITY, target=str(line.ref), before=str(was), after=str(mine))

    found = differing(order, [item])

    assert bool(found) == (was != line.live and mine != line.live)
