from orders.queries.placing import PlacingContext, placing_context
from orders.queries.promises import invariants
from orders.queries.views import (
    FeeView,
    LineView,
    OrderView,
    ParcelView,
    PlaceView,
    RateView,
    keys_of_refs,
    order_path,
    order_view,
    order_views,
)

__all__ = [
    "FeeView", "LineView", "OrderView", "ParcelView", "PlaceView", "PlacingContext", "RateView", "invariants", "keys_of_refs", "order_path",
    "order_view", "order_views", "placing_context",
]  # fmt: skip
