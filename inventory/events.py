"""What inventory announces. Ids, codes and quantities only."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReceived(Event):
    """Goods came in: a receipt, a return, an opening balance or the far end of a transfer."""

    name = "inventory.StockReceived"
    company_id: int
    stock_item_id: int
    location_id: int
    quantity: int
    sellable_quantity: int
    cause: str
    at: datetime

    @property
    def stream(self) -> str:
        return f"stock:{self.stock_item_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockAdjusted(Event):
    """What is on hand, or how much of it may be sold, was corrected, moved away or written off."""

    name = "inventory.StockAdjusted"
    company_id: int
    stock_item_id: int
    location_id: int
    quantity: int
    sellable_quantity: int
    cause: str
    at: datetime

    @property
    def stream(self) -> str:
        return f"stock:{self.stock_item_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockShipped(Event):
    """Allocated goods left a location; one event per cause and location, a parcel as a rule."""

    name = "inventory.StockShipped"
    company_id: int
    location_id: int
    cause: str
    allocation_ids: tuple[int, ...]
    at: datetime

    @property
    def stream(self) -> str:
        return f"cause:{self.cause}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReleased(Event):
    """Allocated goods may be sold again."""

    name = "inventory.StockReleased"
    company_id: int
    stock_item_id: int
    location_id: int
    quantity: int
    at: datetime

    @property
    def stream(self) -> str:
        return f"stock:{self.stock_item_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityChanged(Event):
    """The last free piece at a location was promised, or there is one again."""

    name = "inventory.AvailabilityChanged"
    company_id: int
    stock_item_id: int
    location_id: int
    is_available: bool
    at: datetime

    @property
    def stream(self) -> str:
        return f"stock:{self.stock_item_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRevalued(Event):
    """What lies on a shelf is worth so much more or less (minor units); no piece moved."""

    name = "inventory.StockRevalued"
    company_id: int
    stock_item_id: int
    location_id: int
    difference: int
    cause: str
    at: datetime

    @property
    def stream(self) -> str:
        return f"stock:{self.stock_item_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelFiguresChanged(Event):
    """What a channel may promise changed since it was last told: SKU by SKU the units now, none where there is no limit."""

    name = "inventory.ChannelFiguresChanged"
    company_id: int
    channel_id: int
    variant_ids: tuple[int, ...]
    skus: tuple[str, ...]
    units: tuple[int | None, ...]
    at: datetime

    @property
    def stream(self) -> str:
        return f"channel:{self.channel_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRecounted(Event):
    """Counters that differed from their rows were set right: on hand, sellable, allocated, reserved and the unsellable states, before
    and after; then value."""

    name = "inventory.StockRecounted"
    company_id: int
    stock_item_id: int
    location_id: int
    before: tuple[int, ...]
    after: tuple[int, ...]
    value_before: int = 0
    value_after: int = 0
    at: datetime

    @property
    def stream(self) -> str:
        return f"stock:{self.stock_item_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseOrderEvent(Event):
    """What every event of a purchase order tells."""

    company_id: int
    purchase_order_id: int
    number: str
    supplier_id: int
    location_id: int
    stock_item_ids: tuple[int, ...]
    at: datetime

    @property
    def stream(self) -> str:
        return f"purchase:{self.purchase_order_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseOrderSent(PurchaseOrderEvent):
    """The supplier has the order: its goods are coming."""

    name = "inventory.PurchaseOrderSent"


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseOrderReceived(PurchaseOrderEvent):
    """A delivery of the order was taken in; the items are those that it brought."""

    name = "inventory.PurchaseOrderReceived"
    delivery_note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseOrderEnded(PurchaseOrderEvent):
    """Nothing of the order is coming any more: all came, the rest was given up, or it was cancelled."""

    name = "inventory.PurchaseOrderEnded"
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferEvent(Event):
    """What every event of a transfer tells."""

    company_id: int
    transfer_id: int
    number: str
    from_location_id: int
    to_location_id: int
    stock_item_ids: tuple[int, ...]
    at: datetime

    @property
    def stream(self) -> str:
        return f"transfer:{self.transfer_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferSent(TransferEvent):
    """The goods left and are on the road."""

    name = "inventory.TransferSent"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferReceived(TransferEvent):
    """Goods of the transfer arrived; the items are those that did."""

    name = "inventory.TransferReceived"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferEnded(TransferEvent):
    """Nothing of the transfer is on the road any more: it arrived, came home, was written off, or never left."""

    name = "inventory.TransferEnded"
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StocktakeClosed(Event):
    """A second person approved a count: so many items differed, by so many pieces and so much value in all."""

    name = "inventory.StocktakeClosed"
    company_id: int
    location_id: int
    stocktake_id: int
    number: str
    differences: int
    quantity: int
    value: int
    at: datetime

    @property
    def stream(self) -> str:
        return f"location:{self.location_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackOrderPromiseMoved(Event):
    """A demand in line is promised for another day, because what is on its way comes earlier or later."""

    name = "inventory.BackOrderPromiseMoved"
    company_id: int
    demand_id: UUID
    before_on: date
    promised_on: date
    at: datetime

    @property
    def stream(self) -> str:
        return f"demand:{self.demand_id}"
