"""Kits: what sets are made of, and the page on which one is composed, by keyboard or scanner."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from catalog.queries import variant_keys
from core import clock
from core.admin_site import LedgerAdmin, Verb, VerbCall, VerbForm, actor_of
from core.errors import Refusal
from core.queries import companies
from core.text import plain, whole_number
from inventory.admin.figures import STYLE
from inventory.models import Component, Kit, KitPart
from inventory.operations import compose_kits, expand_kits
from inventory.queries import item_keys
from inventory.rules import KitAsk, KitPartAsk, KitPrice


class ComposeForm(VerbForm):
    """A set as it is typed or scanned: one part a line."""

    company = forms.ChoiceField(label=_("company"))
    sku = forms.CharField(label=_("SKU of the set"), max_length=64)
    parts = forms.CharField(
        label=_("parts"),
        widget=forms.Textarea,
        max_length=8000,
        help_text=_("One part a line: its SKU (or the code of a stock item that is not sold alone) and the quantity, as in “TEA-100 2”."),
    )
    price = forms.ChoiceField(label=_("price"), choices=[(kind.value, _(KitPrice.labels()[kind])) for kind in KitPrice])
    rate = forms.DecimalField(label=_("rate off (%)"), min_value=0, max_value=100, decimal_places=2, required=False)
    amount = forms.IntegerField(label=_("amount off"), min_value=0, max_value=10**9, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["company"].choices = [(str(company.id), company.name) for company in companies()]  # type: ignore[attr-defined]
        self.fields["parts"].widget.attrs["rows"] = 8

    def ask(self) -> KitAsk | None:
        """The set as an operation takes it; what cannot be read is a fault beside its field."""
        said = self.cleaned_data
        company_id = int(said["company"])
        lines = [plain(line).replace("×", " ").replace(",", " ").replace("\t", " ").split() for line in said["parts"].splitlines()]
        typed = [(words[0], words[1] if len(words) > 1 else "1", len(words)) for words in lines if words]
        codes = [code for code, _quantity, _words in typed]
        variants = variant_keys(company_id, [said["sku"], *codes])
        items = item_keys([code for code in codes if code not in variants], company_id=company_id)
        if said["sku"] not in variants:
            self.add_error("sku", gettext("There is no article “%(sku)s”. Make it among the products first.") % {"sku": said["sku"]})
        parts = []
        for code, quantity, words in typed:
            number = whole_number(quantity)
            if (code not in variants and code not in items) or number is None or words > 2:
                self.add_error(
                    "parts", gettext("“%(line)s” cannot be read: write a known code and a quantity.") % {"line": f"{code} {quantity}"}
                )
                continue
            parts.append(KitPartAsk(quantity=number, variant_id=variants.get(code), stock_item_id=items.get(code)))
        if self.errors:
            return None
        return KitAsk(
            variant_id=variants[said["sku"]],
            parts=tuple(parts),
            price=KitPrice(said["price"]),
            rate_bp=int((said["rate"] or 0) * 100),
            amount=said["amount"] or 0,
        )


def _expand(call: VerbCall) -> Sequence[Any]:
    """Sets share parts, so all sets of a company are worked out together, whichever of them was chosen."""
    companies_chosen = set(Kit.objects.filter(pk__in=call.ids).values_list("variant__company", flat=True))
    for company_id in sorted(companies_chosen):
        expand_kits(company_id=company_id, actor=call.actor, at=call.at)
    return call.ids


@admin.register(Kit)
class KitAdmin(LedgerAdmin):
    """Sets, each with its parts and what they come to."""

    list_display = ("variant", "shown_price", "shown_parts")
    list_select_related = ("variant",)
    list_filter = ("price",)
    ordering = ("-pk",)
    search_fields = ("variant__sku",)
    search_help_text = _("SKU of the set.")
    fields = ("variant", "shown_price", "shown_parts", "shown_leaves")
    readonly_fields = ("shown_price", "shown_parts", "shown_leaves")
    verbs = (
        Verb(
            name="expand", label=_("Work out anew"), permission="inventory.add_kit", run=_expand, form=None, icon="account_tree",
            explanation=_("Works out anew what every set of the company is made of, after the parts of an article were changed."),
        ),
    )  # fmt: skip
    actions_list = ("open_composing",)
    actions_detail = ("open_changing",)
    empty_words = _("No set yet. Compose one with the button above.")

    class Media:
        css = {"all": STYLE}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Kit]:
        return super().get_queryset(request).prefetch_related("parts__variant", "parts__stock_item")

    def get_urls(self) -> list[URLPattern]:
        return [path("compose/", self.admin_site.admin_view(self.compose_view), name="inventory_kit_compose"), *super().get_urls()]

    @action(description=_("Compose a set"), url_path="open-composing", icon="add_box", permissions=["compose"])  # type: ignore[untyped-decorator]
    def open_composing(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:inventory_kit_compose"))

    @action(description=_("Change the set"), url_path="open-changing", icon="edit", permissions=["compose"])  # type: ignore[untyped-decorator]
    def open_changing(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return HttpResponseRedirect(f"{reverse('admin:inventory_kit_compose')}?kit={object_id}")

    def has_compose_permission(self, request: HttpRequest, *_object: Any) -> bool:
        account: Any = request.user
        return bool(account.has_perm("inventory.add_kit"))

    def compose_view(self, request: HttpRequest) -> HttpResponse:
        """The form, then the set: one operation, refusals beside their field. Sending it twice changes nothing more."""
        if not self.has_compose_permission(request):
            raise PermissionDenied
        form = ComposeForm(request.POST or None, initial=_first_values(request))
        if request.method == "POST" and form.is_valid() and (ask := form.ask()) is not None:
            (result,) = compose_kits([ask], company_id=int(form.cleaned_data["company"]), actor=actor_of(request), at=clock.now())
            if not isinstance(result, Refusal):
                told = {"sku": form.cleaned_data["sku"], "items": result.items, "pieces": result.pieces}
                messages.success(request, gettext("%(sku)s is made of %(pieces)s pieces of %(items)s stock items now.") % told)
                return HttpResponseRedirect(reverse("admin:inventory_kit_change", args=[Kit.objects.get(variant=ask.variant_id).pk]))
            form.add_error("parts", result.text(gettext))
        words = {**self.admin_site.each_context(request), "opts": self.opts, "title": _("Compose a set"), "form": form}
        words["back"] = reverse("admin:inventory_kit_changelist")
        return TemplateResponse(request, "admin/inventory/compose_kit.html", words, status=422 if form.errors else 200)

    @display(description=_("price"))
    def shown_price(self, row: Any) -> str:
        if row.price == KitPrice.LESS_RATE:
            return gettext("Sum of the parts, less %(rate)s %%") % {"rate": f"{row.rate_bp / 100:g}"}
        if row.price == KitPrice.LESS_AMOUNT:
            return gettext("Sum of the parts, less %(amount)s") % {"amount": f"{row.amount:,d}"}
        return gettext("A price of its own")

    @display(description=_("parts"))
    def shown_parts(self, row: Any) -> SafeString:
        return format_html_join(" + ", "{} × {}", ((_code(part), part.quantity) for part in row.parts.all()))

    @display(description=_("Made of, in the end"))
    def shown_leaves(self, row: Any) -> SafeString:
        found = Component.objects.filter(variant=row.variant_id).select_related("stock_item").order_by("stock_item__code")
        return format_html_join("", "<div>{} × {}</div>", ((str(one.stock_item), one.quantity) for one in found))


def _code(part: KitPart) -> str:
    return part.variant.sku if part.variant is not None else part.stock_item.code if part.stock_item is not None else ""


def _first_values(request: HttpRequest) -> dict[str, Any]:
    """The set as it is, where one is to be changed."""
    key = request.GET.get("kit", "")
    found = (
        Kit.objects.filter(pk=int(key)).select_related("variant").prefetch_related("parts__variant", "parts__stock_item").first()
        if key.isdecimal()
        else None
    )
    if found is None:
        return {}
    return {
        "company": str(found.variant.company_id),
        "sku": found.variant.sku,
        "parts": "\n".join(f"{_code(part)} {part.quantity}" for part in found.parts.all()),
        "price": str(found.price),
        "rate": found.rate_bp / 100 if found.rate_bp else None,
        "amount": found.amount or None,
    }
