"""A partner's server that answers as told and remembers what came; endpoints that lead to it."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

from core.actor import SYSTEM
from core.models import Company, WebhookEndpoint
from core.operations import NewEndpoint, Opened, open_webhook_endpoints
from tests.factories.core import a_company

_numbers = count(1)


@dataclass
class Came:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def message_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def payload(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass
class Receiver:
    """Answers with these statuses in turn, the last one ever after; ``hangs_s`` waits before each."""

    answers: Sequence[int] = (200,)
    hangs_s: float = 0.0
    location: str = ""
    came: list[Came] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook/{next(_numbers)}"

    def answer(self) -> int:
        return self.answers[min(len(self.came), len(self.answers)) - 1]


@contextmanager
def a_receiver(*answers: int, hangs_s: float = 0.0, location: str = "") -> Iterator[Receiver]:
    """A server on this machine, until the block ends."""
    receiver = Receiver(answers or (200,), hangs_s, location)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            with lock:
                receiver.came.append(Came(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
                status = receiver.answer()
            time.sleep(receiver.hangs_s)
            self.send_response(status)
            if receiver.location:
                self.send_header("Location", receiver.location)
            self.end_headers()

        def log_message(self, *_said: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()


def an_endpoint(url: str = "", *, company: Company | None = None, types: Sequence[str] = ("order.placed",), client_id: str = "") -> Opened:
    """An active endpoint, with its secret."""
    url = url or f"https://hooks{next(_numbers)}.example.com/in"
    ask = NewEndpoint(company_id=(company or a_company()).pk, url=url, types=types, client_id=client_id)
    (opened,) = open_webhook_endpoints([ask], actor=SYSTEM)
    assert isinstance(opened, Opened), opened
    return opened


def the_endpoint(opened: Opened) -> WebhookEndpoint:
    """The row behind it, as it is now."""
    return WebhookEndpoint.objects.get(pk=opened.endpoint_id)
