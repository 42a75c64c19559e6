"""What a product is found by, and how it is asked for; the reasons are in docs/algorithms/search.md."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from core.text import bigram_query, bigrams, like_pattern, search_key

SHORT: Final = 2
"""Up to this many letters the bigram index answers, from there on the trigram index."""
LONGEST_ASK: Final = 100


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """The keys of a text: one string for fragments, tokens for one and two letters."""

    key: str
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchAsk:
    """A typed search as SQL wants it: a tsquery for the words of one or two letters, LIKE patterns for the longer ones."""

    tsquery: str = ""
    like: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.tsquery and not self.like


def search_document(pieces: Iterable[str]) -> SearchDocument:
    """The keys of a product's words and codes. A blank stands between pieces, so that no fragment spans two."""
    kept = list(dict.fromkeys(key for piece in pieces if (key := search_key(piece))))
    tokens = dict.fromkeys(token for key in kept for token in bigrams(key))
    return SearchDocument(" ".join(kept), tuple(tokens))


def search_ask(typed: str) -> SearchAsk:
    """How to look for what somebody typed: every word must be found; blanks part words, full-width ones too."""
    words = [word for word in typed[:LONGEST_ASK].replace("\u3000", " ").split() if search_key(word)]
    short = [bigram_query(word) for word in words if len(search_key(word)) <= SHORT]
    return SearchAsk(
        tsquery=" & ".join(short),
        like=tuple(like_pattern(word) for word in words if len(search_key(word)) > SHORT),
    )
