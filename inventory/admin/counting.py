"""Counting at the shelf: the scanner's screen, usable by keyboard, scanner or thumb alone; and the count sheet, out and in."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import clock
from core.admin_site import VerbForm, actor_of
from core.errors import Conflict, HouseError, Refusal
from core.ids import new_id
from inventory.models import Stocktake
from inventory.operations import SheetTaken, record_counts, take_count_sheet, undo_count
from inventory.queries import count_sheet, latest_counts, stocktake_sums
from inventory.rules import Counted, CountEntry, CountKind, CountMode, StocktakeStatus, count_refusal, counted_quantity, typed_code

UNDO = "UNDO"
"""A label with this word beside the scanner takes back the last scan."""
MOST_CHARACTERS = 200


def count_page(request: HttpRequest, take: Stocktake, *, counter: Any) -> HttpResponse:
    """The screen; each entry is answered with the item and its count, in JSON for the script, as a page without it."""
    if request.method == "POST":
        for_script = "application/json" in request.headers.get("Accept", "")
        try:
            answer = _entered(request, take)
        except Conflict as error:
            # Nothing is wrong with the entry: the script sends it again under the same key.
            if for_script:
                return JsonResponse(_told(error.refusal, take), status=503)
            answer = error.refusal
        if for_script:
            return JsonResponse(_told(answer, take))
        if isinstance(answer, Refusal):
            messages.error(request, answer.text(gettext))
        else:
            messages.success(request, f"{answer.item} {answer.name}: {answer.quantity:,d}")
        return HttpResponseRedirect(request.get_full_path())
    if take.status != StocktakeStatus.COUNTING:
        messages.error(request, gettext("This stocktake is not being counted now."))
        return HttpResponseRedirect(reverse("admin:inventory_stocktake_change", args=[take.pk]))
    words = {
        **counter.admin_site.each_context(request),
        "opts": counter.opts,
        "title": f"{take.number} {take.location.name}",
        "take": take,
        "sums": stocktake_sums(take.pk),
        "latest": [{"row": row, "kind": _(CountKind.labels()[CountKind(row.kind)])} for row in latest_counts(take.pk)],
        "once": new_id().hex,
        "back": reverse("admin:inventory_stocktake_change", args=[take.pk]),
    }
    return TemplateResponse(request, "inventory/admin/count.html", words)


def _entered(request: HttpRequest, take: Stocktake) -> Counted | Refusal:
    typed = request.POST.get("code", "")[:MOST_CHARACTERS]
    once, actor, at = f"scan:{request.POST.get('once', '')[:80] or new_id().hex}", actor_of(request), clock.now()
    try:
        if "undo" in request.POST or typed_code(typed).upper() == UNDO:
            return undo_count(take.pk, once_key=once, actor=actor, at=at)
        entry = entry_of(typed, request.POST.get("quantity", ""), once)
        return entry if isinstance(entry, Refusal) else record_counts(take.pk, [entry], actor=actor, at=at)[0]
    except Conflict:
        raise
    except HouseError as error:
        return error.refusal


def entry_of(typed: str, quantity: str, once: str) -> CountEntry | Refusal:
    """What a scan or a line typed by hand means: "12*4901…" counts twelve, and so does 12 in the box beside it."""
    times, star, code = typed_code(typed).rpartition("*")
    pieces = counted_quantity(times if star else quantity or "1")
    if isinstance(pieces, Refusal):
        return pieces
    kind = CountKind.SCAN if pieces == 1 else CountKind.TYPED
    return count_refusal(pieces) or CountEntry(code=code, quantity=pieces, once_key=once, kind=kind)


def _told(answer: Counted | Refusal, take: Stocktake) -> dict[str, Any]:
    if isinstance(answer, Refusal):
        return {"ok": False, "code": answer.code, "message": answer.text(gettext)}
    sums = stocktake_sums(take.pk)
    return {
        "ok": True,
        "item": answer.item,
        "name": answer.name,
        "quantity": answer.quantity,
        "repeated": answer.repeated,
        "counted": sums.counted,
        "lines": sums.lines,
        "pieces": sums.pieces,
    }


class SheetForm(VerbForm):
    """The sheet that was filled in."""

    file = forms.FileField(label=_("filled-in sheet (CSV)"), help_text=_("UTF-8 or Shift_JIS; rows without a count are passed over."))
    mode = forms.ChoiceField(
        label=_("an item that was counted before"), choices=[(value.value, _(CountMode.labels()[value])) for value in CountMode]
    )
    counted_at = forms.ChoiceField(
        label=_("counted"),
        choices=[("now", _("just now")), ("start", _("when the books were noted"))],
        help_text=_("What was sold between the count and this moment does not count as a difference."),
    )


def sheet_page(request: HttpRequest, take: Stocktake, *, counter: Any) -> HttpResponse:
    """Take the sheet out in either encoding, hand the filled-in one in, and read what came of each row."""
    if (encoding := request.GET.get("download", "")) in ("utf-8", "cp932"):
        return _download(take, encoding)
    form = SheetForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        answer = _handed_in(request, take, form.cleaned_data)
        if isinstance(answer, SheetTaken) and not answer.refusals:
            messages.success(request, gettext("%(rows)s rows were counted.") % {"rows": answer.counted})
            return HttpResponseRedirect(reverse("admin:inventory_stocktake_change", args=[take.pk]))
        if isinstance(answer, SheetTaken):
            messages.error(
                request, gettext("%(rows)s rows are wrong, so nothing of this sheet was counted.") % {"rows": len(answer.refusals)}
            )
            return HttpResponseRedirect(reverse("admin:inventory_exchangefile_change", args=[answer.file_id]))
        form.add_error("file", answer.text(gettext))
    words = {
        **counter.admin_site.each_context(request),
        "opts": counter.opts,
        "title": f"{take.number} {_('Count sheet')}",
        "take": take,
        "form": form,
        "replaced": count_sheet(take.pk, encoding="cp932").replaced,
        "back": reverse("admin:inventory_stocktake_change", args=[take.pk]),
    }
    return TemplateResponse(request, "inventory/admin/count_sheet.html", words)


def _handed_in(request: HttpRequest, take: Stocktake, said: dict[str, Any]) -> SheetTaken | Refusal:
    at = clock.now()
    counted_at: datetime = take.started_at if said["counted_at"] == "start" else at
    try:
        return take_count_sheet(
            take.pk, said["file"].read(), name=said["file"].name, mode=CountMode(said["mode"]), counted_at=counted_at,
            actor=actor_of(request), at=at,
        )  # fmt: skip
    except HouseError as error:
        return error.refusal


def _download(take: Stocktake, encoding: str) -> HttpResponse:
    sheet = count_sheet(take.pk, encoding=encoding)
    charset = "utf-8" if encoding == "utf-8" else "Shift_JIS"
    return HttpResponse(
        sheet.content,
        content_type=f"text/csv; charset={charset}",
        headers={"Content-Disposition": f'attachment; filename="{sheet.name}"', "X-Content-Type-Options": "nosniff"},
    )
