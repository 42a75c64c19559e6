"""What a measurement says: one figure, what it is compared with, what was promised."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """`floor` is PostgreSQL's own figure for the same work; `target` is a ratio to it, or a bound when there is no floor."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    target: float | None = None
    at_most: bool = False  # a bound from above (statements, milliseconds) rather than from below (per second)

    @property
    def ratio(self) -> float | None:
        return None if not self.floor else round(self.value / self.floor, 4)

    @property
    def met(self) -> bool | None:
        """Whether the promise is kept; None when nothing was promised."""
        if self.target is None:
            return None
        reached = self.value if self.ratio is None else self.ratio
        return reached <= self.target if self.at_most else reached >= self.target

    def record(self) -> dict[str, object]:
        """The JSON line."""
        said = asdict(self)
        said.pop("at_most")
        return {**said, "ratio": self.ratio, "met": self.met}
