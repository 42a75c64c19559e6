"""The folds under every key: width, voiced marks, dashes, variant characters, invisible characters."""

import re
import unicodedata
from datetime import date
from typing import Final

DASHES: Final = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d\ufe58\ufe63\u2043\u2500\u2501\u02d7\u2796"
"""Every character people type for a hyphen; the long-vowel mark is one between digits only."""

LONG_VOWELS: Final = "\u30fc\uff70"

# The left character is what some people and old systems write, the right one what most write. For keys only.
VARIANTS: Final = {
    "髙": "高", "﨑": "崎", "嵜": "崎", "碕": "崎", "邊": "辺", "邉": "辺", "齋": "斉", "齊": "斉", "斎": "斉", "澤": "沢",
    "濵": "浜", "濱": "浜", "桒": "桑", "𠮷": "吉", "嶋": "島", "嶌": "島", "嶽": "岳", "國": "国", "廣": "広", "櫻": "桜",
    "瀨": "瀬", "瀧": "滝", "龍": "竜", "德": "徳", "惠": "恵", "眞": "真", "實": "実", "與": "与", "萬": "万", "榮": "栄",
    "營": "営", "藏": "蔵", "圓": "円", "學": "学", "禮": "礼", "壽": "寿", "彥": "彦", "靜": "静", "鐵": "鉄", "條": "条",
    "會": "会", "豐": "豊", "佛": "仏", "淸": "清", "增": "増", "曾": "曽", "邨": "村", "舘": "館", "槇": "槙", "遙": "遥",
    "堯": "尭", "凛": "凜", "冨": "富", "峯": "峰", "槗": "橋", "𣘺": "橋", "﨔": "欅", "曻": "昇", "鹽": "塩", "嚴": "厳",
    "亞": "亜", "應": "応", "關": "関", "氣": "気", "縣": "県", "號": "号", "澁": "渋", "籠": "篭", "檜": "桧", "薗": "園",
    "祢": "禰", "ヶ": "ケ", "ヵ": "カ",
}  # fmt: skip
_VARIANT_TABLE: Final = str.maketrans(VARIANTS)

_DASH_TABLE: Final = dict.fromkeys(map(ord, DASHES), "-")
_VOWEL_BETWEEN_DIGITS: Final = re.compile(f"(?<=[0-9０-９])\\s*[{LONG_VOWELS}一]\\s*(?=[0-9０-９])")
_SPACED_VOICING: Final = {0x309B: "\u3099", 0x309C: "\u309a"}
_SELECTORS: Final = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]"
)
_LONE_JOINER: Final = re.compile("(?<![\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d|\u200d(?![\u2190-\u2bff\U0001f000-\U0001faff])")
_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROLS_BUT_BREAKS: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_BLANKS: Final = re.compile(r"\s+")


def has_unstorable(text: str) -> bool:
    """Whether a text holds what PostgreSQL can't keep: NUL, or half of a surrogate pair. Counters refuse it by name."""
    return "\x00" in text or _SURROGATES.search(text) is not None


def clean_line(text: str) -> str:
    """One line as typed, without what nobody sees: controls, bidirectional overrides, zero-width characters, outer blanks.

    Runs of blanks (full-width too) become one space, characters and their voiced marks become one (NFC). Kanji variants,
    full-width letters and ㈱ stay as they are, because this is what gets printed. Emoji sequences stay whole.
    """
    return _BLANKS.sub(" ", _CONTROLS.sub(" ", _visible(text))).strip()


def clean_text(text: str) -> str:
    """Several lines as typed, cleaned like ``clean_line``; line ends become LF, trailing blanks go."""
    unix = re.sub("\r\n?|[\u2028\u2029]", "\n", _visible(text))
    return "\n".join(line.rstrip() for line in _CONTROLS_BUT_BREAKS.sub(" ", unix).split("\n")).strip()


def _visible(text: str) -> str:
    text = _SURROGATES.sub("", _INVISIBLE.sub("", text.translate(_SPACED_VOICING)))
    return unicodedata.normalize("NFC", _LONE_JOINER.sub("", text))


def plain(text: str) -> str:
    """NFKC with its traps removed: spaced voiced marks join their kana, variation selectors and zero widths go.

    ㈱ → (株), ① → 1, ｶﾞ → ガ, Ａ → A. NFKC leaves 〜 ‐ − — and 髙 alone; ``fold_dashes`` and ``fold_variants`` see to them.
    """
    bare = _SELECTORS.sub("", _INVISIBLE.sub("", text.translate(_SPACED_VOICING))).replace("\u200d", "")
    return unicodedata.normalize("NFKC", _SURROGATES.sub("", bare))


def fold_dashes(text: str) -> str:
    """Every dash as "-"; the long-vowel mark ー (and a kanji 一) only where it stands between digits: 1ー2 → 1-2, but コーヒー stays."""
    return _VOWEL_BETWEEN_DIGITS.sub("-", text.translate(_DASH_TABLE))


def fold_variants(text: str) -> str:
    """Old and rare forms of a kanji as the common one: 髙→高, 﨑→崎, 邊邉→辺, 齋齊斎→斉. For keys, never for printing."""
    return text.translate(_VARIANT_TABLE)


_WHOLE: Final = re.compile(r"-?[0-9]{1,18}")


def whole_number(text: str) -> int | None:
    """The whole number a person typed, full-width digits included; None for all else that ``int`` would take.

    ``1_000``, ``+5``, ``1e3``, ``1.0``, ``②`` written as ``²``, Arabic digits and numbers over 18 digits are None; the caller
    says which range it wants.
    """
    typed = fold_dashes(text.strip()).translate({0xFF10 + i: str(i) for i in range(10)})
    return int(typed) if _WHOLE.fullmatch(typed) and typed != "-0" else None


_DAY: Final = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})")


def written_day(text: str) -> date | None:
    """The day a person wrote, 2026-04-01 or 2026/4/1, full-width signs included; None for all else: eras, moments, days that are none."""
    found = _DAY.fullmatch(fold_dashes(plain(text)).strip())
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None
