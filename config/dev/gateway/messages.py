"""Messages to the shop: signed, sent until they are taken, more and more slowly."""

import hashlib
import hmac
import http.client
import threading
import time
from urllib.parse import urlsplit

from config.dev.gateway.faults import Faults
from config.dev.gateway.store import Store

PATIENCE_S = 10
MOST_ATTEMPTS = 12


def signature(body: str, *, secret: str, at: int) -> str:
    """The Stripe-Signature header of a message."""
    signed = hmac.new(secret.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"


class Messenger(threading.Thread):
    """Delivers what is owed to the shop's webhook, once an address is known."""

    def __init__(self, store: Store, faults: Faults, *, secret: str, url: str = "") -> None:
        super().__init__(daemon=True)
        self.store, self.faults, self.secret, self.url = store, faults, secret, url
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.wait(0.2):
            if self.url:
                for id_, body, attempts in self.store.due_messages(most=20):
                    self._deliver(id_, body, attempts)

    def _deliver(self, id_: str, body: str, attempts: int) -> None:
        fault = self.faults.take("webhook")
        if fault is not None and fault.how == "hold":
            self.store.note_message(id_, taken=False, again_in_s=fault.seconds)
            return
        times = 2 if fault is not None and fault.how == "twice" else 1
        taken = all([self._send(body) for _ in range(times)])
        if fault is not None and fault.how in ("cut_after", "error_after"):
            taken = False  # the shop has it, and we don't know
        self.store.note_message(id_, taken=taken or attempts + 1 >= MOST_ATTEMPTS, again_in_s=min(2**attempts, 600))

    def _send(self, body: str) -> bool:
        parts = urlsplit(self.url)
        line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_S)
        try:
            heads = {"Content-Type": "application/json", "Stripe-Signature": signature(body, secret=self.secret, at=int(time.time()))}
            line.request("POST", parts.path, body=body.encode(), headers=heads)
            return 200 <= line.getresponse().status < 300
        except OSError:
            return False
        finally:
            line.close()
