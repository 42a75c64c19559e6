"""Repairs, collections and purchases at the machine counter: asked for, and led from step to step."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from billing.rules import PaymentMethod
from core import clock, errors
from core.api.shapes import Choice, Code, Day, PublicId, Record, Text, Whole
from core.api.views import ApiView, json_answer
from core.errors import NotFound, Refusal
from core.idempotency import Answer
from core.ids import parse, public
from core.operations import record_personal_read
from core.words import gettext_noop as _
from customers.queries import customer_keys
from inventory.queries import item_keys, location_keys
from orders.api.answers import DAY, MOMENT, MONEY, TEXT, an_id, an_object, one_of, or_null
from orders.operations import note_service_payouts, request_services, step_services
from orders.queries import ServiceView, Sight, service_rows, service_view
from orders.rules import (
    LONGEST,
    MOST_AMOUNT,
    PayoutWay,
    PostageBearer,
    ServiceAsk,
    ServiceDeed,
    ServiceDone,
    ServiceKind,
    ServiceStatus,
    ServiceStep,
)

ASK = Record(
    customer=PublicId("cus"),
    kind=Choice(ServiceKind),
    goods=Text(max=LONGEST["goods"]),
    maker=Text(max=LONGEST["maker"], blank=True).optional(""),
    model=Text(max=LONGEST["model"], blank=True).optional(""),
    serial=Text(max=LONGEST["serial"], blank=True).optional(""),
    bought_from=Text(max=LONGEST["bought_from"], blank=True).optional(""),
    bought_on=Day().optional(None),
    line=PublicId("orl").optional(None).described("The order line, where the goods were bought here."),
    remark=Text(max=LONGEST["remark"], lines=True, blank=True).optional(""),
)
STEP = Record(
    deed=Choice(ServiceDeed),
    reason=Text(max=LONGEST["reason"], blank=True).optional("").described("Needed to decline and to withdraw."),
    amount=Whole(min=0, max=MOST_AMOUNT).optional(None).described("Of an estimate, tax included; what is agreed to."),
    note=Text(max=LONGEST["note"], lines=True, blank=True).optional(""),
    payout_way=Choice(PayoutWay).optional(None).described("How the customer has the price, where we buy: said when agreeing."),
    identity_note=Text(max=LONGEST["identity_note"], blank=True).optional(""),
    postage=Whole(min=0, max=MOST_AMOUNT).optional(0).described("What sending back is charged, tax included."),
    method=Choice(PaymentMethod).optional(PaymentMethod.BANK_TRANSFER).described("How what is charged is paid."),
    postage_in_by=Choice(PostageBearer).optional(None),
    postage_out_by=Choice(PostageBearer).optional(None),
    stock_item=Code(max=64).optional("").described("Where what we buy or keep goes on a shelf: in quality check."),
    location=Code(max=40).optional(""),
)
SERVICE = an_object(
    id=an_id("srv"), number=TEXT, kind=one_of(ServiceKind), status=one_of(ServiceStatus), customer=an_id("cus"), goods=TEXT, maker=TEXT, model=TEXT,
    serial=TEXT, bought_from=TEXT, bought_on=or_null(DAY), line=or_null(an_id("orl")), remark=TEXT, postage_in_by=one_of(PostageBearer),
    postage_out_by=one_of(PostageBearer), currency=TEXT, amount=or_null(MONEY), estimate_note=TEXT, payout_way=or_null(one_of(PayoutWay)),
    charged_total=MONEY, payout_total=MONEY, invoice_number=TEXT, decision_reason=TEXT, requested_at=MOMENT, accepted_at=or_null(MOMENT),
    received_at=or_null(MOMENT), estimated_at=or_null(MOMENT), decided_at=or_null(MOMENT), ended_at=or_null(MOMENT), paid_out_at=or_null(MOMENT),
)  # fmt: skip
PERSONAL = ("customer", "goods", "serial", "bought_from", "remark")
_AS_IS = (
    "number", "kind", "status", "goods", "maker", "model", "serial", "bought_from", "bought_on", "remark", "postage_in_by", "postage_out_by", "currency",
    "amount", "estimate_note", "charged_total", "payout_total", "invoice_number", "decision_reason", "requested_at", "accepted_at", "received_at",
    "estimated_at", "decided_at", "ended_at", "paid_out_at",
)  # fmt: skip


class ServicesView(ApiView):
    """Repairs, collections and purchases of the partner's company."""

    scopes = {"GET": "returns:read", "POST": "returns:write"}
    takes = {"POST": ASK}
    gives = {"GET": SERVICE, "POST": SERVICE}
    answers = {"POST": 201}
    pages = True
    filters = {"status": Choice(ServiceStatus).optional(None), "kind": Choice(ServiceKind).optional(None)}

    def get(self, request: Request) -> HttpResponse:
        """Requests, newest first."""
        asked, filters = self.page(request)
        found = service_rows(_sight(self, request), after=asked.after, limit=asked.limit + 1, **filters)
        _record(self, request, found[: asked.limit])
        return self.list(found, asked, key=lambda s: (s.requested_at, s.key), show=service_shown)

    def post(self, request: Request) -> HttpResponse:
        """Ask for a repair, a collection or a purchase for a customer, once per Idempotency-Key. It is then to be accepted."""
        said = self.body(request)
        return self.once(request, lambda: self._ask(request, said))

    def _ask(self, request: Request, said: dict[str, Any]) -> Answer:
        company_id = self.partner(request).company_id
        customer = customer_keys([said["customer"]], company_id=company_id).get(said["customer"]) if company_id is not None else None
        if company_id is None or customer is None:
            raise errors.Refused("customers.not_found", _("There is no such customer."), field="/customer")
        ask = ServiceAsk(
            company_id=company_id,
            customer_id=customer,
            line_ref=said["line"],
            once_key=self.once_key(request),
            **{name: value for name, value in said.items() if name not in ("customer", "line")},
        )
        (result,) = request_services([ask], actor=self.actor(request), at=clock.now())
        return _shown(result, status=201)


class ServiceDetailView(ApiView):
    """One request."""

    scopes = {"GET": "returns:read"}
    gives = {"GET": SERVICE}

    def get(self, request: Request, service_id: str) -> HttpResponse:
        """The request with its goods, its estimate and its money."""
        self.query(request)
        found = _own(self, request, service_id)
        _record(self, request, [found])
        return self.answer(service_shown(found))


class ServiceStepsView(ApiView):
    """The steps of a request."""

    scopes = {"POST": "returns:write"}
    takes = {"POST": STEP}
    gives = {"POST": SERVICE}
    answers = {"POST": 200}

    def post(self, request: Request, service_id: str) -> HttpResponse:
        """Go one step on: accept, decline, withdraw, receive, estimate, agree, disagree, then repair, buy, keep, dispose or give back."""
        said, actor = self.body(request), self.actor(request)

        def run() -> Answer:
            key = _own(self, request, service_id).key
            (result,) = step_services(
                [ServiceStep(request_id=key, **_shelf(said, self.partner(request).company_id))], actor=actor, at=clock.now()
            )
            return _shown(result, status=200)

        return self.once(request, run)


class ServicePayoutView(ApiView):
    """The price of what we bought."""

    scopes = {"POST": "returns:write"}
    gives = {"POST": SERVICE}
    answers = {"POST": 200}

    def post(self, request: Request, service_id: str) -> HttpResponse:
        """The price has left our account or till."""
        actor = self.actor(request)

        def run() -> Answer:
            (result,) = note_service_payouts([_own(self, request, service_id).key], actor=actor, at=clock.now())
            return _shown(result, status=200)

        return self.once(request, run)


def _shelf(said: dict[str, Any], company_id: int | None) -> dict[str, Any]:
    """What was said, its codes of stock item and location as keys."""
    step = {name: value for name, value in said.items() if name not in ("stock_item", "location")}
    for name, find in (("stock_item", item_keys), ("location", location_keys)):
        code = said[name]
        if not code:
            continue
        key = find([code], company_id=company_id).get(code) if company_id is not None else None
        if key is None:
            raise errors.Refused("service.no_such_shelf", _("The company has no “%(code)s”."), params={"code": code}, field=f"/{name}")
        step[f"{name}_id"] = key
    return step


def _record(view: ApiView, request: Request, shown: Sequence[ServiceView]) -> None:
    people = sorted({f"customer:{one.customer_id}" for one in shown})
    record_personal_read(people, actor=view.actor(request), screen="api /service-requests", fields=PERSONAL)


def _sight(view: ApiView, request: Request) -> Sight:
    return Sight.of_company(view.partner(request).company_id)


def _own(view: ApiView, request: Request, service_id: str) -> ServiceView:
    found = service_rows(_sight(view, request), limit=1, ref=parse("srv", service_id))
    if not found:
        raise NotFound
    return found[0]


def service_shown(service: ServiceView) -> dict[str, Any]:
    """A request with everything on it but how somebody's identity was made sure; amounts in minor units of its currency."""
    return {
        "id": public("srv", service.id),
        "customer": public("cus", service.customer_id),
        "line": public("orl", service.line_id) if service.line_id else None,
        "payout_way": service.payout_way or None,
        **{name: getattr(service, name) for name in _AS_IS},
    }


def _shown(result: ServiceDone | Refusal, *, status: int) -> Answer:
    if isinstance(result, Refusal):
        raise errors.Refused(result.code, result.message, params=result.params, field=result.field)
    service = service_view(result.request_id)
    if service is None:
        raise NotFound
    where = f"/api/v1/service-requests/{public('srv', result.public_id)}"
    return json_answer(status, service_shown(service), **({"location": where} if status == 201 else {}))
