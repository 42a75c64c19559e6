"""Where partner systems read and write customers, under /api/v1/."""

from django.urls import path

from customers.api.views import CustomerDetailView, CustomersView

urlpatterns = [
    path("customers", CustomersView.as_view(), name="customer-list"),
    path("customers/<str:customer_id>", CustomerDetailView.as_view(), name="customer-detail"),
]
