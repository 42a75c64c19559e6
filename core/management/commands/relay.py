"""`manage.py relay`: carries committed events to their handlers. Run as many as you like; one is enough."""

import os
import signal
import socket
import time
from argparse import ArgumentParser
from typing import Any

import psycopg
import structlog
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection

from core import clock, operations
from core.outbox import CHANNEL

POLL_S = 1.0
BEAT_S = 5.0
BUSY_ROUND = 50  # a round with more deliveries than this needs nobody to call: the next look comes at once anyway

log = structlog.get_logger("core.relay")


class Command(BaseCommand):
    help = "Carry committed events to their handlers until told to stop."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="work off what is due, then end")
        parser.add_argument("--limit", type=int, default=200, help="deliveries per round")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stopping = False
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.limit: int = options["limit"]
        if options["once"]:
            while not operations.carry(at=clock.now, limit=self.limit).idle:
                pass
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        self._beaten_at, self._listening = -BEAT_S, False
        self._careful = True  # until the backlog of a former, perhaps killed, relay is worked off
        while not self.stopping:
            try:
                self._work()
            except (DatabaseError, psycopg.Error) as error:
                log.warning("relay_lost_database", error=type(error).__name__)
                connection.close()
                time.sleep(POLL_S)
        self._say_goodbye()

    def _stop(self, number: int, frame: object) -> None:
        self.stopping = True

    def _work(self) -> None:
        with self._ear() as ear:
            log.info("relay_listening", relay=self.name)
            while not self.stopping:
                carried = operations.carry(at=clock.now, limit=self.limit, careful=self._careful, stop=lambda: self.stopping)
                if carried.failed:
                    log.warning("relay_deliveries_failed", failed=carried.failed)
                if self._beat(listening=carried.done < BUSY_ROUND):
                    continue  # whoever committed before this was known did not call: look once more before waiting
                if not carried.done:
                    self._careful = self._careful and not carried.idle
                    self._wait(ear)

    def _ear(self) -> psycopg.Connection[Any]:
        """A connection of its own that hears when events are committed."""
        given = connection.get_connection_params()
        given.pop("cursor_factory", None)
        given.pop("context", None)
        ear = psycopg.connect(**given, autocommit=True)
        ear.execute(f"LISTEN {CHANNEL}")
        return ear

    def _wait(self, ear: psycopg.Connection[Any]) -> None:
        for _call in ear.notifies(timeout=POLL_S, stop_after=1):
            return

    def _beat(self, *, listening: bool) -> bool:
        """Show that this relay lives; True when it has just begun to wait to be called."""
        begun = listening and not self._listening
        if listening != self._listening or time.monotonic() - self._beaten_at > BEAT_S:
            operations.heartbeat(self.name, listening=listening)
            self._beaten_at, self._listening = time.monotonic(), listening
        return begun

    def _say_goodbye(self) -> None:
        try:
            operations.farewell(self.name)
        except DatabaseError:
            log.warning("relay_left_without_goodbye")
