"""What the form of the Train room says, and what it then shows: from a look at the works to a training in the queue."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from bottega import home
from bottega.crafts.schemas import PREPARATIONS
from bottega.errors import UsageError
from bottega.events import Listener
from bottega.language import _
from bottega.places import plain
from bottega.recipes.recipe import load
from bottega.studio import controls, panels
from bottega.studio.training import looking
from bottega.studio.training.looking import Look


@dataclass(frozen=True)
class Asked:
    """What the controls of the form said."""

    found: Look | None
    ours: tuple[str, str]
    minutes: float
    medium: str
    recipe: str | None
    name: str
    wishes: dict[tuple[str, str], Any]

    @classmethod
    def of(cls, said: Sequence[Any], places: Sequence[tuple[str, str]]) -> "Asked":
        """From the values of the controls, in the order of the fields; ``places`` names those of ``wishes``."""
        found, ours, minutes, medium, recipe, name, *wishes = said
        return cls(found, ours, minutes, medium, recipe, name, dict(zip(places, wishes, strict=True)))

    def look(self, source: Path, say: Listener) -> Look:
        """Looks at a collection, prepared as the controls say."""
        from bottega import crafts

        medium = crafts.medium_for(source, self.medium or None)
        return looking.look(source, medium, preparation(medium, self.wishes), self.minutes, say)

    def suggestions(self, found: Look) -> list[Any]:
        """What the form then shows. The recipe and the name that a person chose stay, for the same works."""
        suggested, why = looking.suggest(found, self.minutes)
        same = self.found is not None and self.found.source == found.source and self.found.medium == found.medium
        recipe = self.recipe if same and self.recipe and self.recipe != self.ours[0] else suggested
        name = self.name if same and self.name != self.ours[1] else named(found, recipe)
        choices = [
            (f"{one.said('title')} ({_('suggested')})" if one.name == suggested else one.said("title"), one.name)
            for one in looking.recipes_of(found.medium)
        ]
        ours = (suggested, name if name != self.name else self.ours[1])
        return [
            panels.report(found),
            gr.Column(visible=True),
            found,
            ours,
            gr.Dropdown(choices=choices, value=recipe),
            advised(found, recipe, self.minutes, why if recipe == suggested else ""),
            name,
            *(gr.Column(visible=medium == found.medium) for medium in PREPARATIONS),
        ]


def preparation(medium: str, wishes: dict[tuple[str, str], Any]) -> dict[str, Any]:
    """What the controls of one medium say, without what is as it would be anyway."""
    given = {name: value for (of, name), value in wishes.items() if of == medium}
    return controls.values(PREPARATIONS[medium], given)


def named(found: Look, recipe: str) -> str:
    """A name for the model that no other has or will have."""
    stem, k = f"{plain(found.source.stem)[:40]}-{recipe}", 1
    name, waiting = stem, promised()
    while name in waiting or (home.models() / name).exists():
        name, k = f"{stem}-{k}", k + 1
    return name


def promised() -> set[str]:
    """The names of the models that trainings in the queue will have."""
    from bottega.library import jobs

    waiting = jobs.all(states=(*jobs.WAITING, "running"))
    return {Path(job.arguments["to"]).name for job in waiting if job.arguments.get("to")}


def advised(found: Look, recipe: str, minutes: float, why: str) -> str:
    """The recipe and what to expect of it, as HTML."""
    chosen = load(recipe)
    return panels.advice(chosen, why, looking.expectation(found, chosen, minutes, os.cpu_count() or 1))


def described(found: Look | None, ours: tuple[str, str], recipe: str, minutes: float, name: str) -> list[Any]:
    """What another recipe changes: what is told of it, and the name that was suggested."""
    if found is None or not recipe:
        return [gr.skip(), gr.skip(), gr.skip()]
    suggested, why = looking.suggest(found, minutes)
    described = advised(found, recipe, minutes, why if recipe == suggested else "")
    if name != ours[1]:
        return [described, gr.skip(), gr.skip()]
    new = named(found, recipe)
    return [described, new, (ours[0], new)]


def start(
    places: list[tuple[str, str]],
    found: Look | None,
    ours: tuple[str, str],
    recipe: str,
    minutes: float,
    name: str,
    seed: float | None,
    *said: Any,
) -> list[Any]:
    """Puts the training into the queue; its id, nothing seen of it yet, and a name for the next one.

    Args:
        places: medium and name of each of the settings in ``said``.
        ours: the recipe and the name that were suggested; the name may be taken since.

    Raises:
        UsageError: nothing to learn from, or a model of that name is there.
    """
    from bottega.library import jobs

    if found is None:
        raise UsageError(_("First give it works to learn from."))
    folder = home.models() / (plain(name) if name and name != ours[1] else named(found, recipe))
    if folder.exists() or folder.name in promised():
        message = _("There is a model “{name}” already. Give this one another name.")
        raise UsageError(message.format(name=folder.name))
    arguments = {
        "source": str(found.source),
        "to": str(folder),
        "medium": found.medium,
        "recipe": recipe,
        "minutes": minutes,
        "seed": int(seed or 0),
        **preparation(found.medium, dict(zip(places, said, strict=True))),
    }
    job = jobs.submit("train", arguments, origin="page")
    gr.Info(_("It is in the queue. You can close this page at any time: nothing is lost."), duration=5)
    another = named(found, recipe)
    return [job.id, None, another, (ours[0], another)]
