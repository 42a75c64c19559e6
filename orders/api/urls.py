from django.urls import path

from orders.api.approvals import PaymentApprovalView
from orders.api.boxes import CombinationsView, PartingView, SplitView
from orders.api.changes import ChangeDetailView, ChangesView, ConfirmationView, DiscardView
from orders.api.estimates import EstimateAcceptanceView, EstimateDetailView, EstimatesView, EstimateWithdrawalView
from orders.api.holds import HoldsView, ReleaseView
from orders.api.intake import IntakeDocumentsView
from orders.api.labels import LabelFilesView
from orders.api.pickup import CodeRenewalView, HandOverView, PreparationView
from orders.api.quoting import QuotesView
from orders.api.recalls import RecallView
from orders.api.returns import (
    ApprovalView,
    ArrivalView,
    InspectionView,
    RefusalView,
    ReturnDetailView,
    ReturnReasonsView,
    ReturnsView,
    SettlementView,
    WithdrawalView,
)
from orders.api.selling import StoreSalesView
from orders.api.services import ServiceDetailView, ServicePayoutView, ServiceStepsView, ServicesView
from orders.api.tracking import TrackingView
from orders.api.views import BulkOrdersView, CancellationView, DepartureView, OrderDetailView, OrdersView, ShipmentsView, ShortPickView
from orders.api.warehouse import (
    CompletionView,
    DiscardInspectionView,
    InsertsView,
    InspectionsView,
    PaperContentView,
    PapersView,
    PaperView,
    PickingBatchesView,
    ScanInspectionView,
    ScansView,
    UndoView,
)

urlpatterns = [
    path("intake-documents", IntakeDocumentsView.as_view(), name="intake-documents"),
    path("estimates", EstimatesView.as_view(), name="estimates"),
    path("estimates/acceptance", EstimateAcceptanceView.as_view(), name="estimates-acceptance"),
    path("estimates/withdrawal", EstimateWithdrawalView.as_view(), name="estimates-withdrawal"),
    path("estimates/<str:estimate_id>", EstimateDetailView.as_view(), name="estimate"),
    path("inspections", InspectionsView.as_view(), name="inspections"),
    path("inspections/<str:inspection_id>", ScanInspectionView.as_view(), name="inspection"),
    path("inspections/<str:inspection_id>/scans", ScansView.as_view(), name="inspection-scans"),
    path("inspections/<str:inspection_id>/undo", UndoView.as_view(), name="inspection-undo"),
    path("inspections/<str:inspection_id>/completion", CompletionView.as_view(), name="inspection-completion"),
    path("inspections/<str:inspection_id>/discard", DiscardInspectionView.as_view(), name="inspection-discard"),
    path("label-files", LabelFilesView.as_view(), name="label-files"),
    path("order-quotes", QuotesView.as_view(), name="order-quotes"),
    path("store-sales", StoreSalesView.as_view(), name="store-sales"),
    path("orders", OrdersView.as_view(), name="orders"),
    path("orders/bulk", BulkOrdersView.as_view(), name="orders-bulk"),
    path("orders/<str:order_id>", OrderDetailView.as_view(), name="order"),
    path("orders/<str:order_id>/cancellation", CancellationView.as_view(), name="order-cancellation"),
    path("orders/<str:order_id>/changes", ChangesView.as_view(), name="order-changes"),
    path("orders/<str:order_id>/changes/<str:change_id>", ChangeDetailView.as_view(), name="order-change"),
    path("orders/<str:order_id>/changes/<str:change_id>/confirmation", ConfirmationView.as_view(), name="order-change-confirmation"),
    path("orders/<str:order_id>/changes/<str:change_id>/discard", DiscardView.as_view(), name="order-change-discard"),
    path("orders/<str:order_id>/holds", HoldsView.as_view(), name="order-holds"),
    path("orders/<str:order_id>/payment-approval", PaymentApprovalView.as_view(), name="order-payment-approval"),
    path("holds/<str:hold_id>/release", ReleaseView.as_view(), name="hold-release"),
    path("papers", PapersView.as_view(), name="papers"),
    path("papers/<str:paper_id>", PaperView.as_view(), name="paper"),
    path("papers/<str:paper_id>/content", PaperContentView.as_view(), name="paper-content"),
    path("picking-batches", PickingBatchesView.as_view(), name="picking-batches"),
    path("recalls", RecallView.as_view(), name="recalls"),
    path("service-requests", ServicesView.as_view(), name="service-requests"),
    path("service-requests/<str:service_id>", ServiceDetailView.as_view(), name="service-request"),
    path("service-requests/<str:service_id>/steps", ServiceStepsView.as_view(), name="service-request-steps"),
    path("service-requests/<str:service_id>/payout", ServicePayoutView.as_view(), name="service-request-payout"),
    path("return-reasons", ReturnReasonsView.as_view(), name="return-reasons"),
    path("returns", ReturnsView.as_view(), name="returns"),
    path("returns/<str:case_id>", ReturnDetailView.as_view(), name="return"),
    path("returns/<str:case_id>/approval", ApprovalView.as_view(), name="return-approval"),
    path("returns/<str:case_id>/refusal", RefusalView.as_view(), name="return-refusal"),
    path("returns/<str:case_id>/withdrawal", WithdrawalView.as_view(), name="return-withdrawal"),
    path("returns/<str:case_id>/arrival", ArrivalView.as_view(), name="return-arrival"),
    path("returns/<str:case_id>/inspection", InspectionView.as_view(), name="return-inspection"),
    path("returns/<str:case_id>/settlement", SettlementView.as_view(), name="return-settlement"),
    path("shipments", ShipmentsView.as_view(), name="shipments"),
    path("shipments/combinations", CombinationsView.as_view(), name="shipment-combinations"),
    path("shipments/tracking", TrackingView.as_view(), name="shipments-tracking"),
    path("shipments/<str:shipment_id>/departure", DepartureView.as_view(), name="shipment-departure"),
    path("shipments/<str:shipment_id>/inserts", InsertsView.as_view(), name="shipment-inserts"),
    path("shipments/<str:shipment_id>/preparation", PreparationView.as_view(), name="shipment-preparation"),
    path("shipments/<str:shipment_id>/pickup-code", CodeRenewalView.as_view(), name="shipment-pickup-code"),
    path("shipments/<str:shipment_id>/handover", HandOverView.as_view(), name="shipment-handover"),
    path("shipments/<str:shipment_id>/parting", PartingView.as_view(), name="shipment-parting"),
    path("shipments/<str:shipment_id>/split", SplitView.as_view(), name="shipment-split"),
    path("shipments/<str:shipment_id>/short-picks", ShortPickView.as_view(), name="shipment-short-pick"),
]
