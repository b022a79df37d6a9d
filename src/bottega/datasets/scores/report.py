"""What the preparation of scores found, for the person whose scores they are."""

from dataclasses import dataclass, field

from bottega.datasets.files import Skipped
from bottega.datasets.telling import ending
from bottega.language import _


@dataclass(frozen=True)
class ScoreReport:
    """What preparation found.

    Attributes:
        used: tunes.
        files: in which they were.
        notes, bars: in all of them.
        minutes: how long they last, played.
        skipped: files and tunes of books that were not used, at most a thousand, ``unused`` in all.
        duplicates: pairs of names of tunes with nearly the same melody, at most a thousand, ``repeats`` in all.
        classes: how many tunes each has.
        told: how many have a mood that was told, by columns or by the name of their class; those of others are
            computed.
        seconds: how long preparation took.
    """

    used: int
    files: int
    notes: int
    bars: int
    minutes: float
    skipped: list[Skipped] = field(default_factory=list)
    unused: int = 0
    duplicates: list[tuple[str, str]] = field(default_factory=list)
    repeats: int = 0
    classes: dict[str, int] = field(default_factory=dict)
    told: int = 0
    seconds: float = 0.0

    @classmethod
    def from_index(cls, report: dict) -> "ScoreReport":
        """The report that an index holds as JSON."""
        skipped = [Skipped(**skip) for skip in report["skipped"]]
        return cls(**{**report, "skipped": skipped, "duplicates": [tuple(pair) for pair in report["duplicates"]]})

    def sentence(self) -> str:
        """For example "917 tunes, 45,101 bars, 172 minutes of music; none skipped"."""
        text = _("{used:,} tunes, {bars:,} bars, {minutes:,.0f} minutes of music").format(
            used=self.used, bars=self.bars, minutes=self.minutes
        )
        if self.told:
            text += "; " + _("mood told of {told:,}").format(told=self.told)
        return text + ending(self.skipped, self.unused, self.repeats)
