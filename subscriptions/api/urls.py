from django.urls import path

from subscriptions.api.views import (
    CancellationView,
    PauseView,
    ResumptionView,
    ScheduleView,
    SkipView,
    SubscriptionsView,
    SubscriptionView,
    UnskipView,
)

urlpatterns = [
    path("subscriptions", SubscriptionsView.as_view(), name="subscriptions"),
    path("subscriptions/<str:subscription_id>", SubscriptionView.as_view(), name="subscription"),
    path("subscriptions/<str:subscription_id>/skips", SkipView.as_view(), name="subscription-skips"),
    path("subscriptions/<str:subscription_id>/unskips", UnskipView.as_view(), name="subscription-unskips"),
    path("subscriptions/<str:subscription_id>/pause", PauseView.as_view(), name="subscription-pause"),
    path("subscriptions/<str:subscription_id>/resumption", ResumptionView.as_view(), name="subscription-resumption"),
    path("subscriptions/<str:subscription_id>/schedule", ScheduleView.as_view(), name="subscription-schedule"),
    path("subscriptions/<str:subscription_id>/cancellation", CancellationView.as_view(), name="subscription-cancellation"),
]
