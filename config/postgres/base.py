"""PostgreSQL as Django speaks to it; only whether a kept connection still stands is mostly seen at its socket."""

import select
import time

from django.db.backends.postgresql import base

ASK_AFTER_S = 1.0


class DatabaseWrapper(base.DatabaseWrapper):
    """A busy connection is asked with `SELECT 1` at most once a second, not before every request.

    In between it is asked only where its socket has something to say, which is how a server hangs up. What nothing but a
    question finds out, such as a firewall that forgot an idle connection, takes longer than a second to come about.
    """

    _asked_at = 0.0

    def is_usable(self) -> bool:
        """Whether the connection can be worked with."""
        moment = time.monotonic()
        if self.connection is not None and moment - self._asked_at < ASK_AFTER_S and self._silent():
            return True
        usable = bool(super().is_usable())
        self._asked_at = moment if usable else 0.0
        return usable

    def _silent(self) -> bool:
        if self.connection.closed:
            return False
        poll = select.poll()
        poll.register(self.connection.pgconn.socket, select.POLLIN)
        return not poll.poll(0)
