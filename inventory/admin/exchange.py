"""Handing files of a warehouse in and out at the staff counter."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core import clock
from core.admin_site import VerbForm, actor_of
from core.errors import HouseError, Refusal
from inventory.admin.sight import of_seen_places
from inventory.models import Location
from inventory.operations import FileGiven, FileTaken, give_file, take_file
from inventory.queries import file_kinds, locations_of_staff
from inventory.rules import FilePlace, FileStatus

EXCHANGE = "inventory.exchange_files"
FIELDS = {"/location": "location", "/kind": "kind"}


def may_exchange(request: HttpRequest) -> bool:
    """Whether somebody hands files in and out."""
    account: Any = request.user
    return bool(account.has_perm(EXCHANGE))


def own_places(request: HttpRequest) -> Any:
    """The warehouses and stores that this member of staff acts for."""
    account: Any = request.user
    places = Location.objects.filter(ended_at=None, kind__in=("warehouse", "store")).order_by("company", "priority", "pk")
    if account.company_id:
        places = places.filter(company_id=account.company_id)
    return of_seen_places(places, request, path="pk")


class PlaceForm(VerbForm):
    """Which warehouse, and which kind of file."""

    location = forms.ModelChoiceField(Location.objects.none(), label=_("location"))
    kind = forms.ChoiceField(label=_("kind of file"))

    def __init__(self, *args: Any, request: HttpRequest, way: str, **kwargs: Any) -> None:
        super().__init__(*args, prefix=way, **kwargs)
        where: Any = self.fields["location"]
        where.queryset = own_places(request)
        account: Any = request.user
        if own := locations_of_staff(account.pk):
            where.initial = min(own)
        elif len(only := where.queryset[:2]) == 1:
            where.initial = only[0].pk
        kind: Any = self.fields["kind"]
        kind.choices = [(one.code, gettext(one.label)) for one in file_kinds() if (one.comes if way == "take" else one.goes)]


class TakeForm(PlaceForm):
    """The file that came."""

    file = forms.FileField(label=_("file (CSV)"), help_text=_("UTF-8 or Shift_JIS, up to 20 MB. The same file twice changes nothing."))


def exchange_page(request: HttpRequest, *, counter: Any) -> HttpResponse:
    """What came is handed in, what is to go out is made; then the page of the file says what came of each row."""
    way = request.POST.get("do", "")
    taking = TakeForm(*((request.POST, request.FILES) if way == "take" else ()), request=request, way="take")
    giving = PlaceForm(*((request.POST,) if way == "give" else ()), request=request, way="give")
    form: PlaceForm = giving if way == "give" else taking
    if request.method == "POST" and form.is_valid():
        answer = _exchanged(request, form.cleaned_data)
        if not isinstance(answer, Refusal):
            _say(request, answer)
            return HttpResponseRedirect(reverse("admin:inventory_exchangefile_change", args=[answer.file_id]))
        form.add_error(FIELDS.get(answer.field, "file" if way == "take" else None), answer.text(gettext))
    words = {
        **counter.admin_site.each_context(request),
        "opts": counter.opts,
        "title": _("Exchange files with a warehouse"),
        "taking": taking,
        "giving": giving,
        "kinds": file_kinds(),
        "back": reverse("admin:inventory_exchangefile_changelist"),
        "maps": reverse("admin:inventory_columnmap_in_force"),
    }
    return TemplateResponse(request, "inventory/admin/exchange.html", words)


def _exchanged(request: HttpRequest, said: dict[str, Any]) -> FileTaken | FileGiven | Refusal:
    place = FilePlace(company_id=said["location"].company_id, location_id=said["location"].pk)
    actor, at = actor_of(request), clock.now()
    try:
        if "file" in said:
            return take_file(said["kind"], said["file"].read(), name=said["file"].name, place=place, actor=actor, at=at)
        return give_file(said["kind"], place=place, actor=actor, at=at)
    except HouseError as error:
        return error.refusal


def _say(request: HttpRequest, answer: FileTaken | FileGiven) -> None:
    if isinstance(answer, FileGiven):
        words = ngettext("%(rows)s row goes out. Download the file below.", "%(rows)s rows go out. Download the file below.", answer.rows)
        messages.success(request, words % {"rows": f"{answer.rows:,d}"})
        if answer.replaced:
            messages.warning(request, gettext("Some signs could not be written as they are: they are listed below."))
        return
    if answer.unread:
        messages.error(request, answer.unread.text(gettext))
        return
    words = gettext("Taken in: %(done)s, known already: %(repeated)s, differing: %(differing)s, refused: %(refused)s.")
    counts = {"done": answer.done, "repeated": answer.repeated, "differing": answer.differing, "refused": answer.refused}
    level = messages.SUCCESS if answer.status is FileStatus.DONE and not answer.differing else messages.WARNING
    messages.add_message(request, messages.ERROR if answer.status is FileStatus.FAILED else level, words % counts)
