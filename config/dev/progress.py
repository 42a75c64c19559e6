"""Long steps say what they do and how long it will take, from how long they took last time."""

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EVERY_SECONDS = 5


class Progress:
    """Numbered steps on the terminal; their durations are remembered in a file."""

    def __init__(self, memory: Path, *, steps: int) -> None:
        self.memory, self.steps, self.done = memory, steps, 0
        try:
            self.known: dict[str, float] = json.loads(memory.read_text())
        except (OSError, ValueError):
            self.known = {}

    @contextmanager
    def step(self, name: str, *, about: float) -> Iterator[None]:
        """While the block runs, say every few seconds how much time is left."""
        self.done += 1
        expected = self.known.get(name, about)
        head = f"[{self.done}/{self.steps}] {name}"
        print(f"{head} (about {max(1, round(expected))} s)", flush=True)
        began, over = time.monotonic(), threading.Event()
        ticker = threading.Thread(target=self._tick, args=(head, expected, over), daemon=True)
        ticker.start()
        try:
            yield
        finally:
            over.set()
            ticker.join()
        self.known[name] = round(time.monotonic() - began, 2)
        self.memory.parent.mkdir(parents=True, exist_ok=True)
        self.memory.write_text(json.dumps(self.known, indent=1))

    def _tick(self, head: str, expected: float, over: threading.Event) -> None:
        began = time.monotonic()
        while not over.wait(EVERY_SECONDS):
            spent = time.monotonic() - began
            left = expected - spent
            said = f"about {round(left)} s left" if left > 1 else f"{round(spent)} s so far, longer than usual"
            print(f"{head}: {said}", file=sys.stdout, flush=True)
