"""What is true about campaigns: pure values and functions."""

from enum import StrEnum

from core.words import gettext_noop as _


class CampaignAim(StrEnum):
    """The three aims that lead every page: customers met, kept, won back."""

    MEET = "meet"
    KEEP = "keep"
    WIN_BACK = "win_back"
    OTHER = "other"

    @classmethod
    def labels(cls) -> dict["CampaignAim", str]:
        return {
            cls.MEET: _("Meeting customers"),
            cls.KEEP: _("Keeping customers"),
            cls.WIN_BACK: _("Winning customers back"),
            cls.OTHER: _("Other aim"),
        }
