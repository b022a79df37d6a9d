"""What the preparation of sounds found, for the person whose sounds they are."""

from dataclasses import dataclass, field

from bottega.datasets.files import Skipped
from bottega.datasets.telling import clock, ending, held_out
from bottega.language import _


@dataclass(frozen=True)
class SoundReport:
    """What preparation found.

    Attributes:
        used: recordings.
        length: seconds of sound in all of them, without what was trimmed.
        trimmed: seconds of silence cut from their ends.
        rate, channels: of the prepared sounds.
        skipped: files that were not used.
        duplicates: pairs of names of recordings of which a part nearly repeats the other.
        classes: how many recordings each has.
        held: ``(name, from, to)`` in seconds for each stretch held out where there are too few recordings to hold out
            whole ones.
        seconds: how long preparation took.
    """

    used: int
    length: float
    trimmed: float
    rate: int
    channels: int
    skipped: list[Skipped] = field(default_factory=list)
    duplicates: list[tuple[str, str]] = field(default_factory=list)
    classes: dict[str, int] = field(default_factory=dict)
    held: list[tuple[str, float, float]] = field(default_factory=list)
    seconds: float = 0.0

    @classmethod
    def from_index(cls, report: dict) -> "SoundReport":
        """The report that an index holds as JSON."""
        skipped = [Skipped(**skip) for skip in report["skipped"]]
        pairs, held = ([tuple(one) for one in report[name]] for name in ("duplicates", "held"))
        return cls(**{**report, "skipped": skipped, "duplicates": pairs, "held": held})

    def sentence(self) -> str:
        """For example "10 recordings, 6:34 of sound; read at 22,050 Hz, mono; none skipped"."""
        one, many = _("one recording, {length} of sound"), _("{used:,} recordings, {length} of sound")
        text = (one if self.used == 1 else many).format(used=self.used, length=clock(self.length))
        how = _("mono") if self.channels == 1 else _("stereo")
        text += "; " + _("read at {rate:,} Hz, {how}").format(rate=self.rate, how=how)
        if self.trimmed >= 1:
            text += "; " + _("{length} of silence trimmed").format(length=clock(self.trimmed))
        text += held_out(self.held)
        return text + ending(self.skipped, len(self.skipped), len(self.duplicates))
