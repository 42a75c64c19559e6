"""Trouble on demand: the sandbox is told at which point, how, and how many times it goes wrong."""

import threading
from dataclasses import dataclass

POINTS = ("keep", "open", "confirm", "look", "capture", "cancel", "refund", "webhook")
WAYS = (
    "cut_before",  # the line is torn before anything is done
    "cut_after",  # it is done, and the answer is lost
    "hang",  # silence for some seconds, then it is done all the same
    "error",  # 500, nothing done
    "error_after",  # 500, and it is done
    "busy",  # 429
    "decline",  # the card, or the gateway, says no
    "delay",  # slow, but right
    "twice",  # webhooks: the same message two times
    "hold",  # webhooks: kept back
)


@dataclass
class Fault:
    """One kind of trouble that is still to come."""

    point: str
    how: str
    times: int = 1
    seconds: float = 30.0
    code: str = ""


class Faults:
    """What was ordered and has not happened yet."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self.met = 0
        self._lock = threading.Lock()
        self.over = threading.Event()

    def order(self, fault: Fault) -> None:
        if fault.point not in POINTS or fault.how not in WAYS:
            raise ValueError(f"no such trouble: {fault.how} at {fault.point}")
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        """No more trouble; who hangs is let go."""
        with self._lock:
            self._waiting.clear()
        self.over.set()
        self.over = threading.Event()

    def take(self, point: str) -> Fault | None:
        """The trouble this request meets, if any."""
        with self._lock:
            for fault in self._waiting:
                if fault.point == point:
                    fault.times -= 1
                    self.met += 1
                    if fault.times <= 0:
                        self._waiting.remove(fault)
                    return fault
        return None
