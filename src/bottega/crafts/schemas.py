"""What a person may ask of each craft: how works are prepared for ``train``, and how they are made by ``generate``.

The options of the command line are drawn from these classes, so this module imports nothing heavy.
"""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from bottega.language import _, later
from bottega.wishes import LENGTH, Wishes, mood_from


def _size(value: Any) -> Any:
    """``"32"`` or ``"32x48"`` (wide x high) as (height, width)."""
    if not isinstance(value, str):
        return value
    width, _x, height = value.lower().replace("×", "x").partition("x")
    if not (width.isdecimal() and (height or width).isdecimal()):
        message = _("a size is a number such as 32, or wide x high such as 32x48")
        raise ValueError(message)
    return int(height or width), int(width)


SIZE = later("Size of the works in pixels: 32, or 32x48 (wide x high), up to 256.")
FIT = later("How pictures of other shapes come to that size.")
SECONDS = later("How long each work is.")
GUIDANCE = later("Above 1: closer to the class. For models that have it.")
TEMPERATURE = later("Below 1: calmer, above 1: wilder. For models that have it.")
TRUNCATION = later("Below 1: more typical and less varied. For models that have it.")
STEPS = later("More is finer and slower. For models that have it.")
"""Descriptions of wishes that several media have."""


class ImagePreparation(Wishes):
    """How pictures come to one size."""

    size: Annotated[tuple[int, int] | None, BeforeValidator(_size)] = Field(None, description=SIZE)
    fit: Literal["crop", "pad", "stretch"] = Field("crop", description=FIT)
    alpha: bool = Field(False, description=later("Keep transparency."))


class ImageMaking(Wishes):
    """What can be asked of a model of pictures, beside its class."""

    guidance: float | None = Field(None, description=GUIDANCE)
    temperature: float | None = Field(None, description=TEMPERATURE)
    truncation: float | None = Field(None, description=TRUNCATION)
    steps: int | None = Field(None, ge=1, description=STEPS)
    finish: int | None = Field(
        None, ge=32, description=later("Finish them with this many pixels, with detail from the works learned from.")
    )


class SoundPreparation(Wishes):
    """How recordings become samples of one rate."""

    rate: int = Field(22050, ge=4000, le=96000, description=later("Samples a second that are learned from."))
    channels: int = Field(1, ge=1, le=2, description=later("1 for mono, 2 for stereo."))
    trim: bool = Field(False, description=later("Cut silence off both ends of each recording."))
    class_from: Literal["folder", "name"] = Field(
        "folder", description=later("Where a class is named: the sub-folder, or the file's name up to its first “_”.")
    )


class SoundMaking(Wishes):
    """What can be asked of a model of sounds, beside its class."""

    seconds: float | None = Field(None, gt=0, le=600, description=SECONDS)
    guidance: float | None = Field(None, ge=0, description=GUIDANCE)
    temperature: float | None = Field(None, ge=0, description=TEMPERATURE)
    truncation: float | None = Field(None, description=TRUNCATION)
    steps: int | None = Field(None, ge=1, description=STEPS)


class TextPreparation(Wishes):
    """How files become texts."""

    separate: Literal["auto", "file", "blank", "line"] = Field(
        "auto", description=later("Where one text ends: with its file, at blank lines or at each line.")
    )
    column: str | None = Field(
        None, description=later("The column of a .csv or .jsonl file that holds the texts; guessed by default.")
    )
    target: str | None = Field(
        None, description=later("What each text is to be turned into: a file with as many lines, or a column.")
    )
    class_column: str | None = Field(None, description=later("The column that names the class of each text."))


class TextMaking(Wishes):
    """What can be asked of a model of texts, beside its class."""

    mood: Annotated[tuple[float, float] | None, BeforeValidator(mood_from)] = Field(
        None,
        description=later(
            "Valence and arousal, such as 0.8,-0.2, as in the columns of these names that it learned from; without "
            "them from -1 to 1, where the names of its classes tell a mood."
        ),
    )
    guidance: float | None = Field(None, ge=0, description=GUIDANCE)
    temperature: float | None = Field(None, ge=0, description=TEMPERATURE)
    prompt: str = Field("", description=later("How each text begins."))
    length: int = Field(LENGTH, ge=1, description=later("The most tokens that are written for a text."))
    top_p: float | None = Field(
        None, gt=0, le=1, description=later("Only the likeliest words that hold this share together.")
    )
    min_p: float | None = Field(
        None, ge=0, le=1, description=later("Only words at least this share as likely as the likeliest.")
    )
    form: str | None = Field(
        None, description=later("A form to keep exactly: haiku, quatrain, sonnet, limerick, quatrain5, quatrain7 …")
    )
    rhyme: bool = Field(False, description=later("Let the lines of the form rhyme too, where it leaves that open."))
    novel: bool = Field(
        False, description=later("Never many words in a row as in the texts learned from; a form comes first.")
    )


class ScorePreparation(Wishes):
    """How files become scores: there is nothing to choose."""


def _key(value: Any) -> Any:
    """``"d minor"`` as ``"D minor"``."""
    if not isinstance(value, str):
        return value
    from bottega.representations.keys import name_of, number_of

    try:
        return name_of(number_of(value))
    except (ValueError, KeyError) as error:
        raise ValueError(_("a key is a tonic and a mode, such as D, F# minor or Bb major")) from error


def _meter(value: Any) -> Any:
    """``"3/4"`` as (3, 4)."""
    if not isinstance(value, str):
        return value
    over, _slash, under = value.partition("/")
    if not (over.isdecimal() and under in ("1", "2", "4", "8", "16") and 1 <= int(over) <= 64):
        raise ValueError(_("a meter is two numbers such as 3/4 or 6/8"))
    return int(over), int(under)


class ScoreMaking(Wishes):
    """What can be asked of a model of scores, beside its class."""

    bars: int = Field(16, ge=1, le=1000, description=later("How many bars each has."))
    key: Annotated[str | None, BeforeValidator(_key)] = Field(None, description=later("The key: D, F# minor, Bb …"))
    tempo: float | None = Field(None, ge=20, le=400, description=later("Quarter notes a minute."))
    meter: Annotated[tuple[int, int] | None, BeforeValidator(_meter)] = Field(
        None, description=later("The meter of all bars: 4/4, 3/4, 6/8 …")
    )
    mood: Annotated[tuple[float, float] | None, BeforeValidator(mood_from)] = Field(
        None,
        description=later(
            "Valence and arousal, such as 0.8,-0.2, from -1 to 1; of texts as in the columns of these names, where "
            "they had them."
        ),
    )
    guidance: float | None = Field(
        None, ge=0, description=later("Above 1: closer to the class, key and mood that were asked for.")
    )
    temperature: float | None = Field(None, ge=0, description=TEMPERATURE)
    top_p: float | None = Field(
        None, gt=0, le=1, description=later("Only the likeliest words or events that hold this share together.")
    )
    min_p: float | None = Field(
        None, ge=0, le=1, description=later("Only words or events at least this share as likely as the likeliest.")
    )
    soundfont: str | None = Field(
        None, description=later("An .sf2 or .sf3 file of yours that plays the scores instead of Bottega's instruments.")
    )


class FilmPreparation(Wishes):
    """How films come to one size and one rate."""

    size: Annotated[tuple[int, int] | None, BeforeValidator(_size)] = Field(None, description=SIZE)
    fit: Literal["crop", "pad", "stretch"] = Field("crop", description=FIT)
    fps: float = Field(12, ge=1, le=60, description=later("Frames a second that are learned from."))
    uncut: bool = Field(False, description=later("Leave films whole; otherwise they are cut where the scene changes."))


class FilmMaking(Wishes):
    """What can be asked of a model of films, beside its class."""

    seconds: float | None = Field(None, gt=0, le=600, description=SECONDS)
    loop: bool = Field(False, description=later("Make films whose end leads back to their beginning."))
    guidance: float | None = Field(None, ge=0, description=GUIDANCE)
    temperature: float | None = Field(None, ge=0, description=TEMPERATURE)
    truncation: float | None = Field(None, description=TRUNCATION)
    steps: int | None = Field(None, ge=1, description=STEPS)


PREPARATIONS: dict[str, type[Wishes]] = {
    "image": ImagePreparation,
    "audio": SoundPreparation,
    "score": ScorePreparation,
    "text": TextPreparation,
    "video": FilmPreparation,
}
MAKINGS: dict[str, type[Wishes]] = {
    "image": ImageMaking,
    "audio": SoundMaking,
    "score": ScoreMaking,
    "text": TextMaking,
    "video": FilmMaking,
}
