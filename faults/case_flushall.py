"""Redis is emptied and killed with work of every kind in its queue: mails, a send, renewals, events. Every effect comes, once.

What is due lives in PostgreSQL; Redis only carries nudges. So nothing is lost with it, and beat's next round takes all up again.
"""

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from config.addresses import BROKER_NUMBER
from faults.case_sends_cut import a_send_to, goes_out
from faults.house import HOME, House, a_house, number, undelivered, until
from faults.mails import a_mail_server, count_of, received
from faults.outcome import Outcome

MAILS, READERS, CONTRACTS, ORDERS = 200, 400, 100, 60
NUDGES = 25
TASKS = ("core.send_mails", "campaigns.sweep", "subscriptions.generate_renewals")


def outcomes() -> Iterator[Outcome]:
    """Emptied with everything waiting, killed at once, and emptied again in the middle of it."""
    folder = HOME / "flushall" / "mail"
    with a_mail_server(folder) as mail_port, a_house("flushall", mail_port=mail_port) as house:
        _owe()
        send = a_send_to(READERS)
        _trade()
        worker = house.worker()
        time.sleep(3)
        thrown = _empty(house, worker, restart=True)
        house.relay()
        house.beat()
        began = time.monotonic()
        until(lambda: count_of(folder) >= MAILS, within_s=120, what="the first mails go out")
        thrown += _empty(house, worker, restart=False)
        goes_out(house, send)
        until(lambda: _renewed() >= CONTRACTS, within_s=150, what="every delivery has its order", every_s=0.5)
        until(lambda: undelivered() == 0, within_s=90, what="every event is carried", every_s=0.5)
        until(lambda: number("SELECT count(*) FROM core_outgoingmail WHERE state <> 'sent'") == 0, within_s=90, what="every mail is sent")
        yield _judged(house, send, folder=folder, thrown=thrown, seconds=time.monotonic() - began)


def _owe() -> None:
    from core.actor import SYSTEM
    from core.operations import NewMail, owe_mails
    from tests.factories.core import a_company

    company = a_company().pk
    mails = [
        NewMail(
            company_id=company, kind="test.told", about=f"order:{n}", once_key=f"told:{n}", to_address=f"m{n}@example.jp",
            from_address="大福商店 <shop@example.jp>", subject=f"ご注文の確認 {n}", body="ありがとうございます。",
        )
        for n in range(MAILS)
    ]  # fmt: skip
    assert owe_mails(mails, actor=SYSTEM) == MAILS


def _trade() -> None:
    """Contracts whose second delivery is due, and orders whose events nobody has carried yet."""
    from core import clock
    from tests.factories.orders import a_draft, a_shop, placed
    from tests.factories.subscriptions import many_contracts

    shop = a_shop()
    many_contracts(shop, CONTRACTS, at=clock.now() - timedelta(days=31))
    variant = shop.variant(1_080, stock=[10_000])
    placed(*[a_draft(shop, (variant, 1)) for _ in range(ORDERS)], at=clock.now())


def _renewed() -> int:
    return number("SELECT count(*) FROM subscriptions_cycle WHERE number = 2 AND status = 'generated'")


def _empty(house: House, worker: "subprocess.Popen[bytes]", *, restart: bool) -> int:
    """FLUSHALL while nudges of every kind wait in the queue, and kill -9 of Redis besides; answers with how many were thrown away."""
    import redis

    from config.celery import app

    os.killpg(worker.pid, signal.SIGSTOP)
    for _ in range(NUDGES):
        for task in TASKS:
            app.send_task(task)
    with redis.Redis(unix_socket_path=str(house.redis.socket), db=BROKER_NUMBER) as client:
        held = client.llen("daifuku.daifuku")
        client.flushall()
    if restart:
        os.kill(house.redis.process(), signal.SIGKILL)
        house.redis.start()
    os.killpg(worker.pid, signal.SIGCONT)
    return int(held)  # type: ignore[arg-type]


def _judged(house: House, send: int, *, folder: Path, thrown: int, seconds: float) -> Outcome:
    from core.db import rows

    promises, names = house.broken_promises()
    came = received(folder)
    owed = {str(r.public_id) for r in rows("SELECT public_id FROM core_outgoingmail")}
    letters = Counter({int(key[1:].split(".")[0]): count for key, count in came.items() if key.startswith("r") and "." in key})
    states = Counter(r.state for r in rows("SELECT state FROM campaigns_recipient WHERE send_id = %s", (send,)))
    cycles = rows(
        "SELECT subscription_id, count(*) AS n FROM subscriptions_cycle WHERE status = 'generated' GROUP BY 1 HAVING count(*) <> 2"
    )
    orders = number("SELECT count(*) FROM orders_order")
    losses = {
        "mails that never came": sum(1 for key in owed if key not in came),
        "mails that came twice": sum(count - 1 for key, count in came.items() if key in owed),
        "letters that never came": READERS - len(letters),
        "letters that came twice": sum(count - 1 for count in letters.values()),
        "recipients not sent": READERS - states["sent"],
        "contracts without exactly one renewal": len(cycles) + abs(_renewed() - CONTRACTS),
        "orders too many or too few": abs(orders - 2 * CONTRACTS - ORDERS),
        "events not carried": undelivered(),
        f"broken promises ({names})": promises,
    }
    note = ", ".join(f"{count} {what}" for what, count in losses.items() if count)
    shown = (
        f"[{thrown} nudges thrown away; {len(owed)} mails, {len(letters)} letters, {_renewed()} renewals,"
        f" {number('SELECT count(*) FROM core_outboxevent')} events in {seconds:.0f} s]"
    )
    tried = len(owed) + READERS + CONTRACTS
    return Outcome(
        "Redis emptied and killed with every kind of work queued", tried=tried, lost=sum(losses.values()), note=f"{note} {shown}".strip()
    )
