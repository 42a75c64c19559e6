"""A sandbox gateway as a process of this machine, and cards kept in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from billing.adapters.stripe import StripeGateway
from billing.operations import keep_cards
from billing.ports import CARD_GATEWAY
from billing.rules import KeepCard, KeptCard
from config.dev import places
from config.dev.gateway.server import PUBLIC_KEY, SECRET_KEY, WEBHOOK_SECRET, Gateway, wait_until_open
from customers.models import Customer
from tests.factories.billing import NOON, STAFF


class Sandbox:
    """What a test may order of the sandbox, over its own control address."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def adapter(self, *, patience_s: float = 1.0) -> StripeGateway:
        """The house's adapter, pointed at this sandbox; impatient, so that tests of silence are short."""
        return StripeGateway(
            base_url=self.url,
            secret_key=SECRET_KEY,
            public_key=PUBLIC_KEY,
            webhook_secrets=[WEBHOOK_SECRET],
            script_url=f"{self.url}/v3/",
            timeout=httpx.Timeout(patience_s),
        )

    def trouble(self, point: str, how: str, **given: Any) -> None:
        httpx.post(f"{self.url}/control/faults", json={"point": point, "how": how, **given}, trust_env=False).raise_for_status()

    def order(self, what: str, **given: Any) -> None:
        httpx.post(f"{self.url}/control/{what}", json=given, trust_env=False).raise_for_status()

    def state(self) -> dict[str, Any]:
        return dict(httpx.get(f"{self.url}/control/state", trust_env=False).json())

    def effects(self, what: str = "") -> list[dict[str, Any]]:
        """What really happened to cards, as their company would see it."""
        return [one for one in self.state()["effects"] if what in ("", one["what"])]

    def token(self, number: str, **given: str) -> str:
        """What the browser's script gets for a card that is typed in."""
        form = {"card[number]": number, "card[exp_month]": "12", "card[exp_year]": "34", "card[cvc]": "123", **given}
        answer = httpx.post(f"{self.url}/v1/payment_methods", data=form, headers={"Authorization": f"Bearer {PUBLIC_KEY}"}, trust_env=False)
        return str(answer.json()["id"])

    def approve(self, action_url: str, *, yes: bool = True) -> str:
        """The holder answers their bank's question; the address they are sent back to."""
        answer = httpx.post(action_url, data={"answer": "yes" if yes else "no"}, follow_redirects=False, trust_env=False)
        return str(answer.headers["Location"])


@contextmanager
def a_sandbox(folder: Path) -> Iterator[Sandbox]:
    """A gateway of this test's own, connected to billing."""
    port = places.free_port()
    gateway = Gateway(port=port, folder=folder)
    wait_until_open(port)
    sandbox = Sandbox(port)
    try:
        with CARD_GATEWAY.only(sandbox.adapter()):
            yield sandbox
    finally:
        gateway.close()


def a_kept_card(customer: Customer, token: str = "pm_card_visa", *, reusable: bool = True) -> KeptCard:
    """A card the gateway keeps for a customer."""
    ask = KeepCard(company_id=customer.company_id, customer_id=customer.pk, token=token, reusable=reusable)
    (kept,) = keep_cards([ask], actor=STAFF, at=NOON)
    assert isinstance(kept, KeptCard), kept
    return kept
