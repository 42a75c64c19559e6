"""Who calls the machine counter: a partner application with a token, its company and its scopes."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from time import monotonic
from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from oauth2_provider.models import get_access_token_model, get_application_model
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from core.actor import Actor, ActorKind
from core.db import rows
from core.errors import Forbidden
from core.words import gettext_noop

LONGEST_TOKEN: Final = 512
REMEMBERED_S: Final = 5.0
_MOST_REMEMBERED: Final = 1_000


class ScopeMissing(Forbidden):
    """The token lacks the scope of this resource and method."""

    code = "auth.scope_missing"
    message = gettext_noop("The access token lacks the scope %(scope)s.")


@dataclass(frozen=True, slots=True)
class Partner:
    """The calling application. ``company_id`` is the only company it may see; None sees none."""

    actor: Actor
    company_id: int | None
    scopes: frozenset[str]
    is_authenticated: bool = True
    is_active: bool = True

    @property
    def pk(self) -> str:
        """DRF's throttles ask for it."""
        return self.actor.id


@cache
def _look_up() -> str:
    """One statement for token and application; the partner application model has company and allowed_scopes."""
    token, application = get_access_token_model()._meta.db_table, get_application_model()._meta.db_table
    return (
        "SELECT a.client_id, a.name, a.company_id, a.allowed_scopes, t.scope, extract(epoch FROM t.expires - clock_timestamp())::float8 AS lives_s"
        f" FROM {token} t JOIN {application} a ON a.id = t.application_id"
        " WHERE t.token_checksum = %s AND t.expires > clock_timestamp()"
    )


def partner_with(token: str) -> tuple[Partner, float] | None:
    """The partner that holds a live access token, and for how many seconds more; scopes are those of the token that its application still has."""
    found = rows(_look_up(), (sha256(token.encode()).hexdigest(),))
    if not found:
        return None
    row = found[0]
    partner = Partner(
        actor=Actor(ActorKind.PARTNER, row.client_id, row.name or row.client_id),
        company_id=row.company_id,
        scopes=frozenset(row.scope.split()) & frozenset(row.allowed_scopes.split()),
    )
    return partner, row.lives_s


class PartnerAuthentication(BaseAuthentication):
    """``Authorization: Bearer`` with a client-credentials token, one statement.

    The busiest door ``remembers``: it asks the database about a token once in five seconds, so what an administrator takes away counts so much
    later there. A token's own end is kept to the moment; one that is not known is asked about every time.
    """

    def __init__(self, *, remembers: bool = False) -> None:
        self._remembers = remembers

    def authenticate(self, request: Request) -> tuple[Any, str] | None:
        kind, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if not kind:
            return None
        if kind.lower() != "bearer" or not token.isascii() or not token.isprintable() or not 0 < len(token) <= LONGEST_TOKEN:
            raise AuthenticationFailed
        partner = _remembered_partner(token) if self._remembers else _partner_now(token)
        if partner is None:
            raise AuthenticationFailed
        return partner, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def _partner_now(token: str) -> Partner | None:
    found = partner_with(token)
    return found[0] if found else None


_remembered: dict[str, tuple[Partner, float]] = {}


def _remembered_partner(token: str) -> Partner | None:
    """Who holds the token, as this process heard at most ``REMEMBERED_S`` seconds ago."""
    key = sha256(token.encode()).hexdigest()  # no token lies about in memory
    known = _remembered.get(key)
    if known is not None and monotonic() < known[1]:
        return known[0]
    found = partner_with(token)
    if found is None:
        _remembered.pop(key, None)
        return None
    if len(_remembered) >= _MOST_REMEMBERED:
        _remembered.clear()
    _remembered[key] = found[0], monotonic() + min(REMEMBERED_S, found[1])
    return found[0]


class HasScope(BasePermission):
    """The caller is a partner whose token has the scope that the view declares for the method."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.user, Partner):
            return False
        scope = view.scopes.get("GET" if request.method == "HEAD" else request.method or "")
        if scope is not None and scope not in request.user.scopes:
            raise ScopeMissing(params={"scope": scope})
        return True  # a method without a scope has no handler either: ApiView sees to that, and 405 follows


class _BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the API document tells of tokens."""

    target_class = "core.api.partners.PartnerAuthentication"
    name = "partner"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/o/token/", "scopes": {}}}}
