"""The sandbox gateway as a local HTTP process: the provider's protocol, its script, its bank's page, and trouble on demand."""

import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from config.dev.gateway import pages
from config.dev.gateway.bank import Bank, Refusal
from config.dev.gateway.faults import Fault, Faults
from config.dev.gateway.messages import Messenger
from config.dev.gateway.store import Store, Thing

SECRET_KEY = "sk_test_sandbox"
PUBLIC_KEY = "pk_test_sandbox"
WEBHOOK_SECRET = "whsec_sandbox"

Form = dict[str, str]


class Torn(Exception):
    """The line is cut without an answer."""


class Gateway:
    """A running sandbox; `.close()` ends it."""

    def __init__(self, *, port: int, folder: Path, webhook: str = "", origin: str = "") -> None:
        self.origin = origin or f"http://127.0.0.1:{port}"
        self.store = Store(folder / "gateway.sqlite")
        self.faults = Faults()
        self.bank = Bank(self.store, origin=self.origin)
        self.messenger = Messenger(self.store, self.faults, secret=WEBHOOK_SECRET, url=webhook)
        self.busy: set[str] = set()
        self.lock = threading.Lock()
        handler = type("Handler", (Handler,), {"gateway": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self.server.daemon_threads = True
        self.messenger.start()
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.messenger.stopping.set()
        self.faults.clear()
        self.server.shutdown()
        self.server.server_close()
        self.messenger.join(timeout=15)

    # ------------------------------------------------------------- requests

    def post(self, path: str, form: Form, *, key: str) -> tuple[int, Thing]:
        """The effect of a POST, once per idempotency key: the second gets the first one's answer."""
        asked = hashlib.sha256(json.dumps([path, sorted(form.items())]).encode()).hexdigest()
        with self.lock:
            if key and key in self.busy:
                return 409, {"error": {"type": "idempotency_error", "code": "idempotency_key_in_use"}}
            self.busy.add(key)
        try:
            return self._once(path, form, key=key, asked=asked)
        finally:
            with self.lock:
                self.busy.discard(key)

    def _once(self, path: str, form: Form, *, key: str, asked: str) -> tuple[int, Thing]:
        known = self.store.answer(key) if key else None
        if known is not None:
            if known[0] != asked:
                return 400, {"error": {"type": "idempotency_error", "code": "idempotency_error"}}
            return known[1], known[2]
        with self.store.change():
            try:
                status, body = 200, self._verb(path, form)
            except Refusal as refusal:
                status, body = refusal.status, refusal.body
            if key:
                self.store.keep_answer(key, asked, status, body)
        return status, body

    def _verb(self, path: str, form: Form) -> Thing:
        bank, parts = self.bank, path.strip("/").split("/")
        match parts:
            case ["v1", "payment_methods"]:
                return bank.tokenise(form)
            case ["v1", "payment_methods", reference, "attach"]:
                return bank.attach(reference, form)
            case ["v1", "payment_methods", reference, "detach"]:
                return bank.detach(reference)
            case ["v1", "customers"]:
                return bank.customer(form)
            case ["v1", "payment_intents"]:
                return bank.open(form)
            case ["v1", "payment_intents", reference, "confirm"]:
                return bank.confirm(reference, form)
            case ["v1", "payment_intents", reference, "capture"]:
                return bank.capture(reference, form)
            case ["v1", "payment_intents", reference, "cancel"]:
                return bank.cancel(reference, form)
            case ["v1", "refunds"]:
                return bank.refund(form)
        raise Refusal(404, "invalid_request_error", "url_invalid")

    def read(self, path: str, query: Form) -> Thing:
        parts = path.strip("/").split("/")
        with self.store.change():
            match parts:
                case ["v1", "payment_intents", reference]:
                    return self.bank.payment(reference)
                case ["v1", "payment_methods", reference]:
                    return self.bank.card(reference)
                case ["v1", "refunds"]:
                    return self.bank.refunds(query.get("payment_intent", ""))
        raise Refusal(404, "invalid_request_error", "url_invalid")

    def decline(self, path: str, code: str) -> tuple[int, Thing]:
        """What is asked for is refused, for once."""
        with self.store.change():
            reference = path.strip("/").split("/")[2] if path.count("/") > 3 else ""
            payment = self.store.get(reference, "payment_intent")
            try:
                if path.endswith("/confirm") and payment is not None:
                    self.bank.decline(payment, code or "generic_decline")
            except Refusal as refusal:
                return refusal.status, refusal.body
            if path.endswith("/capture") and payment is not None:
                payment = self.bank.expire(reference)
                return 400, Refusal(400, "invalid_request_error", code or "charge_expired_for_capture", payment=payment).body
        return 402, Refusal(402, "card_error", code or "card_declined", decline_code="generic_decline").body

    def control(self, path: str, given: Thing) -> Thing:
        """Orders of a test: trouble to come, what really happened, where messages go."""
        match path:
            case "/control/faults":
                self.faults.order(Fault(**given))
            case "/control/calm":
                self.faults.clear()
            case "/control/webhook":
                self.messenger.url = given["url"]
            case "/control/expire":
                with self.store.change():
                    self.bank.expire(given["payment"])
            case "/control/fail-refund":
                with self.store.change():
                    self.bank.fail_refund(given["refund"])
            case _:
                raise ValueError(path)
        return {"ok": True}

    def state(self) -> Thing:
        return {
            "effects": self.store.effects(),
            "payments": self.store.all("payment_intent"),
            "refunds": self.store.all("refund"),
            "waiting_messages": self.store.waiting_messages(),
            "met": self.faults.met,
        }


def point_of(method: str, path: str) -> str:
    """At which point of a payment's life a request stands."""
    last = path.rsplit("/", 1)[-1]
    if path.startswith(("/v1/payment_methods", "/v1/customers")):
        return "keep"
    if path == "/v1/payment_intents":
        return "open"
    if method == "GET":
        return "look"
    return "refund" if path == "/v1/refunds" else last


class Handler(BaseHTTPRequestHandler):
    """Speaks HTTP for the gateway."""

    disable_nagle_algorithm = True  # head and body leave in two writes: held back, the second waits 40 ms for its receipt

    gateway: Gateway
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Silence: what passes here is never written to a log."""

    def handle(self) -> None:
        try:
            super().handle()
        except (Torn, ConnectionError):
            self.close_connection = True

    def _form(self) -> Form:
        """What was sent, whole: half a request, from somebody who died while sending it, is none."""
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size)
        if len(body) < size:
            raise Torn
        return dict(parse_qsl(body.decode(), keep_blank_values=True))

    def _language(self, query: Form) -> str:
        return query.get("lang") or ("ja" if "ja" in self.headers.get("Accept-Language", "ja") else "en")

    def do_OPTIONS(self) -> None:
        self._send(204, b"", "text/plain")

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        if parts.path == "/v3/":
            self._send(200, pages.script(self.gateway.origin).encode(), "text/javascript; charset=utf-8")
        elif parts.path == "/frame":
            self._send(200, pages.frame(self._language(query)).encode(), "text/html; charset=utf-8")
        elif parts.path.startswith("/3ds/"):
            self._question(parts.path.removeprefix("/3ds/"), query)
        elif parts.path == "/control/state":
            self._json(200, self.gateway.state())
        elif self._may(secret=True):
            self._meeting_faults("GET", parts.path, lambda: (200, self.gateway.read(parts.path, query)))

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        if path.startswith("/control/"):
            size = int(self.headers.get("Content-Length") or 0)
            self._json(200, self.gateway.control(path, json.loads(self.rfile.read(size) or b"{}")))
            return
        form = self._form()
        if path.startswith("/3ds/"):
            self._answered(path.removeprefix("/3ds/"), approve=form.get("answer") == "yes")
        elif self._may(secret=path != "/v1/payment_methods"):
            key = self.headers.get("Idempotency-Key", "")
            self._meeting_faults("POST", path, lambda: self.gateway.post(path, form, key=key))

    def _may(self, *, secret: bool) -> bool:
        allowed = {f"Bearer {SECRET_KEY}"} | (set() if secret else {f"Bearer {PUBLIC_KEY}"})
        if self.headers.get("Authorization") in allowed:
            return True
        self._json(401, {"error": {"type": "invalid_request_error", "code": "api_key_invalid"}})
        return False

    def _meeting_faults(self, method: str, path: str, act: Callable[[], tuple[int, Thing]]) -> None:
        fault = self.gateway.faults.take(point_of(method, path))
        how = fault.how if fault else ""
        if fault is not None and how in ("hang", "delay"):
            self.gateway.faults.over.wait(fault.seconds)
        if how == "cut_before":
            self._tear()
        if how in ("error", "busy"):
            self._json(500 if how == "error" else 429, {"error": {"type": "api_error", "code": "sandbox_fault"}})
            return
        try:
            status, body = self.gateway.decline(path, fault.code) if fault is not None and how == "decline" else act()
        except Refusal as refusal:
            status, body = refusal.status, refusal.body
        if how == "cut_after":
            self._tear()
        if how == "error_after":
            status, body = 500, {"error": {"type": "api_error", "code": "sandbox_fault"}}
        self._json(status, body)

    def _tear(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)
        raise Torn

    def _question(self, reference: str, query: Form) -> None:
        payment = self.gateway.store.get(reference, "payment_intent")
        if payment is None:
            self._send(404, b"", "text/plain")
            return
        card = self.gateway.store.get(payment["payment_method"] or "", "payment_method") or {"card": {"last4": "----"}}
        self._send(200, pages.question(payment, card, language=self._language(query)).encode(), "text/html; charset=utf-8")

    def _answered(self, reference: str, *, approve: bool) -> None:
        before = self.gateway.store.get(reference, "payment_intent")
        if before is None:
            self._send(404, b"", "text/plain")
            return
        with self.gateway.store.change():
            payment = self.gateway.bank.answer_challenge(reference, approve=approve)
        good = payment["status"] in ("requires_capture", "succeeded")
        back = {
            "payment_intent": reference,
            "payment_intent_client_secret": payment["client_secret"],
            "redirect_status": "succeeded" if good else "failed",
        }
        url = before["return_url"]
        self._send(303, b"", "text/plain", location=f"{url}{'&' if '?' in url else '?'}{urlencode(back)}")

    def _json(self, status: int, body: Thing) -> None:
        self._send(status, json.dumps(body).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str, *, location: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key")
        self.send_header("Cache-Control", "no-store")
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)


def wait_until_open(port: int, *, within_s: float = 10) -> None:
    """The sandbox answers on its port."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError("the sandbox gateway does not answer")
