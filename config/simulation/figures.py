"""What a simulated company comes to, in figures that the same seed gives again."""

from dataclasses import asdict, dataclass
from hashlib import sha256

from core.db import one_view, rows

_FIGURES = """
SELECT (SELECT count(*) FROM orders_order o WHERE o.company_id = c.id) AS orders,
    (SELECT count(*) FROM orders_order o WHERE o.company_id = c.id AND o.status = 'cancelled') AS cancelled,
    (SELECT coalesce(sum(total), 0)::bigint FROM orders_order o WHERE o.company_id = c.id AND o.status <> 'cancelled') AS ordered,
    (SELECT coalesce(sum(total), 0)::bigint FROM billing_invoice i WHERE i.company_id = c.id) AS invoiced,
    (SELECT coalesce(sum(total), 0)::bigint FROM billing_creditnote n WHERE n.company_id = c.id) AS credited,
    (SELECT coalesce(sum(amount), 0)::bigint FROM billing_payment p WHERE p.company_id = c.id) AS paid,
    (SELECT coalesce(sum(r.open_amount), 0)::bigint FROM billing_receivable r WHERE r.company_id = c.id) AS owed,
    (SELECT count(*) FROM orders_shipment s WHERE s.company_id = c.id AND s.status IN ('shipped', 'delivered')) AS shipped,
    (SELECT count(*) FROM orders_shipment s WHERE s.company_id = c.id AND s.status = 'delivered') AS delivered,
    (SELECT coalesce(sum(st.on_hand), 0)::bigint FROM inventory_stock st JOIN inventory_stockitem i ON i.id = st.stock_item_id WHERE i.company_id = c.id) AS on_hand,
    (SELECT coalesce(sum(st.allocated), 0)::bigint FROM inventory_stock st JOIN inventory_stockitem i ON i.id = st.stock_item_id WHERE i.company_id = c.id) AS allocated,
    (SELECT count(*) FROM customers_customer k WHERE k.company_id = c.id) AS customers,
    (SELECT count(*) FROM orders_purchasefacts f WHERE f.company_id = c.id AND f.f_number >= 2) AS came_back,
    (SELECT count(*) FROM customers_customer k WHERE k.company_id = c.id AND k.principal_id IS NOT NULL) AS merged,
    (SELECT coalesce(sum(l.remaining), 0)::bigint FROM customers_pointlot l JOIN customers_customer k ON k.id = l.customer_id WHERE k.company_id = c.id) AS points,
    (SELECT count(*) FROM core_outgoingmail m WHERE m.company_id = c.id) AS mails,
    (SELECT count(*) FROM subscriptions_subscription s WHERE s.company_id = c.id) AS contracts,
    (SELECT count(*) FROM subscriptions_subscription s WHERE s.company_id = c.id AND s.status IN ('active', 'paused')) AS contracts_open,
    (SELECT count(*) FROM subscriptions_cycle y JOIN subscriptions_subscription s ON s.id = y.subscription_id
        WHERE s.company_id = c.id AND y.status = 'generated' AND y.delivery > 1) AS renewals,
    (SELECT count(*) FROM campaigns_send d WHERE d.company_id = c.id) AS sends,
    (SELECT count(*) FROM campaigns_recipient r JOIN campaigns_send d ON d.id = r.send_id WHERE d.company_id = c.id AND r.state = 'sent') AS letters,
    (SELECT count(*) FROM contact_case k WHERE k.company_id = c.id) AS cases,
    (SELECT count(*) FROM contact_case k WHERE k.company_id = c.id AND k.state <> 'solved') AS cases_open
FROM core_company c WHERE c.id = %s
"""
# What changes hands day by day: two histories with the same sums but another course differ here.
_COURSE = """
SELECT o.placed_on, count(*) AS orders, sum(o.total)::bigint AS total, sum(o.paid_total)::bigint AS paid,
    count(*) FILTER (WHERE o.status = 'cancelled') AS cancelled
FROM orders_order o WHERE o.company_id = %s GROUP BY o.placed_on ORDER BY o.placed_on
"""
_GOODS = """
SELECT l.sku, sum(l.quantity)::bigint AS pieces, sum(l.amount)::bigint AS amount FROM orders_line l JOIN orders_order o ON o.id = l.order_id
WHERE o.company_id = %s AND l.until_revision IS NULL GROUP BY l.sku ORDER BY l.sku
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts and sums of a company, in minor units, and a fingerprint over them, the days and the goods."""

    orders: int
    cancelled: int
    ordered: int
    invoiced: int
    credited: int
    paid: int
    owed: int
    shipped: int
    delivered: int
    on_hand: int
    allocated: int
    customers: int
    came_back: int
    merged: int
    points: int
    mails: int
    contracts: int
    contracts_open: int
    renewals: int
    sends: int
    letters: int
    cases: int
    cases_open: int
    fingerprint: str

    def lines(self) -> list[str]:
        """As printed."""
        return [
            f"  {name:<14} {value:>16,}" if isinstance(value, int) else f"  {name:<14} {value:>16}" for name, value in asdict(self).items()
        ]


def figures_of(company_id: int) -> Figures:
    """The company's figures as of one moment."""
    with one_view():
        sums = rows(_FIGURES, (company_id,), prepare=False)[0]
        course = rows(_COURSE, (company_id,), prepare=False)
        goods = rows(_GOODS, (company_id,), prepare=False)
    told = repr((tuple(sums), [tuple(map(str, row)) for row in course], [tuple(map(str, row)) for row in goods]))
    return Figures(**{name: int(value) for name, value in sums._asdict().items()}, fingerprint=sha256(told.encode()).hexdigest()[:16])
