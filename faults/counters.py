"""Customers of the house under test: partners at the API, shoppers at the storefront, over plain HTTP."""

import http.client
import json
import re
import time
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

Body = dict[str, Any]
PATIENCE_S = 20
PLACE = {
    "family_name": "山田", "given_name": "花子", "family_kana": "ヤマダ", "given_kana": "ハナコ", "postal_code": "101-0051",
    "prefecture": "東京都", "city": "千代田区", "street": "神田神保町1-1", "phone": "03-1234-5678",
}  # fmt: skip


class NoAnswer(Exception):
    """The other side died, or never was there: nobody knows yet what became of the request."""


@dataclass
class Partner:
    """A program that places orders at `POST /api/v1/orders`."""

    port: int
    token: str
    channel: str
    _line: http.client.HTTPConnection | None = None

    def place(self, *, sku: str, number: str, email: str) -> tuple[int, Body]:
        """One try, with the outside number as Idempotency-Key too. Raises NoAnswer."""
        person = {"family_name": "山田", "given_name": number, "email": email, "phone": f"090-2{int(number[1:]):07d}"}
        body = {
            "channel": self.channel, "outside_number": number, "person": person, "lines": [{"sku": sku, "quantity": 1}],
            "destinations": [{"place": PLACE}], "payment_method": "cash_on_delivery",
        }  # fmt: skip
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Idempotency-Key": f"key-{number}"}
        try:
            if self._line is None:
                self._line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
            self._line.request("POST", "/api/v1/orders", json.dumps(body), headers)
            response = self._line.getresponse()
            return response.status, json.loads(response.read() or b"{}")
        except (OSError, http.client.HTTPException, ValueError) as gone:
            if self._line is not None:
                self._line.close()
            self._line = None
            raise NoAnswer from gone


@dataclass
class Shopper:
    """A browser without JavaScript: keeps cookies, follows the forms."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    slowest_s: float = 0.0

    def order(self, *, product: str, sku: str, email: str, phone: str) -> float:
        """From the product's page to the order's; answers with the seconds its last button took."""
        self._open("GET", f"/products/{product}/")
        self._open("POST", "/cart/add/", {"sku": sku, "quantity": "1"})
        self._open("GET", "/cart/")
        details = {
            **PLACE,
            "email": email,
            "phone": phone,
            "building": "",
            "payment_method": "cash_on_delivery",
            "wished_on": "",
            "time_band": "",
            "remark": "",
        }
        self._open("POST", "/checkout/", details)
        page = self._open("GET", "/checkout/confirm/")[1]
        pressed = {name: _hidden(page, name) for name in ("cart", "total")}
        began = time.monotonic()
        place = self._open("POST", "/checkout/confirm/", pressed)[0]
        spent = time.monotonic() - began
        if not place.startswith("/orders/"):
            raise NoAnswer(f"the order was not placed: sent on to {place!r}")
        self._open("GET", place)
        return spent

    def _open(self, verb: str, path: str, form: dict[str, str] | None = None) -> tuple[str, str]:
        """Where it sends us, and the page."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "X-CSRFToken": self.cookies.get("csrftoken", ""),
        }
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.monotonic()
        try:
            line.request(verb, path, urlencode(form) if form is not None else None, headers)
            response = line.getresponse()
            page = response.read().decode()
        except (OSError, http.client.HTTPException) as gone:
            raise NoAnswer from gone
        finally:
            line.close()
            self.slowest_s = max(self.slowest_s, time.monotonic() - began)
        for given in response.msg.get_all("Set-Cookie") or ():
            self.cookies.update({name: morsel.value for name, morsel in SimpleCookie(given).items()})
        if response.status >= 400:
            raise NoAnswer(f"{verb} {path} answered {response.status}")
        return urlsplit(response.getheader("Location") or "").path, page


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    if found is None:
        raise NoAnswer(f"the page has no {name}")
    return found[1]
