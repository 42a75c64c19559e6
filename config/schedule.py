"""What the clock starts, on one page: a name, the task, how often. Staff can change the times in the back office."""

from typing import Any

SCHEDULE: dict[str, dict[str, Any]] = {}
