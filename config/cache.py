"""A cache whose absence costs speed, never an order."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import structlog
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

P = ParamSpec("P")
R = TypeVar("R")
log = structlog.get_logger("daifuku.cache")


def _forgiving(method: Callable[P, R], missing: Any) -> Callable[P, R]:
    """The method, answering `missing` when the server cannot be reached."""

    @wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        except (RedisConnectionError, RedisTimeoutError) as unreachable:
            log.warning("cache unreachable", verb=method.__name__, problem=type(unreachable).__name__)
            answer = kwargs.get("default", args[2] if len(args) > 2 else None) if method.__name__ == "get" else missing
            return answer  # type: ignore[return-value]

    return call


class ForgivingRedisCache(RedisCache):
    """Redis that is down looks like an empty cache; a wrong use of it still raises."""

    add = _forgiving(RedisCache.add, True)
    get = _forgiving(RedisCache.get, None)
    set = _forgiving(RedisCache.set, None)
    touch = _forgiving(RedisCache.touch, False)
    delete = _forgiving(RedisCache.delete, False)
    get_many = _forgiving(RedisCache.get_many, {})
    has_key = _forgiving(RedisCache.has_key, False)
    set_many = _forgiving(RedisCache.set_many, [])
    delete_many = _forgiving(RedisCache.delete_many, None)
    clear = _forgiving(RedisCache.clear, False)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """A counter that cannot be reached stands at `delta`: limits let through rather than lock out."""
        try:
            return int(super().incr(key, delta, version))
        except (RedisConnectionError, RedisTimeoutError):
            return delta
