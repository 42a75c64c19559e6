"""Where the embedded servers keep their data, sockets and logs on this machine."""

import fcntl
import hashlib
import os
import pwd
import socket
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
VAR = Path(os.environ.get("DAIFUKU_VAR", ROOT / "var"))
LOGINS = VAR / "run" / "logins.txt"  # a line per demo login; the demo command writes it, `make run` shows it

# A unix socket's path may have about 107 bytes, the server's own file name included.
LONGEST_SOCKET_FOLDER = 85


class NoServer(Exception):
    """An embedded server cannot run here; the message says why and what to do."""


@dataclass(frozen=True)
class RunAs:
    """The account a server runs under: ourselves, or somebody harmless when we are root."""

    uid: int
    gid: int

    @classmethod
    def somebody_harmless(cls) -> "RunAs | None":
        """PostgreSQL refuses root: the first existing service account, or None when we are not root."""
        if os.geteuid() != 0:
            return None
        for name in ("postgres", "nobody"):
            try:
                account = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(account.pw_uid, account.pw_gid)
        return cls(65534, 65534)

    def popen(self) -> dict[str, Any]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def walkable(folder: Path) -> bool:
    """Whether another account may pass through the folder and all above it."""
    return all(step.stat().st_mode & stat.S_IXOTH for step in (folder, *folder.parents))


def own_folder(folder: Path, *, account: RunAs | None) -> Path:
    """A private folder (0700) that belongs to the server's account; a stranger's folder is refused."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = folder.stat().st_uid
    wanted = account.uid if account else os.geteuid()
    if owner not in {wanted, os.geteuid()}:
        raise NoServer(f"{folder} belongs to another account (uid {owner}); remove it or set DAIFUKU_VAR")
    if account and owner != account.uid:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)
    return folder


def data_home(home: Path, *, account: RunAs | None) -> Path:
    """`home`, or a folder the server's account can reach when the checkout is closed to it (root in a closed home)."""
    home.mkdir(parents=True, exist_ok=True)
    if account is None or walkable(home):
        return home
    outside = Path("/var/tmp" if Path("/var/tmp").is_dir() else tempfile.gettempdir()) / f"daifuku-{_mark(home)}"
    outside.mkdir(mode=0o755, exist_ok=True)
    if outside.stat().st_uid != os.geteuid():
        raise NoServer(f"{outside} belongs to another account; remove it or set DAIFUKU_VAR to a folder open to all")
    (home / "kept-in.txt").write_text(f"{outside}\n")
    return outside


def socket_folder(home: Path, *, account: RunAs | None) -> Path:
    """A folder for unix sockets: below `home`, or a short one when that path would be too long."""
    beside = home / "s"
    if len(os.fsencode(beside)) <= LONGEST_SOCKET_FOLDER:
        return own_folder(beside, account=account)
    return own_folder(Path("/tmp") / f"daifuku-{os.geteuid()}-{_mark(home)}", account=account)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Only one process at a time is inside; the lock falls with the process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def free_port() -> int:
    """A TCP port of this machine that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _mark(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:10]
