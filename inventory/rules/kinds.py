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
