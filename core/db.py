"""Transactions, hot SQL and locks: the one place that begins, retries and counts."""

import inspect
import random
import re
import time
from asyncio import _get_running_loop
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache, partial, wraps
from hashlib import blake2b
from threading import local
from typing import Any, ParamSpec, TypeVar, cast, overload
from uuid import UUID

import orjson
import psycopg
from django.db import DEFAULT_DB_ALIAS, DatabaseError, ProgrammingError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.adapt import AdaptersMap, PyFormat, Transformer
from psycopg.generators import execute
from psycopg.pq import Escaping, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult
from psycopg.sql import quote
from psycopg.types.json import JsonbDumper, set_json_dumps, set_json_loads
from psycopg.types.numeric import Int8BinaryDumper, Int8Dumper

from core.actor import Actor
from core.errors import Busy


class _Here(local):
    """The connection of this thread, at hand: looking it up in Django's handler costs a few microseconds, many times an order.

    Where an event loop runs in the thread (a browser's driver in a test), Django keeps another connection for what runs beside
    it: then Django is asked, so that the two never disagree.
    """

    def __init__(self) -> None:
        self._house: BaseDatabaseWrapper | None = None

    @property
    def house(self) -> BaseDatabaseWrapper:
        if _get_running_loop() is not None:
            return connections[DEFAULT_DB_ALIAS]
        if self._house is None:
            self._house = connections[DEFAULT_DB_ALIAS]
        return self._house


_here = _Here()

A = ParamSpec("A")
R = TypeVar("R")
Params = Sequence[Any] | Mapping[str, Any]

ACTOR_SETTING = "daifuku.actor"
RETRIES = 3
RETRYABLE = frozenset({"40001", "40P01", "55P03"})  # serialization failure, deadlock, lock not available


# ---------------------------------------------------------------------------------------------- hot SQL


def _house_adapters() -> AdaptersMap:
    """Whole numbers always travel as bigint (else one query is prepared once per size of its arguments)."""
    adapters = AdaptersMap(psycopg.adapters)
    adapters.register_dumper(int, Int8Dumper)
    adapters.register_dumper(int, Int8BinaryDumper)
    adapters.register_dumper(dict, JsonbDumper)
    set_json_dumps(orjson.dumps, adapters)
    set_json_loads(orjson.loads, adapters)
    return adapters


_ADAPTERS = _house_adapters()


class _Context:
    """What the driver's converters want to know of a connection, with the house's adapters."""

    def __init__(self, raw: psycopg.Connection[Any]) -> None:
        self.connection = raw
        self.adapters = _ADAPTERS


@dataclass(slots=True)
class _Prepared:
    """A statement that this connection has prepared, and how its rows are made, once the columns are known."""

    name: bytes
    make: Callable[[Sequence[Any]], Any] | None = None


_PLACEHOLDER = re.compile(r"%(?:\((\w+)\)s|(s)|(%)|)")
_MOST_PREPARED = 300


@lru_cache(2_000)
def _numbered(sql: str) -> tuple[bytes, tuple[str, ...]]:
    """The statement with $1, $2 … and, where its placeholders have names, those names in that order."""
    names: dict[str, int] = {}
    count = 0

    def number(found: re.Match[str]) -> str:
        nonlocal count
        name, unnamed, percent = found.groups()
        if percent:
            return "%"
        if unnamed:
            count += 1
            return f"${count}"
        if not name:
            raise psycopg.ProgrammingError(f"Only %s, %(name)s and %% may follow a percent sign in {sql!r}")
        return f"${names.setdefault(name, len(names) + 1)}"

    text = _PLACEHOLDER.sub(number, sql).encode()
    if names and count:
        raise psycopg.ProgrammingError(f"Placeholders have names or have none, not both, in {sql!r}")
    return text, tuple(names)


@lru_cache(2_000)
def _row_of(columns: tuple[str, ...]) -> Callable[[Sequence[Any]], Any]:
    """Makes rows with these names; making the class of them costs as much as a statement, so it is made once."""
    return cast(Any, namedtuple("Row", columns, rename=True))._make  # type: ignore[no-any-return]


class _Line:
    """One connection as hot SQL uses it: every statement prepared once, sent and read without the driver's cursors.

    A cursor of the driver costs as much per call as many a statement; what is left of it here is its converters and its
    waiting, which a Ctrl-C still ends.
    """

    def __init__(self, raw: psycopg.Connection[Any]) -> None:
        self._raw = raw
        self._pg = raw.pgconn
        self._converters = Transformer(cast(Any, _Context(raw)))
        self._prepared: dict[tuple[str, tuple[int, ...]], _Prepared] = {}
        self._names = 0

    def execute(self, sql: str, params: Params, *, prepare: bool) -> list[Any] | int:
        """The rows of the statement, or where it has none the number of rows it touched."""
        text, names = _numbered(sql)
        values = [_literal(v) if type(v) is list else v for v in ([params[n] for n in names] if isinstance(params, Mapping) else params)]
        convert = self._converters
        dumped = convert.dump_sequence(values, [PyFormat.AUTO] * len(values)) if values else []
        types, formats = (convert.types or (), convert.formats) if values else ((), None)
        if self._pg.transaction_status == TransactionStatus.IDLE and not self._raw.autocommit:
            self._pg.send_query(self._raw._get_tx_start_command())
            self._answer()
        if not prepare:
            self._pg.send_query_params(text, dumped, types, formats)
            return self._read(self._answer(), _Prepared(b""))
        known = self._prepared.get((sql, types)) or self._prepare(sql, text, types)
        self._pg.send_query_prepared(known.name, dumped, formats)
        try:
            return self._read(self._answer(), known)
        except (psycopg.errors.FeatureNotSupported, psycopg.errors.InvalidSqlStatementName):
            del self._prepared[sql, types]  # its tables have changed since: it is prepared anew next time
            raise

    def execute_first(self, sql: str, params: tuple[str]) -> list[Any] | int:
        """The rows of a statement about one word, sent along with the BEGIN of its transaction if that is still due: one message."""
        text, _ = _numbered(sql)
        text = text.replace(b"$1", Escaping(self._pg).escape_literal(params[0].encode()), 1)
        if self._pg.transaction_status == TransactionStatus.IDLE and not self._raw.autocommit:
            text = self._raw._get_tx_start_command() + b"; " + text
        self._pg.send_query(text)
        return self._read(self._answer(), _Prepared(b""))

    def _prepare(self, sql: str, text: bytes, types: tuple[int, ...]) -> _Prepared:
        if len(self._prepared) >= _MOST_PREPARED:
            oldest = self._prepared.pop(next(iter(self._prepared)))
            self._pg.send_query(b"DEALLOCATE " + oldest.name)
            self._answer()
        self._names += 1
        known = _Prepared(b"hot_%d" % self._names)
        self._pg.send_prepare(known.name, text, types)
        self._answer()
        self._prepared[sql, types] = known
        return known

    def _answer(self) -> PGresult:
        """What the server says to what was sent last; its errors are raised."""
        result = self._raw.wait(execute(self._pg))[-1]
        if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
            return result
        raise psycopg.errors.error_from_result(result, encoding=self._converters.encoding)

    def _read(self, result: PGresult, known: _Prepared) -> list[Any] | int:
        if result.status == ExecStatus.COMMAND_OK:
            return result.command_tuples or 0
        if known.make is None:
            known.make = _row_of(tuple((result.fname(n) or b"").decode() for n in range(result.nfields)))
        self._converters.set_pgresult(result)
        return self._converters.load_rows(0, result.ntuples, known.make)


def _line(house: BaseDatabaseWrapper) -> _Line:
    house.ensure_connection()
    raw = house.connection
    line: _Line | None = raw.__dict__.get("_house_line")
    if line is None:
        line = raw.__dict__["_house_line"] = _Line(raw)
    return line


def _literal(values: list[Any]) -> Any:
    """A list of whole numbers, ids or words as PostgreSQL writes an array: a tenth of what the driver takes to adapt it.

    Anything else is left to the driver. The statement casts the place (``%s::bigint[]``), so the text has its type.
    """
    parts = []
    for value in values:
        kind = type(value)
        if kind is int or kind is UUID:
            parts.append(str(value))
        elif value is None:
            parts.append("NULL")
        elif isinstance(value, str):
            escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
            parts.append(f'"{escaped}"')
        else:
            return values
    return f"{{{','.join(parts)}}}"


def _execute(house: BaseDatabaseWrapper, sql: str, params: Params, prepare: bool) -> list[Any] | int:
    return _send(house, sql, params, partial(_line(house).execute, prepare=prepare))


def _send(house: BaseDatabaseWrapper, sql: str, params: Any, send: Callable[[str, Any], list[Any] | int]) -> list[Any] | int:
    house.validate_no_broken_transaction()
    started = time.monotonic() if house.queries_logged else 0.0
    try:
        with house.wrap_database_errors:
            if house.execute_wrappers:
                return _through_wrappers(house, sql, params, send)
            return send(sql, params)
    finally:
        if started:
            house.queries_log.append({"sql": sql, "time": f"{time.monotonic() - started:.3f}"})


def _through_wrappers(house: BaseDatabaseWrapper, sql: str, params: Any, send: Callable[[str, Any], list[Any] | int]) -> list[Any] | int:
    """Let ``connection.execute_wrapper`` see hot SQL too."""

    def call(sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        return send(sql, params)

    for wrapper in reversed(house.execute_wrappers):
        call = _wrapped(wrapper, call)
    return cast("list[Any] | int", call(sql, params, False, {"connection": house, "cursor": _line(house)}))


def _wrapped(wrapper: Callable[..., Any], inner: Callable[..., Any]) -> Callable[..., Any]:
    return lambda sql, params, many, context: wrapper(inner, sql, params, many, context)


def rows(sql: str, params: Params = (), *, prepare: bool = True) -> list[Any]:
    """The rows of a statement as named tuples.

    Placeholders are ``%s`` or ``%(name)s``, bound on the server; a list becomes an array and wants a cast
    (``%s::bigint[]``); a dict becomes jsonb; a literal percent sign is ``%%``. A prepared statement gets one plan
    for all arguments in the end: pass ``prepare=False`` where the best plan depends on the value.
    Joins the running transaction, is counted by assertNumQueries, raises django.db exceptions.
    """
    found = _execute(_here.house, sql, params, prepare)
    if isinstance(found, int):
        raise ProgrammingError("The statement has no rows to give: `run` answers with the number it touched")
    return found


def run(sql: str, params: Params = (), *, prepare: bool = True) -> int:
    """Execute a statement; answers with the number of rows it touched. See ``rows``."""
    found = _execute(_here.house, sql, params, prepare)
    return found if isinstance(found, int) else len(found)


# ------------------------------------------------------------------------------------------- operations


@dataclass(slots=True)
class _Running:
    actor: Actor
    reason: str
    steady_plans: bool = False


def _running() -> _Running | None:
    return cast(
        "_Running | None",
        _here.house.__dict__.get("_house_operation"),
    )


def in_operation() -> bool:
    """Whether an operation is running on this thread's connection."""
    return _running() is not None


def current_actor() -> Actor | None:
    """Who the running operation acts for; None outside one."""
    running = _running()
    return running.actor if running else None


_STEADY_PLANS = "set_config('plan_cache_mode', 'force_generic_plan', true)"


def set_actor(actor: Actor, *, reason: str = "", steady_plans: bool = False) -> None:
    """Tell the transaction who acts and why, until it ends; audit triggers read it."""
    who = {
        "kind": str(actor.kind),
        "id": actor.id,
        "label": actor.label,
        "for": actor.on_behalf_of,
        "reason": str(reason),
    }
    plans = f", {_STEADY_PLANS} AS plans" if steady_plans else ""
    house = _here.house
    _send(house, f"SELECT set_config('{ACTOR_SETTING}', %s, true){plans}", (orjson.dumps(who).decode(),), _line(house).execute_first)


@contextmanager
def acting(actor: Actor, *, reason: str = "") -> Iterator[None]:
    """Give plain ORM writes (an admin form, a fixture) an actor; joins a transaction or opens one. Never retries.

    Operations called inside join it. Code that does business is an operation instead.
    """
    house = _here.house
    if _running() is not None:
        yield
        return
    with transaction.atomic():
        set_actor(actor, reason=reason)
        house.__dict__["_house_operation"] = _Running(actor, str(reason))
        try:
            yield
        finally:
            house.__dict__["_house_operation"] = None


@contextmanager
def one_view(*, as_of: str | None = None) -> Iterator[None]:
    """Read everything inside as of one moment, and write nothing; for reports, exports and proofs.

    Nested (or inside an operation) it is a savepoint, so that a query which fails leaves the outer view usable.
    ``as_of`` is a moment that another connection's view has given (``shared_view``): both then see the same.
    """
    outermost = not _here.house.in_atomic_block
    with transaction.atomic():
        if outermost:
            run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            if as_of is not None:
                run(f"SET TRANSACTION SNAPSHOT {quote(as_of)}", prepare=False)
        yield


def shared_view() -> str:
    """The moment of the view around, by a name under which other connections may read as of it while that view is open."""
    return str(rows("SELECT pg_export_snapshot() AS moment", prepare=False)[0].moment)


@overload
def operation(function: Callable[A, R]) -> Callable[A, R]: ...
@overload
def operation(*, steady_plans: bool = False, retries: int = RETRIES) -> Callable[[Callable[A, R]], Callable[A, R]]: ...
def operation(function: Any = None, *, steady_plans: bool = False, retries: int = RETRIES) -> Any:
    """Make a function an operation: it takes ``actor`` (and maybe ``reason``) by keyword and changes data.

    The outermost one opens the transaction, sets actor and reason once, and is run again as a whole, up to three
    times, on a serialization failure, a deadlock or a lock timeout; then it raises ``Busy``. Inner ones join
    without a savepoint. Nothing outside the database may happen inside: no mail, no broker, no network.

    ``@operation(steady_plans=True)`` is for hot paths whose statements want the same plan whatever their values: arrays
    of unknown length would else be planned anew at every call, at several times the cost of running them.
    ``@operation(retries=0)`` is for those whose caller has something better to do than the same again.
    """
    if function is None:
        return partial(_operation, steady_plans=steady_plans, retries=retries)
    return _operation(function, steady_plans=False, retries=RETRIES)


def _operation(function: Callable[A, R], *, steady_plans: bool, retries: int) -> Callable[A, R]:
    parameters = inspect.signature(function).parameters
    if "actor" not in parameters:
        raise TypeError(f"{function.__qualname__} is an operation, so it takes actor: Actor by keyword")
    if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function):
        raise TypeError(f"{function.__qualname__} must not be a generator or coroutine: its transaction would be over")

    usual_actor = parameters["actor"].default

    @wraps(function)
    def wrapper(*args: A.args, **kwargs: A.kwargs) -> R:
        house = _here.house
        running = house.__dict__.get("_house_operation")
        if running is not None:
            if steady_plans and not running.steady_plans:
                rows(f"SELECT {_STEADY_PLANS} AS plans")
                running.steady_plans = True
            return function(*args, **kwargs)
        actor = kwargs.get("actor", usual_actor)
        if not isinstance(actor, Actor):
            raise TypeError(f"{function.__qualname__} needs actor=Actor(…), got {actor!r}")
        reason = str(kwargs.get("reason") or "")
        for attempt in range(retries + 1):
            try:
                with transaction.atomic(durable=True):
                    set_actor(actor, reason=reason, steady_plans=steady_plans)
                    house.__dict__["_house_operation"] = _Running(actor, reason, steady_plans)
                    try:
                        return function(*args, **kwargs)
                    finally:
                        house.__dict__["_house_operation"] = None
            except DatabaseError as error:
                if sqlstate(error) not in RETRYABLE:
                    raise
                if attempt == retries:
                    raise Busy from error
                _refuse_consumed_iterators(function, (*args, *kwargs.values()))
                time.sleep(random.uniform(0.005, 0.02) * 3**attempt)
        raise AssertionError("unreachable")

    return wrapper


def _refuse_consumed_iterators(function: Callable[..., Any], arguments: Sequence[object]) -> None:
    """A second try would see an iterator that the first one emptied, and would do less without saying so."""
    if any(isinstance(argument, Iterator) for argument in arguments):
        raise TypeError(f"{function.__qualname__} cannot be retried: pass sequences, not iterators")


def sqlstate(error: BaseException) -> str:
    """PostgreSQL's five-letter code behind a database error, or an empty text."""
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    return (cause.sqlstate or "") if isinstance(cause, psycopg.Error) else ""


def constraint_of(error: BaseException) -> str:
    """The name of the constraint a database error speaks of, or an empty text."""
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    return (cause.diag.constraint_name or "") if isinstance(cause, psycopg.Error) else ""


# ------------------------------------------------------------------------------------------------ locks


class LockSpace(IntEnum):
    """What advisory locks are about. Numbers are never reused; take them before row locks."""

    IDEMPOTENCY = 1
    RELAY_ROUTING = 2
    IMPORT = 3
    CART = 4
    CUSTOMER_RECOGNITION = 5
    LEDGER_ACCOUNT = 6
    SCHEDULE = 7
    NUMBER_SERIES = 8
    SUBSCRIPTION = 9
    CAMPAIGN = 10
    KITS = 11
    WEBHOOKS = 12


def lock_number(space: LockSpace, key: object) -> int:
    """The 64-bit number of an advisory lock; two keys sharing one wait for each other needlessly, no more."""
    digest = blake2b(f"{space.value}:{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _numbers(space: LockSpace, keys: Sequence[object]) -> list[int]:
    house = _here.house
    if not house.in_atomic_block:
        raise transaction.TransactionManagementError("An advisory lock lasts for a transaction, and none is open")
    return sorted({lock_number(space, key) for key in keys})


def lock_advisory(space: LockSpace, *keys: object) -> None:
    """Hold the locks of all keys until the transaction ends, waiting for them; taken in one fixed order."""
    run(
        "SELECT pg_advisory_xact_lock(n) FROM (SELECT n FROM unnest(%s::bigint[]) n ORDER BY n) s",
        (_numbers(space, keys),),
    )


def try_advisory(space: LockSpace, *keys: object) -> bool:
    """Hold the locks of all keys until the transaction ends, or answer False at once when one is taken."""
    found = rows(
        "SELECT bool_and(pg_try_advisory_xact_lock(n)) AS got FROM unnest(%s::bigint[]) n",
        (_numbers(space, keys),),
    )
    return bool(found[0].got)
