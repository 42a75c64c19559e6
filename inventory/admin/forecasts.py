"""Forecasts with their charts, what should be ordered and why, and the drafts that come of it in one click."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from core import clock
from core.admin_site import HouseAdmin, LedgerAdmin, actor_of
from core.errors import Refusal
from core.queries import CompanyContext, companies
from inventory.admin.chart import drawn
from inventory.admin.figures import STYLE, figure, of_items
from inventory.admin.sight import of_seen_places, seen_places
from inventory.admin.staff_places import sees_costs, works_at
from inventory.models import Forecast, ReplenishmentPolicy, Stock
from inventory.operations import Chosen, draft_proposals, plan_proposed_transfers
from inventory.ports import FORECAST_LIBRARY
from inventory.queries import OrderProposal, TransferProposal, demand_histories, order_proposals, transfer_proposals
from inventory.rules.forecasting import MILLI

MAY_DRAFT = "inventory.send_purchaseorder"
MAY_MOVE = "inventory.send_stocktransfer"
SHOWN = 300


@admin.register(Forecast)
class ForecastAdmin(LedgerAdmin):
    """What will leave each shelf, and how wrong that was lately."""

    list_display = ("stock_item", "location", "shown_month", "method", "shown_error", "history_days", "made_at")
    list_select_related = ("stock_item", "location")
    list_filter = ("location", "method")
    ordering = ("-month_quantity", "stock")
    search_fields = ("stock_item__code",)
    search_help_text = _("Code or name of the item, or a SKU that is made of it.")
    fields = (("stock_item", "location"), ("method", "history_days"), ("shown_month", "shown_error"), "chart", "made_at")
    readonly_fields = ("shown_month", "shown_error", "chart")
    empty_words = _("Nothing is forecast yet: it is made every night for what was shipped in the last three months.")
    actions_list = ("open_proposals",)

    class Media:
        css = {"all": STYLE}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Forecast]:
        return of_seen_places(super().get_queryset(request), request)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Forecast], search_term: str) -> tuple[QuerySet[Forecast], bool]:
        return of_items(queryset, search_term), False

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.proposals_view)
        return [path("proposals/", page, name="inventory_forecast_proposals"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not any(library.is_installed() for library in FORECAST_LIBRARY.all()):
            messages.info(request, _LACKING)
        return super().changelist_view(request, extra_context)

    @action(description=_("What to order"), url_path="open-proposals", icon="shopping_cart")  # type: ignore[untyped-decorator]
    def open_proposals(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:inventory_forecast_proposals"))

    @display(description=_("expected in 28 days"), ordering="month_quantity")
    def shown_month(self, row: Forecast) -> SafeString:
        return figure(row.month_quantity)

    @display(description=_("error (as last week)"))
    def shown_error(self, row: Forecast) -> str:
        return error_words(row.error_bp, row.naive_error_bp)

    @display(description=_("chart"))
    def chart(self, row: Forecast) -> str:
        found = demand_histories([row.stock_id], today=row.first_on)
        pieces = {name: [value / MILLI for value in getattr(row, name)] for name in ("means", "lows", "highs", "planned")}
        chart = drawn(found[0].counts if found else [], **pieces, first_on=row.first_on)
        return render_to_string("inventory/admin/forecast_chart.html", {"chart": chart, "row": row})

    def proposals_view(self, request: HttpRequest) -> HttpResponse:
        """What should be ordered today; the chosen lines become drafts."""
        account: Any = request.user
        if not self.has_view_permission(request):
            raise PermissionDenied
        own = getattr(account, "company_id", None)
        theirs = [company for company in companies() if own in (None, company.id)]
        company = next((c for c in theirs if str(c.id) == request.GET.get("company")), theirs[0] if theirs else None)
        may_draft = account.has_perm(MAY_DRAFT)
        may_move = account.has_perm(MAY_MOVE)
        if request.method == "POST" and company is not None:
            if "move" in request.POST:
                return self._move(request, company)
            if not may_draft:
                raise PermissionDenied
            return self._draft(request, company)
        seen = seen_places(request)
        found = order_proposals(company.id, today=company.business_date(clock.now())) if company else []
        found = [proposal for proposal in found if seen is None or proposal.location_id in seen]
        gifts = transfer_proposals(company.id, today=company.business_date(clock.now()), orders=found) if company else {}
        words = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("What to order"),
            "company": company,
            "companies": theirs,
            "lines": [_shown(proposal, gifts.get(proposal.stock_id), request=request if may_move else None) for proposal in found[:SHOWN]],
            "more": max(len(found) - SHOWN, 0),
            "cost": sum(proposal.cost for proposal in found),
            "may_draft": may_draft,
            "sees_costs": sees_costs(request),
        }
        return TemplateResponse(request, "inventory/admin/proposals.html", words)

    def _move(self, request: HttpRequest, company: CompanyContext) -> HttpResponse:
        """What another place can spare is planned to go; the way leads to the transfer."""
        account: Any = request.user
        typed = request.POST.get("move", "")
        stock_id = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 19 else 0
        at = clock.now()
        spared = transfer_proposals(company.id, today=company.business_date(at)).get(stock_id)
        if not account.has_perm(MAY_MOVE) or (
            spared and not (works_at(request, spared.gift.source.location_id) and works_at(request, spared.order.location_id))
        ):
            raise PermissionDenied
        results = plan_proposed_transfers([stock_id], company_id=company.id, actor=actor_of(request), at=at)
        for result in results:
            if isinstance(result, Refusal):
                messages.error(request, result.text(gettext))
            else:
                words = gettext("%(number)s is planned. Send it off when the goods leave.")
                messages.success(request, words % {"number": result.number})
                return HttpResponseRedirect(reverse("admin:inventory_stocktransfer_change", args=[result.transfer_id]))
        if not results:
            messages.info(request, gettext("Nothing can be spared for this line any more; nothing was planned."))
        return HttpResponseRedirect(f"{reverse('admin:inventory_forecast_proposals')}?company={company.id}")

    def _draft(self, request: HttpRequest, company: CompanyContext) -> HttpResponse:
        back = HttpResponseRedirect(f"{reverse('admin:inventory_forecast_proposals')}?company={company.id}")
        ids = [text for text in request.POST.getlist("stock") if text.isascii() and text.isdecimal() and len(text) < 19]
        own = set(of_seen_places(Stock.objects.filter(pk__in=ids), request).values_list("pk", flat=True))
        ids = [text for text in ids if int(text) in own]
        if not ids:
            messages.warning(request, gettext("Choose at least one line."))
            return back
        results = draft_proposals(
            [Chosen(stock_id=int(text)) for text in ids], company_id=company.id, actor=actor_of(request), at=clock.now()
        )
        made = [result for result in results if not isinstance(result, Refusal)]
        for result in results:
            if isinstance(result, Refusal):
                messages.error(request, result.text(gettext))
        if made:
            words = ngettext(
                "%(count)d purchase order is drafted: %(numbers)s", "%(count)d purchase orders are drafted: %(numbers)s", len(made)
            )
            messages.success(request, words % {"count": len(made), "numbers": ", ".join(result.number for result in made)})
        elif not results:
            messages.info(request, gettext("These lines are not missing any more; nothing was drafted."))
        return back


_LACKING = _(
    "Forecasts are made by plain averages: the forecasting library is not installed. For seasonal and intermittent methods: "
    "pip install -r requirements/forecast.txt on the machine of the workers."
)


def error_words(error_bp: int | None, naive_error_bp: int | None) -> str:
    """How wrong the method was on the weeks held back, beside the naive one."""
    if error_bp is None or naive_error_bp is None:
        return gettext("too short to tell")
    return f"{error_bp / 100:.0f}% ({naive_error_bp / 100:.0f}%)"


def _shown(proposal: OrderProposal, spared: TransferProposal | None, *, request: HttpRequest | None) -> dict[str, Any]:
    """A line; whoever may plan transfers from the place that can spare goods does so with the line's button."""
    return {
        "gift": spared.gift if spared else None,
        "gift_words": [gettext(sentence) % told for sentence, told in spared.gift.words()] if spared else [],
        "may_move": spared is not None and request is not None and works_at(request, spared.gift.source.location_id),
        "of": proposal,
        "words": [gettext(sentence) % told for sentence, told in proposal.why.words()],
        "error": error_words(proposal.error_bp, proposal.naive_error_bp),
        "link": reverse("admin:inventory_forecast_change", args=[proposal.stock_id]),
    }


@admin.register(ReplenishmentPolicy)
class ReplenishmentPolicyAdmin(HouseAdmin):
    """How often a company orders, and how sure it wants to be."""

    list_display = ("company", "shown_level", "review_days")
    list_select_related = ("company",)
    ordering = ("company",)
    search_fields = ("company__code",)
    fields = ("company", ("service_level_bp", "review_days"))

    @display(description=_("service level"))
    def shown_level(self, row: ReplenishmentPolicy) -> SafeString:
        return format_html("{}%", f"{row.service_level_bp / 100:g}")
