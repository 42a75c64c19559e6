from orders.queries import Sight
from subscriptions.queries.contracts import contract_rows, contract_view, contracts_of, facts_of, visible, visible_key
from subscriptions.queries.customer_data import TABLES, contract_figures, held_of, running_of, told_of
from subscriptions.queries.demand import planned_pieces, taken_pieces
from subscriptions.queries.plans import PlanRow, chosen_plan, plan_rows, plans_by_variant, plans_for, shown_plan, subscription_terms
from subscriptions.queries.promises import invariants
from subscriptions.queries.trading import FirstOrder, Trading, contract_languages, first_orders, trading_companies
from subscriptions.queries.webhooks import webhook_types

__all__ = [
    "TABLES",
    "FirstOrder",
    "PlanRow",
    "Sight",
    "Trading",
    "chosen_plan",
    "contract_figures",
    "contract_languages",
    "contract_rows",
    "contract_view",
    "contracts_of",
    "facts_of",
    "first_orders",
    "held_of",
    "invariants",
    "plan_rows",
    "planned_pieces",
    "plans_by_variant",
    "plans_for",
    "running_of",
    "shown_plan",
    "subscription_terms",
    "taken_pieces",
    "told_of",
    "trading_companies",
    "visible",
    "visible_key",
    "webhook_types",
]
