"""Webhooks at the machine counter: a partner tells where it wants to hear of what, and looks after what it was sent."""

from collections.abc import Callable
from typing import Any

import orjson
from django.http import HttpResponse
from django.utils.translation import gettext
from rest_framework.request import Request

from core import clock, errors
from core.api import webhook_shapes as told
from core.api.views import ApiView, json_answer, respond
from core.errors import Forbidden, NotFound, Refusal
from core.idempotency import Answer, once
from core.ids import parse, public
from core.operations import (
    EndpointChange,
    NewEndpoint,
    adjust_webhook_endpoint,
    end_webhook_endpoints,
    open_webhook_endpoints,
    ping_webhook_endpoints,
    replay_since,
    resend_of_endpoint,
    rotate_webhook_secret,
)
from core.queries import ENDPOINT_PREFIX, MESSAGE_PREFIX, EndpointView, endpoint_behind, endpoints_of, webhook_catalogue, webhook_messages
from core.webhooks import EndpointState
from core.words import gettext_noop as _

READ, WRITE = "webhooks:read", "webhooks:write"


def _own(view: ApiView, request: Request, endpoint_id: str) -> EndpointView:
    """The endpoint, if it is the calling application's."""
    partner = view.partner(request)
    found = endpoint_behind(parse(ENDPOINT_PREFIX, endpoint_id), partner=partner.actor, company_id=partner.company_id)
    if found is None:
        raise NotFound
    return found


def _or_raise(result: Any) -> Any:
    if isinstance(result, Refusal):
        raise errors.Refused(result.code, result.message, params=result.params, field=result.field)
    return result


def _telling_once(view: ApiView, request: Request, effect: Callable[[], tuple[dict[str, Any], str]]) -> HttpResponse:
    """``once``, but what is kept of the answer has no secret in it: the secret is added to the first answer on its way out."""
    secrets: list[tuple[dict[str, Any], str]] = []

    def kept() -> Answer:
        shown, secret = effect()
        secrets[:] = [(shown, secret)]
        return json_answer(201, {**shown, "secret": None}, location=f"/api/v1/webhooks/{shown['id']}")

    actor = view.actor(request)
    key, seal = view.sealed(request)
    answer = once(kept, client=actor.ref, key=key, seal=seal, actor=actor)
    if not answer.replayed:
        shown, secret = secrets[0]
        body = orjson.dumps({**shown, "secret": secret}, option=orjson.OPT_UTC_Z)
        answer = Answer(answer.status, body, answer.content_type, answer.location)
    return respond(answer)


class WebhookTypesView(ApiView):
    """The catalogue of events."""

    scopes = {"GET": READ}
    gives = {"GET": told.TYPES_SCHEMA}

    def get(self, request: Request) -> HttpResponse:
        """Every event that can be subscribed to, with the scope it needs and an example of its `data`."""
        self.query(request)
        scopes = self.partner(request).scopes
        kinds = webhook_catalogue().values()
        return self.answer({"data": [told.type_shown(k, may=k.scope in scopes, about=gettext(k.about)) for k in kinds]})


class WebhooksView(ApiView):
    """The application's own endpoints."""

    scopes = {"GET": READ, "POST": WRITE}
    takes = {"POST": told.ENDPOINT}
    gives = {"GET": told.ENDPOINT_SCHEMA, "POST": told.OPENED_SCHEMA}
    pages = True

    def get(self, request: Request) -> HttpResponse:
        """Endpoints of this application, the newest first."""
        asked, _filters = self.page(request)
        partner = self.partner(request)
        found = endpoints_of(partner.actor, company_id=partner.company_id, after=asked.after, limit=asked.limit + 1)
        return self.list(found, asked, key=lambda row: (row.recorded_at, row.key), show=told.endpoint_shown)

    def post(self, request: Request) -> HttpResponse:
        """Open an endpoint: from now on it is told of these events. The answer holds its secret, once; keep it.

        Refused with "webhook.url_…", "webhook.unknown_type", "webhook.scope_missing", "webhook.address_twice", "webhook.too_many".
        """
        said = self.body(request)
        return _telling_once(self, request, lambda: self._open(request, said))

    def _open(self, request: Request, said: dict[str, Any]) -> tuple[dict[str, Any], str]:
        partner = self.partner(request)
        if partner.company_id is None:
            raise Forbidden
        ask = NewEndpoint(
            company_id=partner.company_id, client_id=partner.actor.id, url=said["url"], types=said["types"], name=said["name"]
        )
        opened = _or_raise(open_webhook_endpoints([ask], actor=partner.actor)[0])
        row = endpoint_behind(opened.public_id, partner=partner.actor, company_id=partner.company_id)
        assert row is not None
        return told.endpoint_shown(row), opened.secret


class WebhookView(ApiView):
    """One endpoint."""

    scopes = {"GET": READ, "PATCH": WRITE, "DELETE": WRITE}
    takes = {"PATCH": told.CHANGE}
    gives = {"GET": told.ENDPOINT_SCHEMA, "PATCH": told.ENDPOINT_SCHEMA}
    answers = {"DELETE": 204}

    def get(self, request: Request, endpoint_id: str) -> HttpResponse:
        """The endpoint, and how it has answered lately; never its secret."""
        self.query(request)
        return self.answer(told.endpoint_shown(_own(self, request, endpoint_id)))

    def patch(self, request: Request, endpoint_id: str) -> HttpResponse:
        """Change the fields named; `state` pauses and resumes. Saying it again changes nothing."""
        said = self.body(request)
        row = _own(self, request, endpoint_id)
        change = EndpointChange(endpoint_id=row.key, name=said["name"], url=said["url"], types=said["types"])
        state = EndpointState(said["state"]) if said["state"] else None
        adjust_webhook_endpoint(change, state=state, actor=self.actor(request))
        return self.answer(told.endpoint_shown(_own(self, request, endpoint_id)))

    def delete(self, request: Request, endpoint_id: str) -> HttpResponse:
        """End the endpoint: it is told nothing any more, and what still waits for it is never sent."""
        row = _own(self, request, endpoint_id)
        _or_raise(end_webhook_endpoints([row.key], actor=self.actor(request), at=clock.now())[0])
        return HttpResponse(status=204)


class WebhookSecretView(ApiView):
    """The secret of an endpoint."""

    scopes = {"POST": WRITE}
    takes = {"POST": told.NOTHING}
    gives = {"POST": told.OPENED_SCHEMA}

    def post(self, request: Request, endpoint_id: str) -> HttpResponse:
        """Make a new secret, told this once. For a day the one before it signs as well: every message carries both signatures."""
        self.body(request)
        return _telling_once(self, request, lambda: self._rotate(request, endpoint_id))

    def _rotate(self, request: Request, endpoint_id: str) -> tuple[dict[str, Any], str]:
        row = _own(self, request, endpoint_id)
        made = _or_raise(rotate_webhook_secret(row.key, actor=self.actor(request), at=clock.now()))
        return told.endpoint_shown(_own(self, request, endpoint_id)), made.secret


class WebhookPingView(ApiView):
    """A test of an endpoint."""

    scopes = {"POST": WRITE}
    takes = {"POST": told.NOTHING}
    gives = {"POST": told.PING_SCHEMA}

    def post(self, request: Request, endpoint_id: str) -> HttpResponse:
        """Send a message of type `ping`, signed like every other. Refused with "webhook.not_active"."""
        self.body(request)
        return self.once(request, lambda: self._ping(request, endpoint_id))

    def _ping(self, request: Request, endpoint_id: str) -> Answer:
        row = _own(self, request, endpoint_id)
        sent = _or_raise(ping_webhook_endpoints([row.key], actor=self.actor(request), at=clock.now())[0])
        return json_answer(201, {"message": public(MESSAGE_PREFIX, sent.public_id)})


class WebhookDeliveriesView(ApiView):
    """What an endpoint was sent."""

    scopes = {"GET": READ}
    filters = {"state": told.STATES}
    gives = {"GET": told.MESSAGE_SCHEMA}
    pages = True

    def get(self, request: Request, endpoint_id: str) -> HttpResponse:
        """Messages of the endpoint, the newest first: delivered ones for two weeks, others for a month."""
        asked, filters = self.page(request)
        row = _own(self, request, endpoint_id)
        found = webhook_messages(row.key, after=asked.after, limit=asked.limit + 1, **filters)
        return self.list(found, asked, key=lambda m: (m.recorded_at, m.key), show=told.message_shown)


class WebhookResendView(ApiView):
    """Sending again."""

    scopes = {"POST": WRITE}
    takes = {"POST": told.AGAIN}
    gives = {"POST": told.RESENT_SCHEMA}
    answers = {"POST": 200}

    def post(self, request: Request, endpoint_id: str) -> HttpResponse:
        """Send messages again, each under its own id: those named, or everything since one (ten thousand at most).

        Refused with "webhook.message_not_found", "webhook.which_messages".
        """
        said = self.body(request)
        return self.once(request, lambda: self._again(request, endpoint_id, said))

    def _again(self, request: Request, endpoint_id: str, said: dict[str, Any]) -> Answer:
        row, actor = _own(self, request, endpoint_id), self.actor(request)
        if (said["messages"] is None) == (said["since"] is None):
            raise errors.Refused("webhook.which_messages", _("Name either messages or since."))
        count = (
            replay_since(row.key, said["since"], actor=actor)
            if said["since"]
            else resend_of_endpoint(row.key, said["messages"], actor=actor)
        )
        return json_answer(200, {"resent": _or_raise(count)})
