"""Where partner systems read and move stock, under /api/v1/."""

from django.urls import path

from inventory.api.files import FileContentView, FilesView, FileView, OutgoingFilesView
from inventory.api.lots import InspectionsView, LotsView, StateChangesView
from inventory.api.paper_ends import ApprovalView, SettlementView, TransferCancellationView
from inventory.api.papers import ArrivalsView, DeliveriesView, DispatchView, PurchaseOrdersView, TransfersView
from inventory.api.stocktakes import CountsView, StocktakeLinesView, StocktakesView
from inventory.api.views import AdjustmentsView, AvailabilityView, ExplanationView, FiguresView, MovementView, ReceiptsView, StockView

urlpatterns = [
    path("stock", StockView.as_view(), name="stock-list"),
    path("stock/movements", MovementView.as_view(), name="stock-movement-list"),
    path("stock/receipts", ReceiptsView.as_view(), name="stock-receipt-list"),
    path("stock/adjustments", AdjustmentsView.as_view(), name="stock-adjustment-list"),
    path("stock/lots", LotsView.as_view(), name="stock-lot-list"),
    path("stock/state-changes", StateChangesView.as_view(), name="stock-state-change-list"),
    path("stock/inspections", InspectionsView.as_view(), name="stock-inspection-list"),
    path("stock/transfers", TransfersView.as_view(), name="stock-transfer-list"),
    path("stock/transfers/<str:transfer_id>/dispatch", DispatchView.as_view(), name="stock-transfer-dispatch"),
    path("stock/transfers/<str:transfer_id>/arrivals", ArrivalsView.as_view(), name="stock-transfer-arrivals"),
    path("stock/transfers/<str:transfer_id>/settlement", SettlementView.as_view(), name="stock-transfer-settlement"),
    path("stock/transfers/<str:transfer_id>/cancellation", TransferCancellationView.as_view(), name="stock-transfer-cancellation"),
    path("stock/stocktakes", StocktakesView.as_view(), name="stocktake-list"),
    path("stock/stocktakes/<str:stocktake_id>/lines", StocktakeLinesView.as_view(), name="stocktake-line-list"),
    path("stock/stocktakes/<str:stocktake_id>/counts", CountsView.as_view(), name="stocktake-counts"),
    path("purchase-orders", PurchaseOrdersView.as_view(), name="purchase-order-list"),
    path("purchase-orders/<str:purchase_order_id>/deliveries", DeliveriesView.as_view(), name="purchase-order-deliveries"),
    path("warehouse-files", FilesView.as_view(), name="warehouse-file-list"),
    path("warehouse-files/outgoing", OutgoingFilesView.as_view(), name="warehouse-file-outgoing"),
    path("warehouse-files/<str:file_id>", FileView.as_view(), name="warehouse-file"),
    path("warehouse-files/<str:file_id>/content", FileContentView.as_view(), name="warehouse-file-content"),
    path("purchase-orders/<str:purchase_order_id>/approval", ApprovalView.as_view(), name="purchase-order-approval"),
    path("availability", AvailabilityView.as_view(), name="availability"),
    path("availability/explanation", ExplanationView.as_view(), name="availability-explanation"),
    path("availability/figures", FiguresView.as_view(), name="availability-figure-list"),
]
