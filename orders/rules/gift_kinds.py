"""The words of gifts that every shop in Japan shares: knots, and where a noshi goes."""

from enum import StrEnum

from core.words import gettext_noop as _


class Knot(StrEnum):
    """水引: what may be tied again opens easily, what shall happen once does not."""

    RED_WHITE_BOW = "red_white_bow"
    RED_WHITE_TIE = "red_white_tie"
    RED_WHITE_TIE_10 = "red_white_tie_10"
    RED_WHITE_AWAJI = "red_white_awaji"
    GOLD_SILVER_TIE = "gold_silver_tie"
    BLACK_WHITE_TIE = "black_white_tie"
    YELLOW_WHITE_TIE = "yellow_white_tie"
    NONE = "none"

    @classmethod
    def labels(cls) -> dict["Knot", str]:
        return {
            cls.RED_WHITE_BOW: _("Red and white, bow"),
            cls.RED_WHITE_TIE: _("Red and white, tight knot"),
            cls.RED_WHITE_TIE_10: _("Red and white, tight knot of ten cords"),
            cls.RED_WHITE_AWAJI: _("Red and white, awaji knot"),
            cls.GOLD_SILVER_TIE: _("Gold and silver, tight knot"),
            cls.BLACK_WHITE_TIE: _("Black and white, tight knot"),
            cls.YELLOW_WHITE_TIE: _("Yellow and white, tight knot"),
            cls.NONE: _("No knot"),
        }


class NoshiPlacement(StrEnum):
    """内のし under the wrapping, 外のし over it."""

    INSIDE = "inside"
    OUTSIDE = "outside"

    @classmethod
    def labels(cls) -> dict["NoshiPlacement", str]:
        return {cls.INSIDE: _("Under the wrapping"), cls.OUTSIDE: _("Over the wrapping")}
