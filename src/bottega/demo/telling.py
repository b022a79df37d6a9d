"""What the page tells about a medium whose works play: sounds, scores and films."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bottega.demo.page import Block, Commands, Facts, Heading, Heard, Players, Prose, Section, Watched, Words, figure
from bottega.events import Said
from bottega.language import _

if TYPE_CHECKING:
    from bottega.models import Model


@dataclass(frozen=True)
class Told:
    """What there is to tell.

    Attributes:
        groups: headings and the works below them.
        figures: what ``evaluate`` measured, value and floor by name.
        facts, recipe: of the model.
    """

    groups: Sequence[tuple[Words, Sequence[Heard | Watched]]]
    figures: dict[str, tuple[float, float | None]]
    facts: dict[str, Any]
    recipe: str


def trained(collection: Path, place: Path, minutes: float, seed: int, say: Callable[[Any], None]) -> "Model":
    """The model of a collection; one that is there is not trained anew."""
    from bottega import verbs
    from bottega.models import load_model

    if (place / "config.json").exists():
        return load_model(place)
    return verbs.train(collection, to=place, minutes=minutes, seed=seed, on_event=say)


def figures(
    model: "Model", collection: Path, n: int, seed: int, say: Callable[[Any], None]
) -> dict[str, tuple[float, float | None]]:
    """What ``evaluate`` measures with ``n`` works."""
    from bottega import verbs

    say(Said(_("Measuring …")))
    evaluation: Any = verbs.evaluate(model, against=collection, n=n, seed=seed, on_event=say)
    return {name: (one.value, one.floor) for name, one in evaluation.figures.items() if one.value is not None}


def section(
    title: Words, lead: Words, told: Told, names: Mapping[str, Words], commands: Sequence[tuple[Words, str]]
) -> Section:
    """The part of the page about it; ``names`` says which figures are shown, and under what name."""
    blocks: list[Block] = [Prose(lead)]
    for heading, works in told.groups:
        blocks += [Heading(heading), Players(works)]
    rows = [
        (said, figure(*told.figures[name], percent=name == "copies"))
        for name, said in names.items()
        if name in told.figures
    ]
    blocks += [Heading(Words("Measured", "测得")), Facts(rows), Commands(commands)]
    return Section(title, blocks)
