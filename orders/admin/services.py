"""Repairs, collections and purchases at the staff counter: a list to be worked off, the page of a request, and taking one by telephone."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core import clock
from core.admin_site import LedgerAdmin, PersonalData, Verb, VerbForm, actor_of, company_of, money_column, status_column
from core.errors import HouseError, Refusal
from core.ids import new_id
from core.operations import record_personal_read
from customers.queries import CustomerRow, customer_rows, group_of
from orders.admin.photos import photos_added
from orders.admin.service_verbs import VERBS
from orders.models import ServiceRequest
from orders.operations import request_services
from orders.queries import ServiceView, own_lines, photos_of, service_view
from orders.rules import LONGEST, OPEN_SERVICES, PayoutWay, PhotoOf, PostageBearer, ServiceAsk, ServiceKind, ServiceStatus

KIND_TONES = {ServiceKind.REPAIR: "info", ServiceKind.COLLECTION: "warning", ServiceKind.RESALE: "success"}
TONES = {
    ServiceStatus.REQUESTED: "warning", ServiceStatus.ACCEPTED: "info", ServiceStatus.RECEIVED: "warning", ServiceStatus.ESTIMATED: "info",
    ServiceStatus.AGREED: "warning", ServiceStatus.DISAGREED: "warning", ServiceStatus.DECLINED: "danger", ServiceStatus.REPAIRED: "success",
    ServiceStatus.BOUGHT: "success", ServiceStatus.KEPT: "success", ServiceStatus.DISPOSED: "success",
}  # fmt: skip
OURS = (ServiceStatus.REQUESTED, ServiceStatus.RECEIVED, ServiceStatus.AGREED, ServiceStatus.DISAGREED)


class WorkFilter(admin.SimpleListFilter):
    """What is to be done next; what is open unless something else is asked for."""

    title = _("to be done")
    parameter_name = "do"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("ours", _("Ours to do")),
            ("await", _("Goods awaited")),
            ("customer", _("With the customer")),
            ("pay", _("To pay out")),
            ("ended", _("Over")),
            ("all", _("all")),
        ]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        yield {**first, "display": _("Everything open")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[ServiceRequest]) -> QuerySet[ServiceRequest]:
        wanted = self.value()
        states = {None: OPEN_SERVICES, "ours": OURS, "await": (ServiceStatus.ACCEPTED,), "customer": (ServiceStatus.ESTIMATED,)}
        if wanted == "pay":
            return queryset.filter(payout_total__gt=0, paid_out_at=None)
        if wanted == "ended":
            return queryset.exclude(status__in=OPEN_SERVICES)
        return queryset.filter(status__in=states[wanted]) if wanted in states else queryset


class TakeForm(VerbForm):
    """What a customer tells on the telephone."""

    kind = forms.ChoiceField(label=_("kind"), choices=[(k.value, _(words)) for k, words in ServiceKind.labels().items()])
    line = forms.ChoiceField(label=_("bought here"), required=False, help_text=_("Empty where it was bought elsewhere."))
    goods = forms.CharField(label=_("goods in question"), max_length=LONGEST["goods"])
    maker = forms.CharField(label=_("maker"), max_length=LONGEST["maker"], required=False)
    model = forms.CharField(label=_("model"), max_length=LONGEST["model"], required=False)
    serial = forms.CharField(label=_("serial number"), max_length=LONGEST["serial"], required=False)
    bought_from = forms.CharField(label=_("bought from"), max_length=LONGEST["bought_from"], required=False)
    bought_on = forms.DateField(label=_("bought on"), required=False)
    remark = forms.CharField(label=_("what is wrong, or wished for"), max_length=LONGEST["remark"], required=False, widget=forms.Textarea)
    key = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, *args: Any, lines: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["line"].choices = [("", "-"), *lines]  # type: ignore[attr-defined]


@admin.register(ServiceRequest)
class ServiceRequestAdmin(LedgerAdmin):
    """What customers want repaired, collected or bought by us: the longest waiting first."""

    company_path = "company"
    list_display = ("number", "kind_label", "status_label", "goods", "customer_name", "requested_at", "shown_amount", "company")
    list_display_links = ("number",)
    list_select_related = ("company", "customer")
    list_filter = (WorkFilter, "kind", "company")
    search_fields = ("=number", "serial", "goods")
    search_help_text = _("Request number, serial number or goods")
    ordering = ("requested_at", "pk")
    fieldsets = ()
    change_form_before_template = "orders/admin/service.html"
    show_facets = admin.ShowFacets.NEVER
    personal = PersonalData(fields=("customer", "goods", "serial", "remark"), subject=lambda row: f"customer:{row.customer.public_id}")
    empty_words = _("Nothing is to be done here. Take a repair, collection or purchase with the button on the page of a customer.")
    verbs: tuple[Verb, ...] = VERBS

    class Media:
        css = {"all": ("orders/desk.css",)}

    kind_label = status_column("kind", description=_("kind"), tones=KIND_TONES)
    status_label = status_column("status", description=_("status"), tones=TONES)
    shown_amount = money_column("amount", description=_("estimate"))

    @display(description=_("customer"))
    def customer_name(self, row: ServiceRequest) -> str:
        return str(row.customer)

    def get_urls(self) -> list[URLPattern]:
        return [
            path("<int:key>/photos/", self.admin_site.admin_view(self.photos_view), name="orders_servicerequest_photos"),
            path("take/", self.admin_site.admin_view(self.take_view), name="orders_servicerequest_take"),
            *super().get_urls(),
        ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The page is read from its template; verbs change the request."""
        return ()

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, object_id)
        account: Any = request.user
        words = service_words(row, may_add=account.has_perm("orders.work_service")) if row is not None else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **words})

    def photos_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Photos are added."""
        row = self.get_object(request, str(key))
        if row is None:
            raise Http404
        back = reverse("admin:orders_servicerequest_change", args=[row.pk])
        return photos_added(request, PhotoOf(service_id=row.pk), permission="orders.work_service", back=back)

    def take_view(self, request: HttpRequest) -> HttpResponse:
        """The form for a customer who calls: one call of one operation, which may be sent twice."""
        account: Any = request.user
        if not account.has_perm("orders.work_service"):
            raise PermissionDenied
        customer = _customer(request)
        lines = [(str(line.ref), f"{line.name} ({line.order_number})") for line in own_lines(list(group_of(customer.customer_id)))]
        form = TakeForm(request.POST or None, lines=lines, initial={"key": new_id().hex})
        if request.method == "POST" and form.is_valid():
            result = _take(form, customer, request)
            if not isinstance(result, Refusal):
                messages.success(request, gettext("Request %(number)s is taken.") % {"number": result.number})
                return HttpResponseRedirect(reverse("admin:orders_servicerequest_change", args=[result.request_id]))
            name = result.field.strip("/")
            form.add_error(name if name in form.fields else None, result.text(gettext))
        words = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Take a repair, collection or purchase"),
            "customer": customer,
            "form": form,
            "back": reverse("admin:customers_customer_change", args=[customer.customer_id]),
        }
        return TemplateResponse(request, "orders/admin/service_take.html", words)


def _customer(request: HttpRequest) -> CustomerRow:
    """The customer that the address names, of a company this member of staff works for."""
    said = request.GET.get("customer", "")
    found = customer_rows([int(said)]) if said.isascii() and said.isdigit() and len(said) < 19 else []
    if not found or found[0].company_id != (company_of(request) or found[0].company_id):
        raise Http404
    record_personal_read(
        [f"customer:{found[0].public_id}"], actor=actor_of(request), screen=f"admin {request.path}"[:200], fields=("name", "orders")
    )
    return found[0]


def _take(form: TakeForm, customer: CustomerRow, request: HttpRequest) -> Any:
    said = form.cleaned_data
    texts = {name: said[name] for name in ("goods", "maker", "model", "serial", "bought_from", "bought_on", "remark")}
    ask = ServiceAsk(
        company_id=customer.company_id,
        customer_id=customer.customer_id,
        kind=ServiceKind(said["kind"]),
        line_ref=next((line.ref for line in own_lines(list(group_of(customer.customer_id))) if str(line.ref) == said["line"]), None),
        once_key=f"desk:{said['key']}",
        **texts,
    )
    try:
        (result,) = request_services([ask], actor=actor_of(request), at=clock.now())
    except HouseError as error:
        return error.refusal
    return result


def service_words(row: ServiceRequest, *, may_add: bool) -> dict[str, Any]:
    """What the page of a request shows."""
    service = service_view(row.pk)
    assert service is not None
    kind, status = ServiceKind(service.kind), ServiceStatus(service.status)
    bearers = PostageBearer.labels()
    return {
        "service": service,
        "photos": photos_of(service_ids=[row.pk]).get(("service", row.pk), []),
        "photo_action": reverse("admin:orders_servicerequest_photos", args=[row.pk]) if may_add and status in OPEN_SERVICES else "",
        "customer": row.customer,
        "kind": gettext(ServiceKind.labels()[kind]),
        "kind_tone": KIND_TONES[kind],
        "status_words": gettext(ServiceStatus.labels()[status]),
        "status_tone": TONES.get(status, ""),
        "in_by": gettext(bearers[PostageBearer(service.postage_in_by)]),
        "out_by": gettext(bearers[PostageBearer(service.postage_out_by)]),
        "payout": gettext(PayoutWay.labels()[PayoutWay(service.payout_way)]) if service.payout_way else "",
        "steps": service_steps(service),
    }


def service_steps(service: ServiceView) -> list[tuple[str, Any]]:
    """What happened to the request, in order, as far as it has come."""
    steps = [
        (gettext("Requested"), service.requested_at),
        (gettext("Request accepted"), service.accepted_at),
        (gettext("Goods received"), service.received_at),
        (gettext("Estimated"), service.estimated_at),
        (gettext("The customer decided"), service.decided_at),
        (gettext(ServiceStatus.labels()[ServiceStatus(service.status)]), service.ended_at),
        (gettext("Price paid out"), service.paid_out_at),
    ]
    return sorted(((word, at) for word, at in steps if at is not None), key=lambda step: step[1])
