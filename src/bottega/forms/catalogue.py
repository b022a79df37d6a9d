"""The forms there are, by name."""

from dataclasses import dataclass
from typing import Literal

from bottega.errors import UsageError
from bottega.language import _, later
from bottega.parts import nearest


@dataclass(frozen=True)
class Form:
    """A form of verse.

    Attributes:
        title: what it is, marked with ``later()``.
        language: ``"zh"``: lines are counted in characters and follow tone patterns; ``"en"``: in syllables.
        lines: the length of each line.
        scheme: which lines rhyme, a letter each, ``.`` for none: ``"ABAB"``. Empty where nothing rhymes, or where the
            tone pattern says it.
        rhyme: whether lines rhyme ``"always"``, when ``"asked"`` for, or ``"never"``.
    """

    title: str
    language: Literal["zh", "en"]
    lines: tuple[int, ...]
    scheme: str = ""
    rhyme: Literal["always", "asked", "never"] = "always"


FORMS: dict[str, Form] = {
    "quatrain5": Form(later("regulated quatrain, four lines of 5 characters"), "zh", (5,) * 4),
    "quatrain7": Form(later("regulated quatrain, four lines of 7 characters"), "zh", (7,) * 4),
    "regulated5": Form(later("regulated verse, eight lines of 5 characters"), "zh", (5,) * 8),
    "regulated7": Form(later("regulated verse, eight lines of 7 characters"), "zh", (7,) * 8),
    "couplet": Form(later("Chinese couplet, two lines of 7 characters with opposite tones"), "zh", (7, 7), "", "never"),
    "haiku": Form(
        later("haiku of 5, 7 and 5 syllables; if asked, the first and last line rhyme"), "en", (5, 7, 5), "A.A", "asked"
    ),
    "quatrain": Form(later("quatrain of 8 syllables a line that rhymes ABAB"), "en", (8,) * 4, "ABAB"),
    "couplet-en": Form(later("English couplet of 10 syllables a line"), "en", (10, 10), "AA"),
    "limerick": Form(later("limerick of 8, 8, 5, 5 and 8 syllables that rhymes AABBA"), "en", (8, 8, 5, 5, 8), "AABBA"),
    "sonnet": Form(
        later("sonnet of 14 lines of 10 syllables that rhymes ABAB CDCD EFEF GG"), "en", (10,) * 14, "ABABCDCDEFEFGG"
    ),
}


def find(name: str) -> Form:
    """The form of this name. Raises UsageError, naming the nearest, when there is none."""
    if name in FORMS:
        return FORMS[name]
    message = _("There is no form “{name}”; there are {forms}.").format(name=name, forms=", ".join(FORMS))
    raise UsageError(message + nearest(name.lower(), list(FORMS)))
