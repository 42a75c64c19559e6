"""Where partner systems look after their webhooks, under /api/v1/."""

from django.urls import path

from core.api.webhooks import (
    WebhookDeliveriesView,
    WebhookPingView,
    WebhookResendView,
    WebhookSecretView,
    WebhooksView,
    WebhookTypesView,
    WebhookView,
)

urlpatterns = [
    path("webhook-types", WebhookTypesView.as_view(), name="webhook-type-list"),
    path("webhooks", WebhooksView.as_view(), name="webhook-list"),
    path("webhooks/<str:endpoint_id>", WebhookView.as_view(), name="webhook"),
    path("webhooks/<str:endpoint_id>/secret", WebhookSecretView.as_view(), name="webhook-secret"),
    path("webhooks/<str:endpoint_id>/ping", WebhookPingView.as_view(), name="webhook-ping"),
    path("webhooks/<str:endpoint_id>/deliveries", WebhookDeliveriesView.as_view(), name="webhook-deliveries"),
    path("webhooks/<str:endpoint_id>/resend", WebhookResendView.as_view(), name="webhook-resend"),
]
