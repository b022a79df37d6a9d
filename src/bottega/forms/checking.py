"""Whether a finished text keeps its form: it is taken apart and its words are looked up anew.

Nothing here knows how texts are written; the rules are told a second time, in other words.
"""

import re
from itertools import combinations, pairwise, product

from bottega.forms.catalogue import Form, find
from bottega.forms.sounds import dictionary, plain, pronunciations
from bottega.forms.tones import LEVEL, OBLIQUE, is_level, rhymes, tones
from bottega.language import _


def check(form: str, text: str, rhyme: bool = False) -> list[str]:
    """What is wrong with the form of a text: sentences in the language in use; none when it is perfect.

    Args:
        form: a name in ``FORMS``.
        text: with a line of verse on each line; Chinese lines may also end in a mark.
        rhyme: whether the lines of a form that may go without shall rhyme.

    Raises:
        UsageError: unknown form; a package is missing.
    """
    chosen = find(form)
    split = r"\n" if chosen.language == "en" else r"[\s，。、；：！？,.;:!?]"
    lines = [line.strip() for line in re.split(split, text) if line.strip()]
    if len(lines) != len(chosen.lines):
        message = _("The text has {found} lines; {form} has {wanted}.")
        return [message.format(found=len(lines), form=form, wanted=len(chosen.lines))]
    rhyming = rhyme or chosen.rhyme == "always"
    return (_in_words if chosen.language == "en" else _in_characters)(chosen, lines, rhyming)


def _in_words(form: Form, lines: list[str], rhyming: bool) -> list[str]:
    rows = [re.sub(r"[.,;:!?]+(?= |$)", "", line).split(" ") for line in lines]
    faults = []
    for n, (words, wanted) in enumerate(zip(rows, form.lines, strict=True), 1):
        sums = {0}
        for word in words:
            lengths = {dictionary().syllable_count(phones) for phones in pronunciations(word)}
            if not lengths:
                message = _("Line {line}: nobody knows how “{word}” sounds.")
                return [message.format(line=n, word=word)]
            sums = {before + length for before in sums for length in lengths}
        if wanted not in sums:
            message = _("Line {line} has {found} syllables instead of {wanted}.")
            faults.append(message.format(line=n, found=min(sums), wanted=wanted))
    if not rhyming:
        return faults
    for (a, one), (b, other) in combinations(enumerate(form.scheme), 2):
        first, second = rows[a][-1], rows[b][-1]
        if one == other != "." and not _rhyme(first, second):
            message = _("Lines {a} and {b} do not rhyme: “{first}”, “{second}”.")
            faults.append(message.format(a=a + 1, b=b + 1, first=first, second=second))
    return faults


def _rhyme(first: str, second: str) -> bool:
    """Whether two words end alike from the last stressed vowel on, without being or sounding the same."""
    said, answered = pronunciations(first), pronunciations(second)
    endings = [{dictionary().rhyming_part(phones) for phones in word} for word in (said, answered)]
    return plain(first) != plain(second) and bool(endings[0] & endings[1]) and not set(said) & set(answered)


def _in_characters(form: Form, lines: list[str], rhyming: bool) -> list[str]:
    faults = []
    for n, (line, wanted) in enumerate(zip(lines, form.lines, strict=True), 1):
        if len(line) != wanted:
            message = _("Line {line} has {found} characters instead of {wanted}.")
            faults.append(message.format(line=n, found=len(line), wanted=wanted))
        faults += [_unknown(n, character) for character in line if character not in tones()]
    if faults:
        return faults
    patterns = product((LEVEL, OBLIQUE), (LEVEL, OBLIQUE) if rhyming else (OBLIQUE,))
    return min((_against(lines, *pattern, rhyming) for pattern in patterns), key=len)


def _unknown(line: int, character: str) -> str:
    return _("Line {line}: the tables of rhymes do not know “{character}”.").format(line=line, character=character)


def _against(lines: list[str], second: str, last: str, rhyming: bool) -> list[str]:
    """What is wrong if the first line is to have these tones in its second and its last place."""
    faults = []
    ends = [line[-1] for n, line in enumerate(lines) if n % 2 or (last == LEVEL and n == 0)]
    for n, line in enumerate(lines):
        # the second place of lines 1, 2, 3 … goes x, not x, not x, x, x, not x, not x, x
        here = second if n % 4 in (0, 3) else (LEVEL + OBLIQUE).replace(second, "")
        end = LEVEL if n % 2 else last if n == 0 else OBLIQUE
        if not any(_regular("".join(tone), here, end) for tone in product(*(tones()[c] for c in line))):
            read = " ".join("/".join(tones()[character]) for character in line)
            message = _("Line {line}, “{text}”, breaks the tone pattern: {tones}.")
            faults.append(message.format(line=n + 1, text=line, tones=read))
    if rhyming:
        shared = set.intersection(*({name for name in rhymes()[end] if is_level(name)} for end in ends))
        if not shared:
            faults.append(_("The ends of the lines are not in one rhyme group: {ends}.").format(ends=" ".join(ends)))
        if len(set(ends)) < len(ends):
            faults.append(_("A rhyme comes twice: {ends}.").format(ends=" ".join(ends)))
    return faults


def _regular(tone: str, second: str, last: str) -> bool:
    """Whether the tones of a line alternate, with no three level ones at its end and none alone before the rhyme."""
    even = tone[1::2]
    alternating = all(a != b for a, b in pairwise(even))
    five = tone[-5:]
    alone = last == LEVEL and five[0] == five[2] == OBLIQUE and five[1] == LEVEL
    return tone[1] == second and tone[-1] == last and alternating and not alone and not five.endswith(LEVEL * 3)
