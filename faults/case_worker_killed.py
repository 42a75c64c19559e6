"""kill -9 of the workers while they send mails: none is lost, each state is true, a repeat only in the known window.

The window: a mail server has taken a mail and the worker dies before it has noted so. SMTP has no way to ask. The mail is
then sent again under the same Message-ID when its lease has run out; at most one mail per process and kill.
"""

import time
from collections.abc import Iterator

from faults.house import HOME, House, a_house, kill, number, until
from faults.mails import a_mail_server, count_of, received
from faults.outcome import Outcome

MAILS, KILLS, PROCESSES = 300, 4, 2
STEP = 50


def outcomes() -> Iterator[Outcome]:
    """Several hundred mails are owed; the workers die again and again while sending them."""
    folder = HOME / "worker_killed" / "mail"
    with a_mail_server(folder) as mail_port, a_house("worker_killed", mail_port=mail_port) as house:
        _owe()
        false = 0
        for _round in range(KILLS):
            worker = house.worker()
            before = count_of(folder)
            _nudge()
            until(lambda floor=before: count_of(folder) >= min(floor + STEP, MAILS), within_s=30, what="mails go out", every_s=0.005)  # type: ignore[misc]
            kill(worker)
            came = received(folder)
            false += sum(1 for key in _told_sent() if not came[key])
            _time_passes(house)
        house.worker()
        deadline = time.monotonic() + 40
        while number("SELECT count(*) FROM core_outgoingmail WHERE state <> 'sent'") and time.monotonic() < deadline:
            _nudge()
            time.sleep(1)
        yield _judged(house, came=received(folder), false=false)


def _owe() -> None:
    from core.actor import SYSTEM
    from core.operations import NewMail, owe_mails
    from tests.factories.core import a_company

    company = a_company().pk
    mails = [
        NewMail(
            company_id=company, kind="test.told", about=f"order:{n}", once_key=f"told:{n}", to_address=f"k{n}@example.jp",
            from_address="大福商店 <shop@example.jp>", subject=f"ご注文の確認 {n}", body="ありがとうございます。",
        )
        for n in range(MAILS)
    ]  # fmt: skip
    assert owe_mails(mails, actor=SYSTEM) == MAILS


def _nudge() -> None:
    """What beat does every ten seconds, for each process of the worker."""
    from config.celery import app

    for _ in range(PROCESSES):
        app.send_task("core.send_mails")


def _told_sent() -> list[str]:
    from core.db import rows

    return [str(r.public_id) for r in rows("SELECT public_id FROM core_outgoingmail WHERE state = 'sent'")]


def _time_passes(house: House) -> None:
    """The leases of the dead have run out; nothing else is touched."""
    house.cluster.sql(
        "UPDATE core_outgoingmail SET lease_until_at = clock_timestamp() - interval '1 second' WHERE state = 'sending'",
        database=house.database,
    )


def _judged(house: House, *, came: dict[str, int], false: int) -> Outcome:
    broken, names = house.broken_promises()
    sent = _told_sent()
    repeated = sum(count - 1 for count in came.values())
    losses = {
        "mails that never came": MAILS - len(came),
        "said to be sent before they were": false + sum(1 for key in sent if not came.get(key)),
        "not sent in the end": MAILS - len(sent),
        "repeats outside the window": max(0, repeated - KILLS * PROCESSES),
        f"broken promises ({names})": broken,
    }
    note = ", ".join(f"{count} {what}" for what, count in losses.items() if count)
    told = f"[{KILLS} kills; {repeated} sent again, {KILLS * PROCESSES} allowed]"
    return Outcome("workers killed while mails are sent", tried=MAILS, lost=sum(losses.values()), note=f"{note} {told}".strip())
