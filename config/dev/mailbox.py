"""A mail server for one machine: takes any mail over SMTP, keeps it as .eml, shows it at /dev/mail (local settings only)."""

import argparse
import html
import re
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from django.http import Http404, HttpRequest, HttpResponse

from config.dev.places import VAR

FOLDER = VAR / "mail"
FILE_NAME = re.compile(r"^[\w.-]+\.eml$")
SHOWN = 200


class Keeper:
    """Writes each mail into the folder, whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  (the library's name)
        self.count += 1
        name = f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-{self.count:04}.eml"
        to = ", ".join(envelope.rcpt_tos).encode()
        beside = self.folder / f".{name}"
        beside.write_bytes(b"X-Envelope-To: " + to + b"\r\n" + envelope.original_content)
        beside.rename(self.folder / name)
        print(f"mail for {len(envelope.rcpt_tos)} kept as {name}", flush=True)
        return "250 kept"


def catch(*, port: int, folder: Path = FOLDER) -> Controller:
    """A mail server that keeps what it is given; `.stop()` ends it."""
    folder.mkdir(parents=True, exist_ok=True)
    controller = Controller(Keeper(folder), hostname="127.0.0.1", port=port)
    controller.start()
    return controller


class MailboxMiddleware:
    """/dev/mail lists the mails that were sent, /dev/mail/<file> shows one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/dev/mail"):
            return self.get_response(request)
        name = request.path.removeprefix("/dev/mail").strip("/")
        return _one(name) if name else _list()


def _list() -> HttpResponse:
    rows = []
    for path in sorted(FOLDER.glob("[!.]*.eml"), reverse=True)[:SHOWN]:
        mail = _read(path)
        cells = (mail["Date"] or "", mail["X-Envelope-To"] or mail["To"] or "", mail["Subject"] or "")
        shown = "".join(f"<td>{html.escape(str(cell))}</td>" for cell in cells)
        rows.append(f"<tr>{shown}<td><a href='/dev/mail/{path.name}'>→</a></td></tr>")
    table = "".join(rows) or "<tr><td>Nothing was sent yet.</td></tr>"
    return HttpResponse(f"<!doctype html><meta charset=utf-8><title>Mail</title><h1>Mail</h1><table cellpadding=6>{table}</table>")


def _one(name: str) -> HttpResponse:
    path = FOLDER / name
    if not FILE_NAME.match(name) or not path.is_file():
        raise Http404
    mail = _read(path)
    heads = "\n".join(f"{head}: {mail[head]}" for head in ("Date", "From", "X-Envelope-To", "To", "Subject") if mail[head])
    body = mail.get_body(preferencelist=("plain", "html"))
    text = body.get_content() if body is not None else ""
    return HttpResponse(
        f"<!doctype html><meta charset=utf-8><title>{html.escape(str(mail['Subject']))}</title><pre>{html.escape(heads)}\n\n{html.escape(text)}</pre>"
    )


def _read(path: Path) -> EmailMessage:
    return message_from_bytes(path.read_bytes(), policy=policy.default)  # type: ignore[return-value]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--port", type=int, required=True)
    server = catch(port=asked.parse_args().port)
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    done.wait()
    server.stop()


if __name__ == "__main__":
    main()
