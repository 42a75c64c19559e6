"""Contracts at the machine counter: read through what the partner may see, written by one operation."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from core import clock, errors
from core.api.shapes import Choice
from core.api.versions import etag
from core.api.views import ApiView, json_answer
from core.errors import NotFound, Refusal
from core.idempotency import Answer
from core.ids import parse
from core.operations import record_personal_read
from customers.queries import customer_rows
from subscriptions.api import shapes
from subscriptions.operations import (
    cancel_contracts,
    change_contracts,
    pause_contracts,
    resume_contracts,
    skip_cycles,
    unskip_cycles,
)
from subscriptions.queries import Sight, contract_rows, contract_view, visible_key
from subscriptions.rules import CancelAsk, ChangeAsk, Changed, ContractStatus, ContractView, CycleAsk, PauseAsk, ResumeAsk

Operation = Callable[..., Sequence[Changed | Refusal]]
PERSONAL = ("place",)


class SubscriptionsView(ApiView):
    """Contracts of the partner's company."""

    scopes = {"GET": "subscriptions:read"}
    gives = {"GET": shapes.CONTRACT_ROW}
    pages = True
    filters = {"status": Choice(ContractStatus).optional(None)}

    def get(self, request: Request) -> HttpResponse:
        """Contracts, newest first."""
        asked, filters = self.page(request)
        found = contract_rows(_sight(self, request), before=asked.after, limit=asked.limit + 1, **filters)
        return self.list(found, asked, key=lambda c: (c.started_at, c.key), show=shapes.row_shown)


class SubscriptionView(ApiView):
    """One contract."""

    scopes = {"GET": "subscriptions:read"}
    gives = {"GET": shapes.CONTRACT}

    def get(self, request: Request, subscription_id: str) -> HttpResponse:
        """The contract with its deliveries of the next twelve months and what may be done now."""
        self.query(request)
        contract = _whole(self, request, subscription_id)
        customer = customer_rows([contract.customer_key])[0]
        subjects = [f"customer:{customer.public_id}"]
        record_personal_read(subjects, actor=self.actor(request), screen="api /subscriptions", fields=PERSONAL)
        return self.answer(shapes.contract_shown(contract), etag=etag(contract.version))


class _Verb(ApiView):
    """Something done to one contract, once per Idempotency-Key."""

    scopes = {"POST": "subscriptions:write"}
    gives = {"POST": shapes.CONTRACT}
    answers = {"POST": 200}

    def _do(self, request: Request, subscription_id: str, verb: Operation, ask: Callable[[int, dict[str, Any]], Any]) -> HttpResponse:
        said = self.body(request)
        return self.once(request, lambda: self._done(request, subscription_id, verb, ask, said))

    def _done(
        self,
        request: Request,
        subscription_id: str,
        verb: Operation,
        ask: Callable[[int, dict[str, Any]], Any],
        said: dict[str, Any],
    ) -> Answer:
        key = visible_key(parse(shapes.PREFIX, subscription_id), sight=_sight(self, request))
        if key is None:
            raise NotFound
        (result,) = verb([ask(key, said)], actor=self.actor(request), at=clock.now())
        if isinstance(result, Refusal):
            raise errors.Refused(result.code, result.message, params=result.params, field=result.field)
        return json_answer(200, shapes.contract_shown(_whole(self, request, subscription_id)))


class SkipView(_Verb):
    """Leaving out a delivery."""

    takes = {"POST": shapes.SKIP}

    def post(self, request: Request, subscription_id: str) -> HttpResponse:
        """Skip the coming delivery, or the one named; saying it again changes nothing."""
        return self._do(request, subscription_id, skip_cycles, lambda key, said: CycleAsk(contract_id=key, **said))


class UnskipView(_Verb):
    """Wanting a skipped delivery after all."""

    takes = {"POST": shapes.UNSKIP}

    def post(self, request: Request, subscription_id: str) -> HttpResponse:
        """Take back a skip."""
        return self._do(request, subscription_id, unskip_cycles, lambda key, said: CycleAsk(contract_id=key, **said))


class PauseView(_Verb):
    """Pausing a contract."""

    takes = {"POST": shapes.PAUSE}

    def post(self, request: Request, subscription_id: str) -> HttpResponse:
        """Nothing comes until the day named, or until the contract is resumed."""
        return self._do(request, subscription_id, pause_contracts, lambda key, said: PauseAsk(contract_id=key, **said))


class ResumptionView(_Verb):
    """Resuming a contract."""

    takes = {"POST": shapes.RESUME}

    def post(self, request: Request, subscription_id: str) -> HttpResponse:
        """Deliveries go on, from the day named if there is one."""
        return self._do(request, subscription_id, resume_contracts, lambda key, said: ResumeAsk(contract_id=key, **said))


class ScheduleView(_Verb):
    """Changing when deliveries come."""

    takes = {"POST": shapes.CHANGE}

    def post(self, request: Request, subscription_id: str) -> HttpResponse:
        """Move the coming delivery, or change the interval."""
        return self._do(request, subscription_id, change_contracts, lambda key, said: ChangeAsk(contract_id=key, **said))


class CancellationView(_Verb):
    """Cancelling a contract."""

    takes = {"POST": shapes.CANCELLATION}

    def post(self, request: Request, subscription_id: str) -> HttpResponse:
        """End the contract by the rules of its course; a delivery that can't be stopped any more still comes."""
        return self._do(request, subscription_id, cancel_contracts, lambda key, said: CancelAsk(contract_id=key, **said))


def _sight(view: ApiView, request: Request) -> Sight:
    return Sight.of_company(view.partner(request).company_id)


def _whole(view: ApiView, request: Request, subscription_id: str) -> ContractView:
    contract = contract_view(parse(shapes.PREFIX, subscription_id), _sight(view, request))
    if contract is None:
        raise NotFound
    return contract
