"""Is this process alive, and may it be given work?"""

from collections.abc import Callable
from functools import cache

import orjson
from django.core.cache import cache as redis_cache
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from core.db import rows

RELAY_SILENT_S = 30
Check = Callable[[], str]


@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers; it asks nobody else."""
    return _said(200, {"status": "alive"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """503 without database or with migrations missing; a silent relay or Redis is told, but orders can be taken."""
    needed = {"database": _said_of(_database), "migrations": _said_of(_migrations)}
    useful = {"relay": _said_of(_relay), "redis": _said_of(_redis)} if needed["database"] == "ok" else {}
    ready = all(word == "ok" for word in needed.values())
    whole = ready and all(word == "ok" for word in useful.values())
    return _said(200 if ready else 503, {"status": "ready" if whole else "degraded" if ready else "not ready", **needed, **useful})


def _said(status: int, content: dict[str, str]) -> HttpResponse:
    response = HttpResponse(orjson.dumps(content), status=status, content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


def _said_of(check: Check) -> str:
    try:
        return check()
    except Exception as error:  # whatever ails it, the question is only whether it works
        return type(error).__name__


def _database() -> str:
    rows("SELECT 1")
    return "ok"


def _migrations() -> str:
    return "ok" if _migrated() else _still_missing()


def _still_missing() -> str:
    _migrated.cache_clear()
    return "missing"


@cache
def _migrated() -> bool:
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _relay() -> str:
    found = rows("SELECT extract(epoch FROM clock_timestamp() - max(seen_at))::float8 AS silent_s FROM core_relay")[0].silent_s
    if found is None:
        return "none"
    return "ok" if found < RELAY_SILENT_S else "silent"


def _redis() -> str:
    redis_cache.set("core.readyz", "ok", 10)
    return "ok" if redis_cache.get("core.readyz") == "ok" else "unavailable"
