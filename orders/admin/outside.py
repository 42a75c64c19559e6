"""Outside shops at the staff counter: what their words mean, how their files name columns, and what they were told."""

from typing import Any
from urllib.parse import quote

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from billing.rules import PaymentMethod
from core import clock
from core.admin_site import HouseAdmin, HouseInline, LedgerAdmin, Verb, actor_of, status_column
from core.ids import public
from orders.admin.intake import WORKS, shops_of
from orders.models import IntakeMap, NoticeFile, OutsideArticle, OutsideCode, OutsideNotice, OutsideShop
from orders.operations import fetch_soon, save_intake_map, tell_again, write_notice_files
from orders.queries import intake_map, intake_sources, shops
from orders.rules import FIELDS, OUT_FIELDS, CodeKind, NoticeState, Standing, columns_of, text_of_columns

NOTICE_TONES = {NoticeState.DUE: "info", NoticeState.SENT: "success", NoticeState.FAILED: "danger"}


class ShopForm(forms.ModelForm):  # type: ignore[type-arg]
    """A shop of a counter that can be read."""

    adapter = forms.ChoiceField(label=_("counter"), widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "adapter" in self.fields:
            field: Any = self.fields["adapter"]
            field.choices = [(code, gettext(source.label)) for code, source in intake_sources().items()]

    def clean(self) -> dict[str, Any]:
        """Its channel is the company's own."""
        given: dict[str, Any] = super().clean() or {}
        channel, company = given.get("channel"), given.get("company")
        if channel is not None and company is not None and channel.company_id != company.pk:
            self.add_error("channel", gettext("This sales channel is another company’s."))
        source = intake_sources().get(given.get("adapter") or self.instance.adapter)
        if given.get("fetch_minutes") and source is not None and not source.fetches:
            words = gettext("%(counter)s has no interface that we could ask. Leave this empty; its orders come by file or by our API.")
            self.add_error("fetch_minutes", words % {"counter": gettext(source.label)})
        return given


class CodeForm(forms.ModelForm):  # type: ignore[type-arg]
    """A word of the counter, and one of ours that there is."""

    def clean(self) -> dict[str, Any]:
        """Statuses and ways to pay are named as the house names them."""
        given: dict[str, Any] = super().clean() or {}
        known: dict[str, list[str]] = {CodeKind.STATUS: list(Standing), CodeKind.PAYMENT: list(PaymentMethod)}
        there_are = known.get(given.get("kind", ""))
        if there_are and given.get("ours", "") not in there_are:
            self.add_error("ours", gettext("Write one of these: %(words)s") % {"words": ", ".join(there_are)})
        return given


class CodeInline(HouseInline):
    """What the shop's words mean."""

    model = OutsideCode
    form = CodeForm
    fields = ("kind", "theirs", "ours")
    editable_fields = ("kind",)
    extra = 1


class ArticleInline(HouseInline):
    """Which variants its product codes mean."""

    model = OutsideArticle
    fields = ("code", "variant")
    autocomplete_fields = ("variant",)
    extra = 1


@admin.register(OutsideShop)
class OutsideShopAdmin(HouseAdmin):
    """The company's shops at outside counters."""

    company_path = "company"
    form = ShopForm
    list_display = ("name", "code", "adapter_name", "channel", "fetched", "tells_by", "company", "ended_at")
    list_select_related = ("channel", "company", "fetch")
    list_filter = ("company",)
    ordering = ("company", "pk")
    editable_fields = ("default_payment", "tells_by", "fetch_minutes")
    inlines = (CodeInline, ArticleInline)
    readonly_fields = ("webhook", "fetched")
    fields = (
        ("company", "channel"), ("name", "code"), ("adapter", "default_payment"), ("tells_by", "mails_buyers"), "secret_name",
        ("fetch_minutes", "fetched"), "webhook", "ended_at",
    )  # fmt: skip
    verbs = (
        Verb(
            name="tell", label=_("Write what is to be told"), permission=WORKS, form=None, icon="outbox",
            run=lambda call: write_notice_files(call.ids, actor=call.actor, at=call.at),
            explanation=_("Parcels that left and have a tracking number stand in a file for the counter, each once."),
        ),
        Verb(
            name="fetch", label=_("Fetch orders now"), permission=WORKS, form=None, icon="cloud_download",
            run=lambda call: fetch_soon(call.ids, actor=call.actor, at=call.at),
            explanation=_("Its counter is asked within half a minute, whatever went wrong before."),
        ),
    )  # fmt: skip
    empty_words = _("No outside shop yet. Add one: its orders come into a sales channel of their own.")

    @display(description=_("counter"), ordering="adapter")
    def adapter_name(self, row: OutsideShop) -> str:
        known = intake_sources().get(row.adapter)
        return gettext(known.label) if known else row.adapter

    @display(description=_("orders fetched"))
    def fetched(self, row: OutsideShop) -> str:
        """Until when, or what keeps it from being fetched."""
        if row.pk is None or row.fetch_minutes is None:
            return "–"
        known = getattr(row, "fetch", None)
        if known is None or known.at is None:
            return gettext("not yet")
        until = date_format(timezone.localtime(known.fetched_until_at), "SHORT_DATETIME_FORMAT") if known.fetched_until_at else "–"
        if known.answer:
            said = {"until": until, "answer": known.answer, "tries": known.tries}
            return gettext("until %(until)s; broke off %(tries)s times: %(answer)s") % said
        return gettext("until %(until)s (%(count)s new)") % {"until": until, "count": known.order_count}

    @display(description=_("address for webhooks"))
    def webhook(self, row: OutsideShop) -> str:
        if row.pk is None or row.adapter != "shopify":
            return "–"
        return reverse("shopify-webhook", args=[public("osh", row.public_id)])


class MapForm(forms.ModelForm):  # type: ignore[type-arg]
    """The columns, a line each."""

    class Meta:
        model = IntakeMap
        fields = ("shop", "outgoing", "columns")
        widgets = {"columns": UnfoldAdminTextareaWidget(attrs={"rows": 24, "spellcheck": "false"})}

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        found = columns_of(given.get("columns") or "", outgoing=bool(given.get("outgoing")))
        for fault in found if isinstance(found, list) else ():
            self.add_error("columns", fault.text(gettext))
        return given


@admin.register(IntakeMap)
class IntakeMapAdmin(HouseAdmin):
    """Column maps in versions: what is saved is the next version, what was in force stays readable."""

    company_path = "shop__company"
    form = MapForm
    list_display = ("shop", "outgoing", "version", "at", "by")
    list_select_related = ("shop",)
    list_filter = (("shop", admin.RelatedOnlyFieldListFilter), "outgoing")
    ordering = ("shop", "outgoing", "-version")
    fields = ("shop", "outgoing", "columns", "known_fields")
    readonly_fields = ("known_fields",)
    empty_words = _("Nobody has written a map: every shop's files have the columns its counter usually writes.")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The columns that hold now, of the shop that the address names, or of the only one there is."""
        given: dict[str, Any] = dict(super().get_changeform_initial_data(request))
        own = shops_of(request).order_by("pk")
        wanted = str(given.get("shop") or "")
        shop = own.filter(pk=wanted).first() if wanted.isascii() and wanted.isdigit() and len(wanted) < 18 else own.first()
        if shop is not None:
            outgoing = given.get("outgoing") in ("1", "True", "true")
            found = intake_map(shops([shop.pk])[shop.pk], outgoing=outgoing)
            given |= {"shop": shop.pk, "outgoing": outgoing, "columns": text_of_columns(found.columns)}
        return given

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and db_field.name == "shop":
            field.queryset = shops_of(request)
        return field

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The operation gives the version; the row that the page goes on with is the one it wrote."""
        answer = save_intake_map(obj.columns, shop_id=obj.shop_id, outgoing=obj.outgoing, actor=actor_of(request), at=clock.now())
        if not isinstance(answer, list):
            obj.pk = IntakeMap.objects.values_list("pk", flat=True).get(shop_id=obj.shop_id, outgoing=obj.outgoing, version=answer)
            obj.version = answer

    @display(description=_("by"))
    def by(self, row: IntakeMap) -> str:
        return row.actor_label or row.actor_kind

    @display(description=_("fields there are"))
    def known_fields(self, row: IntakeMap) -> str:
        return ", ".join(f"{code} ({gettext(words)})" for code, words in {**FIELDS, **OUT_FIELDS}.items())


@admin.register(OutsideNotice)
class OutsideNoticeAdmin(LedgerAdmin):
    """What counters are told of parcels, the newest first."""

    company_path = "company"
    list_display = ("intake_order", "shop", "shipment", "way", "state_label", "tries", "answer", "sent_at")
    list_select_related = ("intake_order", "shop", "shipment")
    list_filter = ("state", "way", ("shop", admin.RelatedOnlyFieldListFilter))
    search_fields = ("=intake_order__outside_number", "=shipment__number")
    search_help_text = _("Outside number or shipment number")
    ordering = ("-pk",)
    fields = (("intake_order", "shop"), "shipment", "file", ("way", "state", "tries"), "answer", ("due_at", "sent_at"))
    empty_words = _("No parcel of an outside order has left yet.")
    state_label = status_column("state", description=_("state"), tones=NOTICE_TONES)
    verbs = (
        Verb(
            name="again", label=_("Tell again"), permission=WORKS, form=None, icon="refresh", variant="primary",
            run=lambda call: tell_again(call.ids, actor=call.actor, at=call.at), offered=lambda row: row.state == NoticeState.FAILED,
        ),
    )  # fmt: skip


@admin.register(NoticeFile)
class NoticeFileAdmin(LedgerAdmin):
    """Files with which counters are told, the newest first."""

    company_path = "company"
    list_display = ("name", "shop", "row_count", "at", "handed_over_at")
    list_select_related = ("shop",)
    list_filter = (("shop", admin.RelatedOnlyFieldListFilter),)
    ordering = ("-pk",)
    fields = ("name", "shop", "row_count", "at", "handed_over_at")
    actions_detail = ("go_content",)
    empty_words = _("No file yet. The list of outside shops writes what waits to be told.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("content")

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.content_view)
        return [path("<int:key>/content/", page, name="orders_noticefile_content"), *super().get_urls()]

    @action(description=_("Download"), url_path="go-content", icon="download")  # type: ignore[untyped-decorator]
    def go_content(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:orders_noticefile_content", args=[object_id]))

    def content_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """The file byte for byte; it names no person."""
        row = self.get_queryset(request).filter(pk=key).first()
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        if row is None:
            raise Http404
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(row.name)}", "X-Content-Type-Options": "nosniff"}
        return HttpResponse(bytes(row.content), content_type="application/octet-stream", headers=headers)
