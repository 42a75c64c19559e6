"""Posting a message to a stranger's address, so that it reaches nothing but the open internet, and never waits long.

The name is resolved once, every address it has is looked at, and the connection goes to the very address that was looked at:
a name that answers otherwise a moment later (DNS rebinding) changes nothing. No redirect is followed, no body is read, and of
the answer nothing but its status leaves this page. Certificates are checked against the host's name as everywhere.
"""

import errno
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from core.webhooks import LOOPBACK_HOSTS, USUAL_PORTS, Address, address_of, is_public, refusal_of_url

RESOLVE_S, CONNECT_S, WHOLE_S = 5.0, 5.0, 15.0
MOST_HEAD = 16_384
"""Bytes of the answer that are looked at for its status; a head that goes on is cut off."""

_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: [^\r\n]*)?$").match
_BLANK_LINE = re.compile(rb"\n\r?\n").search


class NotPosted(Exception):
    """The message did not arrive; ``kind`` says why in one word ("timeout", "refused", "tls", "forbidden_address" …)."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(kind)


def system_resolve(host: str, port: int) -> Sequence[str]:
    """Every address the machine's resolver has for the name."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True)
class Post:
    """How messages are posted. ``loopback`` is for tests and the demo: production settings refuse it."""

    ports: Collection[int] = USUAL_PORTS
    loopback: bool = False
    resolve: Callable[[str, int], Sequence[str]] = system_resolve
    may_reach: Callable[[Address], bool] = is_public
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    connect_s: float = CONNECT_S
    whole_s: float = WHOLE_S

    def send(self, url: str, *, body: bytes, headers: Mapping[str, str]) -> int:
        """Post the body and answer with the status. Raises NotPosted."""
        if refusal_of_url(url, ports=self.ports, loopback=self.loopback) is not None:
            raise NotPosted("forbidden_url")
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        port = parts.port or (443 if parts.scheme == "https" else 80)
        request = _request(parts.netloc, parts.path, parts.query, body, headers)
        address = self._address(host, port)
        end = time.monotonic() + self.whole_s
        try:
            with socket.create_connection((str(address), port), timeout=self.connect_s) as plain:
                return self._talk(plain, host, parts.scheme, end, request)
        except TimeoutError:
            raise NotPosted("timeout") from None
        except ssl.SSLError:
            raise NotPosted("tls") from None
        except OSError as error:
            raise NotPosted("refused" if error.errno == errno.ECONNREFUSED else "cut_off") from None

    def _address(self, host: str, port: int) -> Address:
        """The address to connect to; none at all where any that the name has is not public."""
        found = [address_of(text) for text in _within(lambda: self.resolve(host, port))]
        if not found:
            raise NotPosted("unknown_name")
        own = self.loopback and host in LOOPBACK_HOSTS
        if not all(address.is_loopback if own else self.may_reach(address) for address in found):
            raise NotPosted("forbidden_address")
        return min(found, key=lambda address: address.version)  # stable: the resolver's order, IPv4 first as it is more often routed

    def _talk(self, plain: socket.socket, host: str, scheme: str, end: float, request: bytes) -> int:
        if scheme == "https":
            plain.settimeout(_left(end))
            with self.tls.wrap_socket(plain, server_hostname=host) as safe:
                return _exchange(safe, request, end)
        return _exchange(plain, request, end)


def _within(ask: Callable[[], Sequence[str]]) -> Sequence[str]:
    """The resolver's answer, waited for no longer than five seconds: the system's own patience can be minutes."""
    answer: list[Sequence[str] | None] = []

    def look() -> None:
        try:
            answer.append(ask())
        except (OSError, UnicodeError):
            answer.append(None)

    asking = threading.Thread(target=look, daemon=True)
    asking.start()
    asking.join(RESOLVE_S)
    if not answer:
        raise NotPosted("timeout")
    if answer[0] is None:
        raise NotPosted("unknown_name")
    return answer[0]


def _request(netloc: str, path: str, query: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    target = (path or "/") + (f"?{query}" if query else "")
    said = {
        "Host": netloc, "User-Agent": "Daifuku-Webhooks/1", "Content-Type": "application/json", "Content-Length": str(len(body)),
        "Accept": "*/*", "Connection": "close", **headers,
    }  # fmt: skip
    lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items())]
    if any("\r" in line or "\n" in line for line in lines):
        raise NotPosted("forbidden_url")
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + body


def _exchange(line: socket.socket, request: bytes, end: float) -> int:
    """Send, and read until the final status is known; answers that come drop by drop are waited for no longer than the whole."""
    line.settimeout(_left(end))
    line.sendall(request)
    head = b""
    while True:
        if (status := _status_in(head)) is not None:
            return status
        if len(head) > MOST_HEAD:
            raise NotPosted("no_http")
        line.settimeout(_left(end))
        more = line.recv(4_096)
        if not more:
            raise NotPosted("cut_off")
        head += more


def _status_in(head: bytes) -> int | None:
    """The status in what was read so far; None while it isn't whole. Interim answers (1xx) are passed over."""
    while b"\n" in head:
        first, _, rest = head.partition(b"\n")
        found = _STATUS(first.rstrip(b"\r"))
        if found is None:
            raise NotPosted("no_http")
        if (status := int(found[1])) >= 200:
            return status
        ended = _BLANK_LINE(b"\n" + rest)
        head = rest[ended.end() - 1 :] if ended else b""
        if not ended:
            return None
    if len(head) > 1_000:
        raise NotPosted("no_http")
    return None


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
