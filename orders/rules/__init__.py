from orders.rules.desk import DESK_KINDS, DESK_METHODS, TIME_BANDS, desk_faults
from orders.rules.drafts import (
    MAX_LINES,
    MAX_QUANTITY,
    NO_ATTRIBUTION,
    Attribution,
    Confirmation,
    DraftDestination,
    DraftDiscount,
    DraftFee,
    DraftLine,
    OrderDraft,
    Placed,
    Refused,
    check_shape,
)
from orders.rules.statuses import (
    CARRIERS,
    SHIPS_BEFORE_PAYMENT,
    AuthorKind,
    FeeKind,
    FulfilmentStatus,
    HoldKind,
    OrderPaymentStatus,
    OrderStatus,
    OriginKind,
    ShipmentStatus,
    Visibility,
    fulfilment_status,
    order_status,
    payment_status,
)
from orders.rules.sums import FeeRow, SummedFee, SummedLine, Sums, fees_for, part_of_total, sum_up

__all__ = [
    "CARRIERS", "DESK_KINDS", "DESK_METHODS", "TIME_BANDS", "desk_faults",
    "MAX_LINES", "MAX_QUANTITY", "NO_ATTRIBUTION", "SHIPS_BEFORE_PAYMENT", "Attribution", "AuthorKind", "Confirmation", "DraftDestination",
    "DraftDiscount", "DraftFee", "DraftLine", "FeeKind", "FeeRow", "FulfilmentStatus", "HoldKind", "OrderDraft", "OrderPaymentStatus",
    "OrderStatus", "OriginKind", "Placed", "Refused", "ShipmentStatus", "SummedFee", "SummedLine", "Sums", "Visibility", "check_shape",
    "fees_for", "fulfilment_status", "order_status", "part_of_total", "payment_status", "sum_up",
]
