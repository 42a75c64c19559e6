"""Which parcels may leave, in SQL: what a worklist offers is what the operation takes (``may_be_prepared``, ``may_leave``)."""

from orders.rules import PAID_ELSEWHERE, SHIPS_BEFORE_PAYMENT

_UNPAID = ", ".join(f"'{method}'" for method in sorted(SHIPS_BEFORE_PAYMENT))
_ELSEWHERE = ", ".join(f"'{method}'" for method in sorted(PAID_ELSEWHERE))


def may_be_prepared_sql(*, order: str = "o") -> str:
    """Work on a parcel of this order (an alias of orders_order) may begin: confirmed, not on hold, paid where that is waited for.

    As far as the money goes it is ``rules.money_lets_it_leave``.
    """
    paid_first = f"(NOT {order}.paid_first OR {order}.payment_status = 'authorised' OR {order}.payment_method IN ({_ELSEWHERE}))"
    return (
        f"({order}.status = 'confirmed' AND {order}.open_holds = 0"
        f" AND ({order}.payment_status = 'paid' OR {order}.payment_method IN ({_UNPAID}) AND {paid_first}))"
    )


def may_leave_sql(*, parcel: str = "s", order: str = "o") -> str:
    """The same of a parcel (an alias of orders_shipment) that nobody fetches in its store: a carrier may take it."""
    return (
        f"({may_be_prepared_sql(order=order)} AND NOT EXISTS (SELECT FROM orders_destination fetched"
        f" WHERE fetched.id = {parcel}.destination_id AND fetched.pickup_at_id IS NOT NULL))"
    )
