"""What a real mail server was given: which mails came, and how often."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from config.dev import mailbox, places


class Slow(mailbox.Keeper):
    """A mail server that takes a moment for each mail, as real ones do."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  (the library's name)
        import asyncio

        said = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(0.01)  # the mail is kept, the sender does not know it yet: here a kill repeats a mail
        return said


@contextmanager
def a_mail_server(folder: Path) -> Iterator[int]:
    """A mail server that keeps what it is given in the folder; gives its port."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.eml"):
        old.unlink()
    port = places.free_port()
    controller = Controller(Slow(folder), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def received(folder: Path) -> Counter[str]:
    """How often each mail came, by its Message-ID."""
    found: Counter[str] = Counter()
    for path in folder.glob("[!.]*.eml"):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        found[str(mail["Message-ID"]).strip("<>").split("@")[0]] += 1
    return found


def count_of(folder: Path) -> int:
    """How many mails came so far."""
    return sum(1 for _ in folder.glob("[!.]*.eml"))


def quiet_for(folder: Path, *, seconds: float, within_s: float) -> None:
    """No mail came for so long."""
    began, last, since = time.monotonic(), count_of(folder), time.monotonic()
    while time.monotonic() - since < seconds and time.monotonic() - began < within_s:
        time.sleep(0.2)
        if (now := count_of(folder)) != last:
            last, since = now, time.monotonic()
