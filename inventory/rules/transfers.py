"""Goods that change places and take their time: planned, on the road, confirmed, and what became of the rest."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.words import gettext_noop


class TransferStatus(StrEnum):
    """The life of a transfer between locations."""

    PLANNED = "planned"
    IN_TRANSIT = "in_transit"
    PARTLY_RECEIVED = "partly_received"
    CLOSED = "closed"
    CANCELLED = "cancelled"

    @classmethod
    def labels(cls) -> dict[str, str]:
        """What a reader sees for each value."""
        return {
            cls.PLANNED: gettext_noop("Not yet sent off"),
            cls.IN_TRANSIT: gettext_noop("On the road"),
            cls.PARTLY_RECEIVED: gettext_noop("Partly received"),
            cls.CLOSED: gettext_noop("Completed"),
            cls.CANCELLED: gettext_noop("Cancelled"),
        }


ON_THE_ROAD = (TransferStatus.IN_TRANSIT, TransferStatus.PARTLY_RECEIVED)


class Discrepancy(StrEnum):
    """What became of goods that left and did not arrive."""

    COMES_HOME = "comes_home"
    WRITTEN_OFF = "written_off"

    @classmethod
    def labels(cls) -> dict[str, str]:
        """What a reader sees for each value."""
        return {cls.COMES_HOME: gettext_noop("Comes home"), cls.WRITTEN_OFF: gettext_noop("Written off")}


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferLineAsk:
    """So many pieces of an item, of a lot where it is tracked by lot."""

    stock_item_id: int
    quantity: int
    lot_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferAsk:
    """Goods to take from one location to another, once per key."""

    from_location_id: int
    to_location_id: int
    lines: tuple[TransferLineAsk, ...]
    once_key: str
    expected_on: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalAsk:
    """What arrived of a transfer, once per key."""

    transfer_id: int
    lines: tuple[TransferLineAsk, ...]
    once_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementAsk:
    """What became of everything that a transfer still has on the road."""

    transfer_id: int
    outcome: Discrepancy


def status_after_arrival(lines: list[tuple[int, int, int]]) -> TransferStatus:
    """What (sent, received, settled) of every line make of a transfer on the road: closed once nothing is left there."""
    if all(received + settled >= sent for sent, received, settled in lines):
        return TransferStatus.CLOSED
    return TransferStatus.PARTLY_RECEIVED if any(received for _sent, received, _settled in lines) else TransferStatus.IN_TRANSIT
