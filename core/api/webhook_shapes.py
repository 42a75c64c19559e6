"""What partners may say of webhooks, and what they are told."""

from enum import StrEnum
from typing import Any

from core.api.shapes import Choice, Code, Many, PublicId, Record, Text
from core.ids import public
from core.ports import WebhookType
from core.queries import ENDPOINT_PREFIX, MESSAGE_PREFIX, EndpointView, MessageView
from core.webhooks import LONGEST_URL, EndpointState, MessageState

Json = dict[str, Any]


class Wanted(StrEnum):
    """The states a partner may set."""

    ACTIVE = "active"
    PAUSED = "paused"


_URL = Text(max=LONGEST_URL + 8_192).described("https, a public host name, port 443 or 8443; see docs/webhooks.md.")
_TYPES = Many(Code(max=60), max=100).described("Names of events out of GET /webhook-types.")
_NAME = Text(max=80, blank=True)

ENDPOINT = Record(url=_URL, types=_TYPES, name=_NAME.optional(""))
CHANGE = Record(
    url=_URL.optional(),
    types=_TYPES.optional(),
    name=_NAME.optional(),
    state=Choice(Wanted).optional().described("What waits for a paused endpoint is sent when it is active again."),
)
NOTHING = Record()
AGAIN = Record(
    messages=Many(PublicId(MESSAGE_PREFIX), max=500).optional().described("These messages."),
    since=PublicId(MESSAGE_PREFIX).optional().described("This message and everything after it; one of the two is named."),
)
STATES = Choice(MessageState).optional(None)

_TEXT: Json = {"type": "string"}
_MOMENT: Json = {"type": "string", "format": "date-time"}
_MOMENT_OR_NULL: Json = {"type": ["string", "null"], "format": "date-time"}
_MESSAGE_ID: Json = {"type": "string", "pattern": f"^{MESSAGE_PREFIX}_[0-9a-f]{{32}}$"}
_ENDPOINT_ID: Json = {"type": "string", "pattern": f"^{ENDPOINT_PREFIX}_[0-9a-f]{{32}}$"}

_ENDPOINT_FIELDS: Json = {
    "id": _ENDPOINT_ID,
    "name": _TEXT,
    "url": _TEXT,
    "types": {"type": "array", "items": _TEXT},
    "state": {"type": "string", "enum": [state.value for state in EndpointState]},
    "reason": {**_TEXT, "description": "Why it is paused or disabled: `gone` after a 410, `failing` after five days, or somebody's words."},
    "failing_since": _MOMENT_OR_NULL,
    "last_success_at": _MOMENT_OR_NULL,
    "former_secret_until": {**_MOMENT_OR_NULL, "description": "So long the secret before the last rotation signs as well."},
    "recorded_at": _MOMENT,
}
ENDPOINT_SCHEMA: Json = {"type": "object", "properties": _ENDPOINT_FIELDS, "required": list(_ENDPOINT_FIELDS)}
OPENED_SCHEMA: Json = {
    "type": "object",
    "properties": {
        **_ENDPOINT_FIELDS,
        "secret": {
            "type": ["string", "null"],
            "description": "Told this once: null when the answer is repeated for the same Idempotency-Key.",
        },
    },
    "required": [*_ENDPOINT_FIELDS, "secret"],
}
TYPE_SCHEMA: Json = {
    "type": "object",
    "properties": {
        "type": _TEXT,
        "version": {"type": "integer"},
        "scope": {**_TEXT, "description": "The scope an application needs for it."},
        "description": _TEXT,
        "example": {"type": "object", "description": "The `data` of a message."},
        "may_subscribe": {"type": "boolean", "description": "Whether this application has the scope."},
    },
    "required": ["type", "version", "scope", "description", "example", "may_subscribe"],
}
TYPES_SCHEMA: Json = {"type": "object", "properties": {"data": {"type": "array", "items": TYPE_SCHEMA}}, "required": ["data"]}
MESSAGE_SCHEMA: Json = {
    "type": "object",
    "properties": {
        "id": _MESSAGE_ID,
        "type": _TEXT,
        "version": {"type": "integer"},
        "occurred_at": _MOMENT,
        "state": {"type": "string", "enum": [state.value for state in MessageState]},
        "tries": {"type": "integer"},
        "last_status": {"type": ["integer", "null"], "description": "What the endpoint answered last."},
        "last_error": {**_TEXT, "description": "Where there was no answer: timeout, refused, tls, unknown_name, forbidden_address …"},
        "next_try_at": _MOMENT_OR_NULL,
        "delivered_at": _MOMENT_OR_NULL,
    },
    "required": ["id", "type", "version", "occurred_at", "state", "tries", "last_status", "last_error", "next_try_at", "delivered_at"],
}
PING_SCHEMA: Json = {"type": "object", "properties": {"message": _MESSAGE_ID}, "required": ["message"]}
RESENT_SCHEMA: Json = {"type": "object", "properties": {"resent": {"type": "integer"}}, "required": ["resent"]}


def endpoint_shown(row: EndpointView) -> Json:
    return {
        "id": public(ENDPOINT_PREFIX, row.id),
        "name": row.name,
        "url": row.url,
        "types": list(row.types),
        "state": row.state,
        "reason": row.reason,
        "failing_since": row.failing_since_at,
        "last_success_at": row.succeeded_at,
        "former_secret_until": row.former_until_at,
        "recorded_at": row.recorded_at,
    }


def type_shown(kind: WebhookType, *, may: bool, about: str) -> Json:
    return {
        "type": kind.name, "version": kind.version, "scope": kind.scope, "description": about, "example": dict(kind.example),
        "may_subscribe": may,
    }  # fmt: skip


def message_shown(row: MessageView) -> Json:
    waits = row.state in (MessageState.QUEUED, MessageState.SENDING)
    return {
        "id": public(MESSAGE_PREFIX, row.id),
        "type": row.type,
        "version": row.version,
        "occurred_at": row.occurred_at,
        "state": row.state,
        "tries": row.tries,
        "last_status": row.last_status,
        "last_error": row.last_error,
        "next_try_at": row.due_at if waits else None,
        "delivered_at": row.delivered_at,
    }
