"""One REDIS_URL, the different addresses its consumers want."""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class RedisAddresses:
    """Celery and the cache live in separate numbered databases of one server."""

    broker: str
    cache: str


BROKER_NUMBER = 1
CACHE_NUMBER = 3


def redis_addresses(url: str) -> RedisAddresses:
    """Addresses from `redis://host:6379`, `rediss://…` or `unix:///path/to.sock`; a database number in it is ignored."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return RedisAddresses(
            broker=f"redis+socket://{parts.path}?virtual_host={BROKER_NUMBER}",
            cache=f"unix://{parts.path}?db={CACHE_NUMBER}",
        )
    if parts.scheme not in {"redis", "rediss"}:
        raise ValueError(f"REDIS_URL must start with redis://, rediss:// or unix://, not {parts.scheme!r}")
    query = f"?{parts.query}" if parts.query else ""
    server = f"{parts.scheme}://{parts.netloc}"
    return RedisAddresses(broker=f"{server}/{BROKER_NUMBER}{query}", cache=f"{server}/{CACHE_NUMBER}{query}")
