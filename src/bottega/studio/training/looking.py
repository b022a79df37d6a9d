"""A look at a collection before anything is trained: what of it can be used, the recipe to suggest, and what to expect.

Looking prepares the collection as a training will, in the same cache, so that the training does not do it again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bottega import crafts
from bottega.events import Listener, nobody
from bottega.language import _, later
from bottega.recipes.recipe import Recipe, load
from bottega.training.budget import Budget
from bottega.wishes import asked

FEW, SOME = 8, 50
"""Works below which a model can only repeat them, and below which it mostly does."""
UNEVEN = 10
"""Works of a class below which it is hardly learned."""
MINUTES = (0.25, 240)
"""What the slider offers; longer trainings are asked for on the command line, or resumed."""
SHORT: dict[str, float] = {"image": 2, "audio": 3, "score": 2, "text": 2, "video": 5}
"""Minutes below which two cores make only sketches, by medium; see docs/lab."""
LONG: dict[str, float] = {"image": 20, "audio": 20, "score": 15, "text": 15, "video": 30}
"""Minutes after which the recipes of a medium are near the best they reach at the usual size."""

MEASURED: dict[str, str] = {
    "flow": later(
        "Measured on ten thousand photographs of 32 pixels, two cores: distance 10.1 after 4 minutes, 7.7 after 10; as "
        "many unseen real ones are at 4.0."
    ),
    "flow-few": later("Measured on 144 works seen 200 times: 14 % of the new ones are copies; of “flow”, 82 %."),
    "gan": later(
        "Measured on ten thousand photographs of 32 pixels, 4 minutes, two cores: distance 29.9; “flow”: 10.1."
    ),
    "dcgan": later(
        "Measured on ten thousand photographs of 32 pixels, two cores: distance 44.7 after 4 minutes, 15.4 after 10."
    ),
    "cgan": later(
        "Measured on ten thousand photographs of 32 pixels, 4 minutes, two cores: distance 90.2; “flow”: 10.1."
    ),
    "vae": later(
        "Measured on ten thousand photographs of 32 pixels, 4 minutes, two cores: distance 55.0; “flow”: 10.1."
    ),
    "dense-gan": later("Measured on ten thousand photographs of 32 pixels, 8 minutes, one core: distance 160."),
    "gpt": later("Measured on Shakespeare's plays, 3 minutes, two cores: 1.444 nats a character; nanoGPT has 1.566."),
    "gpt-large": later("Measured on Shakespeare's plays, 10 minutes, two cores: 1.426 nats a character."),
    "rnn": later("Measured on Shakespeare's plays, 3 minutes, two cores: 1.445 nats a character; nanoGPT has 1.566."),
    "seq2seq": later("Measured from German to English, 20 minutes of one core: 34.6 BLEU."),
    "audio-flow": later(
        "Measured, 8 minutes of one core: distance to unheard sounds 0.15; shuffled grains of real ones: 0.41."
    ),
    "audio-rnn": later(
        "Measured, 3 minutes of one core: distance to unheard sounds 0.07; shuffled grains of real ones: 0.41."
    ),
    "wavegan": later("Measured on spoken digits, 20 minutes: a classifier knows 94 % of them, 98 % of real ones."),
    "tune-rnn": later("Measured on Bach chorales, 3 minutes of one core: 1.89 nats a sixteenth of four voices."),
    "video-flow": later(
        "Measured on the built-in films, 6 minutes of one core: distance 1.28; shuffled real ones: 3.5."
    ),
    "gan3d": later("Measured on the built-in films, 5 minutes of one core: distance 5.4; shuffled real films: 3.5."),
}
"""What is known of some recipes, from the README; none where nothing was measured that would mean anything here."""


@dataclass(frozen=True)
class Look:
    """What was found in a collection.

    Attributes:
        used, train, held_out: how many works can be used, are learned from, and are kept to measure with.
        amount: how much that is, in the units of its medium, as words.
        classes: how many works each has; empty where there are none.
        skipped, unused: files with the reason (at most a thousand), and how many there are in all.
        duplicates, repeats: pairs that nearly repeat each other (at most a thousand), and how many there are in all.
        notes: what else is worth knowing, a sentence each.
        data: the prepared collection itself.
    """

    source: Path
    medium: str
    used: int
    train: int
    held_out: int
    amount: str
    classes: dict[str, int]
    skipped: list[tuple[str, str]]
    unused: int
    duplicates: list[tuple[str, str]]
    repeats: int
    notes: list[str] = field(default_factory=list)
    data: Any = field(default=None, repr=False, compare=False)


def look(source: Path, medium: str | None, wishes: dict[str, Any], minutes: float, say: Listener = nobody) -> Look:
    """Prepares a collection and tells what it found.

    Args:
        medium: None for that of most files.
        wishes: fields of the medium's class in ``crafts.schemas``; what another medium has is left out.
        minutes: of the training to come; pictures are prepared larger when it is long.
        say: told of the progress; what it raises ends the preparation.

    Raises:
        DataError: there is nothing to learn from.
        UsageError: a wish that cannot be.
    """
    medium = crafts.medium_for(source, medium)
    craft = crafts.of(medium)
    known = {word: value for word, value in wishes.items() if word in craft.Preparation.model_fields}
    data, _prepared = craft.prepare(source, asked(craft.Preparation, known, "train"), minutes, say)
    report: Any = data.report
    return Look(
        source,
        medium,
        report.used,
        len(data.train),
        len(data.held_out),
        AMOUNT[medium](data),
        {name: report.classes.get(name, 0) for name in data.classes},
        [(skip.name, skip.reason) for skip in report.skipped],
        getattr(report, "unused", 0) or len(report.skipped),
        list(report.duplicates),
        getattr(report, "repeats", 0) or len(report.duplicates),
        _notes(report),
        data,
    )


def _notes(report: Any) -> list[str]:
    """What only some media have to tell."""
    notes = []
    if getattr(report, "tail", False) or getattr(report, "held", None):
        notes.append(_("There are too few works to keep whole ones for measuring; parts of them are kept instead."))
    notes += [
        _("Only a part of {name} could be read: {why}.").format(name=one.name, why=one.reason)
        for one in getattr(report, "partly", [])[:3]
    ]
    if column := getattr(report, "column", ""):
        notes.append(_("Read from the column “{name}”.").format(name=column))
    return notes


def _pictures(data: Any) -> str:
    _channels, height, width = data.shape
    return _("{width} × {height} pixels each").format(width=width, height=height)


def _sounds(data: Any) -> str:
    message = _("{minutes:.1f} minutes of sound at {rate:,} Hz")
    return message.format(minutes=data.report.length / 60, rate=data.report.rate)


def _scores(data: Any) -> str:
    return _("{notes:,} notes in {bars:,} bars").format(notes=data.report.notes, bars=data.report.bars)


def _texts(data: Any) -> str:
    return _("{characters:,} characters").format(characters=data.report.characters)


def _films(data: Any) -> str:
    report = data.report
    height, width = report.size
    message = _("{shots:,} shots, {seconds:,.0f} seconds, {width} × {height} pixels each")
    return message.format(shots=report.shots, seconds=report.length, width=width, height=height)


AMOUNT: dict[str, Callable[[Any], str]] = {
    "image": _pictures,
    "audio": _sounds,
    "score": _scores,
    "text": _texts,
    "video": _films,
}


def suggest(found: Look, minutes: float) -> tuple[str, str]:
    """The recipe that ``train`` would choose for so many minutes, and why."""
    return crafts.of(found.medium).choose(found.data, Budget(minutes=minutes))


def expectation(found: Look, recipe: Recipe, minutes: float, cores: int) -> list[tuple[str, str]]:
    """What can honestly be expected: ``(verdict, sentence)`` with the verdicts ``"good"`` and ``"weak"``.

    Args:
        minutes: of training.
        cores: of this machine; what is known was measured on two.
    """
    said = [_by_works(found), _by_time(found.medium, recipe, minutes, cores)]
    small = [name for name, count in found.classes.items() if count < UNEVEN]
    if small and found.medium in ("image", "score", "text"):  # one recording or film holds much
        message = _("These classes have fewer than {count} works and will hardly be learned: {names}.")
        said.append(("weak", message.format(count=UNEVEN, names=", ".join(small[:5]) + (" …" if small[5:] else ""))))
    if measured := MEASURED.get(recipe.name):
        said.append(("good", _(measured)))
    return said


def _by_works(found: Look) -> tuple[str, str]:
    if found.train < FEW:
        message = _(
            "{works} works are too few to learn from: it will repeat them. For relatives of a single work the Make "
            "room needs no training."
        )
        return "weak", message.format(works=found.train)
    if found.train < SOME and found.medium in ("image", "video"):
        message = _("With {works} works many new ones will resemble one of them closely; every further one helps.")
        return "weak", message.format(works=found.train)
    return "good", _("It learns from {works:,} works and keeps {held:,} aside to measure with.").format(
        works=found.train, held=found.held_out
    )


def _by_time(medium: str, recipe: Recipe, minutes: float, cores: int) -> tuple[str, str]:
    """How far the time goes. A recipe of two stages has less for what is seen or heard in the end."""
    spent = minutes * (1 - recipe.codec.share if recipe.codec else 1) * min(max(cores, 1), 8) / 2
    if spent < SHORT[medium]:
        return "weak", _("So short a training gives sketches: the manner can be recognised, the details cannot.")
    if spent < LONG[medium]:
        return "good", _("The forms will be clear; finer details come with more minutes. It can go on later.")
    return "good", _("That is about as long as this recipe needs; beyond it, more works help more than more minutes.")


def recipes_of(medium: str) -> list[Recipe]:
    """The recipes of a medium that stand by themselves."""
    from bottega.recipes.recipe import names

    return [load(name) for name in names(medium)]
