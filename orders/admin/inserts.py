"""Inserts at the staff counter: the rules, what they would do to today's parcels, what they gave, and why."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextInputWidget

from core import clock
from core.admin_site import HouseAdmin, LedgerAdmin, Verb, VerbCall, VerbForm
from core.db import rows
from core.queries import companies
from core.text import plain
from orders.admin.picking import PICK
from orders.models import InsertRule, Shipment, ShipmentInsert
from orders.operations import take_out_inserts
from orders.queries import RuleGiven, insert_preview, inserts_by_rule, inserts_of_parcels
from orders.rules import CONDITIONS

SHOWN = 100
WORDS = ("skus", "ad_codes", "media", "campaigns", "ranks", "prefectures", "profiles")


def reasons_told(reasons: Any) -> str:
    """Why an insert is there, in words."""
    told = []
    for code, value in reasons:
        name = gettext(CONDITIONS.get(code, code))
        told.append(f"{name}: {value.strip('/').replace('/', ' – ')}" if value else name)
    return " ＋ ".join(told)


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rule, whose words are those that exist."""

    class Meta:
        model = InsertRule
        fields = (
            "company", "position", "name", "stock_item", "quantity", "group", "is_once", "when_short", "skus", "cycle_from", "cycle_until",
            "first_order", "f_from", "f_until", "ad_codes", "media", "campaigns", "ranks", "prefectures", "profiles", "amount_from", "amount_until", "channel",
            "from_on", "until_on", "ended_at",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        for name in WORDS:
            said[name] = list(dict.fromkeys(plain(word).strip() for word in said.get(name) or [] if word.strip()))
        company = said.get("company")
        if company is not None:
            self._known("skus", said, "SELECT sku AS word FROM catalog_variant WHERE company_id = %s AND sku = ANY(%s::text[])", company.pk)
            self._known(
                "ranks",
                said,
                "SELECT code AS word FROM customers_customerrank WHERE company_id = %s AND code = ANY(%s::text[])",
                company.pk,
            )
        return said

    def _known(self, name: str, said: dict[str, Any], sql: str, company_id: int) -> None:
        known = {row.word for row in rows(sql, (company_id, said[name]))} if said[name] else set()
        if odd := [word for word in said[name] if word not in known]:
            self.add_error(name, forms.ValidationError(_("There is no “%(word)s” in this company."), params={"word": odd[0]}))


@admin.register(InsertRule)
class InsertRuleAdmin(HouseAdmin):
    """Which leaflets and samples go into which parcels. A parcel gets the insert of every rule all of whose conditions it meets."""

    company_path = "company"
    form = RuleForm
    list_display = ("position", "name", "stock_item", "quantity", "conditions", "group", "is_once", "given", "company", "ended_at")
    list_display_links = ("name",)
    list_select_related = ("stock_item", "company", "channel")
    list_filter = ("company", "is_once")
    search_fields = ("name", "stock_item__code", "stock_item__name")
    search_help_text = _("Name, code of what goes in")
    ordering = ("company", "position", "pk")
    autocomplete_fields = ("stock_item",)
    editable_fields = ("when_short", "amount_from", "amount_until")
    formfield_overrides = {ArrayField: {"widget": UnfoldAdminTextInputWidget}}
    empty_words = _("No rule yet: nothing goes into parcels but what was ordered.")
    actions_list = ("go_preview",)
    actions_detail = ("go_preview_of",)
    fieldsets = (
        (None, {"fields": (("company", "position"), "name", ("stock_item", "quantity"), "ended_at")}),
        (
            _("Conditions, all of which a parcel must meet"),
            {
                "fields": (
                    "skus", ("first_order", "channel"), ("f_from", "f_until"), ("cycle_from", "cycle_until"), ("amount_from", "amount_until"),
                    ("ad_codes", "media"), ("campaigns", "ranks"), ("prefectures", "profiles"), ("from_on", "until_on"),
                )
            },
        ),
        (_("How it is given"), {"fields": (("is_once", "group"), "when_short")}),
    )  # fmt: skip

    class Media:
        css = {"all": ("orders/desk.css",)}

    def get_urls(self) -> list[URLPattern]:
        return [path("preview/", self.admin_site.admin_view(self.preview_view), name="orders_insertrule_preview"), *super().get_urls()]

    @action(description=_("What today’s parcels would get"), url_path="go-preview", icon="preview")  # type: ignore[untyped-decorator]
    def go_preview(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:orders_insertrule_preview"))

    @action(description=_("Which of today’s parcels would get it"), url_path="go-preview-of", icon="preview")  # type: ignore[untyped-decorator]
    def go_preview_of(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(f"{reverse('admin:orders_insertrule_preview')}?rule={object_id}")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The figures of the whole page are read at once."""
        shown = super().get_changelist_instance(request)
        counted = inserts_by_rule([row.pk for row in shown.result_list])
        for row in shown.result_list:
            row.counted = counted.get(row.pk, RuleGiven())
        return shown

    @display(description=_("given / waiting / given back"))
    def given(self, row: Any) -> str:
        counted: RuleGiven = getattr(row, "counted", RuleGiven())
        return f"{counted.gone:,d} / {counted.waiting:,d} / {counted.back:,d}"

    @display(description=_("conditions"))
    def conditions(self, row: InsertRule) -> str:
        """What the rule asks for, in words."""
        spans = {"cycle": (row.cycle_from, row.cycle_until), "f_number": (row.f_from, row.f_until), "amount": (row.amount_from, row.amount_until),
                 "period": (row.from_on, row.until_on)}  # fmt: skip
        asked = [
            (name, ", ".join(getattr(row, name)[:4]) + (" …" if len(getattr(row, name)) > 4 else ""))
            for name in WORDS
            if getattr(row, name)
        ]
        asked += [("first_order", "")] if row.first_order else []
        asked += [
            (name, f"{'' if low is None else low} – {'' if high is None else high}")
            for name, (low, high) in spans.items()
            if (low, high) != (None, None)
        ]
        asked += [("channel", row.channel.name)] if row.channel_id and row.channel else []
        return reasons_told(asked or [("everybody", "")])

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """What the rules would put into the parcels that may leave today, and why; nothing is changed."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        own = getattr(request.user, "company_id", None)
        known = {company.id: company for company in companies() if own in (None, company.id)}
        rule = self.get_queryset(request).filter(pk=request.GET.get("rule") if str(request.GET.get("rule", "")).isdigit() else None).first()
        asked = rule.company_id if rule is not None else int(request.GET["company"]) if request.GET.get("company", "").isdigit() else None
        company = known.get(asked) if asked else next(iter(known.values()), None)
        found = insert_preview(company.id, at=clock.now()) if company else None
        words = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("What today’s parcels would get"), "rule": rule,
            "company": company, "companies": list(known.values()) if len(known) > 1 else [], "looked_at": len(found.parcels) if found else 0,
            "rows": _previewed(found, rule)[:SHOWN] if found else [], "more": max(len(_previewed(found, rule)) - SHOWN, 0) if found else 0,
            "waiting": len(found.choice.waiting) if found else 0, "back": reverse("admin:orders_insertrule_changelist"),
        }  # fmt: skip
        return TemplateResponse(request, "orders/admin/insert_preview.html", words)


def _previewed(found: Any, rule: InsertRule | None) -> list[dict[str, Any]]:
    parcels = {p.facts.shipment_id: p for p in found.parcels}
    told: list[dict[str, Any]] = []
    for one in found.choice.chosen:
        if rule is None or one.rule.rule_id == rule.pk:
            parcel = parcels[one.shipment_id]
            told.append(
                {
                    "parcel": parcel,
                    "key": one.shipment_id,
                    "rule": one.rule.name,
                    "quantity": one.rule.quantity,
                    "why": reasons_told(one.reasons),
                    "waits": False,
                }
            )
    for shipment_id, waits in found.choice.waiting.items():
        if rule is None or waits.rule_id == rule.pk:
            told.append({"parcel": parcels[shipment_id], "key": shipment_id, "rule": waits.name, "quantity": waits.quantity, "why": gettext("too few are there: the parcel waits"), "waits": True})  # fmt: skip
    return sorted(told, key=lambda row: row["key"])


@admin.register(ShipmentInsert)
class ShipmentInsertAdmin(LedgerAdmin):
    """Every insert that was given, the newest first, and why."""

    company_path = "shipment__company"
    list_display = ("shipment", "rule", "stock_item", "quantity", "because", "at", "shown_end")
    list_display_links = ("shipment",)
    list_select_related = ("shipment", "rule", "stock_item")
    list_filter = (("rule", admin.RelatedOnlyFieldListFilter), "end")
    search_fields = ("=shipment__number", "=order__number")
    search_help_text = _("Shipment number, order number")
    ordering = ("-pk",)
    fields = (("shipment", "rule"), ("stock_item", "quantity"), "because", ("at", "actor_label"), ("ended_at", "shown_end"))
    readonly_fields = ("because", "shown_end")
    empty_words = _("Nothing has been given yet.")

    @display(description=_("because"))
    def because(self, row: ShipmentInsert) -> str:
        return reasons_told(row.reasons)

    @display(description=_("ended because"))
    def shown_end(self, row: Any) -> str:
        return row.get_end_display() if row.end else ""


class TakeOutForm(VerbForm):
    """Whether the rules are asked again."""

    choose_anew = forms.BooleanField(
        label=_("choose anew when its work begins"), required=False, initial=True, help_text=_("Otherwise the parcel leaves without inserts.")
    )  # fmt: skip


def _take_out(call: VerbCall) -> Any:
    return take_out_inserts(call.ids, choose_anew=call.values["choose_anew"], actor=call.actor, at=call.at)


INSERT_VERBS = (
    Verb(
        name="inserts-out", label=_("Take the inserts out"), permission=PICK, run=_take_out, form=TakeOutForm, icon="do_not_disturb_on",
        explanation=_("What was chosen for these parcels is given back: its stock, and the right to have it once."),
        offered=lambda s: s.status == "planned" and s.inserts_chosen_at is not None, on_list=False,
    ),
)  # fmt: skip


def inserts_told(row: Shipment) -> Any:
    """The inserts of a parcel on its page, each with why."""
    found = inserts_of_parcels([row.pk]).get(row.pk, ())
    here = [(one.name, one.quantity, one.rule, reasons_told(one.reasons)) for one in found if one.ended_at is None]
    if here:
        return format_html('<ul class="insert-list">{}</ul>', format_html_join("", "<li><b>{}</b> × {} <small>{}: {}</small></li>", here))
    return gettext("none") if row.inserts_chosen_at else gettext("chosen when its work begins")
