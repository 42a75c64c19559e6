"""The moment an estimate becomes an order; part of placing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from core.db import rows
from core.errors import Refused as RuleRefused
from core.words import gettext_noop as _

_ORDERED: Final = """
UPDATE orders_estimate e SET status = 'ordered', order_id = n.order_id, decided_at = %(at)s
FROM unnest(%(ids)s::bigint[], %(orders)s::bigint[]) AS n (id, order_id) WHERE e.id = n.id AND e.status = 'open' RETURNING e.id
"""


class EstimateDecided(RuleRefused):
    """Somebody ordered or declined the estimate in the same moment; nothing of this order remains."""


def settle_estimates(orders: Sequence[tuple[int, int]], *, at: datetime) -> None:
    """(estimate, order): the estimates are ordered from now on. For placing, in its transaction. Raises EstimateDecided."""
    told = {"ids": [estimate for estimate, _order in orders], "orders": [order for _estimate, order in orders], "at": at}
    if len(rows(_ORDERED, told)) != len(orders):
        raise EstimateDecided("estimate.decided", _("The estimate was decided upon in the same moment. Look at it again."))
