"""Suppliers, purchase orders and transfers for tests: valid by default, the arguments are the point."""

from datetime import datetime
from itertools import count
from typing import Any

from core.actor import SYSTEM, Actor
from core.models import Company
from inventory.models import Location, PurchaseOrder, StockItem, StockTransfer, Supplier, SupplierItem
from inventory.operations import Drafted, TransferStep, draft_purchase_orders, plan_transfers
from inventory.rules import PurchaseAsk, PurchaseLineAsk, TransferAsk, TransferLineAsk
from tests.factories.inventory import AT, a_location

_next = count(1)


def a_supplier(company: Company, **fields: Any) -> Supplier:
    """Somebody who delivers in three working days."""
    number = next(_next)
    return Supplier.objects.create(**{"company": company, "code": f"sup{number}", "name": f"仕入先{number}", "lead_time_days": 3, **fields})


def supplied(supplier: Supplier, item: StockItem, **fields: Any) -> SupplierItem:
    """The supplier sells the item, at 100 a piece unless told otherwise."""
    return SupplierItem.objects.create(**{"supplier": supplier, "stock_item": item, "unit_cost": 100, **fields})


def a_purchase_ask(supplier: Supplier, location: Location, quantities: dict[StockItem, int], **fields: Any) -> PurchaseAsk:
    """So many of each item, wanted from the supplier."""
    lines = tuple(PurchaseLineAsk(stock_item_id=item.pk, quantity=quantity) for item, quantity in quantities.items())
    return PurchaseAsk(**{"supplier_id": supplier.pk, "location_id": location.pk, "lines": lines, "once_key": f"po{next(_next)}", **fields})


def a_draft(
    company: Company,
    quantities: dict[StockItem, int],
    *,
    supplier: Supplier | None = None,
    location: Location | None = None,
    actor: Actor = SYSTEM,
    at: datetime = AT,
) -> PurchaseOrder:
    """A drafted purchase order; terms are made where the supplier has none."""
    supplier = supplier or a_supplier(company)
    for item in quantities:
        if not SupplierItem.objects.filter(supplier=supplier, stock_item=item).exists():
            supplied(supplier, item)
    ask = a_purchase_ask(supplier, location or a_location(company), quantities)
    done = draft_purchase_orders([ask], company_id=company.pk, actor=actor, at=at)[0]
    assert isinstance(done, Drafted), done
    return PurchaseOrder.objects.get(pk=done.purchase_order_id)


def a_transfer_ask(here: Location, there: Location, quantities: dict[StockItem, int], **fields: Any) -> TransferAsk:
    """So many of each item, to take from here to there."""
    lines = tuple(TransferLineAsk(stock_item_id=item.pk, quantity=quantity) for item, quantity in quantities.items())
    return TransferAsk(
        **{"from_location_id": here.pk, "to_location_id": there.pk, "lines": lines, "once_key": f"tr{next(_next)}", **fields}
    )


def a_transfer(
    here: Location, there: Location, quantities: dict[StockItem, int], *, actor: Actor = SYSTEM, at: datetime = AT
) -> StockTransfer:
    """A planned transfer."""
    done = plan_transfers([a_transfer_ask(here, there, quantities)], company_id=here.company_id, actor=actor, at=at)[0]
    assert isinstance(done, TransferStep), done
    return StockTransfer.objects.get(pk=done.transfer_id)
