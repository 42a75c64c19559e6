"""What inventory announces. Ids, codes and quantities only."""

from dataclasses import dataclass
from datetime import datetime

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
class StockRecounted(Event):
    """Counters that differed from their rows were set right: on hand, sellable, allocated, reserved before and after."""

    name = "inventory.StockRecounted"
    company_id: int
    stock_item_id: int
    location_id: int
    before: tuple[int, int, int, int]
    after: tuple[int, int, int, int]
    at: datetime

    @property
    def stream(self) -> str:
        return f"stock:{self.stock_item_id}"
