"""`python -m config.dev.gateway --port 8451`: a card gateway for one machine that charges nobody."""

import argparse
import signal
import threading
from pathlib import Path

from config.dev.gateway.server import Gateway
from config.dev.places import VAR


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--port", type=int, required=True)
    asked.add_argument("--folder", type=Path, default=VAR / "gateway")
    asked.add_argument("--webhook", default="")
    asked.add_argument("--origin", default="")
    given = asked.parse_args()
    gateway = Gateway(port=given.port, folder=given.folder, webhook=given.webhook, origin=given.origin)
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    done.wait()
    gateway.close()


if __name__ == "__main__":
    main()
