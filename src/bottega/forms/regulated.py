"""Regulated verse in Chinese: so many characters a line, tones that alternate, rhymes of one group.

The rule, as it is usually taught. In the last five places of a line (the two before them in a line of seven go the
other way) the tones are one of four:

    中仄中平仄   中平中仄仄   中仄仄平平   平平中仄平 or 仄平平仄平

中 is either tone: the first, third and fifth place are free, except where a level line would end in three level tones
(三平调), or its one level tone before the rhyme would stand alone (孤平), which a level tone in the third place saves.
The two lines of a couplet have opposite tones in the even places (对); a couplet takes up the even tones of the line
before it (粘). Even lines end in a level rhyme, all in the same of the thirty groups and never the same character; odd
lines end oblique, only the first may rhyme as well. So each form has four patterns. A character that is read in several
ways may stand wherever one of them fits; only a line that must end oblique ends in one that leaves no doubt.

The text itself decides: every poem it can still become is kept in mind, and a character is allowed when one of them
takes it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from bottega.forms.spelling import Spellings, Steps, running
from bottega.forms.tones import LEVEL, OBLIQUE, is_level, rhymes, tones

if TYPE_CHECKING:
    from bottega.randomness import Random

EITHER, EVEN, DEFLECTED, END, RHYME, COMMA, STOP, LINE, NOTHING = range(9)
"""What stands in a place of a poem: any tone, a level one, an oblique one, the same at the end of a line, where a
character that may also be level would leave a doubt, the rhyme, a mark; nothing after the poem."""

GIVEN = np.where(np.arange(9) == END, DEFLECTED, np.arange(9))  # a person's own line may end in doubt

PLACES = {"中": EITHER, LEVEL: EVEN, OBLIQUE: DEFLECTED}
MARKS = {COMMA: "，", STOP: "。", LINE: "\n"}
STYLES = (((LINE,), (LINE,)), ((COMMA,), (STOP,)), ((COMMA,), (STOP, LINE)), ((COMMA, LINE), (STOP, LINE)))
"""What stands after odd lines and after even ones."""

LAST_FIVE = {
    (OBLIQUE, OBLIQUE): ("中仄中平仄",),
    (LEVEL, OBLIQUE): ("中平中仄仄",),
    (OBLIQUE, LEVEL): ("中仄仄平平",),
    (LEVEL, LEVEL): ("平平中仄平", "仄平平仄平"),
}
"""The tones of the second and the last place → what the five places may be."""

OPPOSITE = {LEVEL: OBLIQUE, OBLIQUE: LEVEL}


@dataclass(frozen=True)
class Plan:
    """What a poem may become: the same for all that are written with one model.

    Attributes:
        spellings: the characters and marks that may be used, and how tokens spell them.
        poems: int64 ``(H, N)``: what stands in each place, for every pattern and style; ``NOTHING`` behind the end.
        length: int64 ``(H,)``.
        fits: bool ``(9, W)``: what each character can stand for; the rhyme is left to ``groups``.
        groups: int64 ``(W,)``: the level rhymes of each character, one bit each.
        open: int64 ``(H,)``: the rhymes that hold enough characters for the poem, one bit each.
        begin: ``(H,)``: the tone of the second of the last five places in the first line.
    """

    spellings: Spellings
    poems: np.ndarray
    length: np.ndarray
    fits: np.ndarray
    groups: np.ndarray
    open: np.ndarray
    begin: np.ndarray


def plan(lines: Sequence[int], rhyme: bool, characters: Iterable[str], pieces: list[bytes]) -> Plan | None:
    """Everything ``Verse`` needs; ``None`` where the characters are too few for a single poem.

    Args:
        lines: characters in each line, all 5 or all 7.
        rhyme: whether even lines rhyme; if not, they only end level.
        characters: those that may be used; of the marks "，" and "。" those that are one token may be used as well.
        pieces: the bytes of each token.
    """
    tone, group = tones(), rhymes()
    marks = {n: mark for n, mark in MARKS.items() if n == LINE or mark.encode() in pieces or mark in characters}
    alphabet = sorted({c for c in characters if c in tone} | set(marks.values()))  # sorted as their UTF-8 is
    level = sorted({name for names in group.values() for name in names if is_level(name)})
    groups = np.array([sum(1 << level.index(name) for name in group.get(c, ()) if name in level) for c in alphabet])
    fits = np.array([[c in tone for c in alphabet]] * 9)
    fits[EVEN], fits[DEFLECTED] = ([wanted in tone.get(c, "") for c in alphabet] for wanted in (LEVEL, OBLIQUE))
    fits[END], fits[NOTHING] = [tone.get(c) == OBLIQUE for c in alphabet], False
    for n in MARKS:
        fits[n] = [c == marks.get(n) for c in alphabet]

    members = [int((groups >> bit & 1).sum()) for bit in range(len(level))]
    poems, open_, begins = [], [], []
    for begin, poem in _poems(lines, rhyme):
        # twice as many as are needed, so that the rhyme leaves a choice
        enough = sum(1 << bit for bit, n in enumerate(members) if n >= 2 * poem.count(RHYME))
        if enough and all(fits[place].any() for place in poem if place != RHYME):
            poems.append(poem)
            open_.append(enough)
            begins.append(begin)
    if not poems:
        return None
    length = np.array([len(poem) for poem in poems])
    table = np.full((len(poems), length.max() + 1), NOTHING)
    for row, poem in zip(table, poems, strict=True):
        row[: len(poem)] = poem
    return Plan(
        Spellings([c.encode() for c in alphabet], pieces, True),
        table,
        length,
        fits,
        groups,
        np.array(open_),
        np.array(begins),
    )


class Verse:
    """One poem in the making.

    Args:
        plan: what it may become.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.place, self.node, self.given = 0, 0, True  # what comes before ``choose`` is a person's
        self.alive = np.arange(len(plan.poems))  # the poems it may still become
        self.open = plan.open.copy()  # (H,): the rhymes each of them may still have
        self.used: list[int] = []  # characters that have rhymed
        self.counts = running(plan.fits)  # (9, W + 1)

    def choose(self, random: "Random") -> None:
        """Let chance say how the poem begins, as far as the opening leaves that open."""
        self.given = False
        begins = sorted(set(self.plan.begin[self.alive].tolist()))
        begin = begins[int(random.integers(len(begins), 1))]
        self.alive = self.alive[self.plan.begin[self.alive] == begin]

    @property
    def done(self) -> bool:
        """Whether the poem is complete."""
        return self.node == 0 and bool((self.plan.length[self.alive] == self.place).any())

    def allowed(self) -> np.ndarray:
        """Which tokens may follow, bool ``(V,)``."""
        steps = self.plan.spellings.after(self.node)
        ahead = self.plan.poems[self.alive, self.place : self.place + steps.low.shape[1]]  # (H', K)
        open_ = np.where((ahead == RHYME).any(1), self.open[self.alive], 0)
        mask = np.zeros(len(self.plan.spellings.length), bool)
        for places, rhyme in set(zip(map(tuple, ahead.tolist()), open_.tolist(), strict=True)):
            mask[steps.tokens[self._kept(steps, places, rhyme)]] = True
        return mask

    def take(self, token: int) -> None:
        """Note that ``token`` was written."""
        self.feed(self.plan.spellings.bytes_of(token))

    def feed(self, data: bytes) -> None:
        """Note some bytes of text. Raises ValueError where they break the form."""
        for byte in data:
            self.node = self.plan.spellings.child(self.node, byte)
            if self.node < 0:
                raise ValueError(byte)
            character = int(self.plan.spellings.ends[self.node])
            if character >= 0:
                self._add(character)
                self.node = 0

    def _add(self, character: int) -> None:
        here = self.plan.poems[self.alive, self.place]
        here = GIVEN[here] if self.given else here
        rhyming = here == RHYME
        open_ = self.open[self.alive] & np.where(rhyming, self.plan.groups[character], -1)
        fits = np.where(rhyming, (open_ != 0) & (character not in self.used), self.plan.fits[here, character])
        if not fits.any():
            raise ValueError(self.plan.spellings.spellings[character])
        self.open[self.alive] = open_
        self.alive = self.alive[fits]
        self.place += 1
        if (fits & rhyming).any():
            self.used.append(character)

    def _kept(self, steps: Steps, places: Sequence[int], rhyme: int) -> np.ndarray:
        """Which of the steps a poem takes that goes on with ``places``, bool ``(M,)``."""
        kept = np.ones(len(steps.tokens), bool)
        for column in range(steps.low.shape[1]):
            place = places[column] if column < len(places) else NOTHING
            counts = self._rhymes(rhyme) if place == RHYME else self.counts[place]
            low, high = steps.low[:, column], steps.high[:, column]
            kept &= (low < 0) | (counts[high] > counts[low])
        return kept

    def _rhymes(self, rhyme: int) -> np.ndarray:
        """Running counts of the characters that may rhyme here, ``(W + 1,)``."""
        fits = self.plan.groups & rhyme != 0
        fits[self.used] = False
        return running(fits)


def _poems(lines: Sequence[int], rhyme: bool) -> Iterable[tuple[str, list[int]]]:
    """Every poem there can be: how it begins, and what stands in each place."""
    for begin, first, style in product((OBLIQUE, LEVEL), (False, True) if rhyme else (False,), STYLES):
        turn, choices = begin, []
        for n, length in enumerate(lines):
            if n:
                turn = OPPOSITE[turn] if n % 2 else turn
            rhymes = bool(n % 2) or (first and n == 0)
            choices.append(
                [_line(five, length, rhymes and rhyme) for five in LAST_FIVE[turn, LEVEL if rhymes else OBLIQUE]]
            )
        for chosen in product(*choices):
            poem = [place for n, line in enumerate(chosen) for place in (*line, *style[n % 2])]
            yield begin, poem[:-1] if poem[-1] == LINE else poem


def _line(five: str, length: int, rhyme: bool) -> list[int]:
    """The places of a line from its last five."""
    tones = five if length == 5 else "中" + OPPOSITE[five[1]] + five
    last = RHYME if rhyme else END if five[-1] == OBLIQUE else EVEN
    return [*(PLACES[tone] for tone in tones[:-1]), last]
