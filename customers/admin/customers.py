"""The customer at the staff counter: found in one box, read on one page, changed by verbs."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from core import clock
from core.admin_site import HouseAdmin, PersonalData, actor_of, status_column
from core.errors import Refusal
from core.queries import companies
from core.text import format_phone
from customers.admin.page import page_of
from customers.admin.verbs import GROUPS, VERBS
from customers.models import ContactPoint, Customer, RankAssignment
from customers.operations import register_customers
from customers.queries import desk_view, search_customers, visible_to
from customers.rules import (
    LIMITS,
    CustomerKind,
    CustomerStatus,
    NewCustomer,
    Person,
    PlaceOfDelivery,
    faults_of_person,
    faults_of_place,
    masked_email,
    masked_name,
    masked_phone,
)

STATUS_TONES = {
    CustomerStatus.PROSPECT: "info",
    CustomerStatus.ACTIVE: "success",
    CustomerStatus.CLOSED: "warning",
    CustomerStatus.ERASED: "danger",
}
_PLACE = ("postal_code", "prefecture", "city", "street", "building")
_NAMES = ("family_name", "given_name", "family_kana", "given_kana", "organisation_name")


def _point(kind: str, column: str) -> Subquery:
    points = ContactPoint.objects.filter(customer=OuterRef("pk"), kind=kind, ended_at=None)
    return Subquery(points.order_by("-is_primary", "id").values(column)[:1])


def _line(label: Any, name: str) -> forms.CharField:
    return forms.CharField(label=label, max_length=LIMITS[name], required=False, widget=UnfoldAdminTextInputWidget)


class NewCustomerForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new customer, with the ways to reach them on the same page."""

    phone = _line(_("Phone number"), "phone")
    email = _line(_("E-mail"), "email")
    postal_code = _line(_("Postal code"), "postal_code")
    prefecture = _line(_("Prefecture"), "prefecture")
    city = _line(_("City"), "city")
    street = _line(_("Street and number"), "street")
    building = _line(_("Building"), "building")

    class Meta:
        model = Customer
        fields = ("company", "kind", *_NAMES, "birth_on", "language")

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        faults = [*faults_of_person(self.person()), *faults_of_place(self.place())]
        for fault in faults:
            name = fault.field.removeprefix("/")
            self.add_error(name if name in self.fields else None, _said(fault))
        return found

    def person(self) -> Person:
        known = {name: self.cleaned_data.get(name) or "" for name in (*_NAMES, "phone", "email", "language")}
        return Person(**known, birth_on=self.cleaned_data.get("birth_on"))

    def place(self) -> PlaceOfDelivery:
        return PlaceOfDelivery(**{name: self.cleaned_data.get(name) or "" for name in (*_NAMES, *_PLACE)})


def _said(fault: Refusal) -> forms.ValidationError:
    return forms.ValidationError(_(fault.message), code=fault.code, params=dict(fault.params))


@admin.register(Customer)
class CustomerAdmin(HouseAdmin):
    """Every customer of the house, whatever channel they came by."""

    list_display = ("number", "who", "reached_by", "mailbox", "rank_label", "status_label", "signs", "recorded_at")
    list_display_links = ("number", "who")
    list_select_related = ()
    list_filter = ("status", "kind", "attention", "company")
    search_fields = ("number",)
    search_help_text = _("Number, name in kanji or kana, phone in any form, e-mail")
    ordering = ("-id",)
    show_facets = admin.ShowFacets.NEVER
    empty_words = _("No customer fits. Try a part of the name or the last digits of the phone.")
    personal = PersonalData(fields=("name", "kana", "birth_on", "contact_points", "addresses", "notes"))
    verbs = VERBS
    form = NewCustomerForm
    warn_unsaved_form = False
    fieldsets = (
        (None, {"fields": (("company", "kind"), ("family_name", "given_name"), ("family_kana", "given_kana"), "organisation_name")}),
        (_("How they are reached"), {"fields": (("phone", "email"), ("birth_on", "language"))}),
        (_("Address"), {"fields": (("postal_code", "prefecture"), "city", ("street", "building"))}),
    )

    class Media:
        css = {"all": ("customers/back_office.css",)}
        js = ("customers/page.js",)

    def __init__(self, model: type[Customer], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        self.actions_detail = GROUPS

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The page is read; verbs change it, each with its own permission."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fieldsets(request, obj) if obj is None else ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        account: Any = request.user
        ranks = RankAssignment.objects.filter(customer=OuterRef("pk"), until_at=None).order_by("brand_id", "-rank__level")
        return (
            visible_to(actor_of(request))
            .annotate(
                in_full=Value(account.has_perm("customers.view_personal")),
                phone_value=_point("phone", "value_key"),
                email_value=_point("email", "value"),
                rank_name=Subquery(ranks.values("rank__name")[:1]),
            )
            .defer("search")
            .order_by(*self.ordering)
        )

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Customer], search_term: str) -> tuple[QuerySet[Customer], bool]:
        """Customers are found first, by indexes of their own; the list then reads only those."""
        if not search_term.strip():
            return queryset, False
        company_id = getattr(request.user, "company_id", None)
        owners = [company_id] if company_id else [company.id for company in companies()]
        return queryset.filter(pk__in=search_customers(owners, search_term, limit=200)), False

    def _record_reading(self, shown: Any, *, request: HttpRequest) -> None:
        """Only those who saw people in full have read personal data."""
        super()._record_reading([row for row in shown if getattr(row, "in_full", True)], request=request)

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The customer's page: read, not edited; verbs change what it shows."""
        if request.method != "GET":
            return super().change_view(request, object_id, form_url, extra_context)
        key, at = object_id if object_id.isascii() and object_id.isdigit() and len(object_id) < 19 else "0", clock.now()
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = desk_view(int(key), actor=actor_of(request), at=at)
        if found is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined,no-any-return]
        verbs = [v for v in VERBS if self._may(v, request) and (v.offered is None or v.offered(found.customer))]
        page = page_of(found, request=request, verbs=verbs, at=at)
        if page.in_full:
            super()._record_reading([found.customer], request=request)
        words = {
            **self.admin_site.each_context(request),
            "title": f"{page.number} {page.name}",
            "opts": self.opts,
            "page": page,
            "today": at,
            "original": page.number,
            "media": self.media + forms.Media(css={"all": page.css}),
            "history": reverse("admin:customers_customer_history", args=[found.customer.pk]),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "customers/admin/page.html", words)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new customer belongs to the reader's company, or to the only one there is."""
        known = companies()
        mine = getattr(request.user, "company_id", None) or (known[0].id if len(known) == 1 else None)
        return {"language": "ja", "company": mine, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Customer, form: Any, change: bool) -> None:
        """A new customer is registered by the operation; the page never writes one itself."""
        place = form.place()
        ask = NewCustomer(
            company_id=obj.company_id,
            person=form.person(),
            address=place if place.postal_code or place.street else None,
            kind=CustomerKind(obj.kind),
        )
        (result,) = register_customers([ask], actor=actor_of(request), at=clock.now())
        if isinstance(result, Refusal):
            raise forms.ValidationError(_(result.message))
        obj.pk = result.customer_id
        obj.refresh_from_db()

    @display(description=_("full name"), header=True)
    def who(self, row: Customer) -> Any:
        name = f"{row.family_name} {row.given_name}".strip()
        kana = f"{row.family_kana} {row.given_kana}".strip()
        if not row.in_full:  # type: ignore[attr-defined]
            return [masked_name(row.organisation_name or name), "", ""]
        return [row.organisation_name or name or "-", f"{name} {kana}".strip() if row.organisation_name else kana, ""]

    @display(description=_("phone"))
    def reached_by(self, row: Customer) -> str:
        phone = row.phone_value or ""  # type: ignore[attr-defined]
        return (format_phone(phone) if row.in_full else masked_phone(phone)) or "-"  # type: ignore[attr-defined]

    @display(description=_("e-mail"))
    def mailbox(self, row: Customer) -> str:
        email = row.email_value or ""  # type: ignore[attr-defined]
        return (email if row.in_full else masked_email(email)) or "-"  # type: ignore[attr-defined]

    @display(description=_("rank"))
    def rank_label(self, row: Customer) -> str:
        return row.rank_name or "-"  # type: ignore[attr-defined]

    status_label = status_column("status", description=_("status"), tones=STATUS_TONES)

    @display(description=_("signs"))
    def signs(self, row: Customer) -> Any:
        if row.attention:
            return format_html('<span class="house-sign house-sign-bad">{}</span>', _("Attention"))
        if row.principal_id:
            return format_html('<span class="house-sign">{}</span>', _("Merged"))
        return ""
