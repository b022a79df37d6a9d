"""A text that a person began, gone on with inside its last word."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bottega.representations.tokens import Tokens


class Begins:
    """A constraint: what is written begins with some bytes, and is more than nothing.

    A draft may end inside a word, in the middle of a token: its last token is taken back and written anew in this way.

    Args:
        pieces: the bytes of each token.
        begun: how the text begins.
        never: how its first token does not.
    """

    done = False

    def __init__(self, pieces: Sequence[bytes], begun: bytes, never: bytes | None = None) -> None:
        self.pieces, self.left, self.empty, self.never = pieces, begun, True, never

    def allowed(self) -> np.ndarray | None:
        """Which tokens may follow, bool ``(V,)``; ``None`` says all."""
        if not (self.left or self.empty):
            return None
        fits = (bool(p) and (p.startswith(self.left) or self.left.startswith(p)) for p in self.pieces)
        first = [not (self.empty and self.never and p.startswith(self.never)) for p in self.pieces]
        return np.array([fit and one for fit, one in zip(fits, first, strict=True)])

    def take(self, token: int) -> None:
        """Note that this token was written."""
        self.left, self.empty = self.left[len(self.pieces[token]) :], False


def whole_tokens(draft: str, tokens: "Tokens") -> tuple[str, bytes]:
    """A draft without its last token where that is the end of a word, and the bytes of that token."""
    ids = tokens.encode(draft)
    if not len(ids) or tokens.characters or not draft[-1].isalnum():
        return draft, b""
    kept, last = tokens.decode(ids[:-1]), tokens.pieces[ids[-1]]
    return (kept, last) if kept.encode() + last == draft.encode() else (draft, b"")
