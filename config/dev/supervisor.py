"""Keeps a handful of processes alive and takes all of them down together."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

PATIENCE_SECONDS = 12  # between asking the processes to stop and ending them
CALM_SECONDS = 20  # a process that lived this long starts again without delay
SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
LOOK_EVERY_SECONDS = 0.25
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Child:
    """A process to keep running."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0  # seconds after the others: the first page should not wait for the workers' start
    once: bool = False  # a job, not a service: it ends by itself, and is not started again before the next start of everything
    finished: Callable[[], None] = lambda: None  # called when such a job has ended well


@dataclass
class Life:
    """A child's current process, and when it may start next."""

    child: Child
    process: "subprocess.Popen[str] | None" = None
    born: float = 0.0
    due: float = 0.0
    pause: float = SHORTEST_PAUSE
    over: bool = False


def _die_with_the_supervisor() -> None:
    """The kernel ends this child when the supervisor is gone, even by kill -9."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Supervisor:
    """Runs children until told to stop; a child that dies is started again, ever more slowly."""

    def __init__(self, children: Sequence[Child], *, cwd: str, say: Callable[[str, str], None]) -> None:
        self.lives = [Life(child, due=time.monotonic() + child.delay) for child in children]
        self.cwd, self.say = cwd, say
        self.stopping = threading.Event()

    def run(self, *, meanwhile: Callable[[], None] | None = None) -> None:
        """All children run until `stopping` is set; then all are down. `meanwhile` runs once, beside them."""
        try:
            if meanwhile is not None:
                threading.Thread(target=meanwhile, daemon=True).start()
            while True:
                for life in self.lives:
                    self._look_after(life)
                if self.stopping.wait(LOOK_EVERY_SECONDS):
                    return
        finally:
            self._stop_all()

    def _look_after(self, life: Life) -> None:
        now = time.monotonic()
        if life.over:
            return
        if life.process is None:
            if now >= life.due:
                self._start(life)
        elif (code := life.process.poll()) is not None:
            self._end_group(life.process.pid)
            if life.child.once:
                self._let_be(life, code)
                return
            life.pause = SHORTEST_PAUSE if now - life.born > CALM_SECONDS else min(life.pause * 2, LONGEST_PAUSE)
            life.process, life.due = None, now + life.pause
            self.say(life.child.name, f"ended with {code}; starting it again in {life.pause:.1f} s")

    def _let_be(self, life: Life, code: int) -> None:
        life.process, life.over = None, True
        if code == 0:
            life.child.finished()
        else:
            self.say(life.child.name, f"ended with {code}; the next start goes on with it")

    def _start(self, life: Life) -> None:
        life.born = time.monotonic()
        life.process = subprocess.Popen(
            life.child.command,
            cwd=self.cwd,
            env={**os.environ, **life.child.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            bufsize=1,
            start_new_session=True,  # Ctrl-C reaches only us; we stop the others in order
            preexec_fn=_die_with_the_supervisor,
        )
        threading.Thread(target=self._relay_lines, args=(life.child.name, life.process), daemon=True).start()

    def _relay_lines(self, name: str, process: "subprocess.Popen[str]") -> None:
        if process.stdout is not None:
            for line in process.stdout:
                self.say(name, line.rstrip())

    def _stop_all(self) -> None:
        alive = [life.process for life in self.lives if life.process is not None]
        for process in alive:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        patience = time.monotonic() + PATIENCE_SECONDS
        for process in alive:
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=max(0.1, patience - time.monotonic()))
            self._end_group(process.pid)

    @staticmethod
    def _end_group(leader: int) -> None:
        """Whatever a child started and left behind goes too."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, signal.SIGKILL)
