"""The two servers behind the processes: addresses given from outside, or own embedded ones."""

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from config.dev import places, postgres, valkey

DATABASE = "daifuku"
NOTED = places.VAR / "run" / "servers.json"


def noted_addresses() -> dict[str, str]:
    """Where the embedded servers of the last start answer, for `manage.py` beside a running shop; nothing if others are given."""
    if "DATABASE_URL" in os.environ or not NOTED.exists():
        return {}
    found: dict[str, str] = json.loads(NOTED.read_text())
    return found


@dataclass
class Servers:
    """Where PostgreSQL and Redis are for this start, and what to stop at its end."""

    database_url: str = ""
    owner_url: str = ""
    redis_url: str = ""
    own: list[postgres.Postgres | valkey.Valkey] = field(default_factory=list)

    def open(self) -> None:
        """Both answer. DATABASE_OWNER_URL names the role that migrates, when it differs from DATABASE_URL's."""
        self.database_url = os.environ.get("DATABASE_URL", "")
        self.owner_url = os.environ.get("DATABASE_OWNER_URL", "")
        self.redis_url = os.environ.get("REDIS_URL", "")
        if not self.database_url:
            cluster = postgres.Postgres(places.VAR / "pg")
            self.own.append(cluster)
            cluster.start()
            cluster.prepare(DATABASE)
            self.database_url = cluster.url(DATABASE, role=postgres.APP)
            self.owner_url = cluster.url(DATABASE, role=postgres.OWNER)
        if not self.redis_url:
            redis = valkey.Valkey(places.VAR / "valkey")
            self.own.append(redis)
            redis.start()
            self.redis_url = redis.url()
        self.owner_url = self.owner_url or self.database_url
        if self.own:
            NOTED.parent.mkdir(parents=True, exist_ok=True)
            NOTED.write_text(json.dumps(self.environment()))

    def environment(self, *, as_owner: bool = False) -> dict[str, str]:
        """What a process must be told to find them."""
        return {
            "DATABASE_URL": self.owner_url if as_owner else self.database_url,
            "DATABASE_OWNER_URL": self.owner_url,
            "REDIS_URL": self.redis_url,
        }

    def marks(self) -> Path:
        """A folder to note what this database already has; it goes when an own database's files go."""
        for server in self.own:
            if isinstance(server, postgres.Postgres):
                return server.base / "marks"
        return places.VAR / "run" / hashlib.sha256(self.owner_url.encode()).hexdigest()[:12]

    def close(self) -> None:
        """The own servers are down; servers of others are left alone."""
        for server in reversed(self.own):
            server.stop()
