"""What a partner may say of cases, and what it is told."""

from typing import Any, Final

from contact.queries import PREFIX, CaseRow
from contact.rules import LIMITS, CauseClass, Desk, Direction, Priority, Solution
from core.api.shapes import Choice, Code, Flag, Many, Moment, PublicId, Record, Text
from core.ids import public
from customers.rules import ContactChannel, Visibility

SOLUTION = Record(
    Solution,
    resolution=Text(max=LIMITS["resolution"], lines=True),
    cause_class=Choice(CauseClass).or_null().optional(None),
    cause_detail=Text(max=LIMITS["cause_detail"], blank=True).optional(""),
)
NEW_CASE: Final = Record(
    customer=PublicId("cus").or_null().optional(None).described("Null: an unknown caller."),
    theme=Text(max=LIMITS["theme"]),
    body=Text(max=LIMITS["body"], lines=True, blank=True).optional(""),
    reason=Code(max=60).optional("other").described("The code of one of the company's reasons."),
    desk=Choice(Desk).or_null().optional(None),
    channel=Choice(ContactChannel).optional(ContactChannel.MAIL),
    direction=Choice(Direction).optional(Direction.INBOUND),
    priority=Choice(Priority).optional(Priority.NORMAL),
    complaint=Flag().or_null().optional(None).described("Null: as the reason says."),
    occurred_at=Moment().or_null().optional(None),
    orders=Many(PublicId("ord"), min=0, max=20).optional(()),
    caller_name=Text(max=LIMITS["caller_name"], blank=True).optional(""),
    caller_contact=Text(max=LIMITS["caller_contact"], blank=True).optional(""),
    solution=SOLUTION.or_null().optional(None),
)
NEW_INTERACTION: Final = Record(
    body=Text(max=LIMITS["body"], lines=True),
    channel=Choice(ContactChannel).optional(ContactChannel.MAIL),
    direction=Choice(Direction).optional(Direction.INBOUND),
    visibility=Choice(Visibility).optional(Visibility.STAFF),
    waits=Flag().optional(False).described("The next word is the other side's."),
    at=Moment().or_null().optional(None),
)


def case_shown(case: CaseRow) -> dict[str, Any]:
    """A case as partners are told."""
    names = (
        "number",
        "desk",
        "reason",
        "theme",
        "state",
        "priority",
        "complaint",
        "occurred_at",
        "due_at",
        "solved_at",
        "cause_class",
        "resolution",
    )
    return {
        "id": public(PREFIX, case.id),
        "customer": public("cus", case.customer) if case.customer else None,
        **{name: getattr(case, name) for name in names},
        "orders": list(case.orders),
    }


def word_shown(word: Any) -> dict[str, Any]:
    """An interaction as partners are told."""
    return {
        "at": word.at, "what": word.deed, "channel": word.channel, "direction": word.direction, "body": word.body,
        "visibility": word.visibility, "author": word.author_kind,
    }  # fmt: skip


_TEXT, _MAYBE = {"type": "string"}, {"type": ["string", "null"]}
_WHEN, _MAYBE_WHEN = {"type": "string", "format": "date-time"}, {"type": ["string", "null"], "format": "date-time"}
CASE_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "pattern": f"^{PREFIX}_[0-9a-f]{{32}}$"},
        "customer": _MAYBE,
        **dict.fromkeys(("number", "desk", "reason", "theme", "state", "priority", "resolution"), _TEXT),
        "cause_class": _MAYBE,
        "complaint": {"type": "boolean"},
        "occurred_at": _WHEN,
        "due_at": _MAYBE_WHEN,
        "solved_at": _MAYBE_WHEN,
        "orders": {"type": "array", "items": _TEXT},
    },
}
WORD_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"at": _WHEN, "channel": _MAYBE, **dict.fromkeys(("what", "direction", "body", "visibility", "author"), _TEXT)},
}
WORDS_SCHEMA: Final[dict[str, Any]] = {"type": "object", "properties": {"data": {"type": "array", "items": WORD_SCHEMA}}}
