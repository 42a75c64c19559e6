"""What a fault case found."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """One promise under one fault: how much was tried and how much of it was lost, doubled or left half done."""

    name: str
    tried: int
    lost: int
    note: str = ""

    @property
    def kept(self) -> bool:
        """A case that tried nothing proves nothing."""
        return self.lost == 0 and self.tried > 0
