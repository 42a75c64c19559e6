"""The words stock is told in: conditions, owners, places, movements and the lives of promises."""

from enum import StrEnum

from core.words import gettext_noop


class Condition(StrEnum):
    """In what condition a stock item is; another condition is another stock item, sold at its own price."""

    NEW = "new"
    B_GRADE = "b_grade"
    USED = "used"

    @classmethod
    def labels(cls) -> dict[str, str]:
        """What a reader sees for each value."""
        return {cls.NEW: gettext_noop("New"), cls.B_GRADE: gettext_noop("B-grade"), cls.USED: gettext_noop("Used")}


class OwnerKind(StrEnum):
    """Whose goods they are while they lie with us."""

    OWN = "own"
    CONSIGNMENT = "consignment"
    SELLER = "seller"

    @classmethod
    def labels(cls) -> dict[str, str]:
        """What a reader sees for each value."""
        return {
            cls.OWN: gettext_noop("Own stock"),
            cls.CONSIGNMENT: gettext_noop("Consignment"),
            cls.SELLER: gettext_noop("Marketplace seller"),
        }


class LocationKind(StrEnum):
    """What sort of place stock lies in."""

    WAREHOUSE = "warehouse"
    STORE = "store"
    SUPPLIER = "supplier"
    IN_TRANSIT = "in_transit"
    QUARANTINE = "quarantine"

    @classmethod
    def labels(cls) -> dict[str, str]:
        """What a reader sees for each value."""
        return {
            cls.WAREHOUSE: gettext_noop("Warehouse"),
            cls.STORE: gettext_noop("Store"),
            cls.SUPPLIER: gettext_noop("Supplier (drop-ship)"),
            cls.IN_TRANSIT: gettext_noop("In transit"),
            cls.QUARANTINE: gettext_noop("Quarantine"),
        }


class StockState(StrEnum):
    """In what state pieces lie on a shelf. Only available ones may be sold; the states sum to what is on hand."""

    AVAILABLE = "available"
    QUALITY_CHECK = "quality_check"
    DAMAGED = "damaged"
    QUARANTINE = "quarantine"
    EXPIRED = "expired"
    IN_REPAIR = "in_repair"

    @classmethod
    def labels(cls) -> dict[str, str]:
        """What a reader sees for each value."""
        return {
            cls.AVAILABLE: gettext_noop("Available"),
            cls.QUALITY_CHECK: gettext_noop("Quality check"),
            cls.DAMAGED: gettext_noop("Damaged"),
            cls.QUARANTINE: gettext_noop("In quarantine"),
            cls.EXPIRED: gettext_noop("Expired"),
            cls.IN_REPAIR: gettext_noop("In repair"),
        }


UNSELLABLE = tuple(state for state in StockState if state is not StockState.AVAILABLE)
"""The states in which pieces are on hand but not sold; each has a counter of that name."""
STATES_OF_LOCKED = ", ".join(f"{state} = l.{state}" for state in UNSELLABLE)
"""For statements that set a shelf's counters: its states as the locked row ``l`` has them (ADR 0005, 3: values from the locked row)."""


class MovementKind(StrEnum):
    """Why what is on hand, or how much of it may be sold, changed."""

    OPENING = "opening"
    RECEIPT = "receipt"
    SHIPMENT = "shipment"
    RETURN = "return"
    ADJUSTMENT = "adjustment"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    MADE_UNSELLABLE = "made_unsellable"
    MADE_SELLABLE = "made_sellable"
    REVALUATION = "revaluation"
    STATE_LEFT = "state_left"
    STATE_ENTERED = "state_entered"
    SCRAPPED = "scrapped"
    REGRADED_OUT = "regraded_out"
    REGRADED_IN = "regraded_in"
    LOT_LEFT = "lot_left"
    LOT_ENTERED = "lot_entered"

    @classmethod
    def labels(cls) -> dict[str, str]:
        """What a reader sees for each value."""
        return {
            cls.OPENING: gettext_noop("Opening balance"),
            cls.RECEIPT: gettext_noop("Receipt"),
            cls.SHIPMENT: gettext_noop("Shipment"),
            cls.RETURN: gettext_noop("Return"),
            cls.ADJUSTMENT: gettext_noop("Adjustment"),
            cls.TRANSFER_OUT: gettext_noop("Transfer out"),
            cls.TRANSFER_IN: gettext_noop("Transfer in"),
            cls.MADE_UNSELLABLE: gettext_noop("Made unsellable"),
            cls.MADE_SELLABLE: gettext_noop("Made sellable"),
            cls.REVALUATION: gettext_noop("Revaluation"),
            cls.STATE_LEFT: gettext_noop("Left a state"),
            cls.STATE_ENTERED: gettext_noop("Came into a state"),
            cls.SCRAPPED: gettext_noop("Scrapped"),
            cls.REGRADED_OUT: gettext_noop("Regraded, out"),
            cls.REGRADED_IN: gettext_noop("Regraded, in"),
            cls.LOT_LEFT: gettext_noop("Left a lot"),
            cls.LOT_ENTERED: gettext_noop("Came into a lot"),
        }


class RoutingKind(StrEnum):
    """What an operator may let decide where an order ships from; the order among them is the company's."""

    FEWEST = "fewest"
    NEAREST = "nearest"
    OLDEST_LOT = "oldest_lot"
    PREFER = "prefer"
    EXCLUDE = "exclude"
    STORES_PICK_UP = "stores_pick_up"
    MOST_PLACES = "most_places"

    @classmethod
    def labels(cls) -> dict[str, str]:
        """What a reader sees for each value."""
        return {
            cls.FEWEST: gettext_noop("As few locations as possible"),
            cls.NEAREST: gettext_noop("Nearest to the destination"),
            cls.OLDEST_LOT: gettext_noop("Oldest lot first"),
            cls.PREFER: gettext_noop("Prefer a location"),
            cls.EXCLUDE: gettext_noop("Leave out a location"),
            cls.STORES_PICK_UP: gettext_noop("Stores only for pick-up"),
            cls.MOST_PLACES: gettext_noop("At most so many locations"),
        }


class AllocationStatus(StrEnum):
    """The life of an allocation: open until it ships or is given back, each once."""

    OPEN = "open"
    SHIPPED = "shipped"
    RELEASED = "released"

    @classmethod
    def labels(cls) -> dict[str, str]:
        """What a reader sees for each value."""
        return {
            cls.OPEN: gettext_noop("Allocated"),
            cls.SHIPPED: gettext_noop("Shipped"),
            cls.RELEASED: gettext_noop("Released"),
        }


class BackOrderStatus(StrEnum):
    """The life of a back-order."""

    WAITING = "waiting"
    FILLED = "filled"
    CANCELLED = "cancelled"

    @classmethod
    def labels(cls) -> dict[str, str]:
        """What a reader sees for each value."""
        return {
            cls.WAITING: gettext_noop("Waiting"),
            cls.FILLED: gettext_noop("Filled"),
            cls.CANCELLED: gettext_noop("Cancelled"),
        }


class WaitKind(StrEnum):
    """Why something is sold that is not here."""

    BACK_ORDER = "back_order"
    PRE_ORDER = "pre_order"

    @classmethod
    def labels(cls) -> dict[str, str]:
        """What a reader sees for each value."""
        return {cls.BACK_ORDER: gettext_noop("Back-order"), cls.PRE_ORDER: gettext_noop("Pre-order")}
