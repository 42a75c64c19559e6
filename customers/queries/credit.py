"""What customers may owe at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.db import rows

_LIMITS = """
SELECT a.id AS customer_id, p.credit_limit AS amount, ARRAY(
    SELECT m.id FROM customers_customer m WHERE m.id = p.id OR m.principal_id = p.id ORDER BY m.id
) AS members
FROM customers_customer a JOIN customers_customer p ON p.id = coalesce(a.principal_id, a.id)
WHERE a.id = ANY(%s::bigint[]) AND p.credit_limit IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class CreditLimit:
    """So much, in minor units of the company's currency, for all numbers of one person together."""

    amount: int
    members: tuple[int, ...]


def credit_limits(customer_ids: Sequence[int]) -> dict[int, CreditLimit]:
    """The limits of those that have one, by customer. One statement."""
    return {row.customer_id: CreditLimit(row.amount, tuple(row.members)) for row in rows(_LIMITS, (list(customer_ids),))}
