from orders.queries.placing import PlacingContext, placing_context

__all__ = ["PlacingContext", "placing_context"]
