"""A cache whose absence costs speed, never an order."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import structlog
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

M = TypeVar("M", bound=Callable[..., Any])
log = structlog.get_logger("daifuku.cache")

# A page asks the cache often: after one failure nobody asks again for a while, so that a dead server costs one wait, not twenty.
LEFT_ALONE_SECONDS = 5.0


def _forgiving(method: M, answer: Callable[..., Any]) -> M:
    """The method; when the server cannot be reached, what `answer` says to the same arguments."""

    @wraps(method)
    def call(self: "ForgivingRedisCache", *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() < self.left_alone_until:
            return answer(*args, **kwargs)
        try:
            return method(self, *args, **kwargs)
        except (RedisConnectionError, RedisTimeoutError) as unreachable:
            self.left_alone_until = time.monotonic() + LEFT_ALONE_SECONDS
            log.warning("cache unreachable", verb=method.__name__, problem=type(unreachable).__name__)
            return answer(*args, **kwargs)

    return call  # type: ignore[return-value]


class ForgivingRedisCache(RedisCache):
    """Redis that is down looks like an empty cache; a wrong use of it still raises."""

    left_alone_until = 0.0

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        # The driver's own patience (three tries with growing pauses) would be spent inside a customer's request.
        options = {"retry": Retry(NoBackoff(), 0), **params.get("OPTIONS", {})}
        super().__init__(server, {**params, "OPTIONS": options})

    add = _forgiving(RedisCache.add, lambda *_args, **_kwargs: True)
    get = _forgiving(RedisCache.get, lambda _key, default=None, version=None: default)
    set = _forgiving(RedisCache.set, lambda *_args, **_kwargs: None)
    touch = _forgiving(RedisCache.touch, lambda *_args, **_kwargs: False)
    delete = _forgiving(RedisCache.delete, lambda *_args, **_kwargs: False)
    # A counter that cannot be reached stands at its step: limits let through rather than lock out.
    incr = _forgiving(RedisCache.incr, lambda _key, delta=1, version=None: delta)
    get_many = _forgiving(RedisCache.get_many, lambda *_args, **_kwargs: {})
    has_key = _forgiving(RedisCache.has_key, lambda *_args, **_kwargs: False)
    set_many = _forgiving(RedisCache.set_many, lambda *_args, **_kwargs: [])
    delete_many = _forgiving(RedisCache.delete_many, lambda *_args, **_kwargs: None)
    clear = _forgiving(RedisCache.clear, lambda *_args, **_kwargs: False)
