"""The mail server is cut and the workers are killed while a send goes out: nobody gets two copies, and every state is true.

Cut means: the server takes a letter in, and the line breaks before it could say so. Nobody can know then, so such a recipient is
`unknown` and is left to a person. At most one letter per process is being handed over at a kill; ADR 0014 tells why.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from config.dev import places
from faults.house import HOME, House, a_house, kill, number, until
from faults.mails import Keeper, count_of, received
from faults.outcome import Outcome

READERS, SILENT, SHARING = 2_000, 60, 20
KILLS, CUTS, PROCESSES = 2, 2, 2
KILL_AT, CUT_AT, CUT_S = (300, 1_100), (700, 1_500), 1.5


class CutKeeper(Keeper):
    """Keeps each mail; while it is cut, new lines break at once, and a letter's line breaks when the letter is in."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.until = 0.0
        self.broken = 0

    def cut(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds

    async def handle_EHLO(self, server: Any, session: Any, _envelope: Any, name: str, replies: list[str]) -> list[str]:  # noqa: N802
        session.host_name = name
        if time.monotonic() < self.until:
            server.transport.abort()
        return replies

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  (the library's name)
        said = await super().handle_DATA(server, session, envelope)
        if time.monotonic() < self.until:
            self.broken += 1
            server.transport.abort()
            await asyncio.sleep(0)
        return said


@contextmanager
def a_fragile_mail_server(folder: Path) -> Iterator[tuple[int, CutKeeper]]:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.eml"):
        old.unlink()
    logging.getLogger("mail.log").disabled = True
    keeper, port = CutKeeper(folder), places.free_port()
    controller = Controller(keeper, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port, keeper
    finally:
        with suppress(Exception):
            controller.stop()


def outcomes() -> Iterator[Outcome]:
    """Two thousand letters; two kills and two cuts, each in the middle of it."""
    folder = HOME / "sends_cut" / "mail"
    with a_fragile_mail_server(folder) as (port, keeper), a_house("sends_cut", mail_port=port) as house:
        send = a_send_to(READERS, silent=SILENT, sharing=SHARING)
        worker = house.worker()
        began = time.monotonic()
        for kill_at, cut_at in zip(KILL_AT, CUT_AT, strict=True):
            reaches(folder, kill_at)
            kill(worker)
            time_passes(house)
            worker = house.worker()
            reaches(folder, cut_at)
            keeper.cut(CUT_S)
            until(lambda: time.monotonic() > keeper.until, within_s=10, what="the cut is over")
        goes_out(house, send)
        yield _judged(house, send, came=received(folder), broken=keeper.broken, seconds=time.monotonic() - began)


def a_send_to(readers: int, *, silent: int = 0, sharing: int = 0) -> int:
    """A send that is due, to so many who agreed, some who didn't, and some who share a mailbox with another."""
    from core import clock
    from core.actor import SYSTEM
    from core.db import acting, run
    from tests.factories.campaigns import a_message, a_segment, a_send, a_sender

    company = a_sender()
    with acting(SYSTEM):
        run(
            """WITH made AS (
                INSERT INTO customers_customer (company_id, number, family_name, given_name, status)
                SELECT %(company)s, 'F' || n, '山田', n::text, 'active' FROM generate_series(1, %(all)s::int) n RETURNING id, substr(number, 2)::int AS n
            ), reached AS (
                INSERT INTO customers_contactpoint (customer_id, kind, value, value_key)
                SELECT id, 'email', m.a, m.a FROM made
                CROSS JOIN LATERAL (SELECT 'k' || CASE WHEN n > %(readers)s + %(silent)s THEN n - %(readers)s - %(silent)s ELSE n END || '@example.jp' AS a) m
            )
            INSERT INTO customers_consent (customer_id, channel, purpose, status, source, wording, at)
            SELECT id, 'mail', 'advertising', 'given', 'form', '1', now() - interval '1 day' FROM made
            WHERE n <= %(readers)s OR n > %(readers)s + %(silent)s""",
            {"company": company.pk, "all": readers + silent + sharing, "readers": readers, "silent": silent},
        )
        run("INSERT INTO campaigns_sendingrule (company_id, quiet_from, quiet_until) VALUES (%s, '00:00', '00:00')", (company.pk,))
    return int(a_send(company, message=a_message(company), segment=a_segment(company), planned_at=clock.now()).pk)


def nudge() -> None:
    """What beat does every ten seconds."""
    from config.celery import app

    app.send_task("campaigns.sweep")


def reaches(folder: Path, letters: int) -> None:
    nudged = 0.0

    def there() -> bool:
        nonlocal nudged
        if time.monotonic() - nudged > 1:
            nudged = time.monotonic()
            nudge()
        return count_of(folder) >= letters

    until(there, within_s=120, what=f"{letters} letters go out", every_s=0.02)


def time_passes(house: House) -> None:
    """The leases of the dead have run out, and who waits for another try has waited; nothing else is touched."""
    house.cluster.sql(
        "UPDATE campaigns_recipient SET lease_until_at = clock_timestamp() - interval '1 second' WHERE lease_until_at IS NOT NULL;"
        " UPDATE campaigns_recipient SET due_at = clock_timestamp() WHERE state = 'queued' AND due_at > clock_timestamp()",
        database=house.database,
    )


def goes_out(house: House, send: int) -> None:
    """Until the send says that it is done."""
    deadline = time.monotonic() + 150
    while number("SELECT count(*) FROM campaigns_send WHERE id = %s AND state = 'done'", (send,)) == 0:
        assert time.monotonic() < deadline, "the send is not done in time"
        nudge()
        time.sleep(1)
        house.cluster.sql(
            "UPDATE campaigns_recipient SET due_at = clock_timestamp() WHERE state = 'queued' AND due_at > clock_timestamp() + interval '6 seconds'",
            database=house.database,
        )


def _judged(house: House, send: int, *, came: Counter[str], broken: int, seconds: float) -> Outcome:
    from core.db import rows

    promises, names = house.broken_promises()
    states: dict[int, str] = {r.id: r.state for r in rows("SELECT id, state FROM campaigns_recipient WHERE send_id = %s", (send,))}
    told = Counter(states.values())
    caught = {int(key.removeprefix("r").split(".")[0]): count for key, count in came.items()}
    honest = {number for number, state in states.items() if state in ("sent", "unknown")}
    unknown = {number for number, state in states.items() if state == "unknown"}
    (row,) = rows("SELECT * FROM campaigns_send WHERE id = %s", (send,))
    losses = {
        "second copies": sum(count - 1 for count in caught.values()),
        "said to be sent, never came": sum(1 for number, state in states.items() if state == "sent" and number not in caught),
        "came, but not said so": len(caught.keys() - honest),
        "recipients without a final state": told["queued"] + told["sending"] + told["failed"],
        "states that don't add up": abs(READERS + SILENT + SHARING - sum(told.values())) + abs(READERS - told["sent"] - told["unknown"]),
        "counts that differ": abs(row.sent_count - told["sent"]) + abs(row.unknown_count - told["unknown"]),
        "unknown without a kill or a cut": max(0, len(unknown) - KILLS * PROCESSES - broken),
        f"broken promises ({names})": promises,
    }
    note = ", ".join(f"{count} {what}" for what, count in losses.items() if count)
    shown = (
        f"[{KILLS} kills, {CUTS} cuts; {told['sent']} sent, {len(unknown)} unknown of which {len(unknown & caught.keys())} had come,"
        f" {told['suppressed']} not written to; {len(caught)} caught in {seconds:.0f} s]"
    )
    return Outcome(
        "SMTP cut and workers killed while a send goes out", tried=READERS, lost=sum(losses.values()), note=f"{note} {shown}".strip()
    )
