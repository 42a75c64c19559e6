"""Where partner systems read and write cases, under /api/v1/."""

from django.urls import path

from contact.api.views import CaseDetailView, CasesView, InteractionsView

urlpatterns = [
    path("cases", CasesView.as_view(), name="cases"),
    path("cases/<str:case_id>", CaseDetailView.as_view(), name="case"),
    path("cases/<str:case_id>/interactions", InteractionsView.as_view(), name="case-interactions"),
]
