"""Search over Japanese text: two letters must find, and width, kana script and kanji variants must not matter."""

import re
from typing import Final

import jaconv

from core.text.folding import fold_dashes, fold_variants, plain

_BLANKS: Final = re.compile(r"\s+")


def search_key(text: str) -> str:
    """A text for finding: NFKC, case, kana script, kanji variants, dashes and wave dashes folded; blanks removed."""
    folded = fold_variants(fold_dashes(plain(text))).replace("〜", "~").replace("\x00", "")
    return _BLANKS.sub("", jaconv.hira2kata(folded)).casefold()


def bigrams(text: str) -> list[str]:
    """The two-letter tokens of a text for its index, plus the last letter alone so that one-letter prefixes find it too.

    山田太郎 → 山田, 田太, 太郎, 郎. Each token once, in order.
    """
    key = search_key(text)
    return list(dict.fromkeys([*(key[i : i + 2] for i in range(len(key) - 1)), *key[-1:]]))


def bigram_query(text: str) -> str:
    """What to ask of a column of bigrams, as the text of a PostgreSQL tsquery; "" where nothing can be asked.

    One letter asks by prefix. Two letters are exact; three and more may match too much, so add ``like_pattern``.
    """
    key = search_key(text)
    if len(key) < 2:
        return f"{_quoted(key)}:*" if key else ""
    return " & ".join(_quoted(token) for token in dict.fromkeys(key[i : i + 2] for i in range(len(key) - 1)))


def _quoted(token: str) -> str:
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"


def like_pattern(text: str) -> str:
    """The LIKE pattern that finds the search key anywhere, with %, _ and \\ taken literally."""
    return "%" + re.sub(r"([\\%_])", r"\\\1", search_key(text)) + "%"
