"""What a known buyer need not type again."""

from core.db import rows

_DETAILS = """
SELECT c.family_name, c.given_name, c.family_kana, c.given_kana,
    COALESCE((SELECT p.value FROM customers_contactpoint p WHERE p.customer_id = c.id AND p.kind = 'email' AND p.ended_at IS NULL
        ORDER BY p.is_primary DESC, p.id DESC LIMIT 1), '') AS email,
    COALESCE((SELECT p.value FROM customers_contactpoint p WHERE p.customer_id = c.id AND p.kind = 'phone' AND p.ended_at IS NULL
        ORDER BY p.is_primary DESC, p.id DESC LIMIT 1), '') AS phone,
    COALESCE(a.postal_code, '') AS postal_code, COALESCE(a.prefecture, '') AS prefecture, COALESCE(a.city, '') AS city,
    COALESCE(a.street, '') AS street, COALESCE(a.building, '') AS building
FROM customers_customer c LEFT JOIN LATERAL (SELECT * FROM customers_address x WHERE x.customer_id = c.id AND x.ended_at IS NULL
    ORDER BY x.is_default DESC, x.id DESC LIMIT 1) a ON true
WHERE c.id = %s
"""


def buyer_details(customer_id: int) -> dict[str, str] | None:
    """Name, contact points and usual address of a customer, as a form wants them; None for an unknown one."""
    found = rows(_DETAILS, (customer_id,))
    return found[0]._asdict() if found else None
