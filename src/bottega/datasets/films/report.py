"""What the preparation of films found, for the person whose films they are."""

from dataclasses import dataclass, field

from bottega.datasets.files import Skipped, listed
from bottega.datasets.telling import clock, ending, held_out
from bottega.language import _


@dataclass(frozen=True)
class FilmReport:
    """What preparation found.

    Attributes:
        used: films.
        shots: into which they were cut.
        length: seconds of all shots.
        rate: frames a second, of the prepared films, as text: a whole number or a fraction.
        size: height and width of their frames.
        short: shots that were left out because they are too short.
        skipped: files that were not used.
        partly: films of which not all could be read, and why.
        duplicates: pairs of names of films of which a part nearly repeats the other.
        classes: how many films each has.
        held: ``(name, from, to)`` in seconds for each stretch held out where there are too few films to hold out whole
            ones.
        seconds: how long preparation took.
    """

    used: int
    shots: int
    length: float
    rate: str
    size: tuple[int, int]
    short: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    partly: list[Skipped] = field(default_factory=list)
    duplicates: list[tuple[str, str]] = field(default_factory=list)
    classes: dict[str, int] = field(default_factory=dict)
    held: list[tuple[str, float, float]] = field(default_factory=list)
    seconds: float = 0.0

    @classmethod
    def from_index(cls, report: dict) -> "FilmReport":
        """The report that an index holds as JSON."""
        skipped, partly = ([Skipped(**skip) for skip in report[name]] for name in ("skipped", "partly"))
        pairs, held = ([tuple(one) for one in report[name]] for name in ("duplicates", "held"))
        told = {"skipped": skipped, "partly": partly, "duplicates": pairs, "held": held, "size": tuple(report["size"])}
        return cls(**{**report, **told})

    def sentence(self) -> str:
        """For example "40 films in 62 shots, 3:10 long; read at 64 × 64 pixels, 12 frames a second; none skipped"."""
        one, many = _("one film, {length} long"), _("{used:,} films, {length} long")
        text = (one if self.used == 1 else many).format(used=self.used, length=clock(self.length))
        if self.shots > self.used:
            text += _(", cut into {shots:,} shots").format(shots=self.shots)
        height, width = self.size
        how = _("read at {width} × {height} pixels, {rate} frames a second")
        text += "; " + how.format(width=width, height=height, rate=self.rate)
        if self.short:
            text += "; " + _("shots too short to keep: {count:,}").format(count=self.short)
        text += held_out(self.held)
        if self.partly:
            which = listed(self.partly, len(self.partly))
            text += "; " + _("{count:,} read in part: {which}").format(count=len(self.partly), which=which)
        return text + ending(self.skipped, len(self.skipped), len(self.duplicates))
