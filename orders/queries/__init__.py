from orders.queries.customer_data import TABLES, DayFigures, day_figures, held, told, under_way
from orders.queries.lists import OrderRow, ShipmentRow, Sight, order_rows, shipment_rows, visible, visible_key, visible_shipment_key
from orders.queries.placing import PlacingContext, placing_context
from orders.queries.promises import invariants
from orders.queries.story import Happened, order_story
from orders.queries.views import (
    FeeView,
    LineView,
    OrderView,
    ParcelView,
    PlaceView,
    RateView,
    keys_of_refs,
    order_by_proof,
    order_path,
    order_view,
    order_views,
    ref_behind,
)

__all__ = [
    "TABLES",
    "DayFigures",
    "FeeView",
    "Happened",
    "LineView",
    "OrderRow",
    "OrderView",
    "ParcelView",
    "PlaceView",
    "PlacingContext",
    "RateView",
    "ShipmentRow",
    "Sight",
    "day_figures",
    "held",
    "invariants",
    "keys_of_refs",
    "order_by_proof",
    "order_path",
    "order_rows",
    "order_story",
    "order_view",
    "order_views",
    "placing_context",
    "ref_behind",
    "shipment_rows",
    "told",
    "under_way",
    "visible",
    "visible_key",
    "visible_shipment_key",
]  # fmt: skip
