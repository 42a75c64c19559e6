"""Local servers that speak as outside counters do: they list orders, renew tokens, delay, decline and die."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class Call:
    """What a counter was asked."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: str

    @property
    def said(self) -> Any:
        """Its body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Says:
    """What a counter answers; status 0 is a line that breaks in the middle of it."""

    body: str | bytes = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Mall:
    """A counter on this machine: ``answers`` says what each call is told; what it was asked is kept."""

    def __init__(self, answers: Callable[["Mall", Call], Says]) -> None:
        self.asked: list[Call] = []
        mall = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._serve("")

            def do_POST(self) -> None:
                self._serve(self.rfile.read(int(self.headers["Content-Length"])).decode())

            def _serve(self, body: str) -> None:
                parts = urlsplit(self.path)
                call = Call(self.command, parts.path, {k: v[0] for k, v in parse_qs(parts.query).items()}, dict(self.headers), body)
                mall.asked.append(call)
                says = answers(mall, call)
                if says.status == 0:
                    self.connection.close()
                    return
                raw = says.body if isinstance(says.body, bytes) else says.body.encode()
                self.send_response(says.status)
                for name, value in {**says.headers, "Content-Length": str(len(raw))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_words: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def paths(self) -> list[str]:
        """Where it was asked, in order."""
        return [call.path for call in self.asked]

    @contextmanager
    def open(self) -> Iterator["Mall"]:
        """While it answers."""
        thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.server.shutdown()
            self.server.server_close()
            thread.join(timeout=5)
