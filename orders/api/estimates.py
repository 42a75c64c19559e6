"""Estimates at the machine counter: issued, read, ordered and withdrawn, each item with its own result."""

from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.http import HttpResponse
from django.utils.translation import gettext
from rest_framework.request import Request

from billing.rules import PaymentMethod
from core import clock
from core.api.shapes import Choice, Code, Day, Many, PublicId, Record, Text
from core.api.views import ApiView
from core.errors import NotFound, Refusal
from core.ids import parse, public
from core.operations import record_personal_read
from core.words import gettext_noop as _
from orders.api.answers import DAY, MOMENT, MONEY, TEXT, WHOLE, an_id, an_object, many, one_of, or_null
from orders.api.placing import drafts_of
from orders.api.shapes import CODES, DESTINATION, LINE, PERSON
from orders.operations import decline_estimates, issue_estimates, order_estimates
from orders.queries import EstimateRow, estimate_keys, estimate_rows
from orders.rules import MAX_LINES, EstimateAsk, Estimated, EstimateStatus, OrderDraft, Placed, Refused

MOST = 50
ESTIMATE = Record(
    key=Text(max=80).described("Yours, for this estimate: the same key is the same estimate, however often it is sent."),
    valid_until_on=Day().described("The last day on which the prices stand."),
    note=Text(max=1000, lines=True, blank=True).optional("").described("Printed under the lines."),
    channel=Code(max=40),
    customer=PublicId("cus").optional(None),
    person=PERSON.optional(None),
    lines=Many(LINE, max=MAX_LINES),
    destinations=Many(DESTINATION, max=99),
    payment_method=Choice(PaymentMethod),
    coupon_codes=CODES,
    language=Code(max=8).optional("ja"),
)
ESTIMATES = Record(estimates=Many(ESTIMATE, max=MOST))
NAMED = Record(estimates=Many(PublicId("est"), max=MOST))
WITHDRAWN = Record(estimates=Many(PublicId("est"), max=MOST), reason=Text(max=200))

_LINE = an_object(sku=TEXT, name=TEXT, quantity=WHOLE, unit_price=MONEY, discount=MONEY, amount=MONEY, tax_rate_bp=WHOLE)
SHOWN = an_object(
    id=an_id("est"), number=TEXT, status=one_of(EstimateStatus), customer=an_id("cus"), channel=TEXT, issued_at=MOMENT, valid_until_on=DAY,
    currency=TEXT, total=MONEY, note=TEXT, lines={**many(_LINE), "description": "Articles, then fees, which have no SKU."},
    order=or_null(an_id("ord")), decline_reason=TEXT,
)  # fmt: skip
_ERRORS = many(an_object(code=TEXT, pointer=TEXT, detail=TEXT))
_RESULT = {"type": "object", "properties": {"id": an_id("est"), "number": TEXT, "total": MONEY, "currency": TEXT, "repeated": {"type": "boolean"}, "order": an_id("ord"), "order_number": TEXT, "errors": _ERRORS}}  # fmt: skip
RESULTS = an_object(results={**many(_RESULT), "description": "One per item, in order: what stands now, or its errors."})
PERSONAL = ("customer", "note")


class EstimatesView(ApiView):
    """Estimates of the partner's company: prices promised to customers until a day."""

    scopes = {"GET": "orders:read", "POST": "orders:write"}
    takes = {"POST": ESTIMATES}
    gives = {"GET": SHOWN, "POST": RESULTS}
    answers = {"POST": 200}
    pages = True
    filters = {"status": Choice(EstimateStatus).optional(None), "customer": PublicId("cus").optional(None)}

    def get(self, request: Request) -> HttpResponse:
        """Estimates, newest first."""
        asked, filters = self.page(request)
        found = estimate_rows(_company(self, request), after=asked.after, limit=asked.limit + 1, **filters)
        record_personal_read(
            [f"customer:{row.customer_id}" for row in found[: asked.limit]],
            actor=self.actor(request),
            screen="api /estimates",
            fields=PERSONAL,
        )
        return self.list(found, asked, key=lambda e: (e.issued_at, e.key), show=_shown)

    def post(self, request: Request) -> HttpResponse:
        """Issue estimates; one result each. The same key answers with the estimate it made, so that sending again is harmless."""
        said = self.body(request)["estimates"]
        drafts = drafts_of(
            [{**one, "outside_number": "", "remark": "", "expected_total": None} for one in said], company_id=_company(self, request)
        )
        caller = self.actor(request)
        asks = [
            EstimateAsk(draft=draft, valid_until_on=one["valid_until_on"], once_key=_once(caller.ref, one["key"]), note=one["note"])
            for one, draft in zip(said, drafts, strict=True)
            if isinstance(draft, OrderDraft)
        ]
        made = iter(issue_estimates(asks, actor=caller, at=clock.now()) if asks else ())
        results = [next(made) if isinstance(draft, OrderDraft) else draft for draft in drafts]
        return self.answer({"results": [_issued(result) for result in results]})


class EstimateDetailView(ApiView):
    """One estimate."""

    scopes = {"GET": "orders:read"}
    gives = {"GET": SHOWN}

    def get(self, request: Request, estimate_id: str) -> HttpResponse:
        """The estimate with its lines and the order that was made of it, if any."""
        self.query(request)
        found = estimate_rows(_company(self, request), limit=1, ref=parse("est", estimate_id))
        if not found:
            raise NotFound
        record_personal_read([f"customer:{found[0].customer_id}"], actor=self.actor(request), screen="api /estimates", fields=PERSONAL)
        return self.answer(_shown(found[0]))


class EstimateAcceptanceView(ApiView):
    """Ordering at the prices of estimates."""

    scopes = {"POST": "orders:write"}
    takes = {"POST": NAMED}
    gives = {"POST": RESULTS}
    answers = {"POST": 200}

    def post(self, request: Request) -> HttpResponse:
        """Place the one order of each estimate; ordering again answers with that order."""
        refs = self.body(request)["estimates"]
        keys = estimate_keys(refs, company_id=_company(self, request))
        known = list(dict.fromkeys(keys[ref] for ref in refs if ref in keys))
        placed = dict(zip(known, order_estimates(known, actor=self.actor(request), at=clock.now()), strict=True)) if known else {}
        return self.answer({"results": [_ordered(ref, placed[keys[ref]] if ref in keys else _NOBODYS) for ref in refs]})


class EstimateWithdrawalView(ApiView):
    """Taking estimates back."""

    scopes = {"POST": "orders:write"}
    takes = {"POST": WITHDRAWN}
    gives = {"POST": RESULTS}
    answers = {"POST": 200}

    def post(self, request: Request) -> HttpResponse:
        """The estimates can be ordered no more; one that is withdrawn already answers the same, one that was ordered is refused."""
        said = self.body(request)
        company_id = _company(self, request)
        keys = estimate_keys(said["estimates"], company_id=company_id)
        decline_estimates(list(keys.values()), reason=said["reason"], actor=self.actor(request), at=clock.now())
        now = {row.id: row for row in estimate_rows(company_id, limit=MOST, keys=list(keys.values()))} if keys else {}
        return self.answer({"results": [_withdrawn(ref, now.get(ref)) for ref in said["estimates"]]})


_NOBODYS = Refusal("estimate.not_found", _("There is no such estimate."))


def _company(view: ApiView, request: Request) -> int:
    company_id = view.partner(request).company_id
    if company_id is None:
        raise NotFound
    return company_id


def _once(caller: str, key: str) -> UUID:
    """The same caller and key name the same estimate."""
    return uuid5(NAMESPACE_URL, f"estimate:{caller}:{key}")


def _shown(row: EstimateRow) -> dict[str, Any]:
    return {
        "id": public("est", row.id), "number": row.number, "status": row.status, "customer": public("cus", row.customer_id), "channel": row.channel,
        "issued_at": row.issued_at, "valid_until_on": row.valid_until_on, "currency": row.currency, "total": row.total, "note": row.note,
        "lines": list(row.lines), "order": public("ord", row.order_id) if row.order_id else None, "decline_reason": row.decline_reason,
    }  # fmt: skip


def _faults(reasons: Sequence[Refusal]) -> dict[str, Any]:
    return {"errors": [{"code": r.code, "pointer": r.field, "detail": r.text(gettext)} for r in reasons]}


def _issued(result: Estimated | Refused) -> dict[str, Any]:
    if isinstance(result, Refused):
        return _faults(result.reasons)
    return {
        "id": public("est", result.public_id), "number": result.number, "total": result.total, "currency": result.currency,
        "repeated": result.repeated,
    }  # fmt: skip


def _ordered(ref: UUID, result: Placed | Refused | Refusal) -> dict[str, Any]:
    if not isinstance(result, Placed):
        return {"id": public("est", ref), **_faults(result.reasons if isinstance(result, Refused) else (result,))}
    return {
        "id": public("est", ref), "order": public("ord", result.public_id), "order_number": result.number, "total": result.total,
        "currency": result.currency, "repeated": result.repeated,
    }  # fmt: skip


def _withdrawn(ref: UUID, row: EstimateRow | None) -> dict[str, Any]:
    if row is None:
        return {"id": public("est", ref), **_faults([_NOBODYS])}
    if row.status is EstimateStatus.ORDERED:
        words = _("Estimate %(number)s was ordered already. Cancel the order instead.")
        return {"id": public("est", ref), **_faults([Refusal("estimate.ordered", words, {"number": row.number})])}
    return {"id": public("est", ref), "number": row.number, "total": row.total, "currency": row.currency}
