"""`make demo-reset`: the demo company as on the first day. Only own servers under var/ are touched."""

import argparse
import fcntl
import os
import shutil
import sys

from config.dev import places
from config.dev.postgres import Postgres
from config.dev.run import STATE, CannotStart, prepare
from config.dev.servers import Servers
from config.dev.valkey import Valkey


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--only-stop", action="store_true", help="stop the embedded servers and leave the data")
    only_stop = asked.parse_args().only_stop
    if os.environ.get("DATABASE_URL") or os.environ.get("REDIS_URL"):
        print("DATABASE_URL or REDIS_URL is set: this command only handles the embedded servers under var/.", file=sys.stderr)
        return 1
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Daifuku is running; stop it first (Ctrl-C there).", file=sys.stderr)
            return 1
        cluster, redis = Postgres(places.VAR / "pg"), Valkey(places.VAR / "valkey")
        cluster.stop()
        redis.stop()
        if only_stop:
            return 0
        for folder in (cluster.base, places.VAR / "pg", places.VAR / "valkey", places.VAR / "mail"):
            shutil.rmtree(folder, ignore_errors=True)
        servers = Servers()
        try:
            prepare(servers)
        except (CannotStart, places.NoServer) as problem:
            print(problem, file=sys.stderr)
            return 1
        finally:
            servers.close()
    print("The demo company is as on the first day; `make run` opens it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
