"""What a request may say: declared once, read strictly, documented from the same declaration.

    LINE = Record(OrderLine, sku=Code(max=64), quantity=Whole(min=1, max=99_999))
    ORDER = Record(OrderInput, channel=Code(max=32), lines=Many(LINE, max=200), note=Text(max=500, lines=True).optional(""))

    ORDER.read(body)  -> OrderInput, or Malformed with one error and JSON pointer per mistake

Unknown and repeated fields are refused; nothing is converted: ``true`` is no number, ``"3"`` no quantity, ``3.0`` no
whole number. Plain functions over plain values: a two-line order is read in some ten microseconds.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from core import ids
from core.errors import Malformed, NotFound, Refusal
from core.words import gettext_noop

MOST_ERRORS = 50
BAD: Any = object()
ABSENT: Any = object()

Errors = list[Refusal]
Path = tuple[Any, ...]  # (path of the whole, key), nested: cheap to make, turned into a pointer only for an error


def pointer(path: Path) -> str:
    """The JSON pointer of a path (RFC 6901)."""
    parts: list[str] = []
    while path:
        path, key = path
        parts.append(str(key).replace("~", "~0").replace("/", "~1"))
    return "".join(f"/{part}" for part in reversed(parts))


def _note(errors: Errors, path: Path, code: str, message: str, **params: object) -> Any:
    if len(errors) < MOST_ERRORS:
        errors.append(Refusal(code, message, params, pointer(path)))
    return BAD


class Kind:
    """How one value must look. ``optional`` lets it be absent, ``or_null`` lets it be null."""

    default: Any = ABSENT
    nullable: bool = False
    about: str = ""

    def optional(self, default: Any = None) -> Self:
        """The same kind where absence means ``default``."""
        other = copy(self)
        other.default = default
        return other

    def or_null(self) -> Self:
        """The same kind where null is an answer too."""
        other = copy(self)
        other.nullable = True
        return other

    def described(self, about: str) -> Self:
        """The same kind with a sentence for the API documentation."""
        other = copy(self)
        other.about = about
        return other

    def value(self, given: Any, path: Path, errors: Errors) -> Any:
        """The value as the house wants it, or BAD with a note in ``errors``."""
        raise NotImplementedError

    def text_value(self, given: str, path: Path, errors: Errors) -> Any:
        """The value of a query parameter."""
        return self.value(given, path, errors)

    def check(self, given: Any, path: Path, errors: Errors) -> Any:
        """``value`` with null taken care of."""
        if given is None:
            return None if self.nullable else _note(errors, path, "value.null", gettext_noop("This must not be null."))
        return self.value(given, path, errors)

    def schema(self) -> dict[str, Any]:
        """The OpenAPI schema of the kind."""
        found = self._schema()
        if self.nullable:
            found["type"] = [found["type"], "null"] if "type" in found else found.get("type")
        if self.about:
            found["description"] = self.about
        if self.default is not ABSENT and isinstance(self.default, (str, int, bool)):
            found["default"] = self.default
        return found

    def _schema(self) -> dict[str, Any]:
        raise NotImplementedError


# Line ends, tabs and other controls; characters that hide or turn text. A joiner inside an emoji is fine.
_ONE_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b\ufeff\u202a-\u202e\u2066-\u2069]").search
_MANY_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\ufeff\u202a-\u202e\u2066-\u2069]").search


class Text(Kind):
    """Words as people write them, one line unless ``lines``; blank is refused unless ``blank``; ``fold`` makes it NFKC."""

    def __init__(self, *, max: int, lines: bool = False, blank: bool = False, fold: bool = False) -> None:
        self.max, self.lines, self.blank, self.fold = max, lines, blank, fold
        self._forbidden = _MANY_LINES if lines else _ONE_LINE

    def value(self, given: Any, path: Path, errors: Errors) -> Any:
        if type(given) is not str:
            return _note(errors, path, "text.type", gettext_noop("This must be text."))
        if len(given) > self.max:
            return _note(errors, path, "text.too_long", gettext_noop("This is longer than %(max)s characters."), max=self.max)
        if self._forbidden(given):
            return _note(errors, path, "text.character", gettext_noop("This contains a control character or an invisible one."))
        said = unicodedata.normalize("NFKC" if self.fold else "NFC", given) if not given.isascii() else given
        if not self.blank and not said.strip():
            return _note(errors, path, "text.blank", gettext_noop("This must not be blank."))
        return said

    def _schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": self.max, **({} if self.blank else {"minLength": 1})}


class Code(Kind):
    """A code: visible ASCII characters only, so that a full-width digit is no digit."""

    def __init__(self, *, max: int, pattern: str = r"[\x21-\x7e]+") -> None:
        self.max, self.pattern = max, pattern
        self._fits = re.compile(pattern).fullmatch

    def value(self, given: Any, path: Path, errors: Errors) -> Any:
        if type(given) is not str:
            return _note(errors, path, "text.type", gettext_noop("This must be text."))
        if len(given) > self.max:
            return _note(errors, path, "text.too_long", gettext_noop("This is longer than %(max)s characters."), max=self.max)
        if not self._fits(given):
            return _note(errors, path, "code.character", gettext_noop("This must be a code of half-width letters, digits and signs."))
        return given

    def _schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": self.max, "pattern": f"^{self.pattern}$"}


_WHOLE = re.compile(r"-?[0-9]{1,19}").fullmatch


class Whole(Kind):
    """A whole number from ``min`` to ``max``; the bounds are required because every column has some."""

    def __init__(self, *, min: int = 0, max: int) -> None:
        self.min, self.max = min, max

    def value(self, given: Any, path: Path, errors: Errors) -> Any:
        if type(given) is not int:
            return _note(errors, path, "number.type", gettext_noop("This must be a whole number, without quotes or decimal point."))
        if not self.min <= given <= self.max:
            return _note(
                errors, path, "number.range", gettext_noop("This must be between %(min)s and %(max)s."), min=self.min, max=self.max
            )
        return given

    def text_value(self, given: str, path: Path, errors: Errors) -> Any:
        if not _WHOLE(given):
            return _note(errors, path, "number.type", gettext_noop("This must be a whole number in half-width digits."))
        return self.value(int(given), path, errors)

    def _schema(self) -> dict[str, Any]:
        return {"type": "integer", "format": "int64", "minimum": self.min, "maximum": self.max}


class Flag(Kind):
    """True or false."""

    def value(self, given: Any, path: Path, errors: Errors) -> Any:
        if type(given) is not bool:
            return _note(errors, path, "flag.type", gettext_noop("This must be true or false."))
        return given

    def text_value(self, given: str, path: Path, errors: Errors) -> Any:
        if given not in ("true", "false"):
            return _note(errors, path, "flag.type", gettext_noop("This must be true or false."))
        return given == "true"

    def _schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


class Choice(Kind):
    """One member of an enumeration, by its value."""

    def __init__(self, enum: type[StrEnum]) -> None:
        self.members: dict[str, StrEnum] = {str(member.value): member for member in enum}

    def value(self, given: Any, path: Path, errors: Errors) -> Any:
        found = self.members.get(given) if type(given) is str else None
        if found is None:
            return _note(errors, path, "choice.unknown", gettext_noop("This must be one of %(choices)s."), choices=", ".join(self.members))
        return found

    def _schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.members)}


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})").fullmatch


class Day(Kind):
    """A calendar day, YYYY-MM-DD, from 1900 to 2999."""

    def value(self, given: Any, path: Path, errors: Errors) -> Any:
        try:
            if type(given) is str and _DAY(given) and 1900 <= (day := date.fromisoformat(given)).year <= 2999:
                return day
        except ValueError:
            pass
        return _note(errors, path, "day.invalid", gettext_noop("This must be a real day written as YYYY-MM-DD."))

    def _schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}


class Moment(Kind):
    """A moment with its offset, as in RFC 3339; comes back in UTC."""

    def value(self, given: Any, path: Path, errors: Errors) -> Any:
        try:
            if type(given) is str and _MOMENT(given):
                found = datetime.fromisoformat(given).astimezone(UTC)
                if 1900 <= found.year <= 2999:
                    return found
        except (ValueError, OverflowError):
            pass
        return _note(errors, path, "moment.invalid", gettext_noop("This must be a time with offset, like 2026-04-01T09:00:00+09:00."))

    def _schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}


class PublicId(Kind):
    """A public id with its prefix; comes back as a uuid. Whether such a record exists is for the query to say."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def value(self, given: Any, path: Path, errors: Errors) -> UUID | Any:
        try:
            return ids.parse(self.prefix, given)
        except NotFound:
            return _note(errors, path, "id.invalid", gettext_noop("This must be an id beginning with %(prefix)s_."), prefix=self.prefix)

    def _schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{self.prefix}_[0-9a-f]{{32}}$"}


class Many(Kind):
    """A list; its length is checked before its members are looked at. Comes back as a tuple."""

    def __init__(self, kind: Kind, *, min: int = 1, max: int) -> None:
        self.kind, self.min, self.max = kind, min, max

    def value(self, given: Any, path: Path, errors: Errors) -> Any:
        if type(given) is not list:
            return _note(errors, path, "list.type", gettext_noop("This must be a list."))
        if not self.min <= len(given) <= self.max:
            return _note(
                errors, path, "list.length", gettext_noop("This must have %(min)s to %(max)s members."), min=self.min, max=self.max
            )
        check = self.kind.check
        before = len(errors)
        found = tuple([check(member, (path, place), errors) for place, member in enumerate(given)])
        return found if len(errors) == before else BAD

    def _schema(self) -> dict[str, Any]:
        return {"type": "array", "items": self.kind.schema(), "minItems": self.min, "maxItems": self.max}


class Record(Kind):
    """An object with exactly these fields; comes back as what ``build`` makes of them (a frozen dataclass, or dict)."""

    def __init__(self, build: Callable[..., Any] = dict, /, **fields: Kind) -> None:
        self.build, self.fields = build, fields
        self.name = getattr(build, "__name__", "")

    def value(self, given: Any, path: Path, errors: Errors) -> Any:
        if type(given) is not dict:
            return _note(errors, path, "object.type", gettext_noop("This must be an object."))
        before = len(errors)
        found = {}
        fields = self.fields
        known = 0
        for name, kind in fields.items():
            if name in given:
                known += 1
                found[name] = kind.check(given[name], (path, name), errors)
            elif kind.default is ABSENT:
                _note(errors, (path, name), "field.missing", gettext_noop("This field is required."))
            else:
                found[name] = kind.default
        if known != len(given):
            for name in given:
                if name not in fields:
                    _note(errors, (path, name), "field.unknown", gettext_noop("There is no such field."))
        return self.build(**found) if len(errors) == before else BAD

    def read(self, body: Any) -> Any:
        """What the body says; raises Malformed with every mistake and its pointer."""
        errors: Errors = []
        found = self.check(body, (), errors)
        if errors:
            raise Malformed(errors=errors, field=errors[0].field)
        return found

    def read_query(self, query: Mapping[str, Sequence[str]]) -> Any:
        """What the query string says; a repeated or unknown parameter is refused."""
        errors: Errors = []
        found: dict[str, Any] = {}
        for name, given in query.items():
            if name not in self.fields:
                _note(errors, ((), name), "parameter.unknown", gettext_noop("There is no such parameter."))
            elif len(given) != 1:
                _note(errors, ((), name), "parameter.repeated", gettext_noop("This parameter may be given once."))
            else:
                found[name] = self.fields[name].text_value(given[0], ((), name), errors)
        for name, kind in self.fields.items():
            if name not in query:
                if kind.default is ABSENT:
                    _note(errors, ((), name), "parameter.missing", gettext_noop("This parameter is required."))
                found[name] = kind.default
        if errors:
            raise Malformed(errors=errors, field=errors[0].field)
        return self.build(**found)

    def _schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {name: kind.schema() for name, kind in self.fields.items()},
            "required": [name for name, kind in self.fields.items() if kind.default is ABSENT],
            "additionalProperties": False,
        }
