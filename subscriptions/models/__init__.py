from subscriptions.models.contracts import Cycle, Subscription, SubscriptionChange, SubscriptionItem
from subscriptions.models.plans import Plan, PlanVariant

__all__ = ["Cycle", "Plan", "PlanVariant", "Subscription", "SubscriptionChange", "SubscriptionItem"]
