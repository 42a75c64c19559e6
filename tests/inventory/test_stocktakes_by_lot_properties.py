"""Whatever lots are found, missed and sold between look and approval: every lot ends at its count plus what moved since."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.models import StockLot
from inventory.operations import adjust_stock, receive_stock
from inventory.queries import variances
from inventory.rules import Adjustment, Receipt, Uncounted
from tests.factories.inventory import a_location, a_stock_item, a_trading_company, lots_of
from tests.inventory.test_operations_stocktaking import AT, COUNTER, LATER, approved, count, opened, submitted

DAYS = {"A": date(2027, 8, 1), "B": date(2027, 9, 1), "C": None, "NEW": date(2028, 1, 1)}
FEW = st.integers(0, 6)


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lying=st.fixed_dictionaries({"A": FEW, "B": FEW, "C": FEW}),
    seen=st.fixed_dictionaries({"A": FEW, "B": FEW, "C": FEW, "NEW": FEW}),
    later=st.fixed_dictionaries({"A": FEW, "B": FEW, "C": FEW}),
    data=st.data(),
)
def test_every_lot_ends_at_its_count_plus_what_moved_since(broken_promises, lying, seen, later, data):
    company = a_trading_company()
    place, item = a_location(company), a_stock_item(company, is_lot_tracked=True)
    lots_of(item, place, **{lot: (pieces + 1, DAYS[lot]) for lot, pieces in lying.items()})
    take = opened(company, place)
    gone = {lot: data.draw(st.integers(0, pieces), label=f"gone of {lot}") for lot, pieces in lying.items()}
    key = {"stock_item_id": item.pk, "location_id": place.pk}
    leaving = [Adjustment(**key, quantity=-pieces, once_key=f"{take}:{lot}", lot_number=lot) for lot, pieces in gone.items() if pieces]
    adjust_stock(leaving, company_id=company.pk, reason="破損", actor=COUNTER, at=AT + timedelta(minutes=1))

    for lot, pieces in seen.items():
        count(take, item.code, pieces, f"{take}:{lot}", lot_number=lot, expires_on=DAYS[lot])
    coming = [
        Receipt(**key, quantity=pieces, once_key=f"{take}:{lot}:in", cause="po", lot_number=lot) for lot, pieces in later.items() if pieces
    ]
    receive_stock(coming, company_id=company.pk, actor=COUNTER, at=LATER + timedelta(minutes=1))
    submitted(take, Uncounted.REFUSE)
    shown = variances(take)
    approved(take)

    ends = {row.lot.number: row.on_hand for row in StockLot.objects.filter(stock__stock_item=item).select_related("lot")}
    assert {lot: ends.get(lot, 0) for lot in seen} == {lot: pieces + later.get(lot, 0) for lot, pieces in seen.items()}
    for shelf in shown:
        assert shelf.difference == sum(lot.difference for lot in shelf.lots)
        assert shelf.value == sum(lot.value for lot in shelf.lots)
    assert broken_promises() == []
