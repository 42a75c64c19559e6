"""`python -m config.healthy web|relay|worker|beat`: whether the process in this container does its work; ends with 0 or 1.

Asked every few seconds, so it starts no Django: the web process is asked over HTTP, the others by what they leave in the database.
"""

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Final

import psycopg

FRESH: Final = {
    "relay": "SELECT max(seen_at) > clock_timestamp() - interval '30 seconds' FROM core_relay WHERE name LIKE %s",
    # The scheduler writes down what it has started every three minutes.
    "beat": "SELECT max(last_run_at) > clock_timestamp() - interval '10 minutes' FROM django_celery_beat_periodictask WHERE enabled AND %s <> ''",
}


def web() -> bool:
    """The page for machines says that this process may be given work."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".")
    asked = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=4)
    asked.request("GET", "/readyz", headers={"Host": host})
    return asked.getresponse().status == 200


def seen(kind: str) -> bool:
    """The process has been at work lately, by the database's clock."""
    with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=3) as database:
        row = database.execute(FRESH[kind], (f"{socket.gethostname()}:%",)).fetchone()
    return bool(row and row[0])


def worker() -> bool:
    """The worker of this machine answers the broker."""
    command = (sys.executable, "-m", "celery", "-A", "config", "inspect", "ping", "-t", "8", "-d", f"celery@{socket.gethostname()}")
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


LOOKS: Final[Mapping[str, Callable[[], bool]]] = {
    "web": web,
    "relay": lambda: seen("relay"),
    "worker": worker,
    "beat": lambda: seen("beat"),
}


def main(arguments: list[str]) -> int:
    """0 when all is well; 1 with a line that says what is not; 2 when asked for something that does not exist."""
    if len(arguments) != 1 or arguments[0] not in LOOKS:
        print(f"say which: {', '.join(LOOKS)}", file=sys.stderr)
        return 2
    try:
        well = LOOKS[arguments[0]]()
    except (OSError, http.client.HTTPException, psycopg.Error) as problem:
        print(f"{arguments[0]}: {type(problem).__name__}", file=sys.stderr)
        return 1
    if not well:
        print(f"{arguments[0]}: not at work", file=sys.stderr)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
