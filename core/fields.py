"""Model fields the house shares: enumerations with a CHECK, public ids, money."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from django.contrib.postgres.fields import DateRangeField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.migrations.operations import RunSQL
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy


class EnumField(models.CharField):
    """A StrEnum stored as text, with a CHECK in the database that admits its values only.

    Migrations keep the values, not the class, so that they import nothing of their app. Labels come from the
    enum's optional ``labels()`` classmethod ({member: translatable text}), else from the value itself.
    """

    def __init__(self, enum: type[StrEnum] | None = None, *, values: Iterable[str] = (), **kwargs: Any) -> None:
        self.enum = enum
        self.values = tuple(m.value for m in enum) if enum else tuple(values)
        labels: dict[str, Any] = getattr(enum, "labels", dict)() if enum else {}
        kwargs.setdefault("max_length", 32)
        for name in ("default", "db_default"):  # migrations carry values, not the app's enumerations
            if isinstance(kwargs.get(name), StrEnum):
                kwargs[name] = kwargs[name].value
        if enum:  # a migration offers nobody a choice, and making them took a quarter of its time
            kwargs["choices"] = [(v, gettext_lazy(labels[v]) if isinstance(labels.get(v), str) else labels.get(v, v)) for v in self.values]
        super().__init__(**kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("choices", None)
        kwargs["values"] = list(self.values)
        for given in ("default", "db_default"):
            if isinstance(kwargs.get(given), StrEnum):
                kwargs[given] = kwargs[given].value
        return name, path, list(args), kwargs

    def db_check(self, connection: Any) -> str | None:
        allowed = ", ".join(f"""'{v.replace("'", "''")}'""" for v in self.values)
        return f"{connection.ops.quote_name(self.column)} IN ({allowed})"

    def from_db_value(self, value: str | None, *_: Any) -> StrEnum | str | None:
        return self.enum(value) if value is not None and self.enum else value

    def clone(self) -> "EnumField":
        _name, _path, args, kwargs = self.deconstruct()
        return type(self)(*args, **kwargs)


def enum_check(table: str, column: str, *, now: Iterable[str], before: Iterable[str]) -> RunSQL:
    """For migrations that give an enumeration more values: Django's AlterField leaves the CHECK of a field's own making as it was."""

    def swap(values: Iterable[str]) -> str:
        name, allowed = f"{table}_{column}_check", ", ".join(f"'{value}'" for value in values)
        return f'ALTER TABLE {table} DROP CONSTRAINT {name}; ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ("{column}" IN ({allowed}));'

    return RunSQL(swap(now), swap(before))


class PublicIdField(models.UUIDField):
    """The id that leaves the house; the prefix (``ord_``…) is added by ``core.ids``. Filled by the database."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("unique", True)
        kwargs.setdefault("editable", False)
        kwargs.setdefault("db_default", RandomUUID())
        super().__init__(**kwargs)


class MoneyField(models.BigIntegerField):
    """A whole number of the currency's minor units; the currency stands on the document."""


class RecordedAtField(models.DateTimeField):
    """When the row was written, by the database's wall clock; simulation never moves it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("db_default", Now())
        kwargs.setdefault("editable", False)
        super().__init__(**kwargs)


class Actored(models.Model):
    """Who did it, kept as plain columns: the kernel cannot point at customers or staff."""

    actor_kind = models.CharField(max_length=16, db_default="system", editable=False)
    actor_id = models.CharField(max_length=64, db_default="system", editable=False)
    actor_label = models.CharField(max_length=128, db_default="", editable=False)
    on_behalf_of = models.CharField(max_length=64, db_default="", editable=False)

    class Meta:
        abstract = True


def text(verbose_name: Any = None, *, max_length: int = 255, **kwargs: Any) -> models.CharField:
    """A text that may be left empty, never null; the database fills the empty text."""
    return models.CharField(verbose_name, max_length=max_length, blank=True, db_default="", **kwargs)


def down(to: str, verbose_name: Any = None, **kwargs: Any) -> models.ForeignKey:
    """A key into this app or a lower one: protected, and without a way back up."""
    kwargs.setdefault("on_delete", models.PROTECT)
    kwargs.setdefault("related_name", "+")
    return models.ForeignKey(to, verbose_name=verbose_name, **kwargs)


class DateRange(models.Func):
    """Two date columns as a range, for exclusion constraints: DateRange("valid_from_on", "valid_until_on", RangeBoundary())."""

    function = "DATERANGE"
    output_field = DateRangeField()
