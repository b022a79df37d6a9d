"""How English words sound: their syllables, what they rhyme with (the CMU pronouncing dictionary)."""

from dataclasses import dataclass
from functools import cache
from importlib import resources

from bottega.errors import UsageError
from bottega.language import _

LONGEST_END = 4  # syllables: who rhymes with "responsibility"?


@dataclass(frozen=True)
class Sound:
    """A word as a line needs it.

    Attributes:
        syllables: at least 1.
        rhyme: the sound from the last stressed vowel on; ``""`` where it is doubtful or no line should end so.
        onset: the consonants before that vowel. Words rhyme that have one rhyme and different onsets.
    """

    syllables: int
    rhyme: str
    onset: str


@cache
def dictionary():
    """The module ``pronouncing`` with its words read. Raises UsageError when it is not installed."""
    try:
        import pronouncing
    except ImportError as error:
        message = _("English forms need a dictionary of sounds. Install it: pip install 'bottega[verse]'")
        raise UsageError(message) from error
    pronouncing.init_cmu()
    return pronouncing


def pronunciations(word: str) -> list[str]:
    """The ways a word is said, as phones; none when the dictionary does not know it."""
    return dictionary().phones_for_word(plain(word))


def plain(word: str) -> str:
    """A word as the dictionary spells it."""
    return word.lower().replace("’", "'")


def sound(word: str, disputed: bool = False) -> Sound | None:
    """How a word sounds, ``None`` when nobody knows, or when it may be shorter than the dictionary's first choice.

    Args:
        disputed: take the dictionary's first choice for words such as "fire" and "every", and let weak words rhyme.
    """
    said = pronunciations(word)
    if not said or (len(word) == 1 and word.lower() not in "aio"):
        return None
    syllables = count(said[0])
    if not syllables or (not disputed and min(map(count, said)) < syllables):
        return None
    sure = len({rhyme(phones) for phones in said}) == 1 and plain(word) not in weak() and syllables <= LONGEST_END
    return Sound(syllables, *(rhyme(said[0]) if sure or disputed else ("", "")))


def count(phones: str) -> int:
    """Syllables: the phones of vowels carry their stress as a digit."""
    return sum(phones.count(stress) for stress in "012")


def rhyme(phones: str) -> tuple[str, str]:
    """The sound from the last stressed vowel on, and the consonants before it; both empty without a stressed vowel."""
    sounds = phones.split()
    stressed = [n for n, phone in enumerate(sounds) if phone[-1] in "12"]
    if not stressed:
        return "", ""
    begin = stressed[-1]
    while begin and not sounds[begin - 1][-1].isdigit():
        begin -= 1
    return " ".join(sounds[stressed[-1] :]), " ".join(sounds[begin : stressed[-1]])


@cache
def common() -> frozenset[str]:
    """A few hundred words that every text may need."""
    return _list("common")


@cache
def weak() -> frozenset[str]:
    """Words that lean on the next one and make a poor end of a line."""
    return _list("weak")


def _list(name: str) -> frozenset[str]:
    return frozenset(resources.files("bottega.forms").joinpath(f"{name}.txt").read_text(encoding="utf-8").split())
