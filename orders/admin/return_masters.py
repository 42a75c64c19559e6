"""Why goods come back, and what is taken back how long: masters that the company edits."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin_site import HouseAdmin
from orders.models import ReturnPolicy, ReturnReason


@admin.register(ReturnReason)
class ReturnReasonAdmin(HouseAdmin):
    """The reasons offered when goods come back; one that is ended is offered no more, and stays on old cases."""

    company_path = "company"
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
class ReturnPolicyAdmin(HouseAdmin):
    """How long, what and on what terms goods are taken back; without a policy, what the law gives: eight days, at the customer's cost."""

    company_path = "company"
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
