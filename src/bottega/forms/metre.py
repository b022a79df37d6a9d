"""Verse in English: so many syllables a line, and lines that rhyme.

A line is a row of words with a space between them, perhaps after a mark. Only words whose sound is known are written,
and a letter is allowed when it leads to a word with which the line can still come out: either the word fills it and may
end it, or it leaves room for the shortest word that may. The first line of a rhyme chooses its sound among those with
many words; the others answer it with other words. Sounds are compared from the last stressed vowel on, and what comes
before that vowel must differ, so that neither "sea" and "see" nor "leave" and "believe" pass for a rhyme.

Some words lean on the next one ("of", "would", "they'll") and end no line. In texts that know capitals, a sentence
begins with one; whether a line does is left to the model.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bottega.forms.sounds import common, plain, sound, weak
from bottega.forms.spelling import Spellings, Steps, running

STOPS = b".!?"
MARKS = [bytes([mark]) for mark in b",;:" + STOPS]
JOINTS = {b" ", b"\n", *MARKS, *(mark + space for mark in MARKS for space in (b" ", b"\n"))}
"""What may stand between words, and what it begins with."""

ROOM = 3  # syllables behind a mark, lest a line hobble to its end: "… was dead. Go,"
INSIDE, LINE, SENTENCE = range(3)  # what a word begins
CHOICE = (16, 8, 6, 4)  # words with one rhyme, if the lexicon is rich enough


@dataclass(frozen=True)
class Plan:
    """The words there are: the same for all texts that are written with one model.

    Attributes:
        spellings: words as they are written, and how tokens spell them.
        syllables: int64 ``(W,)``.
        capital: bool ``(W,)``: has a capital only because a line or a sentence begins.
        upper: bool ``(W,)``: has a capital; all of them have where the texts know none.
        ends: bool ``(W,)``: may end a line.
        rhyme, onset: int64 ``(W,)``: numbers for ``Sound.rhyme`` and ``Sound.onset``; 0 for none.
        open: bool ``(R,)``: rhymes with words enough for the form.
        joints: what tokens hold of ``JOINTS`` before a word → those that hold nothing else, int64 ``(M,)``, and those
            that go on with a word.
        eos: the token that ends a work.
        lines, scheme: the form.
    """

    spellings: Spellings
    syllables: np.ndarray
    capital: np.ndarray
    upper: np.ndarray
    ends: np.ndarray
    rhyme: np.ndarray
    onset: np.ndarray
    open: np.ndarray
    joints: dict[bytes, tuple[np.ndarray, Steps]]
    eos: int
    lines: tuple[int, ...]
    scheme: str


def plan(
    lines: Sequence[int], scheme: str, words: Iterable[str], pieces: list[bytes], eos: int, opening: Sequence[str] = ()
) -> Plan:
    """Everything ``Metre`` needs.

    Args:
        lines: syllables in each line.
        scheme: which lines rhyme, a letter each, ``.`` for none; empty for no rhyme at all.
        words: as ``lexicon`` gives them: a capital is kept wherever the word stands.
        pieces: the bytes of each token.
        eos: the token that ends a work.
        opening: the words that the text begins with.
    """
    begun = {*opening, *map(plain, opening)}
    known = {word: (found, False) for word in {*words, *common(), *begun} if (found := sound(word, word in begun))}
    for word, (found, _capital) in list(known.items()):
        known.setdefault(word[0].upper() + word[1:], (found, True))
    forms = sorted((word.encode(), *entry) for word, entry in known.items())
    sounds = [entry for _form, entry, _capital in forms]
    syllables = np.array([entry.syllables for entry in sounds])
    capital = np.array([capital for _form, _entry, capital in forms])
    upper = np.array([form[:1].isupper() or "I" not in words for form, _entry, _capital in forms])
    given = np.array([plain(form.decode()) in begun for form, _entry, _capital in forms])
    strong = [plain(form.decode()) not in weak() and not _clipped(form) for form, _entry, _capital in forms]
    ends = np.array(strong) | given
    numbers: dict[str, int] = {"": 0}
    rhyme = np.array([numbers.setdefault(entry.rhyme, len(numbers)) for entry in sounds])
    onset = np.array([numbers.setdefault(entry.onset, len(numbers)) for entry in sounds])

    letters = set(scheme) - {"."}
    need = max(map(scheme.count, letters), default=0)
    usable = ends & ~capital & (rhyme > 0) & (syllables <= min(lines))
    pairs = np.unique(np.column_stack([rhyme, onset])[usable], axis=0)
    count = np.bincount(pairs[:, 0], minlength=len(numbers))
    least = next((n for n in CHOICE if n >= need and (count >= n).sum() >= 3 * len(letters)), need)
    open_ = count >= least
    open_[rhyme[given]] = count[rhyme[given]] >= need  # a person may choose a sound with fewer words
    spellings, form = Spellings([form for form, _entry, _capital in forms], pieces), (tuple(lines), scheme)
    return Plan(spellings, syllables, capital, upper, ends, rhyme, onset, open_, _joints(spellings), eos, *form)


def _clipped(form: bytes) -> bool:
    """Whether a word is short for two, or has an apostrophe for another reason."""
    return b"'" in form or "’".encode() in form


def _joints(spellings: Spellings) -> dict[bytes, tuple[np.ndarray, Steps]]:
    """See ``Plan.joints``."""
    groups = defaultdict(list)
    for token in spellings.every.tolist():
        whole = spellings.bytes_of(token)
        joint = whole[: next((n for n, byte in enumerate(whole) if _in_word(byte)), len(whole))]
        if joint in JOINTS:
            groups[joint].append(token)
    joints = {}
    for joint, tokens in groups.items():
        tokens = np.array(tokens)
        alone = spellings.length[tokens] == len(joint)
        joints[joint] = tokens[alone], spellings.walk(0, tokens[~alone], len(joint))
    return joints


def _in_word(byte: int) -> bool:
    return byte >= 0x80 or byte == ord("'") or chr(byte).isalpha()


class Metre:
    """One text in the making.

    Args:
        plan: its words and its form.
    """

    done = False

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.line = 0
        self.sounds: dict[str, tuple[int, list[int]]] = {}  # letter of the scheme → its rhyme, the onsets it has had
        self._begin_line(SENTENCE)

    def _begin_line(self, begins: int) -> None:
        """What may end the new line, and how short the shortest word is that may."""
        plan = self.plan
        self.left, self.begins = plan.lines[self.line], begins
        self.node, self.joint = 0, b""
        self.letter = plan.scheme[self.line] if plan.scheme else "."
        ending = plan.ends
        if self.letter in self.sounds:
            rhyme, onsets = self.sounds[self.letter]
            ending = ending & (plan.rhyme == rhyme) & ~np.isin(plan.onset, onsets)
        elif self.letter != ".":
            taken = [rhyme for rhyme, _onsets in self.sounds.values()]
            ending = ending & plan.open[plan.rhyme] & ~np.isin(plan.rhyme, taken)
        self.ending, self.least = ending, int(plan.syllables[ending & ~plan.capital].min())
        self.counts: dict[tuple[int, int], np.ndarray] = {}

    def _fitting(self, left: int, begins: int) -> np.ndarray:
        """Running counts ``(W + 1,)`` of the words with which a line of which ``left`` is empty can come out."""
        if (left, begins) not in self.counts:
            plan = self.plan
            fits = (plan.syllables <= left - self.least) | ((plan.syllables == left) & self.ending)
            if begins == INSIDE:
                fits &= ~plan.capital
            elif begins == SENTENCE:
                fits &= plan.upper
            self.counts[left, begins] = running(fits)
        return self.counts[left, begins]

    def allowed(self) -> np.ndarray:
        """Which tokens may follow, bool ``(V,)``."""
        plan = self.plan
        mask = np.zeros(len(plan.spellings.length), bool)
        if self.joint:
            self._go_on(mask, self.left)
            return mask
        # a person may have begun a sentence without a capital
        fitting = self._fitting(self.left, min(self.begins, LINE) if self.node else self.begins)
        _lead(mask, plan.spellings.after(self.node), fitting)
        word = int(plan.spellings.ends[self.node])
        if word >= 0 and fitting[word + 1] > fitting[word]:
            left = self.left - int(plan.syllables[word])
            self._go_on(mask, left)
            mask[plan.eos] = not left and self._last
        return mask

    def _go_on(self, mask: np.ndarray, left: int) -> None:
        """Allow, in place, what may stand between the words of a line of which ``left`` is empty."""
        for more, (alone, with_word) in self.plan.joints.items():
            joint = self.joint + more
            if self._may_join(joint, left) and (joint == b" " or not 0 < left < ROOM or self.joint):
                mask[alone] = True
                if joint[-1:] == b" ":
                    _lead(mask, with_word, self._fitting(left, SENTENCE if joint[0] in STOPS else INSIDE))

    def _may_join(self, joint: bytes, left: int) -> bool:
        """Whether some bytes may stand, or begin, between two words, or two lines."""
        if joint not in JOINTS:
            return False
        if left:
            return joint[-1:] != b"\n"
        return joint[-1:] in (b".", b"!", b"?") if self._last else joint[-1:] != b" "

    @property
    def _last(self) -> bool:
        return self.line == len(self.plan.lines) - 1

    def take(self, token: int) -> None:
        """Note that ``token`` was written."""
        self.feed(self.plan.spellings.bytes_of(token))

    def feed(self, data: bytes) -> None:
        """Note some bytes of text. Raises ValueError where they break the form."""
        for byte in data:
            fits = not self.done and (self._spell(byte) if _in_word(byte) else self._join(byte))
            if not fits:
                raise ValueError(byte)

    def _spell(self, byte: int) -> bool:
        """Add a byte to a word."""
        spellings, fitting = self.plan.spellings, self._fitting(self.left, min(self.begins, LINE))
        self.node = -1 if self.joint else spellings.child(self.node, byte)
        return self.node >= 0 and bool(fitting[spellings.high[self.node]] > fitting[spellings.low[self.node]])

    def _join(self, byte: int) -> bool:
        """Add a byte to what stands between words."""
        if not self.joint and not self._finish_word():
            return False
        self.joint += bytes([byte])
        if not self._may_join(self.joint, self.left):
            return False
        if byte == ord(" "):
            self.begins, self.node, self.joint = SENTENCE if self.joint[0] in STOPS else INSIDE, 0, b""
        elif byte == ord("\n"):
            self.line += 1
            self._begin_line(SENTENCE if self.joint[0] in STOPS else LINE)
        self.done = not self.left and self._last and bool(self.joint)
        return True

    def _finish_word(self) -> bool:
        """Note that a word is complete."""
        plan, word = self.plan, int(self.plan.spellings.ends[self.node])
        fitting = self._fitting(self.left, min(self.begins, LINE))
        if word < 0 or fitting[word + 1] == fitting[word]:
            return False
        self.left -= int(plan.syllables[word])
        if not self.left and self.letter != ".":
            _rhyme, onsets = self.sounds.setdefault(self.letter, (int(plan.rhyme[word]), []))
            onsets.append(int(plan.onset[word]))
        return True


def _lead(mask: np.ndarray, steps: Steps, fitting: np.ndarray) -> None:
    """Allow, in place, the tokens that lead to a fitting word."""
    mask[steps.tokens[fitting[steps.high[:, 0]] > fitting[steps.low[:, 0]]]] = True
