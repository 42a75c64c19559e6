"""Many threads at once on real, committed transactions; and what the database says of their deadlocks."""

import time
from collections.abc import Callable, Sequence
from threading import Barrier, Thread
from typing import TypeVar

from django.db import connection, connections

from core.db import rows

Answer = TypeVar("Answer")


_contenders: set[int] = set()
"""The sessions of threads that have contended."""


def contend(jobs: Sequence[Callable[[], Answer]], *, threads: int) -> list[Answer | BaseException]:
    """Run the jobs on so many threads, each with a connection of its own, all starting together; an answer per job.

    What a job raises is its answer, so that a test can count it.
    """
    answers: list[Answer | BaseException] = [RuntimeError("never ran")] * len(jobs)
    barrier = Barrier(threads)

    def work(first: int) -> None:
        try:
            connection.ensure_connection()
            _contenders.add(connection.connection.info.backend_pid)
            barrier.wait(timeout=20)
            for place in range(first, len(jobs), threads):
                try:
                    answers[place] = jobs[place]()
                except Exception as error:
                    answers[place] = error
        finally:
            connections.close_all()

    workers = [Thread(target=work, args=(number,), daemon=True) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    return answers


def deadlocks() -> int:
    """How many deadlocks the database has seen; waits for contenders to be gone, who tell their count as they leave."""
    for _ in range(100):
        left = rows("SELECT count(*) AS n FROM pg_stat_activity WHERE pid = ANY(%s::int[])", (list(_contenders),), prepare=False)
        if left[0].n == 0:
            break
        time.sleep(0.05)
    rows("SELECT pg_stat_clear_snapshot()", prepare=False)
    return int(rows("SELECT deadlocks AS n FROM pg_stat_database WHERE datname = current_database()", prepare=False)[0].n)
