"""Where partner systems read and move stock, under /api/v1/."""

from django.urls import path

from inventory.api.views import AdjustmentsView, AvailabilityView, MovementView, ReceiptsView, StockView

urlpatterns = [
    path("stock", StockView.as_view(), name="stock-list"),
    path("stock/movements", MovementView.as_view(), name="stock-movement-list"),
    path("stock/receipts", ReceiptsView.as_view(), name="stock-receipt-list"),
    path("stock/adjustments", AdjustmentsView.as_view(), name="stock-adjustment-list"),
    path("availability", AvailabilityView.as_view(), name="availability"),
]
