"""Where partner systems read and move stock, under /api/v1/."""

from django.urls import path

from inventory.api.papers import ArrivalsView, DeliveriesView, DispatchView, PurchaseOrdersView, TransfersView
from inventory.api.views import AdjustmentsView, AvailabilityView, ExplanationView, FiguresView, MovementView, ReceiptsView, StockView

urlpatterns = [
    path("stock", StockView.as_view(), name="stock-list"),
    path("stock/movements", MovementView.as_view(), name="stock-movement-list"),
    path("stock/receipts", ReceiptsView.as_view(), name="stock-receipt-list"),
    path("stock/adjustments", AdjustmentsView.as_view(), name="stock-adjustment-list"),
    path("stock/transfers", TransfersView.as_view(), name="stock-transfer-list"),
    path("stock/transfers/<str:transfer_id>/dispatch", DispatchView.as_view(), name="stock-transfer-dispatch"),
    path("stock/transfers/<str:transfer_id>/arrivals", ArrivalsView.as_view(), name="stock-transfer-arrivals"),
    path("purchase-orders", PurchaseOrdersView.as_view(), name="purchase-order-list"),
    path("purchase-orders/<str:purchase_order_id>/deliveries", DeliveriesView.as_view(), name="purchase-order-deliveries"),
    path("availability", AvailabilityView.as_view(), name="availability"),
    path("availability/explanation", ExplanationView.as_view(), name="availability-explanation"),
    path("availability/figures", FiguresView.as_view(), name="availability-figure-list"),
]
