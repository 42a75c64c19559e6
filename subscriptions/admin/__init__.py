from subscriptions.admin.contracts import SubscriptionAdmin
from subscriptions.admin.cycles import CycleAdmin
from subscriptions.admin.plans import PlanAdmin

__all__ = ["CycleAdmin", "PlanAdmin", "SubscriptionAdmin"]
