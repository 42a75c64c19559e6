"""What a real mail server was given: which mails came, and how often."""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from config.dev import places

ANSWER_AFTER_S = 0.01


class Keeper:
    """Keeps each mail, and takes a moment to say so, as real mail servers do: in that moment a kill repeats a mail."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.count = folder, 0

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  (the library's name)
        self.count += 1
        beside = self.folder / f".{self.count:06}.eml"
        beside.write_bytes(envelope.original_content)
        beside.rename(self.folder / beside.name[1:])
        await asyncio.sleep(ANSWER_AFTER_S)
        return "250 kept"


@contextmanager
def a_mail_server(folder: Path) -> Iterator[int]:
    """A mail server that keeps what it is given in the folder; gives its port."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.eml"):
        old.unlink()
    logging.getLogger("mail.log").disabled = True
    port = places.free_port()
    controller = Controller(Keeper(folder), hostname="127.0.0.1", port=port)
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
