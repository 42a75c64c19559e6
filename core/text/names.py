"""Names of people and companies: as printed, and as compared."""

import re
from typing import Final

import jaconv

from core.text.folding import DASHES, LONG_VOWELS, clean_line, fold_variants, plain

_CORPORATE: Final = {
    "(株)": "株式会社",
    "(有)": "有限会社",
    "(同)": "合同会社",
    "(資)": "合資会社",
    "(名)": "合名会社",
    "(医)": "医療法人",
    "(財)": "財団法人",
    "(社)": "社団法人",
}
_CORPORATE_MARK: Final = re.compile("|".join(map(re.escape, _CORPORATE)))
_NOT_A_LETTER: Final = re.compile(r"[\W_]+")
_HALF_KANA: Final = re.compile("[\uff65-\uff9f]+")

_SMALL_TO_LARGE: Final = str.maketrans("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ")
_SAME_SOUND: Final = str.maketrans("ヂヅヲヰヱ", "ジズオイエ")
_V_SOUNDS: Final = (
    ("ヴァ", "バ"),
    ("ヴィ", "ビ"),
    ("ヴェ", "ベ"),
    ("ヴォ", "ボ"),
    ("ヴュ", "ビユ"),
    ("ヴ", "ブ"),
    ("ヷ", "バ"),
    ("ヸ", "ビ"),
    ("ヹ", "ベ"),
    ("ヺ", "ボ"),
)


def normalise_name(text: str) -> str:
    """A name as it will be printed: one line, single spaces, half-width kana made full; 髙, 﨑, 𠮷 and ㈱ stay."""
    return _HALF_KANA.sub(lambda m: jaconv.h2z(m[0], kana=True, ascii=False, digit=False), clean_line(text))


def normalise_kana(text: str) -> str:
    """A reading as it will be printed: full-width katakana, single spaces; hiragana and half-width kana are converted."""
    return str(jaconv.hira2kata(clean_line(plain(text))))


def name_key(text: str) -> str:
    """A name for comparing: width, case, kana script, kanji variants, spaces and punctuation no longer matter.

    髙橋　太郎, 高橋太郎 and 高橋 太郎 have one key; ㈱, (株) and 株式会社 are the same word. "" for a name without letters.
    """
    folded = _CORPORATE_MARK.sub(lambda m: _CORPORATE[m[0]], plain(text))
    return _NOT_A_LETTER.sub("", jaconv.hira2kata(fold_variants(folded))).casefold()


def kana_key(text: str) -> str:
    """A reading for comparing: katakana without spaces, small kana large, ヂヅヲ as ジズオ, ヴ as ブ, long vowels dropped.

    やまだ たろう → ヤマダタロウ, ｵｵﾂｶ → オオツカ, キャロリーヌ → キヤロリヌ. Letters stay, in capitals.
    """
    kana = str(jaconv.hira2kata(plain(text)))
    for written, sound in _V_SOUNDS:
        kana = kana.replace(written, sound)
    kana = kana.translate(_SMALL_TO_LARGE).translate(_SAME_SOUND)
    kana = kana.translate(dict.fromkeys(map(ord, DASHES + LONG_VOWELS)))
    return _NOT_A_LETTER.sub("", kana).upper()
