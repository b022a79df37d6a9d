"""What the preparation of texts found, for the person whose texts they are."""

from dataclasses import dataclass, field

from bottega.datasets.files import Skipped
from bottega.datasets.telling import ending
from bottega.language import _, later

SHOWN = 8  # classes that are named
SEPARATED = {
    "file": later("each file is a work"),
    "blank": later("blank lines part the works"),
    "blanks": later("several blank lines part the works"),
    "line": later("each line is a work"),
    "record": later("each record is a work (column {column})"),
    "pair": later("each pair of lines is a work"),
}


@dataclass(frozen=True)
class TextReport:
    """What preparation found.

    Attributes:
        used: works, or pairs where there are two sides.
        characters: in all of them.
        encodings: how many files were in each, by name ("UTF-8", "GB18030" …).
        separated: how works were told apart (``SEPARATED``).
        auto: whether the material decided that.
        column: the columns read, "" where there are none.
        bars: whether ``|`` was read as the end of a verse.
        skipped: files and lines that were not used, at most a thousand, ``unused`` in all.
        duplicates: pairs of names of works that nearly repeat each other, at most a thousand, ``repeats`` in all.
        classes: how many works each has.
        tail: whether the end of each work is held out, as there are too few works to hold out whole ones.
    """

    used: int
    characters: int
    encodings: dict[str, int]
    separated: str
    auto: bool = False
    column: str = ""
    bars: bool = False
    skipped: list[Skipped] = field(default_factory=list)
    unused: int = 0
    duplicates: list[tuple[str, str]] = field(default_factory=list)
    repeats: int = 0
    classes: dict[str, int] = field(default_factory=dict)
    tail: bool = False
    seconds: float = 0.0

    @classmethod
    def from_index(cls, report: dict) -> "TextReport":
        """The report that an index holds as JSON."""
        skipped = [Skipped(**skip) for skip in report["skipped"]]
        return cls(**{**report, "skipped": skipped, "duplicates": [tuple(pair) for pair in report["duplicates"]]})

    def sentence(self) -> str:
        """For example "5,000 works, 163,214 characters, UTF-8; each record is a work (column poem); none skipped"."""
        encodings = _(" and ").join(self.encodings)
        if self.used == 1:
            text = _("one work, {characters:,} characters, {encodings}")
        else:
            text = _("{works:,} works, {characters:,} characters, {encodings}")
        text = text.format(works=self.used, characters=self.characters, encodings=encodings)
        alone = self.used == 1 and self.separated == "file"
        how = _("nothing parts it") if alone else _(SEPARATED[self.separated]).format(column=self.column)
        text += "; " + (_("{how}, as the material shows").format(how=how) if self.auto else how)
        if self.bars:
            text += "; " + _("“|” is read as a line break")
        if self.tail:
            text += "; " + _("the last tenth is held out")
        if self.classes:
            shown = [_("{name} ({works:,})").format(name=name, works=n) for name, n in self.classes.items()]
            more = [] if len(shown) <= SHOWN else ["…"]
            text += "; " + _("classes: {classes}").format(classes=", ".join(shown[:SHOWN] + more))
        return text + ending(self.skipped, self.unused, self.repeats)
