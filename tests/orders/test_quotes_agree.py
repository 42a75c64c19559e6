"""A quote offers what placing accepts, and nothing else (ADR 0032): asked of many shops, wishes and carts."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from billing.rules import PaymentMethod
from catalog.rules import TemperatureZone
from core.actor import SYSTEM
from core.db import acting
from orders.models import DeliveryService
from orders.operations import Quote, place_orders, quote_orders
from orders.rules import BANDS, DraftDestination, Placed, Refused
from tests.factories.delivery import a_closure, a_delivery, a_service
from tests.factories.inventory import may_be_back_ordered
from tests.factories.orders import AT, Shop, a_draft, a_fee, a_place, a_shop

pytestmark = pytest.mark.django_db
PLACES = (
    {}, {"prefecture": "北海道", "postal_code": "060-0001"}, {"prefecture": "沖縄県", "postal_code": "907-0001"},
)  # fmt: skip


def a_stocked_shop(data: Any) -> tuple[Shop, list[Any]]:
    """A shop with services and articles of every kind: here, in another place, still to come, frozen, heavy."""
    shop = a_shop()
    a_delivery(shop)
    a_fee(shop, 600)
    if data.draw(st.booleans(), label="packets go first"):
        a_service(shop, "packet", position=1, most_size="packet", most_pieces=1, takes_day=False, bands="")
    if data.draw(st.booleans(), label="little cash"):
        DeliveryService.objects.update(most_cash=3_000)
    if data.draw(st.booleans(), label="closed"):
        since = AT.date() + timedelta(days=data.draw(st.integers(0, 9)))
        a_closure(shop, data.draw(st.sampled_from(["shipping", "delivery"])), since.isoformat(), (since + timedelta(days=3)).isoformat())
    if data.draw(st.booleans(), label="cut off"):
        with acting(SYSTEM):
            shop.locations[0].cutoff_at = "10:00"
            shop.locations[0].save()
    frozen, to_come = shop.variant(), shop.variant(stock=[0])
    with acting(SYSTEM):
        frozen.product.temperature_zone = TemperatureZone.FROZEN
        frozen.product.save()
    may_be_back_ordered(to_come, lead_days=data.draw(st.integers(1, 12)))
    return shop, [shop.variant(), shop.variant(parcel_size="packet/3"), shop.variant(stock=[0, 9]), frozen, to_come]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], phases=[Phase.generate])
@given(data=st.data())
def test_a_quote_offers_what_placing_accepts_and_placing_accepts_what_a_quote_offers(data: Any, db: Any):
    before = transaction.savepoint()
    shop, articles = a_stocked_shop(data)
    wanted = data.draw(st.lists(st.sampled_from(range(len(articles))), min_size=1, max_size=3, unique=True), label="cart")
    method = data.draw(st.sampled_from([PaymentMethod.CASH_ON_DELIVERY, PaymentMethod.BANK_TRANSFER]))
    to = DraftDestination(place=a_place(**data.draw(st.sampled_from(PLACES))))
    draft = a_draft(shop, *((articles[n], 1) for n in wanted), payment_method=method, destinations=(to,))
    draft = replace(draft, lines=tuple(replace(line, waits_until=date.max) for line in draft.lines))

    (free,) = quote_orders([draft], at=AT)

    for _n in range(6):
        day = data.draw(st.none() | st.dates(AT.date() - timedelta(days=1), AT.date() + timedelta(days=25)), label="day")
        band = data.draw(st.sampled_from(["", *BANDS]), label="band")
        agree(replace(draft, destinations=(replace(to, wished_on=day, time_band=band),)), free)
    transaction.savepoint_rollback(before)


def agree(draft: Any, free: Quote | Refused) -> None:
    """Quote and placing answer alike, and the days that were offered to who wished nothing are those."""
    (quote,) = quote_orders([draft], at=AT)
    stands = isinstance(quote, Quote) and quote.short is None and not quote.faults
    before = transaction.savepoint()
    (result,) = place_orders([draft], actor=SYSTEM, at=AT)
    transaction.savepoint_rollback(before)
    assert isinstance(result, Placed) == stands, (draft.destinations, quote, result)
    if isinstance(result, Refused) and isinstance(quote, Quote) and quote.short is None:
        assert [r.code for r in result.reasons] == [f.code for f in quote.faults]
    to = draft.destinations[0]
    services = quote.delivery[1].services if isinstance(quote, Quote) and quote.delivery else ()
    if isinstance(free, Quote) and free.delivery and to.wished_on is not None and services == free.delivery[1].services:
        offered = {day.on: day.bands for day in free.delivery[1].days}
        assert stands == (to.wished_on in offered and (not to.time_band or to.time_band in offered[to.wished_on]))
