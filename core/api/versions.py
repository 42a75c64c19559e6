"""Rows that people edit carry a version: If-Match must name it, else the answer is 412 and nothing changes."""

import re

from django.http import HttpRequest

from core.errors import HouseError, Malformed, PreconditionFailed
from core.words import gettext_noop

_TAG = re.compile(r'"v([0-9]{1,18})"').fullmatch


class VersionMissing(HouseError):
    """The change needs If-Match (428)."""

    status = 428
    code = "version.missing"
    message = gettext_noop("Send the version you have read as If-Match.")


class TagInvalid(Malformed):
    """If-Match holds something we never gave out."""

    code = "version.invalid"
    message = gettext_noop("If-Match must be one ETag as this resource gave it, or *.")


def etag(version: int) -> str:
    """The ETag of a version."""
    return f'"v{version}"'


def given_version(request: HttpRequest, *, required: bool = False) -> int | None:
    """The version a change is based on; None for any (no If-Match, or ``*``)."""
    given = request.META.get("HTTP_IF_MATCH", "").strip()
    if not given:
        if required:
            raise VersionMissing
        return None
    if given == "*":
        return None
    found = _TAG(given)
    if found is None:
        raise TagInvalid
    return int(found[1])


def check_version(*, current: int, given: int | None) -> None:
    """Refuses a change based on another version than the current one; call it under the row's lock."""
    if given is not None and given != current:
        raise PreconditionFailed(params={"current": current, "given": given})
