"""One call to a counter's interface: a timeout, an answer that is understood, or the reason why not. Nothing of it is logged."""

from collections.abc import Mapping
from typing import Any, Final

import httpx

from orders.ports import Declined, NoAnswer, NoticeDoor

TIMEOUT: Final = httpx.Timeout(connect=3.0, read=10.0, write=5.0, pool=3.0)
LATER: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers after which the same call may succeed."""


class Line:
    """Calls to one address with the same headers."""

    def __init__(self, door: NoticeDoor, *, headers: Mapping[str, str]) -> None:
        self._base, self._headers = door.base_url.rstrip("/"), dict(headers)

    def get(self, path: str) -> httpx.Response:
        return self._call("GET", path)

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
        if answer.status_code >= 300:
            raise Declined(f"http_{answer.status_code}", answer.text[:200])
        return answer


def answer_of(answer: httpx.Response) -> dict[str, Any]:
    """The answer as an object; nothing else is an answer."""
    try:
        told = answer.json()
    except ValueError as error:
        raise NoAnswer("unreadable") from error
    if not isinstance(told, dict):
        raise NoAnswer("unreadable")
    return told
