"""Text as a row of small numbers, and back: byte pairs for prose, characters for verse and Chinese.

Byte pairs (Sennrich et al. 2016, arXiv:1508.07909, on bytes as in GPT-2, with its rule of where words end) are learned
from the texts themselves: with a thousand of them a token holds two to three letters. Characters get a token each; what
was too rare for one is spelled in bytes. Either way every text can be written down, whatever a person types.

A vocabulary is kept as ``tokenizer.json`` of Hugging Face ``tokenizers``.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from bottega.datasets.passages import is_character
from bottega.errors import DataError
from bottega.language import _

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Kind = Literal["bpe", "characters"]
FIXED = ("bos", "eos", "pad", "gap", "middle", "any")
"""Tokens that stand for no text: a work begins, ends; nothing; a gap, and what belongs into it; any class at all."""

FILE = "tokenizer.json"
MULTIPLE = 8  # a vocabulary of full vectors is multiplied faster
CHUNK = 1 << 18  # characters handed over at once, so that a whole library does not need its size in memory again
RARE = 2  # a character that occurs less often is spelled in bytes: a vector met once teaches nothing


class Tokens:
    """A vocabulary. Made by ``learn`` or ``load``.

    Attributes:
        words: the names of the classes, each a token of its own.
        special: number of each token that stands for no text: those of ``FIXED``, and ``"class 0"``, ``"class 1"`` …,
            which follow one another in the order of ``words``.
        size: numbers in use, rounded up to a multiple of 8.
    """

    def __init__(self, tokenizer: "Tokenizer") -> None:
        self.tokenizer = tokenizer
        tokenizer.encode_special_tokens = True  # a person who types "<eos>" means these five letters
        self.characters = tokenizer.pre_tokenizer is None
        vocabulary = tokenizer.get_vocab()
        self.words = [_name(n, vocabulary) for n in range(len(FIXED), len(tokenizer.get_added_tokens_decoder()))]
        self.special = {name: vocabulary[f"<{name}>"] for name in FIXED}
        self.special |= {f"class {k}": len(FIXED) + k for k in range(len(self.words))}
        self.size = -(-len(vocabulary) // MULTIPLE) * MULTIPLE
        self.bos, self.eos, self.pad, self.gap, self.middle, self.any = (self.special[name] for name in FIXED)

    @staticmethod
    def learn(texts: Iterable[str], kind: Kind, size: int, words: Sequence[str] = ()) -> "Tokens":
        """The vocabulary that writes ``texts`` shortest.

        Args:
            texts: the training texts only, never what is held out.
            kind: byte pairs or characters.
            size: the largest vocabulary; never less than the bytes and the special tokens.
            words: names of classes.
        """
        specials = [f"<{name}>" for name in FIXED] + [f"<class {k}: {word}>" for k, word in enumerate(words)]
        return Tokens((_byte_pairs if kind == "bpe" else _characters)(texts, size, specials))

    def word(self, name: str) -> int:
        """The number of a class's token. Raises ValueError for an unknown one."""
        return len(FIXED) + self.words.index(name)

    def encode(self, text: str) -> np.ndarray:
        """Any text at all as int64 ``(T,)``, without special tokens."""
        text = text.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair is no character
        if self.characters:
            return self._spelled(text)
        if len(text) <= CHUNK:
            return np.array(self.tokenizer.encode(text, add_special_tokens=False).ids, np.int64)
        chunks = [self.tokenizer.encode(part, add_special_tokens=False).ids for part in _parts(text)]
        return np.concatenate([np.array(ids, np.int64) for ids in chunks])

    def decode(self, ids: Iterable[int]) -> str:
        """The text of some tokens; special ones and an unfinished character are left out."""
        pieces = self.pieces
        return b"".join(pieces[n] for n in ids).decode("utf-8", "ignore")

    @cached_property
    def pieces(self) -> list[bytes]:
        """The bytes that each token adds; none for special tokens and for the numbers nobody uses."""
        pieces = [b""] * self.size
        letters = {} if self.characters else _letters_of_bytes()
        for token, n in self.tokenizer.get_vocab().items():
            if n < len(FIXED) + len(self.words):
                continue
            if not self.characters:
                pieces[n] = bytes(letters[letter] for letter in token)
            elif re.fullmatch("<0x[0-9A-F]{2}>", token):
                pieces[n] = bytes([int(token[3:5], 16)])
            else:
                pieces[n] = token.encode()
        return pieces

    def for_networks(self, classes: int) -> dict[str, Any]:
        """What every network is told; classes are words like any other."""
        return {"vocabulary": self.size}

    def for_objective(self) -> dict[str, Any]:
        """What the objective is told."""
        return {"special": self.special}

    def config(self) -> dict[str, Any]:
        """Nothing: the vocabulary has a file of its own."""
        return {}

    def save(self, folder: Path) -> None:
        """Write ``tokenizer.json``."""
        self.tokenizer.save(str(Path(folder) / FILE))

    @staticmethod
    def of_model(folder: Path, config: dict[str, Any]) -> "Tokens":
        """Of a model in ``folder``."""
        return Tokens.load(folder)

    @staticmethod
    def load(folder: Path) -> "Tokens":
        """Read ``tokenizer.json``. Raises DataError when it is missing or damaged."""
        from tokenizers import Tokenizer

        path = Path(folder) / FILE
        try:
            return Tokens(Tokenizer.from_str(path.read_text(encoding="utf-8")))
        except Exception as error:  # the library raises nothing narrower
            message = _("{path} is missing or damaged, so the model cannot read or write. Copy or train it again.")
            raise DataError(message.format(path=path)) from error

    @cached_property
    def _table(self) -> np.ndarray:
        """The token of each Unicode number, -1 where it is spelled in bytes."""
        table = np.full(0x110000, -1, np.int32)
        for n, piece in enumerate(self.pieces):
            if len(piece) and n >= self._first_byte + 256:
                table[ord(piece.decode())] = n
        return table

    def goes_on(self, before: int, token: int) -> bool:
        """Whether a token goes on with the word or the character that the one before it ends in."""
        return not self.pieces[before][-1:].isspace() and _inside(self.pieces[token])

    @property
    def spelling(self) -> range:
        """The bytes that characters without a token are spelled in; empty for byte pairs.

        A model should not write them: strung together by chance they make characters that nobody knows.
        """
        return range(self._first_byte, self._first_byte + 256) if self.characters else range(0)

    @property
    def _first_byte(self) -> int:
        return len(FIXED) + len(self.words)

    def _spelled(self, text: str) -> np.ndarray:
        numbers = np.frombuffer(text.encode("utf-32-le"), "<u4")
        ids = self._table[numbers].astype(np.int64)
        unknown = np.flatnonzero(ids < 0)
        if not len(unknown):
            return ids
        parts, last = [], 0
        for at in unknown:
            spelled = np.frombuffer(chr(numbers[at]).encode(), np.uint8).astype(np.int64)
            parts += [ids[last:at], spelled + self._first_byte]
            last = at + 1
        return np.concatenate([*parts, ids[last:]])


def _byte_pairs(texts: Iterable[str], size: int, specials: list[str]) -> "Tokenizer":
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=specials, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator((part for text in texts for part in _parts(text)), trainer)
    return tokenizer


def _characters(texts: Iterable[str], size: int, specials: list[str]) -> "Tokenizer":
    from tokenizers import AddedToken, Tokenizer, decoders, models

    counts = Counter[str]()
    for text in texts:
        counts.update(text)
    room = max(size - len(specials) - 256, 0)
    # equal counts in the order of Unicode, so that the vocabulary does not hang on the order of the files
    known = sorted((c for c, count in counts.items() if count >= RARE), key=lambda c: (-counts[c], c))[:room]
    vocabulary = {token: n for n, token in enumerate([*specials, *(f"<0x{n:02X}>" for n in range(256)), *known])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], byte_fallback=True))
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in specials])
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])
    return tokenizer


def _parts(text: str) -> Iterable[str]:
    """A text in parts of about ``CHUNK`` characters, cut where one word ends for certain: before white space."""
    start = 0
    while len(text) - start > CHUNK:
        cut = re.compile(r"(?<=\S)\s").search(text, start + CHUNK)
        if cut is None:
            break
        yield text[start : cut.start()]
        start = cut.start()
    yield text[start:]


def _inside(piece: bytes) -> bool:
    if b"\x80" <= piece[:1] < b"\xe0":
        return True  # the rest of a character, or a letter of Latin, Greek, Cyrillic … beyond ASCII
    first = piece.decode("utf-8", "ignore")[:1]
    return first != "" and (first in "'’-" or first.isalnum()) and not is_character(first)


def _letters_of_bytes() -> dict[str, int]:
    """How ByteLevel writes bytes as letters: printable ones as themselves, the others from U+0100 on."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    letters = {chr(n): n for n in printable}
    return letters | {chr(0x100 + i): n for i, n in enumerate(n for n in range(256) if n not in printable)}


def _name(n: int, vocabulary: dict[str, int]) -> str:
    """The class whose token has number ``n``."""
    token = next(token for token, number in vocabulary.items() if number == n)
    return re.sub(r"^<class \d+: (.*)>$", r"\1", token, flags=re.DOTALL)
