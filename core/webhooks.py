"""Webhooks out: which addresses may be called, how a message is signed, when it is tried again. Pure: no clock, no network.

Signed as Standard Webhooks say (standardwebhooks.com): ``webhook-id``, ``webhook-timestamp``, ``webhook-signature``.
"""

import base64
import hmac
import re
from collections.abc import Collection, Sequence
from enum import StrEnum
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

from core.errors import Refusal
from core.words import gettext_noop as _

Address = IPv4Address | IPv6Address


class EndpointState(StrEnum):
    """Whether an endpoint is sent what it asked for. A paused one collects, a disabled one is told nothing new."""

    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"

    @classmethod
    def labels(cls) -> dict["EndpointState", str]:
        return {cls.ACTIVE: _("active"), cls.PAUSED: _("paused"), cls.DISABLED: _("disabled")}


class MessageState(StrEnum):
    """How far a message has come. ``sending`` with a lease that ran out is due again."""

    QUEUED = "queued"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"

    @classmethod
    def labels(cls) -> dict["MessageState", str]:
        return {cls.QUEUED: _("waits to be sent"), cls.SENDING: _("being sent"), cls.DELIVERED: _("delivered"), cls.FAILED: _("given up")}


GONE, FAILING = "gone", "failing"
"""Why the house itself disabled an endpoint: it answered 410, or failed for days."""

# ------------------------------------------------------------------------------------------------------ addresses

LONGEST_URL: Final = 2_048
USUAL_PORTS: Final = (443, 8443)
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?").fullmatch
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*").fullmatch
_INNER: Final = ("localhost", "local", "internal", "localdomain", "intranet", "lan", "home.arpa", "onion")
LOOPBACK_HOSTS: Final = ("localhost", "127.0.0.1", "::1")

# The only IPv6 addresses that are given out (RFC 4291, 2.4); the rest is reserved, and may be somebody's own.
_GIVEN_OUT = ip_network("2000::/3")
# Beside what the library calls not global: addresses that carry another inside, tests and benchmarks, what is assigned to protocols.
_NOT_OURS = tuple(
    ip_network(net)
    for net in (
        "0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23",
        "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip


def is_public(address: Address) -> bool:
    """Whether the address lies in the open internet; one that carries another inside is judged by that, or not let through."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if isinstance(address, IPv6Address) and address not in _GIVEN_OUT:
        return False
    return (
        address.is_global and not address.is_multicast and not any(address.version == net.version and address in net for net in _NOT_OURS)
    )


def refusal_of_url(url: str, *, ports: Collection[int] = USUAL_PORTS, loopback: bool = False) -> Refusal | None:
    """Why no webhook goes to this address, or None. What its name leads to is looked at when it is called.

    ``loopback`` lets http, and any port, through to this machine itself: for tests and the demo, never for production.
    """
    if len(url) > LONGEST_URL:
        return _no("too_long", _("url: an address has at most %(most)s characters. Put long parameters on your side."), most=LONGEST_URL)
    if not url.isascii():
        return _no(
            "not_ascii", _("url: only ASCII characters are taken. Write a Japanese domain in its xn-- form and percent-encode the path.")
        )
    if any(not "!" <= sign <= "~" for sign in url) or "\\" in url:
        return _no("odd_character", _("url: spaces, control characters and backslashes are not taken. Percent-encode them."))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return _no("unreadable", _("url: this is no address. Write https://, a host name and a path."))
    return _refusal_of_parts(url, parts, port, ports=ports, loopback=loopback)


def _refusal_of_parts(url: str, parts: SplitResult, port: int | None, *, ports: Collection[int], loopback: bool) -> Refusal | None:
    if "#" in url:
        return _no("fragment", _("url: a fragment (#…) never reaches a server. Leave it out."))
    if "@" in parts.netloc:
        return _no("credentials", _("url: no user name or password in the address. Check the signature instead."))
    host = (parts.hostname or "").lower()
    if loopback and host in LOOPBACK_HOSTS and parts.scheme in ("http", "https"):
        return None
    if parts.scheme != "https":
        return _no("not_https", _("url: only https is called. Serve the address over https."))
    if port is not None and port not in ports:
        return _no("port", _("url: port %(port)s is not called. Use %(ports)s."), port=port, ports=", ".join(map(str, sorted(ports))))
    return _refusal_of_host(host, netloc=parts.netloc)


def _refusal_of_host(host: str, *, netloc: str) -> Refusal | None:
    labels = host.split(".")
    if not host or netloc.startswith(":") or netloc.endswith(":"):
        return _no("no_host", _("url: the host is missing. Write https://, a host name and a path."))
    if host.endswith("."):
        return _no("trailing_dot", _("url: the host ends with a dot. Leave it out."))
    if "[" in netloc or _NUMBER(labels[-1]):
        return _no("number", _("url: the host is a number. Use a host name with a certificate of its own."))
    if len(host) > 253 or not all(_LABEL(label) for label in labels):
        return _no("host", _("url: this is no host name. Use letters, digits and hyphens, parted by dots."))
    if len(labels) < 2 or host.endswith(tuple(f".{name}" for name in _INNER)):
        return _no("inner_name", _("url: this name leads nowhere in the open internet. Use a public host name."))
    return None


def _no(code: str, message: str, **params: object) -> Refusal:
    return Refusal(f"webhook.url_{code}", message, params, "/url")


def address_of(text: str) -> Address:
    """The address a resolver named, without the zone an IPv6 one may carry."""
    return ip_address(text.partition("%")[0])


# -------------------------------------------------------------------------------------------------------- signing

SECRET_START: Final = "whsec_"  # noqa: S105  the published prefix of secrets, not one
SECRET_BYTES: Final = 32
_SCHEME: Final = "v1"


def secret_text(raw: bytes) -> str:
    """The secret as partners are shown it."""
    return SECRET_START + base64.b64encode(raw).decode()


def signature(secret: str, *, message_id: str, timestamp: int, body: bytes) -> str:
    """``v1,`` and the base64 of HMAC-SHA256 over id.timestamp.body."""
    key = base64.b64decode(secret.removeprefix(SECRET_START))
    digest = hmac.new(key, b"%s.%d.%s" % (message_id.encode(), timestamp, body), sha256).digest()
    return f"{_SCHEME},{base64.b64encode(digest).decode()}"


def signed_headers(secrets: Sequence[str], *, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of one try: one signature for each secret in force, the newest first."""
    signatures = [signature(secret, message_id=message_id, timestamp=timestamp, body=body) for secret in secrets]
    return {"webhook-id": message_id, "webhook-timestamp": str(timestamp), "webhook-signature": " ".join(signatures)}


# ---------------------------------------------------------------------------------------------------------- tries

WAITS_S: Final = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""After each failed try so long: ten tries over some 75 hours."""

MOST_TRIES: Final = len(WAITS_S) + 1
JITTER_PERCENT: Final = 20
FAILING_DAYS: Final = 5
"""After so many days without one success an endpoint is disabled."""

SLOW_AFTER: Final = 3
"""After so many failures in a row, or one time-out, an endpoint is tried by one message at a time."""


def wait_s(tries: int, *, chance: float) -> int:
    """Seconds until the next try after ``tries`` of them; ``chance`` from 0 to 1 spreads it by ten per cent either way."""
    usual = WAITS_S[min(max(tries, 1), len(WAITS_S)) - 1]
    return round(usual * (1 + (chance - 0.5) * JITTER_PERCENT / 100))
