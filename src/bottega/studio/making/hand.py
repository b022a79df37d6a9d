"""What a person has in hand in the Make room, and what can be done with it.

In the page, everything has an opaque name: a work of the gallery its id, a dropped file ``drop-`` and the hash under
which it is kept. Here these become files again.
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bottega import editing, home
from bottega.editing.operation import MEDIUM_OF, Input, Operation
from bottega.errors import DataError, UsageError
from bottega.language import _, later
from bottega.places import plain
from bottega.words import INPUTS, said

if TYPE_CHECKING:
    from bottega.library.models import ModelEntry

GENERATE = "generate"
"""The act of making new works; all others are ``medium/operation``."""
DROPPED = re.compile(r"drop-([0-9a-f]{16,64}\.[a-z0-9]{1,5})")
VARIES = {"image": "vary", "audio": "vary", "score": "continue", "text": "rewrite", "video": "vary"}
"""The operation meant by “vary this”."""
ONE_OF = {
    "picture": later("a picture"),
    "sound": later("a sound"),
    "score": later("a tune"),
    "text": later("a text"),
    "film": later("a film"),
}
"""One work of each kind, as it is asked for."""


@dataclass(frozen=True)
class Item:
    """A work in hand.

    Attributes:
        name: its opaque name in the page.
        file: where it is; a text that was typed has none.
        title: what it is called.
        words: a text that was typed.
    """

    name: str
    medium: str
    title: str
    file: Path | None = None
    words: str = ""
    seconds: float | None = None

    @property
    def argument(self) -> str:
        """What ``verbs.edit`` is given for it."""
        return str(self.file) if self.file else self.words


@dataclass(frozen=True)
class Offer:
    """Something that can be done with what is in hand.

    Attributes:
        act: ``"generate"`` or ``medium/operation``.
        lacks: what is still needed, in a few words; nothing when it can begin.
        roles: which works are what, in the order in which the operation takes them.
        more: files for inputs that are options, by their names.
        instead: names of such inputs that would do for what is lacking.
    """

    act: str
    title: str
    lacks: str = ""
    roles: list[tuple[str, Item]] = field(default_factory=list)
    more: dict[str, list[Item]] = field(default_factory=dict)
    instead: list[str] = field(default_factory=list)


def items(names: Sequence[str], words: str = "", titles: Mapping[str, str] | None = None) -> list[Item]:
    """The works of these names, and the text that was typed; names that are gone are passed over.

    Args:
        titles: what dropped files were called, by their names here.
    """
    found = []
    for name in names:
        try:
            found.append(item(name, (titles or {}).get(name, "")))
        except (UsageError, DataError):
            continue
    words = words.strip()
    return [*found, Item("", "text", _("Your words"), words=words)] if words else found


def item(name: str, title: str = "") -> Item:
    """One work by its name in the page.

    Args:
        title: what it was called when it was dropped.

    Raises:
        UsageError, DataError: there is none, or it is no longer there.
    """
    from bottega.media import kinds  # here as below: the page is sooner there without its decoders

    if dropped := DROPPED.fullmatch(name):
        file = home.dropped() / dropped[1]
        medium = kinds.medium_of_file(file) if file.is_file() else None
        if medium is None:
            raise DataError(_("The file that was dropped is no longer there; drop it again."))
        return Item(name, medium, title or _("Dropped file"), file, seconds=_seconds(file, medium))
    from bottega.library import works

    entry = works.get(_id(name))
    if entry.missing:
        raise DataError(_("The file of “{name}” is no longer where it was.").format(name=entry.name))
    return Item(entry.id, entry.medium, entry.name, entry.path, seconds=entry.seconds)


def drop(file: str | Path) -> Item:
    """A dropped file, checked and kept.

    Raises:
        UnreadableWork: it is no work.
    """
    from bottega.studio.safety import uploads

    return item(f"drop-{uploads.accept(Path(file)).name}", Path(file).stem)


def offers(
    held: Sequence[Item],
    model: "ModelEntry | None",
    media: frozenset[str] = frozenset(),
    given: Mapping[str, Sequence[Item]] | None = None,
    act: str = "",
) -> list[Offer]:
    """What can be done with what is in hand, what is ready first.

    Args:
        media: those of which there are models, for operations that need one.
        given: files for inputs that are options, by their names, of the act that is chosen.
    """
    found = []
    if model and not held and skills(model.recipe)[0]:
        found.append(Offer(GENERATE, _("Make new works")))
    for medium, operations in editing.OPERATIONS.items():
        if held or (model and model.medium == medium):
            for name in operations:
                more = given or {} if act == f"{medium}/{name}" else {}
                offer = _offer(editing.find(name, medium), held, model, media, more)
                found += [offer] if offer else []
    return sorted(found, key=lambda one: bool(one.lacks))


def _offer(
    operation: Operation,
    held: Sequence[Item],
    model: "ModelEntry | None",
    media: frozenset[str],
    given: Mapping[str, Sequence[Item]],
) -> Offer | None:
    """The offer of one operation, if it takes the first work in hand and leaves none over."""
    shares = _shared_out(operation, held)
    if shares is None:
        return None
    roles, more = shares
    named = {one.name: one for one in operation.inputs}
    for name in (name for name in given if name in named and named[name].option):
        more[name] = [*more.get(name, []), *given[name]][: named[name].most]
    counts = {
        one.name: sum(name == one.name for name, _each in roles) + len(more.get(one.name, [])) for one in named.values()
    }
    lacking = [one for one in named.values() if counts[one.name] < one.least]
    instead = [one.name for one in lacking if one.option]
    if operation.either and not any(counts[name] for name in operation.either):
        lacking.append(named[operation.either[0]])
        instead += [name for name in operation.either if named[name].option]
    lacks = [_("add {work}").format(work=_(ONE_OF[one.kind])) for one in lacking]
    if operation.model == "required" and (model is None or model.medium != operation.medium):
        if operation.medium not in media:
            return None
        lacks.append(_("choose a model"))
    act = f"{operation.medium}/{operation.name}"
    return Offer(act, _(operation.title), " · ".join(dict.fromkeys(lacks)), roles, more, instead)


def _shared_out(
    operation: Operation, held: Sequence[Item]
) -> tuple[list[tuple[str, Item]], dict[str, list[Item]]] | None:
    """Which works in hand are what, those for options apart; None where the first is not taken, or one is left over."""
    left, roles, more = list(held), [], {}
    inputs = [one for one in operation.inputs if not one.option]
    if held and held[0].medium not in (MEDIUM_OF.get(one.kind) for one in operation.inputs):
        return None
    if not held and any(one.least for one in inputs):
        return None
    for i, one in enumerate(inputs):
        fitting = [each for each in left if fits(one, each)]
        later_ones = sum(other.least for other in inputs[i + 1 :] if other.kind == one.kind)
        room = max(one.least, len(fitting) - later_ones)
        taken = fitting[: room if one.most is None else min(one.most, room)]
        if not taken and one.least and i == 0:
            return None
        roles += [(one.name, each) for each in taken]
        left = [each for each in left if each not in taken]
    for one in operation.inputs:
        fitting = [each for each in left if one.option and fits(one, each)]
        if fitting:
            more[one.name] = fitting[:1]
            left.remove(fitting[0])
    return None if left else (roles, more)


def fits(one: Input, each: Item) -> bool:
    """Whether an input takes a work; a tune is played where a sound is wanted."""
    medium = MEDIUM_OF.get(one.kind)
    return each.medium == medium or (medium == "audio" and each.medium == "score")


def given_as(operation: Operation, name: str, file: str | Path) -> Item:
    """A file that was dropped for an input that is an option, checked and kept.

    Raises:
        UnreadableWork: it is no work.
        UsageError: it is none of the kind that is wanted, or there is no such input.
    """
    wanted = next((one for one in operation.inputs if one.option and one.name == name), None)
    if wanted is None:
        raise UsageError(_("There is no such thing to do."))
    dropped = drop(file)
    moves = wanted.kind == "mask" and operation.medium == "video"
    if (
        fits(wanted, dropped)
        or (wanted.kind == "mask" and dropped.medium == "image")
        or (moves and dropped.medium == "video")
    ):
        return dropped
    work = _("a picture or a film") if moves else _(ONE_OF["picture" if wanted.kind == "mask" else wanted.kind])
    message = _("“{name}” takes {work}; “{title}” is none.")
    raise UsageError(message.format(name=said(name, INPUTS), work=work, title=dropped.title))


def operation_of(act: str) -> Operation | None:
    """The operation of an act; None for making new works.

    Raises:
        UsageError: there is no such act.
    """
    if act == GENERATE:
        return None
    medium, _slash, name = act.partition("/")
    if name not in editing.OPERATIONS.get(medium, {}):
        raise UsageError(_("There is no such thing to do."))
    return editing.find(name, medium)


def arguments(operation: Operation, offer: Offer, masks: Mapping[str, str]) -> dict[str, Any]:
    """The works among the arguments of ``verbs.edit``.

    Args:
        masks: files of what was painted, by the names of their inputs, instead of those that were given.

    Raises:
        UsageError: something is lacking, or words that are the name of a file.
    """
    if offer.lacks:
        raise UsageError(_("This cannot begin yet: {what}.").format(what=offer.lacks))
    works = [spoken(one.words) if one.file is None else one.argument for _name, one in offer.roles]
    more = {name: [one.argument for one in each] for name, each in offer.more.items()}
    return {
        "operation": operation.name,
        "works": works,
        "to": goal(operation, offer.roles[0][1] if offer.roles else None),
        **more,
        **masks,
    }


def goal(operation: Operation, first: Item | None) -> str:
    """The file of the result, named after the first work: a dropped one lies under a name that says nothing."""
    from bottega.media import kinds

    named = "" if first is None else first.title if first.file else "-".join(first.words.split()[:4])
    ending = kinds.WRITTEN[(operation.makes or (operation.medium,))[0]][0]
    return str(home.works() / f"{plain(f'{named} {operation.name}')}{ending}")


def spoken(words: str) -> str:
    """Words as they are; those that would be taken for a file of this machine are refused.

    Raises:
        UsageError: they would.
    """
    from bottega.media import kinds

    one_line = "\n" not in words
    if os.path.exists(words) or (one_line and kinds.medium_of_file(Path(words)) is not None):
        raise UsageError(_("These words are the name of a file. Drop the file itself, or type a sentence."))
    return words


@cache
def skills(recipe: str) -> tuple[bool, dict[str, float]]:
    """Whether a model of this recipe makes works, and its controls with what they are when nothing is said."""
    from bottega.objectives import OBJECTIVES
    from bottega.objectives.base import Objective
    from bottega.recipes.recipe import load

    chosen = load(recipe)
    kind = OBJECTIVES.find(chosen.objective.name)
    return kind.sample is not Objective.sample, {**kind.controls, **chosen.controls}


def _id(name: str) -> str:
    """An id, and nothing that could be a path. Raises UsageError."""
    if not re.fullmatch(r"[0-9a-f]{4,64}", name):
        raise UsageError(_("There is no work of that name."))
    return name


@lru_cache(maxsize=64)
def _seconds(file: Path, medium: str) -> float | None:
    """How long a sound or a film lasts: as its head says, or else as it is found when it is read."""
    from bottega.library import files
    from bottega.media import kinds

    return (files.size(file, medium)[2] or kinds.read(file).seconds) if medium in ("audio", "video") else None
