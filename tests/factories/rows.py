"""Rows of any model, made from its columns alone: for tests that ask the same of every table.

Triggers and foreign keys are switched off while writing, so the rows need not tell a true story; unique keys and checks still hold.
"""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import IntegrityError, connection, models, transaction

Told = Mapping[str, Any]

# Where the columns alone do not tell what a check wants.
SPECIAL: dict[str, Told] = {
    "customers.Account": {"kind": "person", "is_staff": False, "is_superuser": False},
    "django_celery_beat.PeriodicTask": {"crontab": None, "solar": None, "clocked": None, "args": "[]", "kwargs": "{}", "headers": "{}"},
    "core.TaxRate": {"country": "NZ"},
    "customers.PointProgramme": {"rate_bp": 100},
    "core.WebhookEndpoint": {"types": ["order.placed"], "state": "active", "ended_at": None},
    "billing.PaymentMeans": {"last4": "4242", "exp_month": 1, "exp_year": 2030},
    "subscriptions.Plan": {"intervals": "1m", "default_interval": "1m"},
    "subscriptions.Subscription": {"interval": "1m", "paused_at": None, "paused_until_on": None, "ended_at": None},
    "inventory.BackOrder": {"status": "waiting", "closed_at": None},
    "inventory.KitPart": {"stock_item": None},
    "inventory.Kit": {"rate_bp": 0, "amount": 0},
    "campaigns.Coupon": {"code": "A1", "kind": "amount", "amount": 500, "percent_bp": None, "most_off": None, "until_at": None},
    "orders.OrderForm": {"code": "A1"},
    "orders.CasePhoto": {"service": None, "ended_at": None},
    "orders.ServiceRequest": {"status": "requested", "ended_at": None, "stock_item": None, "location": None, "payout_total": 0},
    "orders.Line": {"quantity": 1, "unit_price": 100, "discount": 0, "amount": 100},
}
NEXT_ONE = {("customers.DuplicateCandidate", "other"), ("inventory.StockTransfer", "to_location")}
"""Keys that point at the row after the one their neighbour points at."""
_FRESH = count(1000)
KNOWN_WORDS: Told = {"currency": "JPY", "country": "JP", "language": "ja"}


def rows_of(model: type[models.Model], number: int, *, after: int = 0, **told: Any) -> list[Any]:
    """That many rows of a model, `after` as many that are there already, with one row of everything they must point at."""
    with _unguarded():
        return [_row(model, after + place, told, depth=0) for place in range(number)]


@contextmanager
def _unguarded() -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


def _row(model: type[models.Model], place: int, told: Told, *, depth: int) -> Any:
    """A row with everything filled in; where a check forbids that, with less and less that may be empty."""
    problem: Exception | None = None
    for emptied in _what_may_be_empty(model):
        values = {**_values(model, place, emptied, depth=depth), **SPECIAL.get(model._meta.label, {}), **told}
        try:
            with transaction.atomic():
                row = model(**values)
                models.Model.save_base(row, force_insert=True)
        except IntegrityError as error:
            problem = error
        else:
            return model._base_manager.get(pk=row.pk)
    raise AssertionError(f"{model._meta.label}: no row can be made: {problem}")


def _what_may_be_empty(model: type[models.Model]) -> Iterator[frozenset[str]]:
    """Nothing; each column that may be null; each pair; all of them."""
    nullable = [f.name for f in model._meta.concrete_fields if f.null]
    yield frozenset()
    for name in nullable:
        yield frozenset({name})
    for i, one in enumerate(nullable):
        for other in nullable[i + 1 :]:
            yield frozenset({one, other})
    for name in nullable:
        yield frozenset(nullable) - {name}
    yield frozenset(nullable)


def _values(model: type[models.Model], place: int, emptied: frozenset[str], *, depth: int) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.primary_key and isinstance(field, models.AutoField):
            continue
        if field.name in emptied:
            values[field.name] = None
        elif isinstance(field, models.ForeignKey):
            values[field.attname] = _target(model, field, place, depth=depth)
        elif (not field.has_default() and field.db_default is models.NOT_PROVIDED) or field.null or field.unique:
            values[field.name] = _value(field, place)
    return values


def _target(model: type[models.Model], field: Any, place: int, *, depth: int) -> Any:
    """The row pointed at: shared by all, or one each where it is in a unique key; nothing where a table points at itself."""
    target = field.related_model
    if target is model or depth > 4:
        return None if field.null else 1
    own = field.unique or any(field.name in names for names in _unique_keys(model))
    wanted = place if own else 0
    wanted += (model._meta.label, field.name) in NEXT_ONE
    known = list(target._base_manager.order_by("pk")[: wanted + 1])
    row = known[wanted] if wanted < len(known) else _row(target, next(_FRESH), {}, depth=depth + 1)
    return getattr(row, field.target_field.attname)


def _unique_keys(model: type[models.Model]) -> list[tuple[str, ...]]:
    found = [tuple(c.fields) for c in model._meta.constraints if isinstance(c, models.UniqueConstraint)]
    return [*found, *(tuple(names) for names in model._meta.unique_together)]


def _value(field: Any, place: int) -> Any:  # noqa: C901 - one line per kind of column
    if field.name in KNOWN_WORDS:
        return KNOWN_WORDS[field.name]
    if field.flatchoices:
        choices = [value for value, _label in field.flatchoices]
        return choices[place % len(choices)] if field.unique else choices[0]
    if isinstance(field, models.UUIDField):
        return uuid.uuid4()
    if isinstance(field, models.BooleanField):
        return False
    if isinstance(field, models.DecimalField):
        return place % 90
    if isinstance(field, models.IntegerField):
        return place + 1
    if isinstance(field, models.FloatField):
        return float(place)
    if isinstance(field, models.DateTimeField):
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=place, hours="until" in field.name or "expire" in field.name)
    if isinstance(field, models.DateField):
        return date(2026, 1, 1) + timedelta(days=place + ("until" in field.name or "expire" in field.name))
    if isinstance(field, models.TimeField):
        return time(9)
    if isinstance(field, models.DurationField):
        return timedelta(days=1)
    if isinstance(field, models.JSONField):
        return {}
    if isinstance(field, ArrayField):
        return []
    if isinstance(field, models.BinaryField):
        return b"x"
    if isinstance(field, models.EmailField):
        return f"somebody{place}@example.com"
    if isinstance(field, models.URLField):
        return f"https://example.com/{place}"
    if isinstance(field, models.GenericIPAddressField):
        return "192.0.2.1"
    length = field.max_length or 40
    return f"{place}{field.name}"[:length] if length > 3 else f"{place:02}"[-length:]
