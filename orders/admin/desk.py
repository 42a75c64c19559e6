"""Purchase facts at the staff counter."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin_site import LedgerAdmin, money_column
from orders.models import PurchaseFacts


@admin.register(PurchaseFacts)
class PurchaseFactsAdmin(LedgerAdmin):
    """Who bought first what, how often, when last."""

    company_path = "company"
    list_display = ("customer", "entry_sku", "f_number", "order_count", "first_on", "last_on", "sum")
    list_select_related = ("customer",)
    list_filter = ("company",)
    search_fields = ("=customer__number",)
    search_help_text = _("Customer number")
    ordering = ("-last_on", "customer")
    sum = money_column("amount_total", description=_("bought in all"))
