"""The two servers behind the processes: addresses given from outside, or own embedded ones."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from config.dev import places, postgres, valkey

DATABASE = "daifuku"


@dataclass
class Servers:
    """Where PostgreSQL and Redis are for this start, and what to stop at its end."""

    database_url: str = ""
    owner_url: str = ""
    redis_url: str = ""
    own: list[postgres.Postgres | valkey.Valkey] = field(default_factory=list)

    @classmethod
    def open(cls) -> "Servers":
        """Both answer. DATABASE_OWNER_URL names the role that migrates, when it differs from DATABASE_URL's."""
        servers = cls(os.environ.get("DATABASE_URL", ""), os.environ.get("DATABASE_OWNER_URL", ""), os.environ.get("REDIS_URL", ""))
        if not servers.database_url:
            cluster = postgres.Postgres(places.VAR / "pg")
            servers.own.append(cluster)
            cluster.start()
            cluster.prepare(DATABASE)
            servers.database_url = cluster.url(DATABASE, role=postgres.APP)
            servers.owner_url = cluster.url(DATABASE, role=postgres.OWNER)
        if not servers.redis_url:
            redis = valkey.Valkey(places.VAR / "valkey")
            servers.own.append(redis)
            redis.start()
            servers.redis_url = redis.url()
        servers.owner_url = servers.owner_url or servers.database_url
        return servers

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
