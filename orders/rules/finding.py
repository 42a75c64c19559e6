"""What an order is found by, and how it is asked for; the reasons are in docs/algorithms/search.md."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from core.text import bigrams, fold_dashes, like_pattern, phone_key, plain, search_key

LONGEST_ASK: Final = 200
MOST_WORDS: Final = 6
ENOUGH_FIGURES: Final = 6
_BETWEEN_DIGITS: Final = re.compile(r"[\s()./-]")
_DIGITS: Final = re.compile(r"[+(]?[0-9][0-9()./-]{2,}")
_JAPANESE: Final = re.compile("[^\x00-\x7f]{1,}")
_RUN: Final = re.compile(r"[^\W_]{3,}")


@dataclass(frozen=True, slots=True)
class WordsAsked:
    """A typed search as the database wants it.

    ``likes``: the patterns that must all fit. ``grams``: those of them that the index of trigrams can answer, the longest first.
    ``pairs``: a tsquery for words of one or two Japanese letters. Where grams and pairs are empty, only the newest orders are looked through.
    """

    likes: tuple[str, ...] = ()
    grams: tuple[str, ...] = ()
    pairs: str = ""
    digits: str = ""
    """The figures of an ask that is nothing but a number, as on a parcel."""

    @property
    def is_empty(self) -> bool:
        return not self.likes


def words_of(numbers: Iterable[str], names: Iterable[str], mails: Iterable[str], phones: Iterable[str]) -> str:
    """The words of an order: every number, name, mail address and phone once, folded. Blanks part them, so that no fragment spans two.

    Phones stand as dialled at home (09012345678). A number whose parts are joined by dashes stands in figures alone as well, as a phone
    is typed with dashes or without.
    """
    kept = [*map(search_key, numbers), *map(_name, names), *map(search_key, mails), *map(_dialled, phones)]
    return " ".join(dict.fromkeys(word for key in kept for word in _with_figures(key) if word))


def _with_figures(key: str) -> tuple[str, ...]:
    return (key, _BETWEEN_DIGITS.sub("", key)) if "-" in key and _DIGITS.fullmatch(key) else (key,)


@lru_cache(4_096)
def _name(text: str) -> str:
    """Names come again and again: the recipient is mostly the buyer, and sends again next month."""
    return search_key(text)


def _dialled(phone: str) -> str:
    if not phone:
        return ""
    key = phone if phone.startswith("+") else phone_key(phone) or _BETWEEN_DIGITS.sub("", fold_dashes(plain(phone)))
    return f"0{key[3:]}" if key.startswith("+81") else key.lstrip("+")


def words_asked(typed: str) -> WordsAsked:
    """How to look for what somebody typed: every word must be found; blanks part words, full-width ones too."""
    text = fold_dashes(plain(typed[:LONGEST_ASK].replace("\x00", "")))
    if (whole := re.sub(r"\s", "", text)) and _DIGITS.fullmatch(whole):
        text = whole  # 090 1234 5678 is one number
    words = list(dict.fromkeys(_figures(word) for word in text.split() if search_key(word)))[:MOST_WORDS]
    keys = [search_key(word) for word in words]
    grams = sorted((_indexed(key) for key in keys if _RUN.search(key)), key=len, reverse=True)
    short = [
        f"'{token}'"
        for key in keys
        if not _RUN.search(key)
        for run in _JAPANESE.findall(key)
        if len(run) > 1
        for token in bigrams(run)[:-1]
    ]
    single = [f"'{key}':*" for key in keys if len(key) == 1 and _JAPANESE.fullmatch(key)]
    return WordsAsked(
        likes=tuple(like_pattern(key) for key in keys),
        grams=tuple(like_pattern(key) for key in grams[:3]),
        pairs=" & ".join([*short, *single]),
        digits=keys[0] if len(keys) == 1 and keys[0].isascii() and keys[0].isdigit() else "",
    )


def _figures(word: str) -> str:
    """A number in figures alone; a phone as dialled at home, whatever was typed of it."""
    if not _DIGITS.fullmatch(word):
        return word
    figures = _BETWEEN_DIGITS.sub("", word)
    return f"0{figures[3:].removeprefix('0')}" if figures.startswith("+81") else figures.lstrip("+")


def _indexed(key: str) -> str:
    """What the index is asked. Of a mail address the part before the @, as half of all orders share what follows; of figures the last
    six, as each further piece of three stands in one order of a hundred and its list has to be read.
    """
    if key.isdigit():
        return key[-ENOUGH_FIGURES:]
    local, at, _domain = key.partition("@")
    return local if at and _RUN.search(local) else key
