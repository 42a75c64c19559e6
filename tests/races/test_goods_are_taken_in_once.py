"""The same delivery, and the same goods on the road, are taken in at eight counters at once: they come in once."""

from collections import Counter
from functools import partial
from typing import Any

import pytest

from core.errors import Refusal
from core.models import OutboxEvent
from inventory.models import GoodsReceipt, PurchaseOrder, Stock, StockTransfer
from inventory.operations import (
    approve_purchase_orders,
    cancel_transfers,
    draft_purchase_orders,
    receive_deliveries,
    receive_transfers,
    send_purchase_orders,
    send_transfers,
    settle_transfers,
)
from inventory.rules import ArrivalAsk, DeliveredLine, DeliveryAsk, Discrepancy, SettlementAsk, TransferLineAsk
from tests.factories.inventory import AT, WAREHOUSE_STAFF, a_location, a_stock_item, a_trading_company, stock_of
from tests.factories.purchasing import a_draft, a_purchase_ask, a_supplier, a_transfer, supplied
from tests.races.contention import contend, deadlocks
from tests.races.test_one_cart_makes_one_order import broken_promises

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
HOW: dict[str, Any] = {"actor": WAREHOUSE_STAFF, "at": AT}


def outcomes(answers: list[Any]) -> Counter[str]:
    assert [answer for answer in answers if isinstance(answer, BaseException)] == []
    told = [answer[0] for answer in answers]
    return Counter(t.code if isinstance(t, Refusal) else "repeated" if t.repeated else "done" for t in told)


def test_one_key_drafts_one_order() -> None:
    company = a_trading_company()
    supplier, place, tea = a_supplier(company), a_location(company), a_stock_item(company)
    supplied(supplier, tea)
    ask = a_purchase_ask(supplier, place, {tea: 5})

    answers = contend([partial(draft_purchase_orders, [ask], company_id=company.pk, **HOW)] * 16, threads=8)

    assert outcomes(answers) == {"done": 1, "repeated": 15}
    assert PurchaseOrder.objects.count() == 1


def test_a_delivery_note_is_taken_in_once_and_no_more_comes_than_was_ordered() -> None:
    company = a_trading_company()
    tea = a_stock_item(company)
    order = a_draft(company, {tea: 10})
    approve_purchase_orders([order.pk], **HOW)
    send_purchase_orders([order.pk], **HOW)

    def delivery(note: str, key: str) -> DeliveryAsk:
        lines = (DeliveredLine(stock_item_id=tea.pk, quantity=3),)
        return DeliveryAsk(purchase_order_id=order.pk, delivery_note=note, lines=lines, once_key=key)

    # Each of five notes comes from two forms, each form is sent twice; three notes fit into what was ordered.
    asks = [delivery(f"N-{n}", f"form {n}-{form}") for n in range(5) for form in range(2) for _ in range(2)]
    before = deadlocks()

    answers = contend([partial(receive_deliveries, [ask], company_id=company.pk, **HOW) for ask in asks], threads=8)

    found = outcomes(answers)
    assert (found["done"], found["repeated"]) == (3, 3)
    assert set(found) == {"done", "repeated", "purchase.note_received", "purchase.over_delivery"}
    assert (GoodsReceipt.objects.count(), Stock.objects.get().on_hand, order.lines.get().received_quantity) == (3, 9, 9)
    assert OutboxEvent.objects.filter(name="inventory.PurchaseOrderReceived").count() == 3
    assert deadlocks() - before == 0
    assert broken_promises() == {}


def test_goods_on_the_road_arrive_come_home_or_are_lost_but_only_once() -> None:
    company = a_trading_company()
    here, there, tea, can = a_location(company), a_location(company), a_stock_item(company), a_stock_item(company)
    for item in (tea, can):
        stock_of(item, here, 100)
    transfers = [a_transfer(here, there, {tea: 4, can: 2}) for _ in range(10)]
    before = deadlocks()

    jobs: list[Any] = []
    for n, transfer in enumerate(transfers):
        arrival = ArrivalAsk(transfer_id=transfer.pk, lines=(TransferLineAsk(stock_item_id=tea.pk, quantity=4),), once_key=f"arrival {n}")
        settled = SettlementAsk(transfer_id=transfer.pk, outcome=list(Discrepancy)[n % 2])
        jobs += [partial(send_transfers, [transfer.pk], **HOW)] * 2
        jobs += [partial(receive_transfers, [arrival], **HOW)] * 2
        jobs += [partial(settle_transfers, [settled], reason="欠品", **HOW), partial(cancel_transfers, [transfer.pk], reason="誤り", **HOW)]

    outcomes(contend(jobs, threads=8))

    lies = {(s.location_id, s.stock_item_id): s.on_hand for s in Stock.objects.all()}
    for item, quantity in ((tea, 4), (can, 2)):
        lines = [line for t in transfers for line in t.lines.filter(stock_item=item)]
        sent = [line for line in lines if StockTransfer.objects.get(pk=line.transfer_id).sent_at]
        home, lost, came = (sum(getattr(line, f"{name}_quantity") for line in lines) for name in ("home", "lost", "received"))
        assert lies[here.pk, item.pk] == 100 - quantity * len(sent) + home
        assert lies.get((there.pk, item.pk), 0) == came
        assert sum(on_hand for (_place, of), on_hand in lies.items() if of == item.pk) == 100 - lost
    assert deadlocks() - before == 0
    assert broken_promises() == {}
