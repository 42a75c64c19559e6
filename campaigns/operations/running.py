"""A send goes out: chunk by chunk, letter by letter, each marked before it is handed over and told of after."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.conf import settings

from campaigns.operations.claiming import CHUNK, Lease, Marked, Told, give_back, lease_recipients, mark_recipients, note_answers
from campaigns.operations.counting import close_sends
from campaigns.operations.preparing import prepare_send
from campaigns.ports import Answer, Letter, MailLine, MailPost, Taken
from campaigns.queries import Wording, addressee_of, due_sends, letter, sender
from campaigns.rules import Ran
from core.actor import Actor

Clock = Callable[[], datetime]


def run_send(send_id: int, *, post: MailPost, clock: Clock, actor: Actor, most: int = CHUNK, abreast: int = 1) -> Ran:
    """The next chunk of a send goes out; ``left`` where there may be more to do at once.

    Not an operation: recipients are marked and the mark committed, then the letter is handed over outside any transaction, then
    what came of it is noted with the mark of the next one. ``abreast`` letters are marked together: whoever dies leaves at most
    that many unknown, so mail servers get one at a time; a post that takes a whole batch may be given more.
    """
    lease = lease_recipients(send_id, most=most, actor=actor, at=clock())
    if not lease.recipients:
        return Ran(suppressed=lease.suppressed, left=lease.suppressed > 0)
    with post.line() as line:
        done = _Chunk(send_id, lease, line, clock=clock, actor=actor)
        done.go(abreast)
    return done.ran


class _Chunk:
    """The letters of one lease on one line."""

    def __init__(self, send_id: int, lease: Lease, line: MailLine, *, clock: Clock, actor: Actor) -> None:
        self.send_id, self.lease, self.line, self.clock, self.actor = send_id, lease, line, clock, actor
        self.told: list[Told] = []
        self.ran = Ran(suppressed=lease.suppressed, left=True)

    def go(self, abreast: int) -> None:
        """Mark and hand over until the lease is used up, the send pauses, or there is no line."""
        tried: set[int] = set()
        for together in _batches(self.lease.recipients, abreast):
            marked = mark_recipients(self.send_id, together, lease=self.lease.ref, told=self.told, actor=self.actor, at=self.clock())
            self.told = []
            tried |= {row.id for row in marked.letters}
            self.ran += Ran(suppressed=marked.suppressed, left=not marked.pausing)
            if marked.letters and not self._hand_over(marked):
                break
            if marked.pausing:
                break
        note_answers(self.told, lease=self.lease.ref, actor=self.actor, at=self.clock())
        give_back([number for number in self.lease.ids if number not in tried], lease=self.lease.ref, actor=self.actor)

    def _hand_over(self, marked: Marked) -> bool:
        """Whether there is still a line."""
        answers = self.line.hand_over(letters_of(marked))
        self.told = [Told(row.id, row.point_id, row.tries, answer) for row, answer in zip(marked.letters, answers, strict=True)]
        self.ran += _counted(answers)
        gone = any(answer.taken is Taken.NO_LINE for answer in answers)
        if gone:
            self.ran += Ran(left=False)
        return not gone


def _batches(recipients: Sequence[tuple[int, int]], size: int) -> Sequence[tuple[tuple[int, int], ...]]:
    return [tuple(recipients[start : start + size]) for start in range(0, len(recipients), max(1, size))]


def _counted(answers: Sequence[Answer]) -> Ran:
    said = [answer.taken for answer in answers]
    later = said.count(Taken.LATER) + said.count(Taken.NO_LINE)
    failed = said.count(Taken.NO) + said.count(Taken.NO_MAILBOX)
    return Ran(sent=said.count(Taken.YES), failed=failed, unknown=said.count(Taken.UNKNOWN), later=later, left=True)


def letters_of(marked: Marked) -> list[Letter]:
    """The letters to marked recipients, as the send froze its message."""
    send = marked.send
    who = sender(send.company_id, brand_id=send.brand_id, shop_url=settings.PUBLIC_URL)
    wording = Wording(language=send.language, subject=send.subject, body=send.body, body_html=send.body_html)
    return [
        letter(wording, recipient_id=row.id, send_ref=send.public_id.hex, sender=who, addressee=addressee_of(row), to_address=row.address)
        for row in marked.letters
    ]


def run_due_sends(
    *, post: MailPost, clock: Clock, actor: Actor, company_id: int | None = None, abreast: int = 1, most_chunks: int = 10_000
) -> Ran:
    """Every send that is due is prepared and goes out to its end, in this process; for a simulation, a test, a small house.

    ``company_id`` names a company whose history is being lived; without it such companies are passed by. Sends that pause (quiet
    hours, pace, no line) are left for a later call. Answers with what was done in all.
    """
    total = Ran()
    for due in due_sends(at=clock(), company_id=company_id, abreast=1_000_000):
        if due.state != "sending" and prepare_send(due.send_id, actor=actor, at=clock()) is None:
            continue
        for _chunk in range(most_chunks):
            total += (ran := run_send(due.send_id, post=post, clock=clock, actor=actor, most=max(CHUNK, abreast), abreast=abreast))
            if not ran.left:
                break
        close_sends([due.send_id], actor=actor, at=clock())
    return total
