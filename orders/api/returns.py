"""Returns, exchanges and claims at the machine counter: asked for, decided, received, inspected and settled by partner systems."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from core import clock, errors
from core.api.shapes import Choice, PublicId
from core.api.views import ApiView, json_answer
from core.errors import NotFound, Refusal
from core.idempotency import Answer
from core.ids import parse, public
from core.words import gettext_noop as _
from inventory.queries import location_keys
from orders.api import return_shapes as shapes
from orders.operations import (
    InspectAsk,
    ReceiveAsk,
    SettleAsk,
    approve_returns,
    inspect_returns,
    receive_returns,
    refuse_returns,
    request_returns,
    settle_returns,
    withdraw_returns,
)
from orders.queries import Sight, case_rows, case_view, return_reasons, visible_case_key, visible_key
from orders.rules import CaseDone, ExchangeAsk, ReturnAsk, ReturnAskLine, ReturnKind, ReturnStatus


class ReturnsView(ApiView):
    """Returns, exchanges and claims of the partner's company."""

    scopes = {"GET": "returns:read", "POST": "returns:write"}
    takes = {"POST": shapes.RETURN}
    gives = {"GET": shapes.CASE, "POST": shapes.CASE}
    answers = {"POST": 201}
    pages = True
    filters = {
        "status": Choice(ReturnStatus).optional(None),
        "kind": Choice(ReturnKind).optional(None),
        "order": PublicId("ord").optional(None),
    }

    def get(self, request: Request) -> HttpResponse:
        """Cases, newest first."""
        asked, filters = self.page(request)
        found = case_rows(_sight(self, request), after=asked.after, limit=asked.limit + 1, **filters)
        return self.list(found, asked, key=lambda c: (c.requested_at, c.key), show=shapes.case_shown)

    def post(self, request: Request) -> HttpResponse:
        """Ask for a return, an exchange or a claim about one order, once per Idempotency-Key. It is then to be approved."""
        said = self.body(request)
        return self.once(request, lambda: self._ask(request, said))

    def _ask(self, request: Request, said: dict[str, Any]) -> Answer:
        order = visible_key(said["order"], sight=_sight(self, request))
        if order is None:
            raise errors.Refused("order.not_found", _("There is no such order."), field="/order")
        plain = (
            "kind",
            "comes_back",
            "remark",
            "postage_by",
            "fee",
            "postage",
            "refunds_postage",
            "refund_way",
            "exchange_timing",
            "override_reason",
        )
        line_fields = ("quantity", "reason", "remark", "condition", "part_refund")
        ask = ReturnAsk(
            order_id=order,
            lines=tuple(ReturnAskLine(line_ref=one["line"], **{name: one[name] for name in line_fields}) for one in said["lines"]),
            exchanges=tuple(ExchangeAsk(line_ref=one["line"], sku=one["sku"], quantity=one["quantity"]) for one in said["exchanges"]),
            once_key=self.once_key(request),
            **{name: said[name] for name in plain},
        )
        (result,) = request_returns([ask], actor=self.actor(request), at=clock.now())
        return _shown(result, status=201)


class ReturnDetailView(ApiView):
    """One case."""

    scopes = {"GET": "returns:read"}
    gives = {"GET": shapes.CASE}

    def get(self, request: Request, case_id: str) -> HttpResponse:
        """The case with its lines: requested, received, accepted and declined, each by itself."""
        self.query(request)
        return self.answer(_whole(_key(self, request, case_id)))


class _DeedView(ApiView):
    """One step of a case; saying it again changes nothing."""

    answers = {"POST": 200}
    gives = {"POST": shapes.CASE}

    def _step(self, request: Request, case_id: str, deed: Callable[[int], Sequence[CaseDone | Refusal]]) -> HttpResponse:
        def run() -> Answer:
            (result,) = deed(_key(self, request, case_id))
            return _shown(result, status=200)

        return self.once(request, run)


class ApprovalView(_DeedView):
    """Letting a case go on."""

    scopes = {"POST": "returns:write"}
    takes = {"POST": shapes.DECISION}

    def post(self, request: Request, case_id: str) -> HttpResponse:
        """Approve the case: its goods are awaited, and what is sent instead is ordered."""
        said, actor = self.body(request), self.actor(request)
        return self._step(request, case_id, lambda key: approve_returns([key], reason=said["reason"], actor=actor, at=clock.now()))


class RefusalView(_DeedView):
    """Not letting a case go on."""

    scopes = {"POST": "returns:write"}
    takes = {"POST": shapes.REFUSAL}

    def post(self, request: Request, case_id: str) -> HttpResponse:
        """Refuse the case, with the reason that the customer is told."""
        said, actor = self.body(request), self.actor(request)
        return self._step(request, case_id, lambda key: refuse_returns([key], reason=said["reason"], actor=actor, at=clock.now()))


class WithdrawalView(_DeedView):
    """Taking a case back."""

    scopes = {"POST": "returns:write"}
    takes = {"POST": shapes.REFUSAL}

    def post(self, request: Request, case_id: str) -> HttpResponse:
        """Withdraw the case, of which nothing has come; what was to be sent instead is cancelled."""
        said, actor = self.body(request), self.actor(request)
        return self._step(request, case_id, lambda key: withdraw_returns([key], reason=said["reason"], actor=actor, at=clock.now()))


class ArrivalView(_DeedView):
    """Goods coming in."""

    scopes = {"POST": "returns:write"}
    takes = {"POST": shapes.ARRIVAL}

    def post(self, request: Request, case_id: str) -> HttpResponse:
        """How many pieces of each line are here in all; they are on hand, in quality check."""
        said, actor = self.body(request), self.actor(request)
        company_id = self.partner(request).company_id
        place = location_keys([said["location"]], company_id=company_id).get(said["location"]) if said["location"] else None
        if said["location"] and place is None:
            raise errors.Refused("return.no_such_location", _("The company has no such location."), field="/location")
        received = {one["position"]: one["received"] for one in said["lines"]}
        return self._step(
            request,
            case_id,
            lambda key: receive_returns([ReceiveAsk(case_id=key, received=received, location_id=place)], actor=actor, at=clock.now()),
        )


class InspectionView(_DeedView):
    """What became of the goods."""

    scopes = {"POST": "returns:write"}
    takes = {"POST": shapes.INSPECTION}

    def post(self, request: Request, case_id: str) -> HttpResponse:
        """What was found, in all: sold again, B-grade, to repair, scrapped, or declined and sent back to the customer."""
        said, actor = self.body(request), self.actor(request)
        found = shapes.found_in(said)
        return self._step(
            request, case_id, lambda key: inspect_returns([InspectAsk(case_id=key, found=found)], actor=actor, at=clock.now())
        )


class SettlementView(_DeedView):
    """The money of a case."""

    scopes = {"POST": "returns:write"}
    takes = {"POST": shapes.SETTLEMENT}

    def post(self, request: Request, case_id: str) -> HttpResponse:
        """Settle the case: what was accepted is credited at exactly what it was invoiced at, and the refund is made or proposed."""
        said, actor = self.body(request), self.actor(request)
        return self._step(
            request,
            case_id,
            lambda key: settle_returns([SettleAsk(case_id=key, rest_stays=said["rest_stays"])], actor=actor, at=clock.now()),
        )


class ReturnReasonsView(ApiView):
    """Why goods may come back."""

    scopes = {"GET": "returns:read"}
    gives = {"GET": shapes.REASONS}

    def get(self, request: Request) -> HttpResponse:
        """The reasons in force, in their order."""
        self.query(request)
        company_id = self.partner(request).company_id
        found = return_reasons([company_id]) if company_id is not None else []
        return self.answer({"data": [shapes.reason_shown(reason) for reason in found]})


def _sight(view: ApiView, request: Request) -> Sight:
    return Sight.of_company(view.partner(request).company_id)


def _key(view: ApiView, request: Request, case_id: str) -> int:
    key = visible_case_key(parse("ret", case_id), sight=_sight(view, request))
    if key is None:
        raise NotFound
    return key


def _whole(key: int) -> dict[str, Any]:
    case = case_view(key)
    if case is None:
        raise NotFound
    return shapes.case_shown(case)


def _shown(result: CaseDone | Refusal, *, status: int) -> Answer:
    if isinstance(result, Refusal):
        raise errors.Refused(result.code, result.message, params=result.params, field=result.field)
    where = f"/api/v1/returns/{public('ret', result.public_id)}"
    return json_answer(status, _whole(result.case_id), **({"location": where} if status == 201 else {}))
