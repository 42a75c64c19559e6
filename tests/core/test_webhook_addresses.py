"""Webhooks reach the open internet and nothing else, whatever a partner writes as the address. Nothing is connected to otherwise."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.posting import NotPosted, Post
from core.webhooks import is_public, refusal_of_url, signature, signed_headers

REFUSED = [
    ("http://hooks.example.com/", "not_https"),
    ("ftp://hooks.example.com/", "not_https"),
    ("file:///etc/passwd", "not_https"),
    ("gopher://hooks.example.com/", "not_https"),
    ("//hooks.example.com/", "not_https"),
    ("hooks.example.com", "not_https"),
    ("https://127.0.0.1/", "number"),
    ("https://[::1]/", "number"),
    ("https://[::ffff:169.254.169.254]/", "number"),
    ("https://0/", "number"),
    ("https://0x7f000001/", "number"),
    ("https://0x7f.1/", "number"),
    ("https://1.0x7f/", "number"),
    ("https://2130706433/", "number"),
    ("https://017700000001/", "number"),
    ("https://169.254.169.254/latest/meta-data/", "number"),
    ("https://8.8.8.8/", "number"),
    ("https://localhost/", "inner_name"),
    ("https://db/", "inner_name"),
    ("https://a.localhost/", "inner_name"),
    ("https://metadata.google.internal/", "inner_name"),
    ("https://printer.local/", "inner_name"),
    ("https://hooks.example.com:22/", "port"),
    ("https://hooks.example.com:25/", "port"),
    ("https://hooks.example.com:80/", "port"),
    ("https://hooks.example.com:0/", "port"),
    ("https://hooks.example.com:6379/", "port"),
    ("https://hooks.example.com:99999/", "unreadable"),
    ("https://hooks.example.com:443:80/", "unreadable"),
    ("https://user:pass@hooks.example.com/", "credentials"),
    ("https://hooks.example.com@127.0.0.1/", "credentials"),
    ("https://h#@169.254.169.254/", "fragment"),
    ("https://hooks.example.com/#x", "fragment"),
    ("https://hooks.example.com./", "trailing_dot"),
    ("https://hooks.example.com\\@127.0.0.1/", "odd_character"),
    ("https://hooks.example.com/ x", "odd_character"),
    ("https://hooks.example.com/\r\nHost: x", "odd_character"),
    ("https://hooks.example.com/\x00", "odd_character"),
    ("https://①②⑦.⓪.⓪.①/", "not_ascii"),
    ("https://１２７.0.0.1/", "not_ascii"),
    ("https://hooks。example。com/", "not_ascii"),
    ("https://ｈooks.example.com/", "not_ascii"),
    ("https://日本.example/", "not_ascii"),
    ("https://-hooks.example.com/", "host"),
    ("https://hooks..example.com/", "host"),
    ("https://hooks%2eexample.com/", "host"),
    ("https://exa_mple.com/", "host"),
    ("https:///path", "no_host"),
    ("https://hooks.example.com:/", "no_host"),
    ("https://[::1", "unreadable"),
    ("https://" + "a" * 64 + ".example.com/", "host"),
    ("https://hooks.example.com/" + "a" * 10_000, "too_long"),
]


@pytest.mark.parametrize(("url", "code"), REFUSED, ids=[url[:50] for url, _code in REFUSED])
def test_an_address_that_leads_elsewhere_is_refused_by_rule_and_field(url: str, code: str):
    refusal = refusal_of_url(url)

    assert refusal is not None
    assert (refusal.code, refusal.field) == (f"webhook.url_{code}", "/url")
    assert refusal.text().startswith("url: ")


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com",
        "https://hooks.example.com/a/b?c=d%20e",
        "https://hooks.example.com:8443/",
        "https://xn--wgv71a.example.jp/",
    ],
)
def test_a_public_https_address_is_taken(url: str):
    assert refusal_of_url(url) is None


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000/", "http://localhost:9/x", "http://[::1]:80/", "http://hooks.example.com/", "https://10.0.0.1/"]
)
def test_only_this_machine_itself_is_reached_where_loopback_is_allowed(url: str):
    own = any(name in url for name in ("127.0.0.1", "localhost", "[::1]"))

    assert (refusal_of_url(url, loopback=True) is None) == own
    assert refusal_of_url(url) is not None


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("2001:4860:4860::8888", True), ("::ffff:8.8.8.8", True),
        ("127.0.0.1", False), ("127.8.8.8", False), ("0.0.0.0", False), ("10.1.2.3", False), ("172.16.0.1", False), ("192.168.1.1", False),
        ("169.254.169.254", False), ("100.64.0.1", False), ("100.100.100.200", False), ("192.0.0.192", False), ("198.18.0.1", False),
        ("224.0.0.1", False), ("239.1.1.1", False), ("240.0.0.1", False), ("255.255.255.255", False), ("192.88.99.1", False),
        ("::1", False), ("::", False), ("::127.0.0.1", False), ("::ffff:127.0.0.1", False), ("::ffff:169.254.169.254", False),
        ("64:ff9b::a9fe:a9fe", False), ("2002:7f00:1::", False), ("2001::1", False), ("fe80::1", False), ("fc00::1", False),
        ("fd00:ec2::254", False), ("fec0::1", False), ("ff02::1", False), ("2001:db8::1", False), ("4000::1", False), ("0400::1", False),
    ],
)  # fmt: skip
def test_public_addresses_are_told_from_all_others(address: str, public: bool):
    assert is_public(ip_address(address)) is public


class Resolver:
    """Answers with these addresses in turn, the last ones ever after, and counts."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.asked = answers, 0

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked += 1
        return self.answers[min(self.asked, len(self.answers)) - 1]


@contextmanager
def a_door(answer: bytes = b"HTTP/1.1 200 OK\r\n\r\n", *, tls: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """A listening port on this machine, and what came in by it."""
    came: list[bytes] = []
    door = socket.create_server(("127.0.0.1", 0))
    door.settimeout(0.05)
    closed = threading.Event()

    def serve() -> None:
        while not closed.is_set():
            try:
                line, _where = door.accept()
            except TimeoutError:
                continue
            try:
                line.settimeout(2)
                safe = tls.wrap_socket(line, server_side=True) if tls else line
                came.append(safe.recv(65_536))
                safe.sendall(answer)
                safe.close()
            except OSError:
                came.append(b"")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield door.getsockname()[1], came
    finally:
        closed.set()
        thread.join(6)
        door.close()


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.5", "169.254.169.254", "fe80::1%eth0", "0.0.0.0"])
def test_a_name_that_leads_inside_is_not_connected_to(address: str):
    with a_door() as (port, came), pytest.raises(NotPosted) as refused:
        Post(ports=[port], resolve=Resolver([address])).send(f"https://inside.example.com:{port}/", body=b"{}", headers={})

    assert refused.value.kind == "forbidden_address"
    assert came == []


def test_one_inner_address_among_public_ones_is_enough_to_refuse():
    with a_door() as (port, came), pytest.raises(NotPosted, match="forbidden_address"):
        Post(ports=[port], resolve=Resolver(["8.8.8.8", "127.0.0.1"])).send(f"https://both.example.com:{port}/", body=b"{}", headers={})

    assert came == []


def test_a_name_that_answers_otherwise_a_moment_later_changes_nothing():
    """Rebinding: looked up once, and the connection goes to what was looked at (here refused by a port nobody listens on)."""
    resolver = Resolver(["127.0.0.2"], ["127.0.0.1"])
    with a_door() as (port, came):
        post = Post(ports=[port], resolve=resolver, may_reach=lambda address: str(address) == "127.0.0.2")
        with pytest.raises(NotPosted, match="refused"):
            post.send(f"https://rebind.example.com:{port}/", body=b"{}", headers={})

    assert resolver.asked == 1
    assert came == []


def test_a_resolver_that_hangs_or_knows_nothing_is_a_failure_with_its_name():
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror

    with pytest.raises(NotPosted, match="unknown_name"):
        Post(resolve=unknown).send("https://hooks.example.com/", body=b"{}", headers={})


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate for hooks.example.com, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.example.com")])
    start = datetime.now(UTC) - timedelta(days=1)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(start).not_valid_after(start + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example.com")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    file = tmp_path_factory.mktemp("tls") / "all.pem"
    plain = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(plain + made.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    client = ssl.create_default_context(cadata=made.public_bytes(serialization.Encoding.PEM).decode())
    return server, client


def test_over_tls_the_host_is_named_and_its_certificate_checked(authority: tuple[ssl.SSLContext, ssl.SSLContext]):
    server, client = authority
    with a_door(b"HTTP/1.1 204 No Content\r\n\r\n", tls=server) as (port, came):
        post = Post(ports=[port], resolve=Resolver(["127.0.0.1"]), may_reach=lambda address: True, tls=client)
        status = post.send(f"https://hooks.example.com:{port}/in?x=1", body=b'{"a":1}', headers={"webhook-id": "evt_1"})

        with pytest.raises(NotPosted, match="tls"):
            post.send(f"https://other.example.com:{port}/", body=b"{}", headers={})

    assert status == 204
    head, _, body = came[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /in?x=1 HTTP/1.1\r\nHost: hooks.example.com:")
    assert b"webhook-id: evt_1" in head
    assert body == b'{"a":1}'


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", 200),
        (b"HTTP/1.0 503\r\n\r\n", 503),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 410 Gone\r\n\r\n", 410),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n", 302),
        (b"SSH-2.0-OpenSSH_9\r\n", "no_http"),
        (b"A" * 5_000, "no_http"),
        (b"HTTP/1.1 999 ?\r\n", "no_http"),
        (b"HTTP/1.1 100 Continue\r\n" + b"x: y\r\n" * 5_000, "no_http"),
        (b"", "cut_off"),
        (b"HTTP/1.1 20", "cut_off"),
    ],
)
def test_of_an_answer_only_the_status_is_read(answer: bytes, outcome: int | str):
    with a_door(answer) as (port, _came):
        post = Post(loopback=True)
        try:
            found: int | str = post.send(f"http://127.0.0.1:{port}/", body=b"{}", headers={})
        except NotPosted as failure:
            found = failure.kind

    assert found == outcome


def test_an_answer_drop_by_drop_is_waited_for_no_longer_than_the_whole():
    door = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drip() -> None:
        line, _where = door.accept()
        while not stop.wait(0.05):
            try:
                line.sendall(b"H")
            except OSError:
                return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    try:
        with pytest.raises(NotPosted) as failure:
            Post(loopback=True, whole_s=0.4).send(f"http://127.0.0.1:{door.getsockname()[1]}/", body=b"{}", headers={})
    finally:
        stop.set()
        door.close()
        thread.join(2)

    assert failure.value.kind == "timeout"


def test_a_header_cannot_be_smuggled():
    with pytest.raises(NotPosted, match="forbidden_url"):
        Post(loopback=True, resolve=Resolver(["127.0.0.1"])).send("http://127.0.0.1:9/", body=b"", headers={"x": "1\r\nHost: y"})


# The published test vector of Standard Webhooks.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
VECTOR = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")


def test_the_published_vector_is_met():
    message_id, timestamp, body, wanted = VECTOR

    assert signature(SECRET, message_id=message_id, timestamp=timestamp, body=body) == wanted


def test_each_secret_in_force_signs_and_another_body_is_another_signature():
    message_id, timestamp, body, wanted = VECTOR
    former = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldY"

    headers = signed_headers([SECRET, former], message_id=message_id, timestamp=timestamp, body=body)

    assert headers["webhook-id"] == message_id
    assert headers["webhook-timestamp"] == str(timestamp)
    assert headers["webhook-signature"].split(" ")[0] == wanted
    assert len(set(headers["webhook-signature"].split(" "))) == 2
    assert signature(SECRET, message_id=message_id, timestamp=timestamp, body=body + b" ") != wanted
    assert signature(SECRET, message_id=message_id, timestamp=timestamp + 1, body=body) != wanted
