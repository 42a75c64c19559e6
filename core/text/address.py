"""Postal codes and the numbers of a Japanese address."""

import re
from typing import Final

from core.text.folding import DASHES, LONG_VOWELS, fold_dashes, fold_variants, plain

PREFECTURES: Final = (
    "北海道", "青森県", "岩手県", "宮城県", "秋田県", "山形県", "福島県", "茨城県", "栃木県", "群馬県", "埼玉県", "千葉県",
    "東京都", "神奈川県", "新潟県", "富山県", "石川県", "福井県", "山梨県", "長野県", "岐阜県", "静岡県", "愛知県", "三重県",
    "滋賀県", "京都府", "大阪府", "兵庫県", "奈良県", "和歌山県", "鳥取県", "島根県", "岡山県", "広島県", "山口県", "徳島県",
    "香川県", "愛媛県", "高知県", "福岡県", "佐賀県", "長崎県", "熊本県", "大分県", "宮崎県", "鹿児島県", "沖縄県",
)  # fmt: skip

_POSTAL_NOISE: Final = re.compile(f"[\\s〒{re.escape(DASHES + LONG_VOWELS)}]")
_SEVEN_DIGITS: Final = re.compile(r"[0-9]{7}")


def postal_key(text: str) -> str:
    """The seven digits of a Japanese postal code, however typed (〒１００−０００１), or "" where it hasn't exactly seven.

    Whether such a code exists is another question, answered by ``core.queries.postal_lookup``.
    """
    digits = _POSTAL_NOISE.sub("", fold_dashes(plain(text)))
    return digits if _SEVEN_DIGITS.fullmatch(digits) else ""


def format_postal(code: str) -> str:
    """Seven digits as printed: 100-0001. Other text comes back as it is."""
    return f"{code[:3]}-{code[3:]}" if _SEVEN_DIGITS.fullmatch(code) else code


def prefecture_of(text: str) -> str:
    """The full prefecture name that a text is or begins with ("東京", "東京都", "東京都港区…" → 東京都), or ""."""
    typed = plain(text).strip()
    for name in PREFECTURES:
        if typed.startswith(name) or typed == name[:-1]:
            return name
    return ""


def prefecture_in_full(text: str) -> str:
    """A prefecture as it is printed: 東京 and 東京都 are 東京都. Anything else, longer texts too, comes back as it is."""
    full = prefecture_of(text)
    return full if plain(text).strip() in (full, full[:-1]) else text


_KANJI_DIGITS: Final = {c: i for i, c in enumerate("〇一二三四五六七八九")}
_KANJI_NUMBER: Final = re.compile("[〇一二三四五六七八九十百]+(?=丁目|番地|番|号|条|線|地割)")
_POSTAL_IN_ADDRESS: Final = re.compile(r"〒?\s*[0-9]{3}-[0-9]{4}(?![0-9])")
_NUMBERS: Final = re.compile(r"[0-9]+(?:(?:丁目|番地の|番地|番|号|地割|線|の|ノ|之|-)+\s*[0-9]+)*")
_STREET_GRID: Final = re.compile(r"([0-9]+)条[東西南北]?")
_DIGITS: Final = re.compile(r"[0-9]+")


def _kanji_value(match: re.Match[str]) -> str:
    text = match[0]
    if not set(text) & {"十", "百"}:
        return "".join(str(_KANJI_DIGITS[c]) for c in text)
    value = pending = 0
    for c in text:
        if c in "十百":
            value += (pending or 1) * (10 if c == "十" else 100)
            pending = 0
        else:
            pending = _KANJI_DIGITS[c]
    return str(value + pending)


def address_number_key(text: str) -> str:
    """The block numbers of an address, joined by hyphens: 六本木6-10-1 森タワー30F → 6-10-1.

    丁目, 番地, 号, の and every kind of dash separate alike, kanji numerals count before a unit (六丁目), and the number of a
    street grid comes first (北一条西6丁目1-2 → 1-6-1-2). The first three numbers of the first run are taken, so a room number
    chained with a hyphen doesn't matter. "" where there is no number. For comparing, not for printing.
    """
    folded = fold_dashes(fold_variants(plain(text)))
    folded = _KANJI_NUMBER.sub(_kanji_value, _POSTAL_IN_ADDRESS.sub(" ", folded))
    grid = _STREET_GRID.search(folded)
    rest = folded[grid.end() :] if grid else folded
    run = _NUMBERS.search(rest)
    numbers = [grid[1]] if grid else []
    if run:
        numbers += _DIGITS.findall(run[0])[:3]
    return "-".join(str(int(n)) for n in numbers if len(n) <= 6)
