"""One call to a counter's interface: a timeout, an answer that is understood, or the reason why not. Nothing of it is logged."""

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import httpx

from orders.ports import Declined, NoAnswer, NoticeDoor, OrderSeen
from orders.rules import whole

TIMEOUT: Final = httpx.Timeout(connect=3.0, read=10.0, write=5.0, pool=3.0)
LATER: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers after which the same call may succeed."""


_tokens: dict[str, tuple[str, float]] = {}
"""Access tokens by what renews them, and until when they hold. They live in this process only."""
_EARLY: Final = 60.0
"""Seconds before its end at which a token counts as ended."""


class Line:
    """Calls to one address with the same headers."""

    def __init__(self, door: NoticeDoor, *, headers: Mapping[str, str]) -> None:
        self._base, self._headers = door.base_url.rstrip("/"), dict(headers)
        self._renewed_by = _renewed_by(door)

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self._call("GET", path, **given)

    def post(self, path: str, **given: Any) -> httpx.Response:
        return self._call("POST", path, **given)

    def _call(self, method: str, path: str, **given: Any) -> httpx.Response:
        headers = {**self._headers, **given.pop("headers", {})}
        try:
            with httpx.Client(timeout=TIMEOUT, follow_redirects=False) as client:
                answer = client.request(method, f"{self._base}{path}", headers=headers, **given)
        except httpx.TimeoutException as silence:
            raise NoAnswer("timeout") from silence
        except httpx.HTTPError as torn:
            raise NoAnswer("no_answer") from torn
        if answer.status_code in LATER:
            raise NoAnswer(f"http_{answer.status_code}")
        if answer.status_code in (401, 403) and self._renewed_by in _tokens:
            _tokens.pop(self._renewed_by, None)
            raise NoAnswer(f"http_{answer.status_code}")  # the token ended early: the next call gets another
        if answer.status_code >= 300:
            raise Declined(f"http_{answer.status_code}", answer.text[:200])
        return answer


def access_token(door: NoticeDoor, *, url: str, basic: bool = False) -> str:
    """The token that calls carry: the one that was given, or the one its refresh token is exchanged for, kept until it ends.

    ``basic``: the program names itself in the Authorization header instead of the form. Raises Declined where the counter no longer
    knows the refresh token, NoAnswer.
    """
    secrets = door.secrets
    if not secrets.get("refresh_token"):
        return secrets["access_token"]
    key = _renewed_by(door)
    if (known := _tokens.get(key)) and known[1] > time.monotonic():
        return known[0]
    form = {"grant_type": "refresh_token", "refresh_token": secrets["refresh_token"]}
    own = {"client_id": secrets["client_id"], "client_secret": secrets["client_secret"]}
    line = Line(NoticeDoor(base_url=secrets.get("token_url") or url, secrets={}), headers={})
    given: dict[str, Any] = {"data": form, "auth": tuple(own.values())} if basic else {"data": {**form, **own}}
    told = answer_of(line.post("", **given))
    token, holds = told.get("access_token"), whole(told.get("expires_in"))
    if not isinstance(token, str) or not token:
        raise NoAnswer("unreadable")
    _tokens[key] = (token, time.monotonic() + (holds or 0) - _EARLY)
    return token


def _renewed_by(door: NoticeDoor) -> str:
    refresh = door.secrets.get("refresh_token", "")
    return hashlib.sha256(refresh.encode()).hexdigest() if refresh else ""


def parted(asked: Sequence[OrderSeen], most: int) -> Iterator[Sequence[OrderSeen]]:
    """What is asked for, as many at once as a call may name."""
    for start in range(0, len(asked), most):
        yield asked[start : start + most]


def answer_of(answer: httpx.Response) -> dict[str, Any]:
    """The answer as an object; nothing else is an answer."""
    try:
        told = answer.json()
    except ValueError as error:
        raise NoAnswer("unreadable") from error
    if not isinstance(told, dict):
        raise NoAnswer("unreadable")
    return told
