"""A model of texts."""

import codecs
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bottega.export.huggingface import huggingface_config, write_beside
from bottega.forms.begins import Begins, opened
from bottega.forms.constraint import Constraint, together
from bottega.language import _
from bottega.models.model import Model, Work
from bottega.objectives.decoding import write
from bottega.randomness import Random
from bottega.representations.tokens import Tokens
from bottega.wishes import LENGTH

CHUNK = 16
"""Texts are written this many at a time; the numbers of a text depend on its chunk, so it is fixed for good."""
SAMPLES = 6
LEXICON = "lexicon.txt"


@dataclass
class TextModel(Model):
    """A model of texts.

    Attributes:
        lexicon: the words of the training texts, the most frequent first: what forms of verse are written with.
        moods: mean valence and arousal of the works of each class, where they were told.
        lead: stands before a text that nobody begins, where the works were too few to learn how one begins.
    """

    representation: Tokens
    lexicon: list[str] = field(default_factory=list)
    moods: dict[str, list[float]] = field(default_factory=dict)
    lead: str = ""

    @property
    def tokens(self) -> Tokens:
        """The vocabulary."""
        return self.representation

    @staticmethod
    def between(folder: Path, config: dict[str, Any]) -> Tokens:
        return Tokens.of_model(folder, config)

    @property
    def makes_works(self) -> bool:
        """Whether it writes by itself (one that translates does not)."""
        return hasattr(self.objective, "writer")

    def generate(
        self,
        n: int = 16,
        *,
        seed: int = 0,
        label: str | None = None,
        prompt: str = "",
        length: int = LENGTH,
        constraints: Callable[[int], Constraint | None] = lambda number: None,
        on_text: Callable[[int, str], None] = lambda number, text: None,
        **controls: float,
    ) -> list[Work]:
        """New texts.

        Args:
            prompt: how each begins.
            length: the most tokens that are added to it; the word that has begun then is finished.
            constraints: the form that each text keeps, by its number.
            on_text: told each piece of each text as soon as it is written, never half a character.
        """
        self.check(n, controls)
        chosen = {**self.recipe.controls, **controls}
        labels = self.labels(n, seed, label)
        names = self.class_names(labels, n)
        asked = {"prompt": prompt or None, "length": length, **controls}
        objective: Any = self.objective.eval()
        works = []
        for first in range(0, n, CHUNK):
            count = min(CHUNK, n - first)
            random = Random(seed, "works", first)
            writer = objective.writer(count, random)
            forms = [constraints(first + i) for i in range(count)]
            start, begun = opened(prompt or self.lead, self.tokens, inside=not any(forms))  # a form has judged the word
            if begun:
                forms = [together([form, Begins(self.tokens.pieces, begun)]) for form in forms]
            ids = self.tokens.encode(start)
            openings = [writer.opening(ids, int(labels[first + i]) if self.classes else None) for i in range(count)]
            readers = [Reader(self.tokens, first + i, on_text) for i in range(count)]
            for reader in readers:
                reader.said(start)
            made = write(
                writer,
                openings,
                random,
                length=length,
                constraints=forms,
                on_token=lambda i, token, readers=readers: readers[i].take(token),
                never=self.tokens.spelling,
                goes_on=self.tokens.goes_on,
                **chosen,
            )
            for i, text in enumerate(made):
                controls = {word: value for word, value in asked.items() if value is not None}
                note = self.note(first + i, n, seed, names[first + i], label, controls)
                works.append(Work((start + self.tokens.decode(text)).strip(), note))
        return works

    def size(self) -> str:
        return _("{n:,} tokens in its vocabulary").format(n=self.tokens.size)

    def show(self, folder: Path) -> list[str]:
        if not self.makes_works:
            return []
        works = [str(work.content).splitlines() for work in self.generate(SAMPLES, length=160)]
        shown = [line for lines in works for line in (*(f"> {line}  " for line in lines), ">")]
        return [f"## {_('Texts written by this model')}", "", *shown[:-1], ""]

    def config(self) -> dict[str, Any]:
        network = getattr(self.objective, "model", None)
        return (
            super().config()
            | {"moods": self.moods, "lead": self.lead}
            | huggingface_config(network, self.tokens.special)
        )

    def save(self, folder: Path) -> None:
        super().save(folder)
        write_beside(folder, getattr(self.objective, "model", None), self.tokens)
        (folder / LEXICON).write_text("\n".join(self.lexicon), encoding="utf-8")

    @staticmethod
    def more(folder: Path, config: dict[str, Any]) -> dict[str, Any]:
        path = folder / LEXICON
        lexicon = path.read_text(encoding="utf-8").split("\n") if path.exists() else []
        return {"lexicon": lexicon, "moods": dict(config["moods"]), "lead": str(config["lead"])}


class Reader:
    """Tells what is written letter by letter: bytes wait until their character is whole.

    Args:
        number: of the text, for ``tell(number, letters)``.
    """

    def __init__(self, tokens: Tokens, number: int, tell: Callable[[int, str], None]) -> None:
        self.pieces, self.number, self.tell = tokens.pieces, number, tell
        self.decoder = codecs.getincrementaldecoder("utf-8")("ignore")

    def said(self, text: str) -> None:
        """Tell some letters, if there are any."""
        if text:
            self.tell(self.number, text)

    def take(self, token: int) -> None:
        """Take in the next token of the text."""
        self.said(self.decoder.decode(self.pieces[token]))
