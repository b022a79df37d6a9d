"""The guard against copying: while a text is written, it ends every match with other works before it is long.

At each token the text so far — its unfinished last word taken as finished — holds no long match: a token that would
make one is forbidden. White space, punctuation and the end of the work are always allowed, so the text can always go on
(Ippolito et al. 2022, arXiv:2210.17546, forbid n-grams in this way; here it is exact, whatever the tokens are).
"""

import codecs
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from bottega.datasets import passages
from bottega.datasets.passages import CHARACTERS, WORDS, Passages, Stretch


class Novel:
    """A constraint for one text.

    Args:
        works: what must not be copied at length.
        pieces: the bytes that each token adds, as ``Tokens.pieces``.
        opening: tokens that the text begins with; a match may begin there.
        words, characters: the shortest match that is forbidden, in words, or in Chinese characters; at least 2.
    """

    done = False

    def __init__(
        self,
        works: Passages,
        pieces: Sequence[bytes],
        opening: Iterable[int] = (),
        *,
        words: int = WORDS,
        characters: int = CHARACTERS,
    ) -> None:
        self.works, self.pieces, self.words, self.characters = works, pieces, words, characters
        self.reader = codecs.getincrementaldecoder("utf-8")("ignore")
        self.before: list[str] = []  # the units before the unfinished word
        self.word = ""
        self.plain = after_nothing(tuple(pieces))
        # the most that one token can add to a match: its units, and one whose first bytes stood there already
        ends = [max(1 / words, 1 / characters) * (piece[:1] > b"\x7f" and piece[:1] < b"\xc0") for piece in pieces]
        inside = [sum(map(self._weight, piece.all)) for piece in self.plain]
        self.reach = max(1 / words, *(end + units for end, units in zip(ends, inside, strict=True)))
        for token in opening:
            self.take(int(token))

    def allowed(self) -> np.ndarray | None:
        """Which tokens may follow, bool ``(V,)``; ``None`` says all."""
        after = [*self.before, self.word] if self.word else self.before
        ends = [self._near(self.before), self._near(after)]
        if not any(ends):
            return None
        follow = [self.works.following(end) if end else set() for end in ends]
        allowed = np.ones(len(self.pieces), bool)
        pending = self.reader.getstate()[0]
        for token, piece in enumerate(self._pieces_after(pending)):
            if piece.head:  # it goes on with the word, or begins one
                before, new = self.before, [self.word + piece.head, *piece.rest]
            else:
                before, new = after, piece.rest
            if new and new[0] in follow[0 if piece.head else 1]:
                allowed[token] = not self._copies(before, new)
        return allowed

    def take(self, token: int) -> None:
        """Note that this token was written, or was there before."""
        piece = Piece(self.reader.decode(self.pieces[token]))
        if piece.head:
            self.word += piece.head
        if piece.ends and self.word:
            self.before.append(self.word)
            self.word = ""
        self.before += piece.rest
        if piece.unfinished:
            self.word = self.before.pop()

    def _near(self, units: list[str]) -> Stretch | None:
        """Where the works hold the end of a text that one token more could make a long match, if they do."""
        tail = self._tail(units, 1 - self.reach)
        if tail is None:
            return None
        return self.works.find(tail) or None

    def _copies(self, before: list[str], new: list[str]) -> bool:
        """Whether one of the new units ends a long match."""
        whole = before[-max(self.words, self.characters) :]
        for unit in new:
            whole = [*whole, unit]
            tail = self._tail(whole, 1)
            if tail is not None and self.works.find(tail):
                return True
        return False

    def _tail(self, units: list[str], wanted: float) -> list[str] | None:
        """The shortest end of a text that weighs at least so much, if all of it does."""
        total, first = 0.0, len(units)
        while total < wanted - 1e-9:
            if not first:
                return None
            first -= 1
            total += self._weight(units[first])
        return units[first:]

    def _weight(self, unit: str) -> float:
        return passages.weight(unit, self.words, self.characters)

    def _pieces_after(self, pending: bytes) -> list["Piece"]:
        """What each token would add after the first bytes of a character."""
        if not pending:
            return self.plain
        return [Piece((pending + piece).decode("utf-8", "ignore")) for piece in self.pieces]


@lru_cache(maxsize=4)
def after_nothing(pieces: tuple[bytes, ...]) -> list["Piece"]:
    """What each token adds where no character is half written."""
    return [Piece(piece.decode("utf-8", "ignore")) for piece in pieces]


class Piece:
    """What some letters do to a text: letters that go on with its last word, then further units.

    Attributes:
        head: letters before anything that ends a word.
        ends: whether something does.
        rest: the units after that.
        unfinished: whether the last of those may go on.
        all: head and rest.
    """

    __slots__ = ("all", "ends", "head", "rest", "unfinished")

    def __init__(self, text: str) -> None:
        folded = passages.fold(text)
        found = list(passages.UNIT.finditer(folded))
        self.all = [match.group() for match in found]
        begins = bool(found) and not found[0].start() and not passages.is_character(self.all[0])
        self.head = self.all[0] if begins else ""
        self.rest = self.all[1:] if begins else self.all
        self.ends = len(folded) > len(self.head)
        last = found[-1].end() == len(folded) if found else False
        self.unfinished = bool(self.rest) and last and not passages.is_character(self.rest[-1])
