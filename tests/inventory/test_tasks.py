"""What the clock starts for stock."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core import clock
from inventory.models import Reservation, Stock
from inventory.operations import reserve_stock
from inventory.queries import supply_for
from inventory.tasks import expire_due_reservations
from tests.factories.inventory import AT, SYSTEM, a_channel, a_demand, a_location, a_stocked_variant, a_trading_company, stock_of


@pytest.mark.django_db
def test_reservations_past_their_time_end_and_the_others_stay() -> None:
    company = a_trading_company()
    channel, place, tea = a_channel(company), a_location(company), a_stocked_variant(company)
    stock_of(tea, place, 9)
    for minutes in (5, 10, 20):
        supply = supply_for([tea.pk], company_id=company.pk, channel_id=channel.pk, at=AT)
        reserve_stock([(uuid4(), [a_demand(tea, 2)])], supply=supply, until=AT + timedelta(minutes=minutes), actor=SYSTEM, at=AT)

    with clock.travel(AT + timedelta(minutes=15)):
        ended, again = expire_due_reservations(), expire_due_reservations()

    assert (ended, again) == (2, 0)
    assert (Stock.objects.get().reserved, Reservation.objects.count()) == (2, 1)
