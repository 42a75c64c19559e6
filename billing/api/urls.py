"""Where partner systems read invoices and record payments, under /api/v1/."""

from django.urls import path

from billing.api.views import InvoiceDetailView, InvoicesView, PaymentDetailView, PaymentsView, RefundsView

urlpatterns = [
    path("invoices", InvoicesView.as_view(), name="invoice-list"),
    path("invoices/<str:invoice_id>", InvoiceDetailView.as_view(), name="invoice-detail"),
    path("payments", PaymentsView.as_view(), name="payment-list"),
    path("payments/<str:payment_id>", PaymentDetailView.as_view(), name="payment-detail"),
    path("payments/<str:payment_id>/refunds", RefundsView.as_view(), name="payment-refunds"),
]
