"""What the database promises about contracts, as SQL that selects every row breaking it."""

from core.ports import Invariant
from core.words import gettext_noop as _

_MINE = "(%(company)s::bigint IS NULL OR s.company_id = %(company)s)"
_OF = "subscriptions_cycle c JOIN subscriptions_subscription s ON s.id = c.subscription_id"


def invariants() -> tuple[Invariant, ...]:
    """Every promise of subscriptions, in reading order."""
    return (*_of_cycles(), *_of_contracts())


def _of_cycles() -> tuple[Invariant, ...]:
    return (
        Invariant(
            "subscriptions.one_order_per_delivery",
            _("A delivery that was ordered has exactly one order, of its customer's group, and the order stands"),
            f"""SELECT c.id, s.number, c.number AS slot FROM {_OF} LEFT JOIN orders_order o ON o.id = c.order_id
                WHERE {_MINE} AND c.status = 'generated' AND (o.id IS NULL OR o.company_id <> s.company_id
                    OR (o.status = 'cancelled' AND NOT EXISTS (SELECT 1 FROM core_outboxevent e WHERE e.stream = 'order:' || o.id
                        AND e.name = 'orders.OrderCancelled')))""",
        ),
        Invariant(
            "subscriptions.orders_belong_to_deliveries",
            _("Every order placed for a delivery stands under that delivery: none is lost, none is double"),
            f"""SELECT o.id, o.number, s.number AS contract FROM {_OF} JOIN orders_order o ON o.cart_ref = c.cart_ref
                WHERE {_MINE} AND o.status <> 'cancelled' AND c.order_id IS DISTINCT FROM o.id""",
        ),
        Invariant(
            "subscriptions.deliveries_count_up",
            _("The deliveries of a contract that were made are numbered 1, 2, 3 … without gap or double, unless one was cancelled later"),
            f"""SELECT s.id, s.number FROM subscriptions_subscription s JOIN (SELECT subscription_id, count(DISTINCT delivery) AS n, count(*) AS made,
                    max(delivery) AS last FROM subscriptions_cycle WHERE status = 'generated' GROUP BY subscription_id) g ON g.subscription_id = s.id
                WHERE {_MINE} AND (g.n <> g.made OR (g.last <> g.made AND NOT EXISTS (SELECT 1 FROM subscriptions_cycle k
                    WHERE k.subscription_id = s.id AND k.status = 'skipped' AND k.reason = 'order_cancelled')))""",
        ),
        Invariant(
            "subscriptions.lines_name_their_delivery",
            _("An order of a later delivery says on its lines which delivery it is"),
            f"""SELECT l.id, s.number, c.delivery, l.cycle FROM {_OF} JOIN orders_line l ON l.order_id = c.order_id
                WHERE {_MINE} AND c.number > 1 AND l.purchase_type = 'subscription' AND l.cycle IS DISTINCT FROM c.delivery""",
        ),
    )


def _of_contracts() -> tuple[Invariant, ...]:
    return (
        Invariant(
            "subscriptions.running_contracts_have_a_next_delivery",
            _("A running or paused contract has exactly one open delivery; one that is over has none"),
            f"""SELECT s.id, s.number, s.status FROM subscriptions_subscription s WHERE {_MINE} AND (s.status IN ('active', 'paused')) <>
                EXISTS (SELECT 1 FROM subscriptions_cycle c WHERE c.subscription_id = s.id AND c.status IN ('planned', 'failed'))""",
        ),
        Invariant(
            "subscriptions.open_deliveries_are_due_some_day",
            _("An open delivery of a running contract has a day on which it is ordered or tried again; of a paused one it has none"),
            f"""SELECT c.id, s.number, c.number AS slot FROM {_OF} WHERE {_MINE} AND c.status IN ('planned', 'failed')
                AND (c.due_on IS NULL) <> (s.status = 'paused')""",
        ),
        Invariant(
            "subscriptions.contracts_bring_something",
            _("Every contract brings at least one article"),
            f"""SELECT s.id, s.number FROM subscriptions_subscription s WHERE {_MINE}
                AND NOT EXISTS (SELECT 1 FROM subscriptions_subscriptionitem i WHERE i.subscription_id = s.id)""",
        ),
        Invariant(
            "subscriptions.subscription_lines_have_a_contract",
            _("Every subscription line of a standing first order belongs to a contract"),
            """SELECT s.id, s.number FROM orders_order s JOIN orders_line l ON l.order_id = s.id AND l.purchase_type = 'subscription'
                WHERE (%(company)s::bigint IS NULL OR s.company_id = %(company)s) AND s.origin = 'placed' AND l.cycle IS NULL
                AND NOT EXISTS (SELECT 1 FROM subscriptions_cycle c WHERE c.order_id = s.id) AND s.status <> 'cancelled'""",
        ),
        Invariant(
            "subscriptions.masters_exist",
            _("Every contract names a company and channel that belong together, and the order that opened it"),
            f"""SELECT s.id, s.number FROM subscriptions_subscription s LEFT JOIN core_saleschannel ch ON ch.id = s.channel_id
                LEFT JOIN orders_order o ON o.id = s.first_order_id
                WHERE {_MINE} AND (ch.company_id IS DISTINCT FROM s.company_id OR o.company_id IS DISTINCT FROM s.company_id)""",
        ),
    )
