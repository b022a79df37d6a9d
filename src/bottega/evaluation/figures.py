"""One measured figure, the same for every medium: its value, what real works score in its place, and how sure it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bottega.language import _


@dataclass(frozen=True)
class Figure:
    """One measured figure.

    Attributes:
        value: of the model's works; None when there are too few works to tell.
        floor: what real works score in their place: the best a model can hope for.
        error: standard error of the value, where it is known.
        reason: why there is no value, in a sentence.
    """

    value: float | None
    floor: float | None
    error: float | None = None
    reason: str | None = None

    def as_json(self) -> dict[str, Any]:
        """``value`` and ``floor``, with ``error`` or ``reason`` where there is one."""
        extra = {"error": self.error, "reason": self.reason}
        return {"value": self.value, "floor": self.floor} | {key: it for key, it in extra.items() if it is not None}

    def line(self, meaning: str, percent: bool = False) -> str:
        """For people: what it means, the value with its error, and in brackets the floor, where there is one."""
        if self.value is None:
            return f"{meaning}: {self.reason}"
        shape = "{:.1%}" if percent else "{:.4g}"
        error = f" ± {self.error:.2g}" if self.error is not None else ""
        floor = f" ({shape.format(self.floor)})" if self.floor is not None else ""
        return f"{meaning}: {shape.format(self.value)}{error}{floor}"


def too_few(needed: int, there: int) -> Figure:
    """A figure that would say more about chance than about the model."""
    reason = _("too few works to tell: {needed} held-out works and as many new ones are needed, there are {there}")
    return Figure(None, None, reason=reason.format(needed=needed, there=there))


def plainly(figures: Mapping[str, Figure], *beside: str) -> dict[str, Any]:
    """The values by name, and under each word of ``beside``, such as ``"floors"``, what stands beside some of them."""
    told: dict[str, Any] = {name: figure.value for name, figure in figures.items()}
    for word in beside:
        found = {name: getattr(figure, word.removesuffix("s")) for name, figure in figures.items()}
        told[word] = {name: it for name, it in found.items() if it is not None}
    return told
