"""From the name of a form to the constraint a text keeps, and to the check of a finished text."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from bottega.forms.catalogue import find

if TYPE_CHECKING:
    from bottega.forms.constraint import Constraint
    from bottega.randomness import Random
    from bottega.representations.tokens import Tokens


def build(
    form: str,
    tokens: "Tokens",
    random: "Random",
    *,
    rhyme: bool = False,
    words: Sequence[str] = (),
    opening: str = "",
) -> "Constraint":
    """What one text must keep to be written in a form. Its tables are made once for a model and shared.

    Args:
        form: a name in ``FORMS``.
        tokens: the vocabulary of the model.
        random: chooses what the form leaves open before the first token.
        rhyme: end rhyme, for the forms that may go without.
        words: the words of the training texts, from ``lexicon``; kept with the model.
        opening: the beginning of the text, as a person gave it; the constraint stands behind it.

    Raises:
        UsageError: unknown form; the opening breaks the form; the model has too few words for it; a package is missing.
    """


def lexicon(texts: Iterable[str], most: int = 50_000) -> list[str]:
    """The words and Chinese characters of some texts, the most frequent first, as they are spelled there.

    What stands in capitals only because a sentence or a line begins is given in small letters.
    """


def check(form: str, text: str, rhyme: bool = False) -> list[str]:
    """What is wrong with the form of a text: sentences in the language in use; none when it is perfect.

    Nothing of how texts are written is used here: the text is taken apart and its words are looked up anew.
    """
