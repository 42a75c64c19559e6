"""Campaigns and whom they were aimed at, for marketing."""

from django.contrib import admin

from campaigns.models import Campaign, CampaignTarget
from core.admin_site import HouseAdmin, LedgerAdmin


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


@admin.register(CampaignTarget)
class CampaignTargetAdmin(LedgerAdmin):
    """Whom a campaign was aimed at; it grows by imports."""

    list_display = ("campaign", "customer", "recorded_at")
    list_select_related = ("campaign", "customer")
    ordering = ("-id",)
    search_fields = ("campaign__code", "customer__number")
