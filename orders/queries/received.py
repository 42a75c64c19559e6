"""The queue of received papers, a scan, the papers of an order, and whom a printed form was meant for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.db import rows
from orders.rules import FormCode, PaperWay, ReceivedState

_QUEUE = """
SELECT p.id, p.way, p.received_on, p.name, p.page, p.medium, p.ad_code, ch.name AS channel, p.typist_id, coalesce(a.display_name, '') AS typist,
    (p.typist_id IS NOT NULL AND p.typed_until_at > clock_timestamp()) AS in_hand
FROM orders_receivedpaper p JOIN core_saleschannel ch ON ch.id = p.channel_id LEFT JOIN customers_account a ON a.id = p.typist_id
WHERE p.company_id = ANY(%s::bigint[]) AND p.state = 'waiting' ORDER BY p.received_on, p.id LIMIT %s
"""
_COUNTS = """
SELECT state, count(*) AS papers FROM orders_receivedpaper
WHERE company_id = ANY(%s::bigint[]) AND (state IN ('waiting', 'set_aside') OR recorded_at > clock_timestamp() - interval '7 days') GROUP BY state
"""
_PAPER = """
SELECT p.id, p.company_id, p.channel_id, p.way, p.received_on, p.name, p.page, p.medium, p.ad_code, p.state, p.typist_id,
    EXISTS (SELECT FROM orders_paperscan s WHERE s.paper_id = p.id) AS has_scan
FROM orders_receivedpaper p WHERE p.id = %s AND p.company_id = ANY(%s::bigint[])
"""
_OF_ORDER = """
SELECT p.id, p.way, p.received_on, p.name, p.page, EXISTS (SELECT FROM orders_paperscan s WHERE s.paper_id = p.id) AS has_scan
FROM orders_receivedpaper p WHERE p.order_id = %s ORDER BY p.id
"""
_SCAN = """
SELECT s.kind, s.content, coalesce('customer:' || c.public_id, 'paper:' || p.public_id) AS subject FROM orders_paperscan s JOIN orders_receivedpaper p ON p.id = s.paper_id
LEFT JOIN orders_order o ON o.id = p.order_id LEFT JOIN customers_customer c ON c.id = o.customer_id
WHERE s.paper_id = %s AND p.company_id = ANY(%s::bigint[])
"""
_FORM = """
SELECT f.medium, f.ad_code, f.channel_id, c.id AS customer_id FROM orders_orderform f
LEFT JOIN customers_customer c ON c.company_id = f.company_id AND c.number = %s AND c.number <> '' WHERE f.company_id = %s AND f.code = %s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedPaper:
    """A paper that waits, and in whose hands it is, if in anybody's."""

    paper_id: int
    way: PaperWay
    received_on: date
    name: str
    page: int
    medium: str
    ad_code: str
    channel: str
    typist_id: int | None
    typist: str
    in_hand: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperView:
    """A paper as the order desk opens it."""

    paper_id: int
    company_id: int
    channel_id: int
    way: PaperWay
    received_on: date
    name: str
    page: int
    medium: str
    ad_code: str
    state: ReceivedState
    typist_id: int | None
    has_scan: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanView:
    """How a paper looks, and how records of personal reads name whose it is: its customer, or the paper while nobody knows."""

    kind: str
    content: bytes
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormMeant:
    """What a code on one of our forms stands for; no customer where it names none we know."""

    channel_id: int
    medium: str
    ad_code: str
    customer_id: int | None


def paper_queue(company_ids: Sequence[int], *, limit: int = 50) -> list[QueuedPaper]:
    """The papers that wait, the oldest first."""
    return [
        QueuedPaper(
            paper_id=row.id, way=PaperWay(row.way), received_on=row.received_on, name=row.name, page=row.page, medium=row.medium,
            ad_code=row.ad_code, channel=row.channel, typist_id=row.typist_id if row.in_hand else None,
            typist=row.typist if row.in_hand else "", in_hand=row.in_hand,
        )
        for row in rows(_QUEUE, (list(company_ids), limit))
    ]  # fmt: skip


def paper_counts(company_ids: Sequence[int]) -> dict[ReceivedState, int]:
    """How many papers wait and are set aside, and what became of those of the last seven days."""
    return {ReceivedState(row.state): row.papers for row in rows(_COUNTS, (list(company_ids),))}


def received_paper(paper_id: int, *, company_ids: Sequence[int]) -> PaperView | None:
    """A paper of these companies."""
    found = rows(_PAPER, (paper_id, list(company_ids)))
    return _view(found[0]) if found else None


def _view(row: Any) -> PaperView:
    return PaperView(
        paper_id=row.id, company_id=row.company_id, channel_id=row.channel_id, way=PaperWay(row.way), received_on=row.received_on, name=row.name,
        page=row.page, medium=row.medium, ad_code=row.ad_code, state=ReceivedState(row.state), typist_id=row.typist_id, has_scan=row.has_scan,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperOfOrder:
    """A paper that an order was typed from."""

    paper_id: int
    way: PaperWay
    received_on: date
    name: str
    page: int
    has_scan: bool


def papers_of_order(order_id: int) -> list[PaperOfOrder]:
    """The papers an order was typed from."""
    return [
        PaperOfOrder(
            paper_id=row.id, way=PaperWay(row.way), received_on=row.received_on, name=row.name, page=row.page, has_scan=row.has_scan
        )
        for row in rows(_OF_ORDER, (order_id,))
    ]


def scan_of_paper(paper_id: int, *, company_ids: Sequence[int]) -> ScanView | None:
    """The scan of a paper of these companies; None where there is none any more."""
    found = rows(_SCAN, (paper_id, list(company_ids)))
    if not found:
        return None
    row = found[0]
    return ScanView(kind=row.kind, content=bytes(row.content), subject=row.subject)


def form_meant(code: FormCode, *, company_id: int) -> FormMeant | None:
    """The form of this company that a code stands for, ended ones too: a form may come back late."""
    found = rows(_FORM, (code.number, company_id, code.form))
    return FormMeant(**found[0]._asdict()) if found else None
