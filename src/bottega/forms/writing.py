"""From the name of a form to what one text keeps while it is written."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from bottega.errors import UsageError
from bottega.forms.catalogue import Form, find
from bottega.language import _

if TYPE_CHECKING:
    from bottega.forms.metre import Metre
    from bottega.forms.regulated import Verse
    from bottega.randomness import Random
    from bottega.representations.tokens import Tokens

FEWEST = 20  # English words below which a model does not know English
HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
LATIN = "A-Za-zÀ-ÖØ-öø-ɏ"
CLIPPED = "tis|twas|twere|twill|em|til|gainst|mid"  # words that begin with an apostrophe
WORD = re.compile(  # parts of hyphenated words are none: "pre-ordained"
    rf"[{HAN}]|['’](?:{CLIPPED})(?![{LATIN}])|(?<![{LATIN}])(?<![{LATIN}]-)[{LATIN}]+(?:['’][{LATIN}]+)*(?![{LATIN}]|-[{LATIN}])",
    re.IGNORECASE,
)
BEGINS = re.compile(r"(?:^|[\n.!?:]|--)[\s\"'“‘(]*$")  # behind this a capital says nothing about the word


def build(
    form: str, tokens: "Tokens", random: "Random", *, words: Sequence[str], rhyme: bool = False, opening: str = ""
) -> "Verse | Metre":
    """What one text must keep to be written in a form: a ``Constraint``. A model's tables are made once and shared.

    Args:
        form: a name in ``FORMS``.
        tokens: the vocabulary of the model.
        random: chooses how a Chinese poem begins, with a level or an oblique step; all else is left to the model.
        words: the words of the training texts, from ``lexicon``; kept with the model.
        rhyme: end rhyme, for the forms that may go without.
        opening: the beginning of the text, as a person gave it; the constraint stands behind it, and spaces at its end
            do not count.

    Raises:
        UsageError: unknown form; the opening breaks the form; the model has too few words for it; a package is missing.
    """
    chosen, opening = find(form), opening.rstrip(" ")
    if rhyme and chosen.rhyme == "never":
        raise UsageError(_("“{form}” has no rhyme. Leave --rhyme out.").format(form=form))
    rhyming = rhyme or chosen.rhyme == "always"
    made = (_chinese if chosen.language == "zh" else _english)(form, chosen, rhyming, tokens, tuple(words), opening)
    fed, shown = 0, opening.replace("\n", " / ")
    try:
        for letter in opening:
            made.feed(letter.encode())
            fed += 1
    except ValueError:
        message = _("“{opening}” cannot begin “{form}”, {title}: it breaks the form at “{part}”.")
        part = opening[fed:].split("\n")[0] or opening[:fed].split("\n")[-1]
        if chosen.language == "en" and opening[fed].isalpha():  # the whole word is named
            part = re.split(r"\s", opening[:fed])[-1] + part
        raise UsageError(message.format(opening=shown, form=form, title=_(chosen.title), part=part)) from None
    if made.done:
        message = _("“{opening}” is complete, so “{form}” cannot go on. Give only its beginning.")
        raise UsageError(message.format(opening=shown, form=form))
    if chosen.language == "zh":
        made.choose(random)
    return made


def lexicon(texts: Iterable[str]) -> list[str]:
    """The words and the Chinese characters of some texts, the most frequent first.

    A word keeps its capital when it mostly has one inside a sentence, as names have.
    """
    all_, small, names = Counter[str](), Counter[str](), Counter[str]()
    for text in texts:
        for found in WORD.finditer(text):
            word = found[0]
            all_[word.lower()] += 1
            if not word[0].isupper():
                small[word] += 1
            elif not BEGINS.search(text, max(0, found.start() - 8), found.start()) and word[1:].lower() == word[1:]:
                names[word] += 1
    spelled = {name.lower(): name for name, count in names.items() if count > small[name.lower()]}
    for word in all_:
        if re.match(r"i(?:['’]|$)", word) and not small[word]:  # I, I'll … may have begun every sentence they are in
            spelled[word] = word.capitalize()
    return [spelled.get(word, word) for word in sorted(all_, key=lambda word: (-all_[word], word))]


def _chinese(form: str, chosen: Form, rhyme: bool, tokens: "Tokens", words: tuple[str, ...], opening: str) -> "Verse":
    from bottega.forms.regulated import Verse
    from bottega.forms.tones import tones

    begun = re.findall(f"[{HAN}]", opening)
    for character in begun:
        if character not in tones():
            message = _("“{character}” is not in the tables of rhymes, so its tone is not known. Begin differently.")
            raise UsageError(message.format(character=character))
    plan = _plan_in_characters(chosen.lines, rhyme, tokens, words, frozenset(opening))
    if plan is None:
        message = _(
            "“{form}” needs Chinese characters that rhyme, and the texts this model learned from hold too few. "
            "Choose another form, or train on Chinese verse."
        )
        raise UsageError(message.format(form=form))
    return Verse(plan)


def _english(form: str, chosen: Form, rhyme: bool, tokens: "Tokens", words: tuple[str, ...], opening: str) -> "Metre":
    from bottega.forms.metre import Metre
    from bottega.forms.sounds import pronunciations

    if _known(words) < FEWEST:
        message = _(
            "“{form}” needs English words, and the texts this model learned from hold too few. "
            "Choose another form, or train on English texts."
        )
        raise UsageError(message.format(form=form))
    begun = WORD.findall(opening)
    for word in begun:
        if not pronunciations(word):
            message = _(
                "“{word}” is not in the dictionary of sounds, so its syllables are not known. Begin differently."
            )
            raise UsageError(message.format(word=word))
    return Metre(_plan_in_words(chosen.lines, chosen.scheme if rhyme else "", tokens, words, tuple(begun)))


@lru_cache(maxsize=8)
def _known(words: tuple[str, ...]) -> int:
    """How many of the words have a sound."""
    from bottega.forms.sounds import pronunciations

    return sum(bool(pronunciations(word)) for word in words)


@lru_cache(maxsize=8)
def _plan_in_characters(
    lines: tuple[int, ...], rhyme: bool, tokens: "Tokens", words: tuple[str, ...], begun: frozenset[str]
):
    from bottega.forms.regulated import plan

    if tokens.characters:
        known = {piece.decode() for piece in tokens.pieces if len(piece) > 1}
    else:
        known = {word for word in words if len(word) == 1}
    return plan(lines, rhyme, known | begun, tokens.pieces)


@lru_cache(maxsize=8)
def _plan_in_words(
    lines: tuple[int, ...], scheme: str, tokens: "Tokens", words: tuple[str, ...], opening: tuple[str, ...]
):
    from bottega.forms.metre import plan

    return plan(lines, scheme, words, tokens.pieces, tokens.eos, opening)
