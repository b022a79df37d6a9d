"""A text that a person began, gone on with inside its last word, or behind the space that ended it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

import numpy as np

if TYPE_CHECKING:
    from bottega.representations.tokens import Tokens


class Begins:
    """A constraint: what is written begins with some bytes, all of them in its first token, and is more than nothing.

    A draft may end inside a word, in the middle of a token: its last token is taken back and written anew in this way.
    Shorter tokens would fit too, but stand for other words: after " an" nobody has seen a "d", and what follows is
    "anding".

    Args:
        pieces: the bytes of each token.
        begun: how the text begins.
        never: how its first token does not.
    """

    done = False

    def __init__(self, pieces: Sequence[bytes], begun: bytes, never: bytes | None = None) -> None:
        self.pieces, self.begun, self.empty, self.never = pieces, begun, True, never

    def allowed(self) -> np.ndarray | None:
        """Which tokens may follow, bool ``(V,)``; ``None`` says all."""
        if not self.empty:
            return None
        never = (self.never,) if self.never else ()
        return np.array([bool(p) and p.startswith(self.begun) and not p.startswith(never) for p in self.pieces])

    def take(self, token: int) -> None:
        """Note that this token was written."""
        self.empty = False


def opened(draft: str, tokens: "Tokens", inside: bool = True) -> tuple[str, bytes]:
    """What a model reads of a draft, and the bytes with which what it writes begins.

    Words bring the space before them, so a space at the end is taken back; it ended the last word.

    Args:
        inside: whether a last word that no space ended may go on.
    """
    kept = draft.rstrip(" \t")
    if len(kept) < len(draft) and kept and not kept[-1].isspace() and east_asian_width(kept[-1]) not in "WF":
        return kept, b" "
    return whole_tokens(kept, tokens) if inside else (kept, b"")


def whole_tokens(draft: str, tokens: "Tokens") -> tuple[str, bytes]:
    """A draft without its last token where that is the end of a word, and the bytes of that token."""
    ids = tokens.encode(draft)
    if not len(ids) or tokens.characters or not draft[-1].isalnum():
        return draft, b""
    kept, last = tokens.decode(ids[:-1]), tokens.pieces[ids[-1]]
    return (kept, last) if kept.encode() + last == draft.encode() else (draft, b"")
