"""Counting at the shelf: the scanner's screen, usable by keyboard, scanner or thumb alone; and the count sheet, out and in."""

from dataclasses import dataclass
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
from inventory.queries import LotToCount, count_sheet, latest_counts, lots_to_count, stocktake_sums
from inventory.rules import (
    Counted,
    CountEntry,
    CountKind,
    CountMode,
    StocktakeStatus,
    count_refusal,
    counted_quantity,
    day_read,
    label_read,
    lot_label_read,
    read_date,
    typed_code,
)

UNDO = "UNDO"
"""A label with this word beside the scanner takes back the last scan."""
MOST_CHARACTERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the screen asks before an entry counts: the lot that stands on the goods, or the day a lot expires that nobody knew."""

    what: str
    code: str
    quantity: str
    lot: str
    item: str
    name: str
    lots: tuple[LotToCount, ...]


def count_page(request: HttpRequest, take: Stocktake, *, counter: Any) -> HttpResponse:
    """The screen; each entry is answered with the item and its count, in JSON for the script, as a page without it."""
    asked = None
    if request.method == "POST":
        for_script = "application/json" in request.headers.get("Accept", "")
        try:
            answer = _entered(request, take)
        except Conflict as error:
            # Nothing is wrong with the entry: the script sends it again under the same key.
            if for_script:
                return JsonResponse(_told(error.refusal, take, None), status=503)
            answer = error.refusal
        asked = _asks(answer, request, take)
        if for_script:
            return JsonResponse(_told(answer, take, asked))
        if isinstance(answer, Refusal):
            messages.error(request, answer.text(gettext))
        else:
            messages.success(request, f"{answer.item} {answer.name}{f' {answer.lot}' if answer.lot else ''}: {answer.quantity:,d}")
        if asked is None:
            return HttpResponseRedirect(request.get_full_path())
    if take.status != StocktakeStatus.COUNTING:
        messages.error(request, gettext("This stocktake is not being counted now."))
        return HttpResponseRedirect(reverse("admin:inventory_stocktake_change", args=[take.pk]))
    words = {
        **counter.admin_site.each_context(request),
        "opts": counter.opts,
        "title": f"{take.number} {take.location.name}",
        "take": take,
        "asked": asked,
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
        lot, day = (request.POST.get(name, "")[:MOST_CHARACTERS] for name in ("lot", "expires_on"))
        entry = entry_of(typed, request.POST.get("quantity", ""), once, lot=lot, day=day)
        return entry if isinstance(entry, Refusal) else record_counts(take.pk, [entry], actor=actor, at=at)[0]
    except Conflict:
        raise
    except HouseError as error:
        return error.refusal


def entry_of(typed: str, quantity: str, once: str, *, lot: str = "", day: str = "") -> CountEntry | Refusal:
    """What a scan or a line typed by hand means: "12*4901…" counts twelve, and so does 12 in the box beside it.

    A GS1 barcode tells its lot itself, be it read for the goods or for their lot.
    """
    if label_read(lot):
        typed, lot = lot, ""
    times, code = ("", typed) if label_read(typed) else _times(typed_code(typed))
    pieces = counted_quantity(times or quantity or "1")
    if isinstance(pieces, Refusal):
        return pieces
    label = lot_label_read(lot)
    expires_on = (day_read(day) or read_date(day)) if day.strip() else label.expires_on if label else None
    if isinstance(expires_on, Refusal):
        return expires_on.at("expires_on")
    kind = CountKind.SCAN if pieces == 1 else CountKind.TYPED
    return count_refusal(pieces) or CountEntry(
        code=code, quantity=pieces, once_key=once, kind=kind, lot_number=label.lot_number if label else lot, expires_on=expires_on
    )


def _times(text: str) -> tuple[str, str]:
    before, star, code = text.partition("*")
    return (before or "?", code) if star else ("", text)


def _asks(answer: Counted | Refusal, request: HttpRequest, take: Stocktake) -> Asked | None:
    """What must be told before this entry counts; nothing where it counts, or cannot."""
    if not isinstance(answer, Refusal):
        return None
    field = answer.field.rpartition("/")[2]
    is_new = answer.code == "inventory.bad_date" or (answer.code == "inventory.unknown_lot" and field == "expires_on")
    what = "lot" if answer.code == "inventory.lot_missing" else "expires_on" if is_new else ""
    if not what:
        return None
    said = {name: request.POST.get(name, "")[:MOST_CHARACTERS] for name in ("code", "quantity", "lot")}
    item = str(answer.params.get("item", ""))
    lots = tuple(lots_to_count(take.pk, item)) if what == "lot" else ()
    return Asked(what=what, item=item, name=str(answer.params.get("name", "")), lots=lots, **said)


def _told(answer: Counted | Refusal, take: Stocktake, asked: Asked | None) -> dict[str, Any]:
    if isinstance(answer, Refusal):
        told: dict[str, Any] = {"ok": False, "code": answer.code, "message": answer.text(gettext)}
        if asked:
            lots = [{"number": lot.number, "expires_on": lot.expires_on, "counted": lot.counted} for lot in asked.lots]
            told |= {"asks": asked.what, "item": asked.item, "name": asked.name, "lots": lots}
        return told
    sums = stocktake_sums(take.pk)
    return {
        "ok": True,
        "item": answer.item,
        "name": answer.name,
        "lot": answer.lot,
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
