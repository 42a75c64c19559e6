"""Hands letters to a real mail server, one dialogue at a time, and says exactly how far each came."""

import re
import smtplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.smtp import EmailBackend

from campaigns.ports import Answer, Letter, MailLine, Taken

NO_SUCH_MAILBOX = (550, 551, 553)
_DOTS = re.compile(rb"(?m)^\.")


@contextmanager
def line() -> Iterator[MailLine]:
    """A line to the mail server of the settings, opened with the first letter and closed with the block."""
    backend = get_connection(fail_silently=False)
    opened = SmtpLine(backend) if isinstance(backend, EmailBackend) else OtherLine(backend)
    try:
        yield opened
    finally:
        opened.close()


def message_of(letter: Letter) -> EmailMultiAlternatives:
    """The letter as a mail, with the button that mail programs show to unsubscribe (RFC 8058)."""
    headers = {
        "Message-ID": letter.message_id,
        "List-Unsubscribe": f"<{letter.unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Precedence": "bulk",
    }
    reply_to = [letter.reply_to] if letter.reply_to and letter.reply_to not in letter.from_address else None
    message = EmailMultiAlternatives(
        letter.subject, letter.text, letter.from_address, [letter.to_address], headers=headers, reply_to=reply_to
    )
    if letter.html:
        message.attach_alternative(letter.html, "text/html")
    return message


class SmtpLine:
    """A dialogue with a mail server. Until the server was asked for the text, nothing can have been taken."""

    def __init__(self, backend: EmailBackend) -> None:
        self._backend = backend
        self._fresh = True

    def hand_over(self, letters: Sequence[Letter]) -> Sequence[Answer]:
        """Each letter after the other; once there is no line, the rest is not tried."""
        answers: list[Answer] = []
        for letter in letters:
            gone = bool(answers) and answers[-1].taken is Taken.NO_LINE
            answers.append(answers[-1] if gone else self._one(letter))
        return answers

    def _one(self, letter: Letter) -> Answer:
        try:
            sender, recipient, text = _envelope(letter)
        except (ValueError, UnicodeError) as unwritable:
            return Answer(Taken.NO, f"unwritable: {type(unwritable).__name__}")
        for _try in range(2):
            smtp = self._opened()
            if isinstance(smtp, Answer):
                return smtp
            used, self._fresh = not self._fresh, False
            try:
                refused = self._asked(smtp, sender, recipient)
            except (OSError, smtplib.SMTPException) as broken:
                self.close()
                if used:  # a line kept open for a while may have been dropped by the server: nothing was said on it yet
                    continue
                return Answer(Taken.LATER, type(broken).__name__)
            return refused or self._told(smtp, text)
        return Answer(Taken.LATER, "line dropped")

    def _opened(self) -> smtplib.SMTP | Answer:
        """The line, opened if need be; the answer where it can't be."""
        if self._backend.connection is None:
            try:
                self._backend.open()
                greeted: Any = self._backend.connection
                greeted.ehlo_or_helo_if_needed()
            except (OSError, smtplib.SMTPException) as broken:
                self.close()
                return Answer(Taken.NO_LINE, type(broken).__name__)
            self._fresh = True
        connection: Any = self._backend.connection
        return connection  # type: ignore[no-any-return]

    def _asked(self, smtp: smtplib.SMTP, sender: str, recipient: str) -> Answer | None:
        """Why the server won't have a letter from and to these, or None when it wants the text."""
        for step, (code, said) in enumerate(self._steps(smtp, sender, recipient)):
            if code < 400:
                continue
            about_us = step == 0 and code >= 500  # it won't have us as a sender, or not yet: that says nothing about the recipient
            if code == 421 or about_us:
                self.close()
                return Answer(Taken.NO_LINE, _words(code, said))
            with suppress(OSError, smtplib.SMTPException):
                smtp.rset()
            return Answer(_refusal(code, said), _words(code, said))
        return None

    @staticmethod
    def _steps(smtp: smtplib.SMTP, sender: str, recipient: str) -> Iterator[tuple[int, bytes]]:
        yield smtp.mail(sender)
        yield smtp.rcpt(recipient)
        yield smtp.docmd("DATA")

    def _told(self, smtp: smtplib.SMTP, text: bytes) -> Answer:
        """The text is handed over: from here on only the server's own word tells what became of it."""
        try:
            smtp.send(_DOTS.sub(b"..", text) + b".\r\n")
            code, said = smtp.getreply()
        except (OSError, smtplib.SMTPException) as broken:
            self.close()
            return Answer(Taken.UNKNOWN, type(broken).__name__)
        if 200 <= code < 300:
            return Answer(Taken.YES)
        if code == 421:
            self.close()
        if 400 <= code < 600:
            return Answer(_refusal(code, b""), _words(code, said))
        self.close()
        return Answer(Taken.UNKNOWN, _words(code, said))

    def close(self) -> None:
        with suppress(OSError, smtplib.SMTPException):
            self._backend.close()
        self._backend.connection = None


class OtherLine:
    """A line of a backend that isn't SMTP (memory, console, a provider's package): it takes a mail, or nobody knows."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def hand_over(self, letters: Sequence[Letter]) -> Sequence[Answer]:
        return [self._one(letter) for letter in letters]

    def _one(self, letter: Letter) -> Answer:
        try:
            message = message_of(letter)
            message.message()
        except (ValueError, UnicodeError) as unwritable:
            return Answer(Taken.NO, f"unwritable: {type(unwritable).__name__}")
        try:
            self._backend.send_messages([message])
        except (OSError, smtplib.SMTPException) as broken:
            return Answer(Taken.UNKNOWN, type(broken).__name__)
        return Answer(Taken.YES)

    def close(self) -> None:
        self._backend.close()


def _envelope(letter: Letter) -> tuple[str, str, bytes]:
    message = message_of(letter)
    whole: Any = message.message()
    text: bytes = whole.as_bytes(linesep="\r\n")
    if not text.endswith(b"\r\n"):
        text += b"\r\n"
    sender = letter.from_address.rpartition("<")[2].rstrip(">").strip()
    sender.encode("ascii")
    letter.to_address.encode("ascii")
    return sender, letter.to_address, text


def _refusal(code: int, said: bytes) -> Taken:
    if code < 500:
        return Taken.LATER
    nobody = code in NO_SUCH_MAILBOX and (b"5.1." in said or b"user" in said.lower() or b"mailbox" in said.lower())
    return Taken.NO_MAILBOX if nobody else Taken.NO


def _words(code: int, said: bytes) -> str:
    return f"{code} {said.decode('utf-8', 'replace')}".replace("\n", " ")[:120]
