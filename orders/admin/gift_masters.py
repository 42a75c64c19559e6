"""What is offered with gifts: noshi, wrappings, cards, what does not go together, and what is not wrapped."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin_site import HouseAdmin
from orders.models import GiftExclusion, MessageCard, NoshiKind, NoshiPairing, Wrapping


class _Gifts(HouseAdmin):
    """Masters of gifts; brands and wrappings of one's own company only."""

    company_path = "company"
    list_display_links: tuple[str, ...] = ("name",)
    list_filter: tuple[str, ...] = ("brand", "company")
    search_fields: tuple[str, ...] = ("name", "code")
    search_help_text = _("Name or code")
    ordering: tuple[str, ...] = ("company", "position", "pk")
    list_select_related: tuple[str, ...] = ("company", "brand")
    editable_fields: tuple[str, ...] = ("fee",)


@admin.register(NoshiKind)
class NoshiKindAdmin(_Gifts):
    """The noshi offered, in the order in which they are shown; one that is ended stays on old orders."""

    list_display = ("position", "name", "knot", "most_names", "fee", "from_on", "until_on", "brand", "company", "ended_at")
    list_filter = ("knot", "brand", "company")
    editable_fields = ("fee", "knot")
    fields = (
        ("company", "brand"), ("position", "code", "name"), ("knot", "own_title"), ("most_names", "longest_name"), ("fee", "tax_class"),
        ("from_on", "until_on"), "ended_at",
    )  # fmt: skip
    empty_words = _("No noshi yet. Add the first one, or put in the usual ones with “manage.py seed_noshi”.")

    def save_model(self, request: HttpRequest, obj: NoshiKind, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if (pair := obj.unlucky) is not None:
            messages.warning(request, gettext("Saved, but think it over: %(why)s") % {"why": pair.why})


@admin.register(Wrapping)
class WrappingAdmin(_Gifts):
    """The wrappings offered, with their fee and the size they fit."""

    list_display = ("position", "name", "fee", "by_piece", "largest_size", "from_on", "until_on", "brand", "company", "ended_at")
    fields = (
        ("company", "brand"), ("position", "code", "name"), ("by_piece", "largest_size"), ("fee", "tax_class"), ("from_on", "until_on"),
        "ended_at",
    )  # fmt: skip
    empty_words = _("No wrapping yet. Add the first one, so that buyers can choose it.")


@admin.register(MessageCard)
class MessageCardAdmin(_Gifts):
    """The cards offered, and how much fits on each."""

    list_display = ("position", "name", "most_characters", "most_lines", "fee", "from_on", "until_on", "brand", "company", "ended_at")
    fields = (
        ("company", "brand"), ("position", "code", "name"), ("most_characters", "most_lines"), ("fee", "tax_class"), ("from_on", "until_on"),
        "ended_at",
    )  # fmt: skip
    empty_words = _("No card yet. Add the first one, so that buyers can send a message.")


@admin.register(NoshiPairing)
class NoshiPairingAdmin(HouseAdmin):
    """Words and knots that do not go together: refused wherever an order is taken, or only said."""

    company_path = "company"
    list_display = ("title", "knot", "is_refused", "why", "company", "ended_at")
    list_select_related = ("company",)
    list_filter = ("is_refused", "knot", "company")
    search_fields = ("title", "why")
    search_help_text = _("Words above")
    ordering = ("company", "title", "pk")
    editable_fields = ("knot",)
    fields = ("company", ("title", "knot"), "is_refused", "why", "ended_at")
    empty_words = _("Nothing is refused yet: any words go with any knot.")


@admin.register(GiftExclusion)
class GiftExclusionAdmin(_Gifts):
    """Products that are not wrapped, or not in one wrapping."""

    list_display = ("product", "wrapping", "company", "ended_at")
    list_display_links = ("product",)
    list_select_related = ("company", "product", "wrapping")
    list_filter = ("company",)
    search_fields = ("product__code", "product__texts__name")
    search_help_text = _("Product")
    ordering = ("company", "product", "pk")
    editable_fields = ()
    autocomplete_fields = ("product",)
    fields = ("company", ("product", "wrapping"), "ended_at")
    empty_words = _("Everything is wrapped that fits.")
