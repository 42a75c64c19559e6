"""What invoices and credit notes share at the counter: their printed form, and tax per rate."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from billing.admin.looks import of_their_company
from core.admin_site import LedgerAdmin, LedgerInline, PersonalData, shown_money

PERSONAL = PersonalData(fields=("recipient_name",), subject=lambda row: f"customer:{row.customer_id}")


class RateInline(LedgerInline):
    """Tax, once per rate, of the document named by ``owner``."""

    fields = ("tax_class", "rate", "without_tax", "of_tax")
    readonly_fields = fields
    ordering = ("-tax_rate_bp",)
    show_change_link = False
    verbose_name_plural = _("tax per rate")
    owner = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related(self.owner, "tax_class")

    @display(description=_("tax rate"))
    def rate(self, row: Any) -> str:
        return f"{row.tax_rate_bp / 100:g}%"

    @display(description=_("total of the rate, without tax"))
    def without_tax(self, row: Any) -> Any:
        return shown_money(row.taxable, getattr(row, self.owner).currency)

    @display(description=_("tax"))
    def of_tax(self, row: Any) -> Any:
        return shown_money(row.tax, getattr(row, self.owner).currency)


class PaperAdmin(LedgerAdmin):
    """A document that can be printed as its reader gets it."""

    paper_template = ""
    personal = PERSONAL
    list_filter_submit = True
    actions_detail = ("open_paper",)

    class Media:
        css = {"all": ["billing/desk.css"]}

    def paper_of(self, key: int) -> Any:
        """The document as printed, or None."""
        raise NotImplementedError

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return of_their_company(super().get_queryset(request), request)

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_paper"
        return [path("<int:key>/paper/", self.admin_site.admin_view(self.paper_view), name=name), *super().get_urls()]

    @action(description=_("Show as printed"), url_path="open-paper", icon="print")  # type: ignore[untyped-decorator]
    def open_paper(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_paper", args=[object_id]))

    def paper_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """The document in the language it was issued in; looking at it leaves a trace like every showing of personal data."""
        row = self.get_queryset(request).filter(pk=key).first()
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        paper = self.paper_of(key) if row else None
        if row is None or paper is None:
            raise Http404
        self._record_reading([row], request=request)
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[key])
        with translation.override(paper.language):
            return TemplateResponse(request, self.paper_template, {"paper": paper, "back": back, **self._words_of(paper)}).render()

    def _words_of(self, paper: Any) -> dict[str, Any]:
        return {}
