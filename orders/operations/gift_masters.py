"""What is usual in Japan when something is given: put in by an operation, never by a migration."""

from typing import Final

import orjson

from core.actor import Actor
from core.db import operation, run
from orders.rules import Knot

BOW, TIE, TIE_10, BLACK, YELLOW = (
    Knot.RED_WHITE_BOW, Knot.RED_WHITE_TIE, Knot.RED_WHITE_TIE_10, Knot.BLACK_WHITE_TIE, Knot.YELLOW_WHITE_TIE,
)  # fmt: skip
# (code, words above, knot). A bow for what may come again, a tight knot for what shall happen once, black and white in mourning.
NOSHI: Final = (
    ("ochugen", "御中元", BOW), ("oseibo", "御歳暮", BOW), ("onenga", "御年賀", BOW), ("shochu", "暑中御見舞", BOW), ("orei", "御礼", BOW),
    ("oiwai", "御祝", BOW), ("goshussan", "御出産御祝", BOW), ("uchiiwai", "内祝", BOW), ("uchiiwai_birth", "出産内祝", BOW),
    ("keiro", "敬老", BOW), ("sunshi", "寸志", BOW), ("sohin", "粗品", BOW), ("goaisatsu", "御挨拶", BOW),
    ("kotobuki", "寿", TIE_10), ("gokekkon", "御結婚御祝", TIE_10), ("kekkon_uchiiwai", "結婚内祝", TIE_10),
    ("kaiki", "快気祝", TIE), ("kaiki_uchiiwai", "快気内祝", TIE), ("omimai", "御見舞", TIE),
    ("kokorozashi", "志", BLACK), ("okuyami", "御供", BLACK), ("manchuin", "満中陰志", YELLOW), ("mujinoshi", "無地のし", BOW),
)  # fmt: skip
NAMELESS: Final = ("mujinoshi",)
_YEARLY = "「%s」は毎年くり返す贈りものです。一度きりを表す結び切りは使わず、蝶結びをお選びください。"
_ONCE = "「%s」は二度とくり返さないよう、結び切りにします。何度でも結び直せる蝶結びは使いません。"
_JOY = "「%s」はお祝いごとです。黒白・黄白の水引は弔事に使います。"
_GRIEF = "「%s」は弔事です。紅白の水引はお祝いごとに使います。"
# (words above, knots that do not go with them, refused, why)
PAIRINGS: Final = (
    *((title, (TIE, TIE_10), True, _YEARLY) for title in ("御中元", "御歳暮", "御年賀")),
    *((title, (BOW,), True, _ONCE) for title in ("寿", "御結婚御祝", "結婚内祝", "快気祝", "快気内祝", "御見舞")),
    *((title, (BLACK, YELLOW), True, _JOY) for title in ("御祝", "内祝", "寿", "御結婚御祝", "御出産御祝", "快気祝", "御中元", "御歳暮", "御年賀")),
    *((title, (BOW, TIE, TIE_10), True, _GRIEF) for title in ("志", "御供", "満中陰志", "御霊前", "御仏前")),
    *((title, (TIE, TIE_10), False, "「%s」は蝶結びにするのが一般的です。結び切りでよいか、お客さまにお確かめください。") for title in ("御礼", "御出産御祝", "出産内祝")),
)  # fmt: skip

_NOSHI_SQL = """
INSERT INTO orders_noshikind (company_id, code, name, position, tax_class, knot, own_title, most_names, longest_name)
SELECT %(company)s, code, name, place * 10, 'standard', knot, own_title, names, 12
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (place int, code text, name text, knot text, own_title boolean, names int)
ORDER BY place ON CONFLICT (company_id, code) DO NOTHING
"""
_PAIRINGS_SQL = """
INSERT INTO orders_noshipairing (company_id, title, knot, is_refused, why)
SELECT %(company)s, title, knot, is_refused, why
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (title text, knot text, is_refused boolean, why text)
ON CONFLICT (company_id, title, knot) WHERE ended_at IS NULL DO NOTHING
"""


@operation
def seed_noshi(company_id: int, *, actor: Actor) -> int:
    """The company offers the usual noshi, free of charge, and knows what does not go together; answers how many noshi are new.

    Again changes nothing; what people changed or ended stays as it is.
    """
    told = [
        {"place": place, "code": code, "name": name, "knot": knot, "own_title": False, "names": 0 if code in NAMELESS else 3}
        for place, (code, name, knot) in enumerate(NOSHI, 1)
    ]
    own = {"place": len(told) + 1, "code": "own", "name": "表書きを指定", "knot": BOW, "own_title": True, "names": 3}
    pairs = [
        {"title": title, "knot": knot, "is_refused": is_refused, "why": why % title}
        for title, knots, is_refused, why in PAIRINGS
        for knot in knots
    ]
    new = run(_NOSHI_SQL, {"company": company_id, "rows": orjson.dumps([*told, own]).decode()})
    run(_PAIRINGS_SQL, {"company": company_id, "rows": orjson.dumps(pairs).decode()})
    return new
