from orders.queries.placing import PlacingContext, placing_context
from orders.queries.promises import invariants

__all__ = ["PlacingContext", "invariants", "placing_context"]
