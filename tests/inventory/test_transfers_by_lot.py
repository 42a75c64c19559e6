"""Goods tracked by lot change places: every line that leaves has its lot, and arrives in it."""

from datetime import timedelta

import pytest

from core.errors import Refusal
from inventory.models import StockLot, StockTransferLine
from inventory.operations import plan_transfers, receive_transfers, send_transfers
from inventory.rules import ArrivalAsk, TransferLineAsk
from tests.factories.inventory import (
    AT,
    WAREHOUSE_STAFF,
    a_channel,
    a_location,
    a_stocked_variant,
    a_trading_company,
    an_allocation,
    lots_of,
    the_item,
)
from tests.factories.purchasing import a_transfer_ask

pytestmark = pytest.mark.django_db
HOW = {"actor": WAREHOUSE_STAFF, "at": AT}


def days(number):
    return AT.date() + timedelta(number)


@pytest.fixture
def company():
    return a_trading_company()


@pytest.fixture
def here(company):
    return a_location(company, "shizuoka")


@pytest.fixture
def there(company):
    return a_location(company, "jimbocho", kind="store")


@pytest.fixture
def tea(company):
    variant = a_stocked_variant(company, sku="TEA")
    type(the_item(variant)).objects.filter(pk=the_item(variant).pk).update(is_lot_tracked=True)
    return variant


def planned(company, here, there, *lines):
    asks = tuple(TransferLineAsk(stock_item_id=item.pk, quantity=quantity, lot_number=lot) for item, quantity, lot in lines)
    (step,) = plan_transfers([a_transfer_ask(here, there, {}, lines=asks)], company_id=company.pk, **HOW)
    return step.transfer_id


def carried(transfer):
    return sorted(StockTransferLine.objects.filter(transfer=transfer).values_list("lot_number", "quantity", "received_quantity"))


def lying(place):
    return {row.lot.number: row.on_hand for row in StockLot.objects.filter(stock__location=place, on_hand__gt=0).select_related("lot")}


def arrives(transfer, *lines, key="a1"):
    asks = tuple(TransferLineAsk(stock_item_id=item.pk, quantity=quantity, lot_number=lot) for item, quantity, lot in lines)
    return receive_transfers([ArrivalAsk(transfer_id=transfer, lines=asks, once_key=key)], **HOW)[0]


def test_a_line_without_a_lot_leaves_in_the_lots_that_expire_first_and_none_that_has(company, here, there, tea, broken_promises):
    lots_of(tea, here, OLD=(4, days(-1)), SOON=(3, days(9)), LATE=(9, days(90)))
    transfer = planned(company, here, there, (the_item(tea), 5, ""))

    send_transfers([transfer], **HOW)
    arrives(transfer, (the_item(tea), 3, "SOON"), (the_item(tea), 1, "LATE"))

    assert carried(transfer) == [("LATE", 2, 1), ("SOON", 3, 3)]
    assert (lying(here), lying(there)) == ({"OLD": 4, "LATE": 7}, {"SOON": 3, "LATE": 1})
    assert broken_promises() == []


def test_each_transfer_arrives_with_its_own_lots(company, here, there, tea):
    lots_of(tea, here, SOON=(3, days(9)), LATE=(9, days(90)))
    first, second = (planned(company, here, there, (the_item(tea), 3, "")) for _ in range(2))
    send_transfers([first, second], **HOW)

    arrives(second, (the_item(tea), 3, ""))

    assert lying(there) == {"LATE": 3}
    assert (carried(first), carried(second)) == ([("SOON", 3, 0)], [("LATE", 3, 3)])


def test_lots_that_lines_name_are_kept_for_them_and_joined(company, here, there, tea):
    lots_of(tea, here, SOON=(5, days(9)), LATE=(9, days(90)))
    transfer = planned(company, here, there, (the_item(tea), 4, ""), (the_item(tea), 3, "SOON"))

    send_transfers([transfer], **HOW)

    assert carried(transfer) == [("LATE", 2, 0), ("SOON", 5, 0)]


def test_a_transfer_that_only_expired_lots_could_fill_stays_and_the_others_leave(company, here, there, tea):
    lots_of(tea, here, OLD=(9, days(-1)), SOON=(2, days(9)))
    too_many, few = (planned(company, here, there, (the_item(tea), quantity, "")) for quantity in (3, 2))

    refused, sent = send_transfers([too_many, few], **HOW)

    assert (refused.code, refused.params["there"], str(sent.status)) == ("inventory.no_such_lot", 2, "in_transit")
    assert carried(too_many) == [("", 3, 0)]
    assert lying(here) == {"OLD": 9}


def test_what_orders_need_of_the_lots_does_not_leave(company, here, there, tea, broken_promises):
    lots_of(tea, here, SOON=(3, days(9)), LATE=(3, days(90)))
    an_allocation(tea, a_channel(company), 4)
    transfer = planned(company, here, there, (the_item(tea), 3, ""))

    (refused,) = send_transfers([transfer], **HOW)

    assert refused.code == "inventory.promised"
    assert broken_promises() == []


def test_a_part_of_several_lots_arrives_only_by_its_name(company, here, there, tea, ledger):
    lots_of(tea, here, SOON=(3, days(9)), LATE=(9, days(90)))
    transfer = planned(company, here, there, (the_item(tea), 5, ""))
    send_transfers([transfer], **HOW)
    before = ledger()

    nameless = arrives(transfer, (the_item(tea), 4, ""))

    assert isinstance(nameless, Refusal)
    assert (nameless.code, nameless.field) == ("inventory.lot_missing", "/lines/0/lot")
    assert ledger() == before
    assert str(arrives(transfer, (the_item(tea), 5, ""), key="a2").status) == "closed"
    assert lying(there) == {"SOON": 3, "LATE": 2}
