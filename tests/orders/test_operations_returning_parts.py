"""Part of a set comes back: stock in, its share credited, each piece once."""

import pytest

from billing.models import CreditNote
from core.actor import SYSTEM
from core.db import rows
from core.errors import Refusal
from inventory.models import Component, Movement, Stock
from inventory.operations import compose_kits
from inventory.queries import invariants as stock_promises
from inventory.rules import KitAsk, KitPartAsk
from orders.models import Order, PartReturn, Shipment
from orders.operations import PartAsk, PartBack, mark_delivered, return_parts
from orders.queries import invariants, order_view
from tests.factories.inventory import the_item
from tests.factories.orders import AT, STAFF, a_shipped_order, a_shop

pytestmark = pytest.mark.django_db
HOW = {"reason": "湯呑みが合わない", "actor": STAFF, "at": AT}


@pytest.fixture
def sent():
    """Two teas and a cup, sold as a set at 2,500, delivered."""
    shop = a_shop()
    tea, cup, kit = shop.variant(1_000, stock=[10]), shop.variant(900, stock=[10]), shop.variant(2_500, stock=[])
    Component.objects.filter(variant=kit).delete()
    ask = KitAsk(variant_id=kit.pk, parts=(KitPartAsk(variant_id=tea.pk, quantity=2), KitPartAsk(variant_id=cup.pk)))
    compose_kits([ask], company_id=shop.company.pk, actor=SYSTEM, at=AT)
    order = a_shipped_order(shop, (kit, 1))
    mark_delivered(list(Shipment.objects.filter(order=order).values_list("id", flat=True)), actor=STAFF, at=AT)
    yield order, the_item(tea), the_item(cup)
    broken = [p.name for p in (*invariants(), *stock_promises()) if rows(p.sql, {"company": None}, prepare=False)]
    assert broken == []


def back(order, item, quantity=1, key="r1", **more):
    line = order_view(order.pk).lines[0]
    return return_parts([PartAsk(line_ref=line.id, stock_item_id=item.pk, quantity=quantity, once_key=key, **more)], **HOW)[0]


def test_a_part_that_comes_back_is_in_stock_and_its_share_is_credited_once(sent):
    order, _tea, cup = sent

    first, again = back(order, cup), back(order, cup)

    line = order_view(order.pk).lines[0]
    assert (first, again) == (PartBack(line_ref=line.id, amount=776), PartBack(line_ref=line.id, amount=776, repeated=True))
    assert (Stock.objects.get(stock_item=cup).on_hand, CreditNote.objects.get().total) == (10, 776)
    assert Movement.objects.get(kind="return").quantity == 1
    assert PartReturn.objects.count() == 1


def test_all_parts_together_are_worth_exactly_what_was_paid(sent):
    order, tea, cup = sent

    amounts = [back(order, tea, key="a").amount, back(order, cup, key="b").amount, back(order, tea, key="c").amount]

    assert (amounts, sum(amounts)) == ([862, 776, 862], 2_500)
    assert Order.objects.get(pk=order.pk).fulfilment_status == "delivered"


def test_what_cannot_be_sold_again_is_on_hand_only(sent):
    order, _tea, cup = sent

    back(order, cup, sellable=False)

    stock = Stock.objects.get(stock_item=cup)
    assert (stock.on_hand, stock.sellable) == (10, 9)


def test_more_than_was_delivered_or_something_else_is_refused_and_nothing_changes(sent):
    order, _tea, cup = sent
    other = a_shop().variant(stock=[1])

    refused = [back(order, cup, 2), back(order, the_item(other)), back(order, cup, 0)]

    assert [r.code for r in refused if isinstance(r, Refusal)] == [
        "order.more_than_sent",
        "order.not_delivered",
        "order.quantity_out_of_range",
    ]
    assert (PartReturn.objects.count(), CreditNote.objects.count(), Stock.objects.get(stock_item=cup).on_hand) == (0, 0, 9)
