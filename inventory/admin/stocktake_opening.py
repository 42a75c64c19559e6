"""The form that begins a stocktake."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import clock
from core.admin_site import VerbForm, actor_of
from core.errors import Refusal
from inventory.admin.sight import of_seen_places
from inventory.models import Location
from inventory.operations import open_stocktake
from inventory.queries import category_choices, locations_of_staff
from inventory.rules import StocktakeAsk, StocktakeScope

PLACE = {"/location": "location", "/codes": "codes", "/zone": "zone"}


class OpenForm(VerbForm):
    """Where, what of it, and how."""

    location = forms.ModelChoiceField(Location.objects.none(), label=_("location"))
    name = forms.CharField(label=_("name"), max_length=120, required=False, help_text=_("“Stocktake of March”, so that people find it."))
    scope = forms.ChoiceField(
        label=_("what is counted"), choices=[(value.value, _(StocktakeScope.labels()[value])) for value in StocktakeScope]
    )
    category = forms.ChoiceField(label=_("category"), required=False, help_text=_("With its subcategories."))
    zone = forms.CharField(label=_("zone"), max_length=40, required=False, help_text=_("“A-” counts every shelf mark that begins so."))
    codes = forms.CharField(
        label=_("items"), widget=forms.Textarea, required=False, help_text=_("Codes or SKUs, one a line or with commas between them.")
    )
    is_blind = forms.BooleanField(label=_("blind count"), required=False, help_text=_("Whoever counts does not see what the books say."))

    counts_lots = forms.BooleanField(
        label=_("count lots"), required=False, initial=True,
        help_text=_("Of goods tracked by lot every lot is counted. Without it a shelf is counted as a whole, and what is missing is taken from the lots that expire first."),
    )  # fmt: skip

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        account: Any = request.user
        places = Location.objects.filter(ended_at=None).order_by("company", "priority", "pk")
        if account.company_id:
            places = places.filter(company_id=account.company_id)
        places = of_seen_places(places, request, path="pk")
        where: Any = self.fields["location"]
        where.queryset = places
        if "location" not in self.initial and (own := locations_of_staff(account.pk)):
            where.initial = min(own)
        category: Any = self.fields["category"]
        category.choices = [("", "—"), *((str(key), name) for key, name in category_choices(account.company_id))]

    def clean(self) -> dict[str, Any]:
        """The part that was chosen needs its own field."""
        said = super().clean() or {}
        needed = {"category": "category", "zone": "zone", "list": "codes"}.get(said.get("scope", ""))
        if needed and not said.get(needed):
            self.add_error(needed, _("Say which part is counted."))
        return said


def open_page(request: HttpRequest, *, counter: Any) -> HttpResponse:
    """The form; then the stocktake's own page."""
    asked = {name: request.GET[name] for name in ("location", "scope", "codes") if name in request.GET}
    form = OpenForm(request.POST or None, request=request, initial=asked)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        ask = StocktakeAsk(
            location_id=said["location"].pk,
            name=said["name"],
            scope=StocktakeScope(said["scope"]),
            category_id=int(said["category"]) if said["category"] else None,
            zone=said["zone"],
            codes=tuple(said["codes"].replace(",", "\n").replace("、", "\n").split("\n")),
            is_blind=said["is_blind"],
            counts_lots=said["counts_lots"],
        )
        answer = open_stocktake(ask, company_id=said["location"].company_id, actor=actor_of(request), at=clock.now())
        if not isinstance(answer, Refusal):
            messages.success(
                request, gettext("%(number)s: %(lines)s items are to be counted.") % {"number": answer.number, "lines": answer.items}
            )
            return HttpResponseRedirect(reverse("admin:inventory_stocktake_change", args=[answer.stocktake_id]))
        form.add_error(PLACE.get(answer.field), answer.text(gettext))
    words = {
        **counter.admin_site.each_context(request),
        "opts": counter.opts,
        "title": _("Begin a stocktake"),
        "form": form,
        "icon": "add_task",
        "button": _("Note the books and begin"),
        "explanation": _("The books are noted as of this moment. Selling, shipping and receiving go on while people count."),
        "back": reverse("admin:inventory_stocktake_changelist"),
    }
    return TemplateResponse(request, "inventory/admin/form.html", words)
