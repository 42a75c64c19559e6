"""What the shop's checkout holds about customers, for whoever asks for it on their behalf."""

from collections.abc import Sequence
from typing import Any, Final

from core.db import rows

_TYPED: Final = ("family_name", "given_name", "family_kana", "given_kana", "email", "phone", "postal_code", "prefecture", "city", "street", "building", "remark")  # fmt: skip
_THERE: Final = ("family_name", "given_name", "phone", "postal_code", "prefecture", "city", "street", "building", "title", "names", "message", "sender_name")  # fmt: skip


def _told(names: Sequence[str]) -> str:
    return "jsonb_build_object(" + ", ".join(f"'{name}', t.{name}" for name in names) + ")"


_HELD: Final = f"""
WITH theirs AS MATERIALIZED (
    SELECT DISTINCT c.id, k.id AS customer_id FROM storefront_cart c JOIN core_site s ON s.id = c.site_id
    JOIN customers_customeraccount l ON l.account_id = c.account_id AND l.ended_at IS NULL
    JOIN customers_customer k ON k.id = l.customer_id AND k.company_id = s.company_id WHERE k.id = ANY(%(ids)s::bigint[])
)
SELECT theirs.customer_id, 'storefront_checkout' AS held_in, {_told(_TYPED)} AS said
FROM storefront_checkout t JOIN theirs ON theirs.id = t.cart_id
UNION ALL SELECT theirs.customer_id, 'storefront_checkoutplace', {_told(_THERE)}
FROM storefront_checkoutplace t JOIN theirs ON theirs.id = t.cart_id
"""


def held_checkouts(customer_ids: Sequence[int]) -> list[Any]:
    """What was typed at open checkouts: (customer_id, held_in, said). One statement."""
    return rows(_HELD, {"ids": list(customer_ids)})
