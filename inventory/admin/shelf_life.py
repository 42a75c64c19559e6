"""How long goods must still keep when a sales channel is promised them: a row per channel, in words."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core import clock
from core.admin_site import HouseAdmin
from inventory.models import ShelfLife
from inventory.queries import closed_to_channels

LONGEST = 3_650


class ShelfLifeForm(forms.ModelForm):  # type: ignore[type-arg]
    """So many days, of those that make sense."""

    least_days = forms.IntegerField(
        label=_("days to keep at least"),
        min_value=0,
        max_value=LONGEST,
        widget=forms.NumberInput,
        help_text=_(
            "Counted from the day of the order. 30: goods that expire in 29 days are not offered to this channel; those in 30 days are."
            " 0: anything that has not expired. What was promised before stays promised."
        ),
        error_messages={
            "min_value": _("Write how many days goods must still keep; 0 for anything that has not expired."),
            "max_value": _("More than ten years (3,650 days): no lot would be left for this channel."),
            "invalid": _("Write a whole number of days, such as 30."),
        },
    )

    class Meta:
        model = ShelfLife
        fields = ("channel", "least_days")
        error_messages = {"channel": {"unique": _("This channel has a minimum already. Change that one.")}}


@admin.register(ShelfLife)
class ShelfLifeAdmin(HouseAdmin):
    """Which channels want goods to keep how long."""

    form = ShelfLifeForm
    list_display = ("channel", "shown_days", "shown_short")
    list_select_related = ("channel", "channel__company")
    list_filter = ("channel__company",)
    ordering = ("-least_days", "pk")
    search_fields = ("channel__name", "channel__code")
    search_help_text = _("Name or code of the channel.")
    fields = ("channel", "least_days")
    empty_words = _("No channel wants goods to keep for long: each may be promised everything on sale. Add a channel with its days.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShelfLife]:
        found = super().get_queryset(request)
        company_id = getattr(request.user, "company_id", None)
        return found.filter(channel__company=company_id) if company_id else found

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A minimum stays with its channel."""
        return [*super().get_readonly_fields(request, obj), *(("channel",) if obj else ())]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        company_id = getattr(request.user, "company_id", None)
        if field is not None and db_field.name == "channel" and company_id:
            field.queryset = field.queryset.filter(company=company_id)
        return field

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        short = next((one for one in closed_to_channels(None, today=_today()) if one.channel_id == obj.channel_id), None)
        if short and short.pieces:
            words = ngettext(
                "%(pieces)s piece on sale is too short for %(channel)s now.", "%(pieces)s pieces on sale are too short for %(channel)s now.",
                short.pieces,
            )  # fmt: skip
            messages.warning(request, words % {"pieces": f"{short.pieces:,d}", "channel": short.channel})

    @display(description=_("days to keep at least"), ordering="least_days")
    def shown_days(self, row: ShelfLife) -> str:
        return ngettext("%(n)d day", "%(n)d days", row.least_days) % {"n": row.least_days}

    @display(description=_("lots too short for it"))
    def shown_short(self, row: ShelfLife) -> SafeString:
        address = f"{reverse('admin:inventory_stocklot_changelist')}?short={row.channel_id}"
        return format_html('<a class="house-link" href="{}">{}</a>', address, gettext("Show the lots"))


def _today() -> date:
    return clock.business_date(clock.now(), settings.TIME_ZONE)
