"""Why goods come back, and what is taken back how long: masters that the company edits."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin_site import HouseAdmin
from orders.models import ReturnPolicy, ReturnReason


class _OfCompany(HouseAdmin):
    """Rows of the member's own company; whoever belongs to none sees all."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        company_id = getattr(request.user, "company_id", None)
        found: QuerySet[Any] = super().get_queryset(request)
        return found.filter(company_id=company_id) if company_id else found

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        company_id = getattr(request.user, "company_id", None)
        if company_id and db_field.name == "company":
            kwargs["queryset"] = db_field.remote_field.model.objects.filter(pk=company_id)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(ReturnReason)
class ReturnReasonAdmin(_OfCompany):
    """The reasons offered when goods come back; one that is ended is offered no more, and stays on old cases."""

    list_display = ("position", "name", "code", "postage_by", "is_defect", "needs_remark", "for_customers", "company", "ended_at")
    list_display_links = ("name",)
    list_select_related = ("company",)
    list_filter = ("is_defect", "company")
    search_fields = ("name", "code")
    search_help_text = _("Reason or code")
    ordering = ("company", "position", "pk")
    editable_fields = ("postage_by",)
    fields = (
        ("company", "position", "code"),
        ("name", "name_en"),
        "postage_by",
        ("is_defect", "needs_remark", "for_customers"),
        "ended_at",
    )
    empty_words = _("No reason yet. Add the first one, so that customers can say why.")


@admin.register(ReturnPolicy)
class ReturnPolicyAdmin(_OfCompany):
    """How long, what and on what terms goods are taken back; without a policy, what the law gives: eight days, at the customer's cost."""

    list_display = ("scope", "days", "defect_days", "is_returnable", "takes_opened", "exchange_timing", "fee", "postage", "ended_at")
    list_display_links = ("scope",)
    list_select_related = ("company", "product")
    list_filter = ("is_returnable", "company")
    search_fields = ("product__code", "product__texts__name")
    search_help_text = _("Product")
    ordering = ("company", "product", "pk")
    autocomplete_fields = ("product",)
    editable_fields = ("fee", "postage", "exchange_timing")
    fields = (
        ("company", "product"), ("days", "defect_days"), ("is_returnable", "takes_opened"), "exchange_timing", ("fee", "postage"), "ended_at",
    )  # fmt: skip
    empty_words = _("No policy yet: goods are taken back for eight days after delivery, at the customer’s cost, as the law has it.")

    @admin.display(description=_("for"))
    def scope(self, row: ReturnPolicy) -> str:
        return str(row.product) if row.product_id else f"{row.company} ({_('all products')})"
