"""The families of refusal. Every operation's exceptions subclass one, and each counter maps the family once.

A refusal carries a stable ``code`` ("order.already_shipped"), an English message template marked with
``gettext_noop``, its parameters, and a JSON pointer to the field at fault ("/lines/0/quantity").
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from core.words import gettext_noop

Value = object


def _same(message: str) -> str:
    return message


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why something was not done; also the result of a refused item of a batch."""

    code: str
    message: str
    params: Mapping[str, Value] = field(default_factory=dict)
    field: str = ""

    def text(self, translate: Callable[[str], str] = _same) -> str:
        """The reason in words; pass ``gettext`` to get the reader's language."""
        said = translate(self.message)
        if not self.params:
            return said.replace("%%", "%")
        return said % self.params

    def at(self, pointer: str) -> "Refusal":
        """The same reason, pointing at a field."""
        return replace(self, field=pointer)


class HouseError(Exception):
    """The root of the families; raise a family or a subclass of one, never this."""

    status: ClassVar[int] = 500
    code: str = "error"
    message: str = gettext_noop("Something went wrong.")

    def __init__(
        self,
        code: str = "",
        message: str = "",
        *,
        params: Mapping[str, Value] | None = None,
        field: str = "",
        errors: Sequence[Refusal] = (),
    ) -> None:
        self.code = code or self.code
        self.message = message or self.message
        self.params: Mapping[str, Value] = params or {}
        self.field = field
        self.errors = tuple(errors)
        super().__init__(self.code)

    @property
    def refusal(self) -> Refusal:
        """The reason as a value, for batch results and counters."""
        return Refusal(self.code, self.message, self.params, self.field)

    def __str__(self) -> str:
        return f"{self.code}: {self.refusal.text()}"


class Malformed(HouseError):
    """The request can't be read as what it must be (400)."""

    status = 400
    code = "request.malformed"
    message = gettext_noop("The request could not be understood.")


class Forbidden(HouseError):
    """The actor may not do this (403)."""

    status = 403
    code = "forbidden"
    message = gettext_noop("You are not allowed to do this.")


class NotFound(HouseError):
    """No such thing is visible to the actor (404); also the answer for a foreign id."""

    status = 404
    code = "not_found"
    message = gettext_noop("There is no such record.")


class Conflict(HouseError):
    """Somebody else was first, or the state has moved on (409)."""

    status = 409
    code = "conflict"
    message = gettext_noop("The record was changed by someone else. Load it again and repeat.")


class PreconditionFailed(Conflict):
    """The If-Match given is not the current version (412)."""

    status = 412
    code = "precondition_failed"
    message = gettext_noop("The record has version %(current)s, not %(given)s.")


class Busy(Conflict):
    """Locks could not be had after three more tries; nothing was done and the same call may be repeated."""

    code = "busy"
    message = gettext_noop("The system is busy with the same record. Nothing was changed; please try again.")
    retry_after_s: int = 1


class Refused(HouseError):
    """A business rule says no (422)."""

    status = 422
    code = "refused"
    message = gettext_noop("This cannot be done.")
