"""Segments, messages and sends, valid by default, and a post that takes whatever it is told to."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

from campaigns.models import Campaign, Coupon, CouponArticle, Message, Recipient, Segment, SegmentCondition, Send
from campaigns.operations import plan_sends
from campaigns.ports import Answer, Letter, Taken
from campaigns.rules import ConditionKind, PlannedSend, SendAsk
from core.actor import SYSTEM, Actor, ActorKind
from core.db import acting
from core.models import Company
from customers.models import Customer
from customers.operations import record_consents
from customers.rules import ConsentPurpose, ConsentSaid, ConsentStatus, ContactChannel
from tests.factories.core import a_company
from tests.factories.customers import a_customer

AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)  # noon in Tokyo: nobody is asleep
MARKETER = Actor(ActorKind.STAFF, "12", "企画 春子")
_next = count(1)


def a_sender(**given: Any) -> Company:
    """A company whose legal details stand below every mail."""
    usual = {
        "legal_name": "株式会社大福商店", "postal_code": "1010051", "prefecture": "東京都", "address": "千代田区神田神保町1-1",
        "phone": "03-1234-5678", "email": "shop@daifuku.example",
    }  # fmt: skip
    return a_company(**{**usual, **given})


def a_campaign(company: Company, **given: Any) -> Campaign:
    number = next(_next)
    with acting(SYSTEM):
        return Campaign.objects.create(**{"company": company, "code": f"C{number}", "name": f"春の便り{number}", **given})


def a_coupon(company: Company, code: str = "WELCOME", **given: Any) -> Coupon:
    """A coupon of 500 yen that everybody can use as often as they like."""
    articles = given.pop("articles", ())
    usual: dict[str, Any] = {"name": "ようこそクーポン", "starts_at": datetime(2026, 1, 1, tzinfo=UTC)}
    if not {"amount", "percent_bp"} & given.keys():
        usual["amount"] = 500
    if "percent_bp" in given:
        usual["kind"] = "percent"
    with acting(SYSTEM):
        coupon = Coupon.objects.create(company=company, code=code, **{**usual, **given})
        for variant in articles:
            CouponArticle.objects.create(coupon=coupon, variant=variant)
    return coupon


def a_segment(company: Company, *conditions: dict[str, Any], **given: Any) -> Segment:
    """A segment with these conditions; without any it means everybody."""
    with acting(SYSTEM):
        segment = Segment.objects.create(**{"company": company, "name": f"セグメント{next(_next)}", **given})
        for condition in conditions:
            SegmentCondition.objects.create(segment=segment, **condition)
    return segment


def a_message(company: Company, **given: Any) -> Message:
    usual = {"subject": "{{お名前}}様へ、新茶のお知らせ", "body": "{{姓}}様\n\n新茶ができました。\n{{shop_url}}"}
    with acting(SYSTEM):
        return Message.objects.create(**{"company": company, "name": f"文面{next(_next)}", **usual, **given})


def says(customer: Customer, status: ConsentStatus = ConsentStatus.GIVEN, *, at: datetime = AT, brand_id: int | None = None) -> None:
    """A word on advertising by mail."""
    said = ConsentSaid(
        customer_id=customer.pk, channel=ContactChannel.MAIL, purpose=ConsentPurpose.ADVERTISING, status=status, source="form",
        wording="1", brand_id=brand_id,
    )  # fmt: skip
    record_consents([said], actor=SYSTEM, at=at)


def a_reader(company: Company, **given: Any) -> Customer:
    """A customer with a mailbox who agreed to advertising."""
    customer = a_customer(company, **{"email": f"reader{next(_next)}@example.jp", **given})
    says(customer, at=datetime(2026, 1, 1, tzinfo=UTC))
    return customer


def a_send(company: Company, **given: Any) -> Send:
    """A planned send to everybody, due now."""
    usual = {
        "company_id": company.pk, "campaign_id": (given.pop("campaign", None) or a_campaign(company)).pk,
        "segment_id": (given.pop("segment", None) or a_segment(company)).pk,
        "message_id": (given.pop("message", None) or a_message(company)).pk, "planned_at": AT,
    }  # fmt: skip
    (planned,) = plan_sends([SendAsk(**{**usual, **given})], actor=MARKETER, at=AT)
    assert isinstance(planned, PlannedSend), planned
    return Send.objects.get(pk=planned.send_id)


class Post:
    """Takes letters in memory; ``answers`` says what it answers to a letter, ``while_open`` happens just before it does."""

    def __init__(self, answers: Callable[[Letter], Answer] | None = None) -> None:
        self.letters: list[Letter] = []
        self.lines = 0
        self._answers = answers or (lambda _letter: Answer(Taken.YES))

    @contextmanager
    def line(self) -> Iterator["Post"]:
        self.lines += 1
        yield self

    def hand_over(self, letters: Sequence[Letter]) -> list[Answer]:
        answers = []
        for letter in letters:
            answers.append(answer := self._answers(letter))
            if answer.taken in (Taken.YES, Taken.UNKNOWN):
                self.letters.append(letter)
        return answers


def states(send: Send) -> dict[str, int]:
    """How many recipients stand where."""
    found: dict[str, int] = {}
    for state in Recipient.objects.filter(send=send).values_list("state", flat=True):
        found[str(state)] = found.get(str(state), 0) + 1
    return found


def recency(at_least: int | None = None, at_most: int | None = None, **given: Any) -> dict[str, Any]:
    return {"kind": ConditionKind.RECENCY, "at_least": at_least, "at_most": at_most, **given}
