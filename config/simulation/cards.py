"""Cards of invented people, at a sandbox gateway on this machine and nowhere else."""

from datetime import date, datetime
from functools import cache
from typing import Final
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from billing.operations import keep_cards, work_calls
from billing.queries import card_form, means_of
from billing.rules import KeepCard, KeptCard
from config.simulation.scene import CannotPlay, Scene
from core.actor import SYSTEM

NUMBERS: Final = ("4242424242424242", "5555555555554444", "3566002020360505", "378282246310005")
DECLINED: Final = ("4000000000000002", "4000000000009995")
FAILS_LATER: Final = "4000000000000341"
DECLINES: Final = 0.03


def on_offer(company_id: int) -> bool:
    """Whether cards can be charged here: only where the gateway is a sandbox of this very machine."""
    here = urlsplit(settings.CARD_GATEWAY_URL).hostname in ("127.0.0.1", "localhost")
    return bool(settings.CARDS and here and card_form(company_id) is not None)


def card_of(scene: Scene, customer_id: int | None, *, regularly: bool, words: tuple[object, ...], at: datetime) -> int | None:
    """The card this order is charged to: one that is kept, else one that is entered now; None where the gateway keeps none.

    Like the shop's page, it gives the number to the gateway and gets a token for it.
    """
    known = means_of([customer_id]) if customer_id is not None else []
    if known:
        return known[0].means_id
    chance = scene.chance
    number = chance.pick(NUMBERS, "card", *words)
    if chance.happens(DECLINES, "declined", *words):
        number = FAILS_LATER if regularly else chance.pick(DECLINED, "which", *words)
    keep = customer_id is not None and (regularly or chance.happens(0.6, "keeps card", *words))
    return enter_card(scene.company.id, customer_id, number, keep=keep, at=at)


def enter_card(company_id: int, customer_id: int | None, number: str, *, keep: bool, at: datetime) -> int | None:
    """The card as kept here, after its number was given to the gateway; None where the gateway does not take it."""
    ask = KeepCard(company_id=company_id, customer_id=customer_id if keep else None, token=_token(number, day=at.date()), reusable=keep)
    [kept] = keep_cards([ask], actor=SYSTEM, at=at)
    return kept.means_id if isinstance(kept, KeptCard) else None


@cache
def _browser() -> httpx.Client:
    """One for all buyers: each new client reads the machine's certificates, which took a third of a simulated year."""
    return httpx.Client(timeout=20.0, trust_env=False)


def _token(number: str, *, day: date) -> str:
    """What the gateway's own field in the browser would have got for the number."""
    told = {
        "type": "card",
        "card[number]": number,
        "card[exp_month]": "12",
        "card[exp_year]": str(day.year + 4),
        "card[cvc]": "123",
    }
    try:
        answer = _browser().post(
            f"{settings.CARD_GATEWAY_URL}/v1/payment_methods",
            data=told,
            headers={"Authorization": f"Bearer {settings.CARD_PUBLIC_KEY}"},
        )
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise CannotPlay(
            f"The sandbox card gateway does not answer ({type(error).__name__}); once it does, the same command goes on."
        ) from error
    return str(answer.json()["id"])


def work(scene: Scene, day: date, at: datetime) -> int:
    """What is owed to be asked of the gateway is asked: captures of what left, voids of what was taken back, refunds."""
    if not scene.takes_cards:
        return 0
    done = 0
    while taken := work_calls(actor=SYSTEM, at=at, company_id=scene.company.id):
        done += taken
    return done
