"""Receiving by scanner and inspecting: the page of whoever has the parcel in front of them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import clock
from core.admin_site import actor_of
from core.db import rows
from core.errors import HouseError, Refusal
from orders.operations import Found, InspectAsk, ReceiveAsk, inspect_returns, receive_returns
from orders.queries import CaseView, case_view
from orders.rules import MAX_QUANTITY, CaseDone, ReturnCondition

OUTCOMES = (
    ("restocked", _("Sold again")), ("b_grade", _("B-grade")), ("repaired", _("To repair")), ("scrapped", _("Scrapped")), ("declined", _("Declined")),
)  # fmt: skip
# What a scanner may read of a line: its SKU, the JAN code on it, the code of its stock item.
_CODES = """
SELECT rl.position, coalesce(array_agg(DISTINCT told.word) FILTER (WHERE told.word <> ''), '{}') AS codes FROM orders_returnline rl JOIN orders_line l ON l.id = rl.line_id
JOIN catalog_variant v ON v.id = l.variant_id LEFT JOIN inventory_component k ON k.variant_id = v.id
LEFT JOIN inventory_stockitem i ON i.id = k.stock_item_id CROSS JOIN LATERAL unnest(ARRAY[v.sku::text, v.jan::text, i.code::text]) AS told (word)
WHERE rl.case_id = %s GROUP BY rl.position
"""
_PLACES = "SELECT id, name FROM inventory_location WHERE company_id = %s AND ended_at IS NULL AND kind IN ('warehouse', 'store') ORDER BY priority, id"


def work_page(request: HttpRequest, case_id: int, *, counter: Any) -> HttpResponse:
    """One form receives, one inspects; each is one call of one operation, and may be sent twice."""
    account: Any = request.user
    if not account.has_perm("orders.receive_return"):
        raise PermissionDenied
    case = case_view(case_id)
    assert case is not None
    faults: list[str] = []
    if request.method == "POST":
        result = _receive(request, case) if request.POST.get("do") == "receive" else _inspect(request, case)
        if isinstance(result, CaseDone):
            messages.success(request, gettext("Case %(number)s is up to date.") % {"number": case.number})
            work = reverse("admin:orders_returncase_work", args=[case_id])
            page = reverse("admin:orders_returncase_change", args=[case_id])
            return HttpResponseRedirect(work if result.status in ("approved", "partly_received", "received") else page)
        faults = [result.text(gettext)]
    codes = {row.position: row.codes for row in rows(_CODES, (case_id,))}
    words = {
        **counter.admin_site.each_context(request),
        "opts": counter.opts,
        "title": f"{case.number}: {gettext('Receive and inspect')}",
        "case": case,
        "faults": faults,
        "typed": request.POST,
        "lines": [_shown(line, codes.get(line.position, []), request) for line in case.lines if line.comes_back],
        "to_receive": any(line.missing for line in case.lines) and case.status in ("approved", "partly_received"),
        "to_inspect": any(line.waiting for line in case.lines),
        "outcomes": OUTCOMES,
        "conditions": [(str(c), gettext(words)) for c, words in ReturnCondition.labels().items()],
        "places": [(row.id, row.name) for row in rows(_PLACES, (case.company_id,))],
        "back": reverse("admin:orders_returncase_change", args=[case_id]),
    }
    return TemplateResponse(request, "orders/admin/return_work.html", words)


def _shown(line: Any, codes: list[str], request: HttpRequest) -> dict[str, Any]:
    counts = [
        {"name": f"{name}-{line.position}", "value": request.POST.get(f"{name}-{line.position}", getattr(line, name)), "label": label}
        for name, label in OUTCOMES
    ]
    here = request.POST.get(f"received-{line.position}", line.received)
    return {"line": line, "codes": " ".join(codes), "here": here, "counts": counts}


def _number(request: HttpRequest, name: str, standing: int) -> int | Refusal:
    typed = request.POST.get(name, "").strip()
    if not typed:
        return standing
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 6 and int(typed) <= MAX_QUANTITY):
        return Refusal("order.quantity_out_of_range", "The quantity must be between 1 and %(most)s.", {"most": MAX_QUANTITY}, f"/{name}")
    return int(typed)


def _receive(request: HttpRequest, case: CaseView) -> CaseDone | Refusal:
    received: dict[int, int] = {}
    for line in case.lines:
        if line.comes_back:
            number = _number(request, f"received-{line.position}", line.received)
            if isinstance(number, Refusal):
                return number
            received[line.position] = number
    place = request.POST.get("location", "")
    location = int(place) if place.isascii() and place.isdigit() and len(place) < 19 else None
    ask = ReceiveAsk(case_id=case.key, received=received, location_id=location)
    return _done(lambda: receive_returns([ask], actor=actor_of(request), at=clock.now()))


def _inspect(request: HttpRequest, case: CaseView) -> CaseDone | Refusal:
    found: dict[int, Found] = {}
    for line in case.lines:
        if not line.comes_back:
            continue
        counts: dict[str, int] = {}
        for name, _label in OUTCOMES:
            number = _number(request, f"{name}-{line.position}", getattr(line, name))
            if isinstance(number, Refusal):
                return number
            counts[name] = number
        condition = request.POST.get(f"condition-{line.position}", "")
        known = ReturnCondition(condition) if condition in set(ReturnCondition) else ReturnCondition.UNKNOWN
        found[line.position] = Found(**counts, condition=known)
    return _done(lambda: inspect_returns([InspectAsk(case_id=case.key, found=found)], actor=actor_of(request), at=clock.now()))


def _done(deed: Any) -> CaseDone | Refusal:
    try:
        (result,) = deed()
    except HouseError as error:
        return error.refusal
    return result  # type: ignore[no-any-return]
