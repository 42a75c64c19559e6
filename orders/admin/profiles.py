"""Workflow profiles and approvals of deferred payments at the staff counter."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from core.admin_site import HouseAdmin, LedgerAdmin, Verb, VerbCall, VerbForm, money_column, status_column
from core.queries import forget_kept
from orders.models import HoldRule, InsertRule, PaymentApproval, WorkflowProfile
from orders.operations import ApprovalAsk, decide_approvals
from orders.queries import goods_of_profile
from orders.rules import ApprovalState, Gate, GiftPart, GiftRule

GATES = tuple(f"needs_{gate}" for gate in Gate)
PARTS = tuple(str(part) for part in GiftPart)


@admin.register(WorkflowProfile)
class WorkflowProfileAdmin(HouseAdmin):
    """What orders need by kind of goods and form of purchase. Of several profiles in one order the strictest counts."""

    company_path = "company"
    list_display = ("name", "code", "form", "asked", "given", "role", "company", "ended_at")
    list_select_related = ("role", "company")
    list_filter = ("form", "company")
    search_fields = ("code", "name")
    search_help_text = _("Code, name")
    ordering = ("company", "code", "form")
    fieldsets = (
        (None, {"fields": (("company", "form"), ("code", "name"), "ended_at")}),
        (_("Before an order is placed"), {"fields": (("needs_confirmation", "needs_age"),)}),
        (_("Before a parcel leaves"), {"fields": (("needs_payment", "needs_inspection"), ("needs_answer", "role"))}),
        (_("What may be chosen of a gift"), {"fields": (("noshi", "wrapping"), ("message", "sender"), "hidden_prices")}),
        (_("What goes along and what is said"), {"fields": ("without_groups", "script")}),
        (_("Where it counts"), {"fields": ("goods_told", "rules_told")}),
    )
    readonly_fields = ("goods_told", "rules_told")
    formfield_overrides = {ArrayField: {"widget": UnfoldAdminTextInputWidget}}
    empty_words = _("Without profiles every order is placed and sent alike.")
    after_saving = staticmethod(forget_kept)

    class Media:
        css = {"all": ("orders/desk.css",)}

    @display(description=_("asks"))
    def asked(self, row: WorkflowProfile) -> str:
        return gettext(", ").join(str(row._meta.get_field(name).verbose_name) for name in GATES if getattr(row, name)) or "–"  # type: ignore[union-attr]

    @display(description=_("gifts"))
    def given(self, row: WorkflowProfile) -> str:
        labels = GiftRule.labels()
        told = [
            f"{row._meta.get_field(part).verbose_name}: {gettext(labels[GiftRule(getattr(row, part))])}"  # type: ignore[union-attr]
            for part in PARTS
            if getattr(row, part) != GiftRule.OFFERED
        ]
        return gettext(", ").join(told) or "–"

    @display(description=_("products"))
    def goods_told(self, row: WorkflowProfile | None) -> Any:
        """The goods that name it, so that nobody changes a profile without knowing of what."""
        if row is None or not row.pk:
            return "–"
        count, some = goods_of_profile(row.company_id, row.code)
        if not count:
            return gettext("No product names it yet. Choose it on the products’ pages.")
        names = format_html_join(
            ", ", '<a class="house-link" href="{}">{}</a>', ((reverse("admin:catalog_product_change", args=[k]), name) for k, name in some)
        )
        more = gettext(" and %(count)s more") % {"count": count - len(some)} if count > len(some) else ""
        return format_html("{}{}", names, more)

    @display(description=_("rules that name it"))
    def rules_told(self, row: WorkflowProfile | None) -> Any:
        """Hold rules and insert rules that are narrowed to it."""
        if row is None or not row.pk:
            return "–"
        own = {"company_id": row.company_id, "ended_at": None}
        holds = HoldRule.objects.filter(profile=row.code, **own).values_list("pk", "name")
        inserts = InsertRule.objects.filter(profiles__contains=[row.code], **own).values_list("pk", "name")
        found = [("holdrule", *one) for one in holds] + [("insertrule", *one) for one in inserts]
        link = '<a class="house-link" href="{}">{}</a>'
        return format_html_join(", ", link, ((reverse(f"admin:orders_{kind}_change", args=[k]), name) for kind, k, name in found)) or "–"


class ApprovalForm(VerbForm):
    """The guarantor's number, and what was said."""

    reference = forms.CharField(label=_("Approval number"), max_length=80, required=False)
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)


class DeclineForm(VerbForm):
    """Why nobody answers for it."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


def _decide(call: VerbCall, *, is_approved: bool) -> Any:
    orders = dict(PaymentApproval.objects.filter(pk__in=call.ids).values_list("pk", "order_id"))
    asks = [
        ApprovalAsk(order_id=orders.get(key, 0), is_approved=is_approved, reference=call.values.get("reference", ""), reason=call.reason)
        for key in call.ids
    ]
    return decide_approvals(asks, actor=call.actor, at=call.at)


class WaitingFilter(admin.SimpleListFilter):
    """What waits for a decision unless something else is asked for."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("approved", _("Approved")), ("declined", _("Declined")), ("all", _("all"))]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        yield {**first, "display": _("Waits for approval")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[PaymentApproval]) -> QuerySet[PaymentApproval]:
        if self.value() == "all":
            return queryset
        return queryset.filter(ended_at__isnull=True, state=self.value() or ApprovalState.REQUESTED)


@admin.register(PaymentApproval)
class PaymentApprovalAdmin(LedgerAdmin):
    """Payments after delivery that somebody has to answer for, the longest waiting first."""

    company_path = "order__company"
    list_display = ("order_number", "state_label", "sum", "asked_at", "decided_at", "reference", "next_step")
    list_display_links = ("order_number",)
    list_select_related = ("order",)
    list_filter = (WaitingFilter,)
    search_fields = ("=order__number", "=reference")
    search_help_text = _("Order number, approval number")
    ordering = ("asked_at", "pk")
    fields = (
        ("order_link", "state_label"), ("sum", "asked_at"), ("decided_at", "decided_by"), ("reference", "reason"), "ended_at", "next_step",
    )  # fmt: skip
    readonly_fields = ("order_link", "state_label", "sum", "next_step")
    empty_words = _("No payment after delivery waits for its approval.")
    verbs = (
        Verb(
            name="approve", label=_("Approve"), permission="orders.decide_paymentapproval", form=ApprovalForm, icon="check", variant="primary",
            run=lambda call: _decide(call, is_approved=True),
            offered=lambda row: row.ended_at is None and row.state != ApprovalState.APPROVED,
            explanation=_("Somebody answers for this payment: the order goes on when nothing else holds it."),
        ),
        Verb(
            name="decline", label=_("Decline"), permission="orders.decide_paymentapproval", form=DeclineForm, icon="block", variant="danger",
            run=lambda call: _decide(call, is_approved=False), offered=lambda row: row.ended_at is None and row.state == ApprovalState.REQUESTED,
            explanation=_("The order stays on hold. Ask the buyer for another way to pay, or cancel it."),
        ),
    )  # fmt: skip

    class Media:
        css = {"all": ("orders/desk.css",)}

    @display(description=_("order number"), ordering="order__id")
    def order_number(self, row: PaymentApproval) -> str:
        return row.order.number

    @display(description=_("order"))
    def order_link(self, row: PaymentApproval) -> Any:
        url = reverse("admin:orders_order_change", args=[row.order_id])
        return format_html('<a class="house-link" href="{}">{}</a>', url, row.order.number)

    state_label = status_column(
        "state", description=_("state"),
        tones={ApprovalState.REQUESTED: "warning", ApprovalState.APPROVED: "success", ApprovalState.DECLINED: "danger"},
    )  # fmt: skip
    sum = money_column("amount", description=_("amount"), currency="order.currency")

    @display(description=_("what next"))
    def next_step(self, row: PaymentApproval) -> str:
        if row.ended_at is not None:
            return gettext("Over: the order is paid otherwise, is cancelled, or comes to more.")
        told = {
            ApprovalState.REQUESTED: gettext("Approve or decline it; until then nothing leaves."),
            ApprovalState.APPROVED: gettext("Nothing: the order goes on."),
            ApprovalState.DECLINED: gettext("Change the order to another way to pay, or cancel it."),
        }
        return told[ApprovalState(row.state)]
