"""Campaigns and whom they were aimed at, and each company's rules of sending, for marketing."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from campaigns.models import Campaign, CampaignTarget, Send, SendingRule
from core.admin_site import HouseAdmin, LedgerAdmin, LedgerInline, status_column
from core.queries import companies

SEND_TONES = {"planned": "info", "preparing": "info", "sending": "info", "done": "success", "stopped": "warning"}


def customer_link(customer: Any) -> Any:
    """The way to a customer, by number: a name is personal, and this counter shows none."""
    return format_html(
        '<a class="house-link" href="{}">{}</a>', reverse("admin:customers_customer_change", args=[customer.pk]), customer.number
    )


def their_company(request: HttpRequest) -> dict[str, Any]:
    """The company of whoever fills in a form, or the only one there is."""
    known = companies()
    mine = getattr(request.user, "company_id", None) or (known[0].id if len(known) == 1 else None)
    return {"company": mine} if mine else {}


class SendInline(LedgerInline):
    """What was sent for a campaign, the newest first."""

    model = Send
    fields = ("planned_at", "shown_subject", "segment", "shown_state", "recipient_count", "sent_count")
    readonly_fields = fields
    ordering = ("-planned_at", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Send]:
        return super().get_queryset(request).select_related("segment", "message")

    @display(description=_("message"))
    def shown_subject(self, row: Send) -> Any:
        return format_html('<a class="house-link" href="{}">{}</a>', reverse("admin:campaigns_send_change", args=[row.pk]), row)

    shown_state = status_column("state", description=_("state"), tones=SEND_TONES)


@admin.register(Campaign)
class CampaignAdmin(HouseAdmin):
    """Campaigns, the newest first."""

    list_display = ("name", "code", "aim", "kind", "starts_on", "ends_on", "company")
    list_select_related = ("company",)
    list_filter = ("company", "aim")
    ordering = ("company", "-starts_on", "-id")
    search_fields = ("code", "name")
    autocomplete_fields = ("company",)
    fields = (("company", "code"), "name", ("aim", "kind"), ("starts_on", "ends_on"), "outside_code")
    inlines = (SendInline,)


@admin.register(CampaignTarget)
class CampaignTargetAdmin(LedgerAdmin):
    """Whom a campaign was aimed at; it grows by imports."""

    list_display = ("campaign", "who", "recorded_at")
    list_select_related = ("campaign", "customer")
    ordering = ("-id",)
    search_fields = ("campaign__code", "customer__number")
    fields = ("campaign", "who", "recorded_at")
    readonly_fields = fields

    @display(description=_("customer"))
    def who(self, row: CampaignTarget) -> Any:
        return customer_link(row.customer)


@admin.register(SendingRule)
class SendingRuleAdmin(HouseAdmin):
    """Quiet hours, frequency and pace, one page per company. Without one, the house's own: quiet 21–8, three offers in seven days."""

    list_display = ("company", "quiet", "cap", "per_minute", "sender_name")
    list_select_related = ("company",)
    search_fields = ("company__name",)
    autocomplete_fields = ("company",)
    empty_words = _("Without a rule of its own a company keeps quiet from 21 to 8 o'clock and sends at most three offers in seven days.")
    fieldsets = (
        (None, {"fields": ("company",)}),
        (_("When nobody is written to"), {"fields": (("quiet_from", "quiet_until"),)}),
        (_("How often and how fast"), {"fields": (("most_offers", "most_within_days"), "per_minute")}),
        (
            _("Who sends"),
            {
                "fields": (("sender_name", "sender_email"),),
                "description": _(
                    "Empty: the brand's or company's name and the company's mailbox. Legal name, address and contact always stand below."
                ),
            },
        ),
    )

    @display(description=_("quiet hours"))
    def quiet(self, row: SendingRule) -> str:
        return f"{row.quiet_from:%H:%M}–{row.quiet_until:%H:%M}"

    @display(description=_("most offers to one customer"))
    def cap(self, row: SendingRule) -> Any:
        return _("%(count)s in %(days)s days") % {"count": row.most_offers, "days": row.most_within_days}
