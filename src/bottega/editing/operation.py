"""What an operation is: a name, the works it takes, its settings, and the function that does it.

The command line, the page and the record inside the file are all drawn from this description; an operation is one
constant of type ``Operation`` in a module that imports nothing heavy before it runs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from bottega.language import later
from bottega.wishes import Wishes as Settings

if TYPE_CHECKING:
    import numpy as np

    from bottega.media.audio import Sound
    from bottega.media.score import Score
    from bottega.media.video import Film
    from bottega.models import Model
    from bottega.randomness import Random


@dataclass(frozen=True)
class Input:
    """Works that an operation takes.

    Attributes:
        name: ``"picture"``, ``"style"``, …: the key in ``works``, and the word on the command line.
        about: a description, marked with ``later()``.
        least, most: how many; ``most=None`` is any number.
        kind: the medium of the works, or a ``"mask"``: a picture whose white parts are changed, or, for a film, a film
            of such. A text is a file, or the words themselves.
        option: given as ``--NAME FILE`` and not among the works.
    """

    name: str
    about: str
    least: int = 1
    most: int | None = 1
    kind: Literal["picture", "sound", "score", "text", "film", "mask"] = "picture"
    option: bool = False


MEDIUM_OF = {"picture": "image", "sound": "audio", "score": "score", "text": "text", "film": "video"}
"""The medium of each kind of work."""

PICTURE = Input("picture", later("The picture to change."))
TEXT = Input("text", later("The text to change: a file, or the words themselves."), kind="text")
SOUND = Input("sound", later("The sound to change."), kind="sound")
SCORE = Input("score", later("The score to change: a MIDI file or a tune in ABC."), kind="score")
FILM = Input("film", later("The film to change: a video, a GIF or a folder of frames."), kind="film")
MASK = Input(
    "mask", later("A picture of the same shape: white is changed, black is kept."), least=0, kind="mask", option=True
)

CLASS = later("The class it should belong to; any when not given.")
TEMPERATURE = later("Below 1 is careful, above 1 daring; as the recipe says when not given.")
"""Descriptions of settings that operations of several media have."""


@dataclass
class Job:
    """One run of an operation: its seed, its model, and the ear of the person who waits.

    Attributes:
        seed: everything random follows from it; draw with ``random``.
        model: the trained model, for operations that take one.
        listen: told how far the work is, in [0, 1], and now and then shown a preview: a picture (uint8
            ``(H, W, 3|4)``), or the text so far.
        notes: sentences for the person, in the language in use: what was adapted, what to expect.
    """

    seed: int = 0
    model: "Model | None" = None
    listen: "Callable[[float, np.ndarray | str | None], None]" = lambda share, preview: None
    notes: list[str] = field(default_factory=list)

    def random(self, *purpose: int | str) -> "Random":
        """A stream of random numbers for one purpose."""
        from bottega.randomness import Random

        return Random(self.seed, *purpose)

    def show(self, share: float, preview: "np.ndarray | str | None" = None) -> None:
        """Say how far the work is."""
        self.listen(share, preview)

    def say(self, sentence: str) -> None:
        """Leave a note for the person; the same one only once."""
        if sentence not in self.notes:
            self.notes.append(sentence)


@dataclass
class Made:
    """What an operation made.

    Attributes:
        works: pictures, uint8 ``(H, W, 3)`` or premultiplied ``(H, W, 4)``, sounds, scores, texts or films.
        facts: what was measured, such as ``{"distance": 0.31}``; told to the person and kept in the record.
    """

    works: "Sequence[np.ndarray] | Sequence[Sound] | Sequence[Score] | Sequence[str] | Sequence[Film]"
    facts: dict[str, float | int | str] = field(default_factory=dict)


Works = dict[str, list[Any]]
"""By the name of the input: sounds, scores, texts and films; pictures uint8 ``(H, W, 3)`` or premultiplied
``(H, W, 4)`` — all of one operation have the same number of channels — and masks uint8 ``(H, W)``, 255 where to change.
A mask may have another size than its picture; one that moves is a film."""


@dataclass(frozen=True)
class Operation:
    """One way of changing works.

    Attributes:
        name: the word for it on the command line.
        title: what it does, in a short sentence, marked with ``later()``.
        inputs: the works it takes, in the order of the command line.
        settings: the class of its settings.
        run: ``run(works, settings, job) -> Made``; imports torch and the engines when called, not before.
        model: whether it takes a trained model.
        either: names of inputs that can be left out, of which one has to be given.
        makes: the media of what it may make, the usual one first; its own when nothing is said.
        examples: pairs of a wish, marked with ``later()``, and the command that grants it (without ``bottega edit``).
    """

    name: str
    title: str
    inputs: tuple[Input, ...]
    settings: type[Settings]
    run: Callable[[Works, Any, Job], Made]
    model: Literal["none", "optional", "required"] = "none"
    either: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()
    examples: tuple[tuple[str, str], ...] = ()

    @property
    def medium(self) -> str:
        """Of what it changes."""
        return MEDIUM_OF[self.inputs[0].kind]
