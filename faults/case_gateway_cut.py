"""The card gateway is cut at five points, with the process that asked it killed: never two captures, nothing lost, all exact.

Points: opening, confirming, capturing, voiding, refunding. At each the gateway has done it and its answer is lost (ok), has
refused (declined), or says nothing and does it after the asking process is dead (hang). The gateway is a process too, and is
killed and started again over the same books. Its own record of what happened to cards is the judge, not ours.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from config.dev import places
from config.dev.gateway.addresses import environment
from config.dev.gateway.server import wait_until_open
from faults.house import House, a_house, kill, number, undelivered, until
from faults.outcome import Outcome

POINTS = ("open", "confirm", "capture", "cancel", "refund")
WAYS = {"ok": "cut_after", "declined": "decline", "hang": "hang"}
ORDERS, PRICE, STOCK = 3, 1_100, 1_000  # orders of each point and way


def outcomes() -> Iterator[Outcome]:
    """Fifteen ways to be cut off, each with orders of its own in one house."""
    port = places.free_port()
    os.environ.update(environment(port))
    try:
        with a_house("gateway_cut") as house:
            scene = Scene(house, port)
            scene.open()
            for point in POINTS:
                for way in WAYS:
                    scene.play(point, way)
            scene.settle()
            yield judged(scene)
    finally:
        for name in environment(port):
            os.environ.pop(name, None)


@dataclass
class Scene:
    """A shop whose orders are charged to cards, and the gateway that fails it."""

    house: House
    port: int
    gateway: Any = None
    shop: Any = None
    variant: Any = None
    customer: Any = None
    card: int = 0
    orders: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    kills: int = 0
    met: int = 0

    def open(self) -> None:
        from tests.factories.orders import a_known_customer, a_shop

        folder = self.house.folder / "gateway"
        for old in folder.glob("gateway.sqlite*"):
            old.unlink()
        self.start_gateway()
        self.shop = a_shop()
        self.variant = self.shop.variant(PRICE, stock=[STOCK])
        self.customer = a_known_customer(self.shop)
        with self.connected():
            from tests.factories.cards import a_kept_card

            self.card = a_kept_card(self.customer).means_id
        self.house.relay()

    def connected(self) -> Any:
        """The gateway as this process asks it."""
        from billing.ports import CARD_GATEWAY
        from tests.factories.cards import Sandbox

        return CARD_GATEWAY.only(Sandbox(self.port).adapter(patience_s=5))

    def start_gateway(self) -> None:
        command = ("-m", "config.dev.gateway", "--port", str(self.port), "--folder", str(self.house.folder / "gateway"))
        self.gateway = self.house._start("gateway", *command)
        wait_until_open(self.port, within_s=20)

    def ask(self, path: str, **given: Any) -> dict[str, Any]:
        url = f"http://127.0.0.1:{self.port}/control/{path}"
        answer = httpx.post(url, json=given, trust_env=False) if path != "state" else httpx.get(url, trust_env=False)
        return dict(answer.json())

    # --------------------------------------------------------------------- acts

    def play(self, point: str, way: str) -> None:
        """Orders come to the point; there the gateway fails the first of them and whoever asked is killed."""
        ids = self.orders[point, way] = self._placed(f"{point}-{way}")
        if point in ("open", "confirm"):
            self._trouble(point, way)
            self._struck(self.house._start("counter", "-m", "faults.card_counter", *map(str, ids)), way)
            return
        self._accept(ids)
        if point == "refund":
            self._ship(ids)
            self._work_until_settled()
            self._refund(ids)
        elif point == "capture":
            self._ship(ids)
        else:
            self._cancel(ids)
        self._trouble(point, way)
        worker = self.house.worker()
        self._nudge()
        self._struck(worker, way)

    def _struck(self, process: "subprocess.Popen[bytes]", way: str) -> None:
        """The trouble is met; the process that asked dies at once, and where the answer was lost the gateway dies with it."""
        until(lambda: self.ask("state")["met"] > self.met, within_s=120, what="the gateway is asked", every_s=0.02)
        if way == "hang":
            time.sleep(0.2)
        kill(process)
        self.kills += 1
        if way == "ok":
            os.killpg(self.gateway.pid, signal.SIGKILL)
            self.gateway.wait()
            self.kills += 1
            self.start_gateway()
            self.met = 0
        else:
            self.ask("calm")  # who hung in silence does it now, with nobody left to hear
            time.sleep(0.3)
            self.met = self.ask("state")["met"]

    def _trouble(self, point: str, way: str) -> None:
        self.met = self.ask("state")["met"]
        self.ask("faults", point=point, how=WAYS[way], seconds=30)

    def _placed(self, name: str) -> list[int]:
        from billing.rules import PaymentMethod
        from core import clock
        from core.actor import SYSTEM
        from orders.operations import place_orders
        from tests.factories.orders import a_draft

        drafts = [
            a_draft(self.shop, (self.variant, 1), customer_id=self.customer.pk, payment_method=PaymentMethod.CARD, means_id=self.card,
                    outside_number=f"{name}-{n}")
            for n in range(ORDERS)
        ]  # fmt: skip
        return [placed.order_id for placed in place_orders(drafts, actor=SYSTEM, at=clock.now())]  # type: ignore[union-attr]

    def _accept(self, ids: list[int]) -> None:
        from billing.rules import Outcome as Came
        from core import clock
        from core.actor import SYSTEM
        from orders.operations import take_payments

        with self.connected():
            assert {one.outcome for one in take_payments(ids, actor=SYSTEM, at=clock.now())} == {Came.OK}

    def _ship(self, ids: list[int]) -> None:
        from core import clock
        from core.actor import SYSTEM
        from core.db import rows
        from orders.operations import Leaving, ship_shipments

        parcels = rows("SELECT id FROM orders_shipment WHERE order_id = ANY (%s::bigint[])", (ids,))
        ship_shipments([Leaving(shipment_id=parcel.id) for parcel in parcels], actor=SYSTEM, at=clock.now())
        until(lambda: undelivered() == 0, within_s=30, what="the captures are asked for")

    def _cancel(self, ids: list[int]) -> None:
        from core import clock
        from core.actor import SYSTEM
        from orders.operations import cancel_orders

        cancel_orders(ids, reason="changed mind", actor=SYSTEM, at=clock.now())

    def _refund(self, ids: list[int]) -> None:
        from billing.operations import issue_credit_notes, refund_payments
        from billing.rules import CreditAsk, RefundAsk
        from core import clock
        from core.actor import SYSTEM
        from core.db import rows

        found = rows(
            "SELECT v.id AS invoice, p.id AS payment FROM orders_order o JOIN billing_invoice v ON v.order_ref = o.public_id"
            " JOIN billing_payment p ON p.order_ref = o.public_id WHERE o.id = ANY (%s::bigint[])",
            (ids,),
        )
        at = clock.now()
        issue_credit_notes(
            [CreditAsk(invoice_id=r.invoice, once_key=f"c{r.invoice}", reason="returned") for r in found], actor=SYSTEM, at=at
        )
        asks = [RefundAsk(payment_id=r.payment, amount=PRICE, once_key=f"r{r.payment}", reason="returned") for r in found]
        made = refund_payments(asks, actor=SYSTEM, at=at)
        assert all(hasattr(one, "refund_id") for one in made), made

    def _nudge(self) -> None:
        from config.celery import app

        app.send_task("billing.work_gateway")

    def _time_passes(self) -> None:
        """Leases of the dead have run out and what was put off is due; nothing else is touched."""
        self.house.cluster.sql(
            "UPDATE billing_gatewaycall SET due_at = clock_timestamp() - interval '1 second',"
            " lease_until_at = CASE WHEN lease_until_at IS NULL THEN NULL ELSE clock_timestamp() - interval '1 second' END"
            " WHERE state IN ('requested', 'unknown', 'action')",
            database=self.house.database,
        )

    def _work_until_settled(self) -> None:
        """Workers that nobody kills clear up everything."""
        worker = self.house.worker()
        deadline = time.monotonic() + 90
        while _unsettled() and time.monotonic() < deadline:
            self._time_passes()
            self._nudge()
            time.sleep(1)
        kill(worker)

    def settle(self) -> None:
        self.ask("calm")
        self._work_until_settled()
        until(lambda: undelivered() == 0, within_s=60, what="every event is carried")
        # What ended accepted by itself ships now; its money is taken like any other.
        for (point, _way), ids in self.orders.items():
            if point in ("open", "confirm"):
                self._ship(_standing(ids))
        self._work_until_settled()
        until(lambda: undelivered() == 0, within_s=60, what="every event is carried")


def judged(scene: Scene) -> Outcome:
    """What the gateway's own record says happened to cards, held against our books."""
    from core.db import rows

    broken, names = scene.house.broken_promises()
    per: dict[str, dict[str, int]] = {}
    for effect in scene.ask("state")["effects"]:
        one = per.setdefault(effect["intent"], {})
        one[effect["what"]] = one.get(effect["what"], 0) + 1
    found = rows(
        "SELECT o.id, o.status, o.payment_status, o.paid_total, o.total, i.public_id AS intent FROM orders_order o"
        " JOIN billing_paymentintent i ON i.order_ref = o.public_id"
    )
    did = {row.id: per.get(str(row.intent), {}) for row in found}
    losses = {**_of_cards(per, found, did), **_of_ours(per, found), f"broken promises ({names})": broken}
    note = ", ".join(f"{count} {what}" for what, count in losses.items() if count)
    captured, cancelled = _sum(per, "capture"), sum(row.status == "cancelled" for row in found)
    told = (
        f"[{len(POINTS)} points x {len(WAYS)}, {scene.kills} kills; {captured} captures, {cancelled} orders ended without one,"
        f" {_expired()} authorisation ended by the gateway itself,"
        f" {number('SELECT count(*) FROM billing_gatewaycall WHERE attempts > 1')} requests asked more than once]"
    )
    return Outcome("card gateway cut at every point", tried=len(found), lost=sum(losses.values()), note=f"{note} {told}".strip())


def _of_cards(per: dict[str, dict[str, int]], found: list[Any], did: dict[int, dict[str, int]]) -> dict[str, int]:
    left = [row for row in found if row.status != "cancelled"]
    return {
        "cards captured twice": sum(max(0, n.get("capture", 0) - 1) for n in per.values()),
        "cards held twice": sum(max(0, n.get("authorise", 0) - 1) for n in per.values()),
        "refunds made twice": sum(max(0, n.get("refund", 0) - 1) for n in per.values()),
        "amounts still held for nobody": sum(
            row.status == "cancelled" and did[row.id].get("authorise", 0) != did[row.id].get("void", 0) for row in found
        ),
        "left without their money, though it could be had": abs(sum(did[row.id].get("capture", 0) == 0 for row in left) - _expired()),
    }


def _of_ours(per: dict[str, dict[str, int]], found: list[Any]) -> dict[str, int]:
    standing = sum(row.status != "cancelled" for row in found)
    booked = number("SELECT count(*) FROM billing_payment WHERE method = 'card' AND amount = %s", (PRICE,))
    return {
        "orders missing": abs(len(found) - ORDERS * len(POINTS) * len(WAYS)),
        "orders still waiting": sum(row.status == "pending" for row in found),
        "taken but not booked, or booked otherwise": abs(_sum(per, "capture") - booked),
        "refunds not gone back": abs(_sum(per, "refund") - number("SELECT count(*) FROM billing_refund")),
        "stock that differs": abs(STOCK - number("SELECT sum(on_hand) FROM inventory_stock") - standing)
        + number("SELECT sum(allocated) FROM inventory_stock"),
        "requests not settled": _unsettled() + number("SELECT count(*) FROM billing_gatewaycall WHERE state = 'stuck'"),
    }


def _sum(per: dict[str, dict[str, int]], what: str) -> int:
    return sum(n.get(what, 0) for n in per.values())


def _expired() -> int:
    """The gateway ended authorisations by itself at the capture: that money can't be had, and the orders say so."""
    return number("SELECT count(*) FROM billing_paymentintent WHERE status = 'failed' AND authorised_at IS NOT NULL")


def _unsettled() -> int:
    return number("SELECT count(*) FROM billing_gatewaycall WHERE state IN ('requested', 'unknown', 'action')")


def _standing(ids: list[int]) -> list[int]:
    from core.db import rows

    return [row.id for row in rows("SELECT id FROM orders_order WHERE id = ANY (%s::bigint[]) AND status = 'confirmed'", (ids,))]
