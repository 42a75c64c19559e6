"""A mail server that does what it is told, one line of the dialogue at a time, over a real socket."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

HANG_UP = "hang up"


@dataclass
class Server:
    """Answers each step ("connect", "MAIL", "RCPT", "DATA", "text") as ``reply`` says; HANG_UP cuts the line there."""

    port: int
    texts: list[bytes] = field(default_factory=list)
    lines: int = 0
    reply: Callable[[str, str], str] = lambda _step, _said: ""


USUAL = {
    "connect": "220 ready",
    "EHLO": "250 here",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    "text": "250 kept",
    "RSET": "250 ok",
}


@contextmanager
def a_server() -> Iterator[Server]:
    listening = socket.create_server(("127.0.0.1", 0))
    server = Server(listening.getsockname()[1])

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=_talk, args=(server, listening.accept()[0]), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server
    finally:
        listening.close()


def _talk(server: Server, line: socket.socket) -> None:
    server.lines += 1
    with line, line.makefile("rb") as heard, suppress(OSError):

        def answer(step: str, said: str = "") -> bool:
            reply = server.reply(step, said) or USUAL.get(step, "250 ok")
            if reply == HANG_UP:
                line.shutdown(socket.SHUT_RDWR)
                return False
            line.sendall(f"{reply}\r\n".encode())
            return reply.startswith("354")

        answer("connect")
        greeted = False
        for raw in heard:
            said = raw.decode().strip()
            step = said.split(" ")[0].upper()
            greeted = greeted or step in ("EHLO", "HELO")
            if not greeted:
                line.sendall(b"503 greet me first\r\n")
                continue
            if step == "QUIT":
                line.sendall(b"221 bye\r\n")
                return
            if answer(step, said):
                text = b"".join(iter(heard.readline, b".\r\n"))
                server.texts.append(text)
                answer("text")
