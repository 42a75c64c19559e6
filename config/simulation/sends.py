"""The weekly letter: to whom it goes is asked of the segments, and nobody is really sent anything of the past."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Final

from campaigns.operations import plan_sends, run_due_sends, unsubscribe
from campaigns.ports import Answer, Letter, Taken
from campaigns.rules import SendAsk
from config.simulation.scene import Scene
from core import clock
from core.actor import SYSTEM
from core.db import rows
from core.errors import Refusal

NO_MAILBOX: Final = 0.0006
UNSUBSCRIBES: Final = 0.0012

_MASTERS = """
SELECT (SELECT array_agg(c.id ORDER BY c.id) FROM campaigns_campaign c WHERE c.company_id = %(company)s) AS campaigns,
    (SELECT array_agg(g.id ORDER BY g.id) FROM campaigns_segment g WHERE g.company_id = %(company)s AND g.ended_at IS NULL) AS segments,
    (SELECT array_agg(m.id ORDER BY m.id) FROM campaigns_message m WHERE m.company_id = %(company)s AND m.ended_at IS NULL) AS messages
"""


class NoPost:
    """A post that takes every letter and carries none: what was told in the past is history."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.leaving: list[str] = []
        """Tokens of the links that some follow at the end of the letter."""

    @contextmanager
    def line(self) -> Iterator["NoPost"]:
        yield self

    def hand_over(self, letters: Sequence[Letter]) -> Sequence[Answer]:
        """Some mailboxes are gone, as mailboxes go."""
        self.leaving += [
            letter.unsubscribe_url.rstrip("/").rsplit("/", 1)[-1]
            for letter in letters
            if self.scene.chance.happens(UNSUBSCRIBES, "unsubscribes", letter.to_address, letter.recipient_id)
        ]
        gone = [self.scene.chance.happens(NO_MAILBOX, "no mailbox", letter.to_address, letter.recipient_id) for letter in letters]
        return [Answer(Taken.NO_MAILBOX, "550 no such user") if lost else Answer(Taken.YES, "history") for lost in gone]


def write_letters(scene: Scene, day: date, at: datetime) -> int:
    """On Thursdays the next message goes to the next segment, in the company's name; answers with how many were written."""
    masters = rows(_MASTERS, {"company": scene.company.id})[0]
    if not (masters.campaigns and masters.segments and masters.messages):
        return 0
    if rows("SELECT 1 AS planned FROM campaigns_send WHERE company_id = %s AND planned_at = %s", (scene.company.id, at)):
        return 0  # the day was broken off after this letter
    week = (day - scene.since_on).days // 7
    ask = SendAsk(
        company_id=scene.company.id,
        campaign_id=masters.campaigns[week % len(masters.campaigns)],
        segment_id=masters.segments[week % len(masters.segments)],
        message_id=masters.messages[week % len(masters.messages)],
        planned_at=at,
        per_minute=100_000,
        holdout_percent=5,
    )
    staff = scene.person("marketing")
    for answer in plan_sends([ask], actor=staff, at=at):
        if isinstance(answer, Refusal):
            raise RuntimeError(f"A letter could not be planned: {answer.code} {answer.text()}")
    post = NoPost(scene)
    ran = run_due_sends(post=post, clock=clock.now, actor=SYSTEM, company_id=scene.company.id)
    for token in post.leaving:
        unsubscribe(token, one_click=True, actor=SYSTEM, at=at + timedelta(minutes=30))
    return ran.sent
