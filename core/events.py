"""What is announced: frozen dataclasses of ids and plain values, kept as JSON in the outbox.

    @dataclass(frozen=True)
    class OrderPlaced(Event):
        name = "orders.OrderPlaced"
        order_id: int

        @property
        def stream(self) -> str:
            return f"order:{self.order_id}"

Fields are only added, with a default: an old payload must still be readable, an unknown field is ignored.
"""

import types
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, ClassVar, Self, Union, get_args, get_origin, get_type_hints
from uuid import UUID


class Event:
    """One thing that happened. Subclass as a frozen dataclass; set ``name`` and answer ``stream``."""

    name: ClassVar[str]

    @property
    def stream(self) -> str:
        """What the event is about ("order:123"); events of one stream reach a handler in order."""
        raise NotImplementedError(f"{type(self).__name__} must say what its stream is, for example 'order:123'")

    def to_payload(self) -> dict[str, Any]:
        """The event's fields as plain JSON values."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}  # type: ignore[arg-type]

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> Self:
        """The event that a payload tells of; unknown fields are ignored, missing ones take their default."""
        return _build(cls, payload)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError(f"An event carries aware times only, not {value!r}")
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, (list, tuple, frozenset, set)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    raise TypeError(f"An event carries ids and plain values, not {type(value).__name__}")


@cache
def _shape(cls: type) -> tuple[tuple[str, Any, bool], ...]:
    hints = get_type_hints(cls)
    return tuple((f.name, hints[f.name], f.default is MISSING and f.default_factory is MISSING) for f in fields(cls))


def _build(cls: Any, payload: dict[str, Any]) -> Any:
    values = {}
    for name, hint, required in _shape(cls):
        if name in payload:
            values[name] = _read(hint, payload[name])
        elif required:
            raise ValueError(f"The payload of {cls.__name__} has no {name!r}, and the field has no default")
    return cls(**values)


def _read(hint: Any, value: Any) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        kinds = [kind for kind in get_args(hint) if kind is not type(None)]
        return None if value is None else _read(kinds[0], value)
    if value is None or hint is Any:
        return value
    if origin in (tuple, list, frozenset, set):
        inner = get_args(hint)
        if origin is tuple and not (len(inner) == 2 and inner[1] is Ellipsis):
            return tuple(_read(kind, item) for kind, item in zip(inner, value, strict=True))
        return origin(_read(inner[0] if inner else Any, item) for item in value)
    if origin is not None or not isinstance(hint, type):
        return tuple(value) if isinstance(value, list) else value
    if issubclass(hint, Enum):
        return hint(value)
    if hint is UUID:
        return UUID(value)
    if hint is datetime:
        return datetime.fromisoformat(value)
    if hint is date:
        return date.fromisoformat(value)
    if is_dataclass(hint):
        return _build(hint, value)
    return value
