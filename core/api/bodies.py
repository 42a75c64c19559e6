"""Reading a JSON body strictly: what is ambiguous or cannot be stored is refused with the place of the mistake."""

import json
import re
from typing import Any

import orjson
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.request import UnreadablePostError

from core.api.shapes import Path, pointer
from core.errors import HouseError, Malformed
from core.words import gettext_noop

LIMIT = 2**20
DEEPEST = 32
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"')


class BodyTooLarge(HouseError):
    """The body is longer than this resource takes (413)."""

    status = 413
    code = "body.too_large"
    message = gettext_noop("The body is larger than the %(limit)s bytes this resource takes.")


class WrongContentType(HouseError):
    """The body is not declared as plain JSON in UTF-8 (415)."""

    status = 415
    code = "body.content_type"
    message = gettext_noop("Send the body as application/json in UTF-8, without Content-Encoding.")


class NotJson(Malformed):
    """The body is no JSON text."""

    code = "body.not_json"
    message = gettext_noop("The body is not valid JSON: %(why)s.")


class DuplicateKey(Malformed):
    """An object names a field twice; one of the two values would be lost silently."""

    code = "body.duplicate_key"
    message = gettext_noop("A field is given twice in the same object.")


class ForbiddenCharacter(Malformed):
    """A text holds a NUL character, which no database text can."""

    code = "body.nul"
    message = gettext_noop("A text contains the character U+0000.")


class TooDeep(Malformed):
    """The body is nested deeper than anything we take."""

    code = "body.too_deep"
    message = gettext_noop("The body is nested more than %(limit)s levels deep.")


def raw_body(request: HttpRequest, *, limit: int = LIMIT) -> bytes:
    """The bytes of the body, at most ``limit``; refuses other content types and encodings."""
    content_type = request.META.get("CONTENT_TYPE", "").replace(" ", "").lower()
    if content_type not in ("application/json", "application/json;charset=utf-8") or request.META.get("HTTP_CONTENT_ENCODING"):
        raise WrongContentType
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
            raise BodyTooLarge(params={"limit": limit})
        raw = request.body
    except RequestDataTooBig:
        raise BodyTooLarge(params={"limit": limit}) from None
    except UnreadablePostError:
        raise NotJson(params={"why": "the connection ended before the body did"}) from None
    if len(raw) > limit:
        raise BodyTooLarge(params={"limit": limit})
    return raw


def json_object(raw: bytes) -> dict[str, Any]:
    """The object a JSON text holds. NaN, lone surrogates, doubled fields, NUL and deep nesting are refused."""
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        if "depth" in error.msg or "recursion" in error.msg.lower():
            raise TooDeep(params={"limit": DEEPEST}) from None
        raise NotJson(params={"why": f"{error.msg}, line {error.lineno}, column {error.colno}"}) from None
    if type(found) is not dict:
        raise NotJson(params={"why": "an object is expected at the top"})
    members = _count_members(found, 1)
    if members != _STRINGS.sub(b"", raw).count(b":"):
        raise DuplicateKey(field=_first_duplicate(raw))
    if b"\\u0000" in raw and (place := _nul_in(found, ())) is not None:
        raise ForbiddenCharacter(field=pointer(place))
    return found


def _count_members(value: Any, depth: int) -> int:
    """How many object members there are, at every level; the text has one colon outside strings for each."""
    if depth > DEEPEST:
        raise TooDeep(params={"limit": DEEPEST})
    if type(value) is dict:
        count = len(value)
        for member in value.values():
            if type(member) is dict or type(member) is list:
                count += _count_members(member, depth + 1)
        return count
    count = 0
    for member in value:
        if type(member) is dict or type(member) is list:
            count += _count_members(member, depth + 1)
    return count


class _Twice(Exception):
    """Carries the doubled field's name out of the slow parser."""


def _first_duplicate(raw: bytes) -> str:
    def look(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _Twice(name)
            seen.add(name)
        return dict(pairs)

    try:
        json.loads(raw, object_pairs_hook=look)
    except _Twice as found:
        return pointer(((), found.args[0]))
    return ""


def _nul_in(value: Any, path: Path) -> Path | None:
    if type(value) is str:
        return path if "\x00" in value else None
    members = value.items() if type(value) is dict else enumerate(value) if type(value) is list else ()
    for key, member in members:
        here = (path, key)
        if type(key) is str and "\x00" in key:
            return here
        if (found := _nul_in(member, here)) is not None:
            return found
    return None
