"""The base of every resource: a token, a scope per method, a strict body, one operation, plain JSON."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, ClassVar, TypeVar

import orjson
from django.http import HttpRequest, HttpResponse
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from core.actor import Actor
from core.api import bodies, paging
from core.api.partners import HasScope, Partner, PartnerAuthentication
from core.api.schema import Schema
from core.api.shapes import Code, Kind, Record, Whole
from core.idempotency import Answer, checked_key, fingerprint, once

T = TypeVar("T")
VERBS = ("get", "post", "put", "patch", "delete")


class _AlwaysJson(BaseContentNegotiation):
    """There is one format, so there is nothing to negotiate."""

    def select_parser(self, request: Any, parsers: Iterable[Any]) -> Any:
        return next(iter(parsers))

    def select_renderer(self, request: Any, renderers: Iterable[Any], format_suffix: str | None = None) -> Any:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


def json_answer(status: int, content: Any, *, location: str = "") -> Answer:
    """What the counter says, as JSON; dataclasses, uuids and times are written out."""
    return Answer(status, orjson.dumps(content, option=orjson.OPT_UTC_Z), location=location)


def respond(answer: Answer) -> HttpResponse:
    """The answer on the wire, to the byte."""
    response = HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)
    response["Cache-Control"] = "no-store"
    if answer.location:
        response["Location"] = answer.location
    if answer.replayed:
        response["Idempotency-Replayed"] = "true"
    return response


class ApiView(APIView):
    """A resource. Declares ``scopes`` for each of its methods; reads with ``body`` and ``query``; answers plain values.

    What it declares beside them is checked and documented alike: ``takes`` is the body of each method, ``filters`` the
    query parameters of its GET, ``pages`` whether that is a list, ``gives`` the JSON schema of an answer (of an item).
    """

    scopes: ClassVar[Mapping[str, str]] = {}
    takes: ClassVar[Mapping[str, Record]] = {}
    filters: ClassVar[Mapping[str, Kind]] = {}
    gives: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    answers: ClassVar[Mapping[str, int]] = {}
    """The status of success, where a POST makes nothing new (200 instead of 201)."""
    pages: ClassVar[bool] = False
    body_limit: ClassVar[int] = bodies.LIMIT

    authentication_classes = (PartnerAuthentication,)
    permission_classes = (HasScope,)
    content_negotiation_class = _AlwaysJson
    parser_classes = (JSONParser,)
    renderer_classes = (JSONRenderer,)
    throttle_classes = ()
    schema = Schema()  # type: ignore[no-untyped-call]
    http_method_names = (*VERBS, "head")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        open_doors = [verb for verb in VERBS if hasattr(cls, verb) and verb.upper() not in cls.scopes]
        if open_doors:
            raise TypeError(f"{cls.__name__} declares no scope for {', '.join(open_doors)}: scopes = {{'GET': 'orders:read', …}}")

    def partner(self, request: Request) -> Partner:
        """Who calls."""
        partner = request.user
        assert isinstance(partner, Partner)
        return partner

    def actor(self, request: Request) -> Actor:
        """Who acts."""
        return self.partner(request).actor

    def body(self, request: Request, shape: Record | None = None) -> Any:
        """What the body says, as the shape (or the one in ``takes``) builds it; Malformed names every mistake."""
        shape = shape or self.takes[request.method or ""]
        return shape.read(bodies.json_object(bodies.raw_body(request._request, limit=self.body_limit)))

    def query(self, request: Request, **parameters: Kind) -> dict[str, Any]:
        """The query parameters (those in ``filters`` and these); unknown and repeated ones are refused."""
        return dict(Record(**self.filters, **parameters).read_query(dict(request._request.GET.lists())))

    def page(self, request: Request, **filters: Kind) -> tuple[paging.Asked, dict[str, Any]]:
        """The page asked for, and the filters (those in ``filters`` and these) given with it."""
        given = self.query(
            request, limit=Whole(min=1, max=paging.MOST).optional(paging.USUAL), cursor=Code(max=512).optional(None), **filters
        )
        limit, cursor = given.pop("limit"), given.pop("cursor")
        return paging.asked_page(request._request, limit=limit, cursor=cursor, caller=self.actor(request).ref), given

    def answer(self, content: Any, *, status: int = 200, location: str = "", etag: str = "") -> HttpResponse:
        """Plain values as the answer."""
        response = respond(json_answer(status, content, location=location))
        if etag:
            response["ETag"] = etag
        return response

    def list(
        self, found: Sequence[T], asked: paging.Asked, *, key: Callable[[T], tuple[datetime, int]], show: Callable[[T], Any]
    ) -> HttpResponse:
        """A page of a list as the answer."""
        return self.answer(paging.page(found, asked, key=key, show=show))

    def once(self, request: Request, effect: Callable[[], Answer]) -> HttpResponse:
        """Run an effect once per Idempotency-Key, in one transaction with its kept answer (``json_answer``).

        Whatever the effect raises is answered as a problem and not kept.
        """
        actor = self.actor(request)
        key, seal = self.sealed(request)
        return respond(once(effect, client=actor.ref, key=key, seal=seal, actor=actor))

    def once_key(self, request: Request) -> str:
        """The caller and its Idempotency-Key in 64 letters, for what is kept once: keys are longer, and two that begin alike are two."""
        return sha256(f"{self.actor(request).ref}:{request.headers.get('Idempotency-Key', '')}".encode()).hexdigest()

    def sealed(self, request: Request) -> tuple[str, bytes]:
        """The Idempotency-Key of the request and what makes it this very request."""
        raw: HttpRequest = request._request
        key = checked_key(raw.META.get("HTTP_IDEMPOTENCY_KEY"))
        return key, fingerprint(raw.method or "", raw.get_full_path(), raw.body)
