"""The crafts: what the verbs have to know about one medium, in one module each.

A craft prepares a collection, chooses a recipe and makes the model for it, makes new works, and measures.
"""

import importlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from bottega.crafts.schemas import PREPARATIONS
from bottega.datasets.files import folder_files, suffix_of, zip_files
from bottega.errors import DataError, UsageError
from bottega.language import _
from bottega.parts import nearest
from bottega.wishes import Wishes

if TYPE_CHECKING:
    import numpy as np

    from bottega.card import Collection, Evaluation
    from bottega.events import Listener
    from bottega.models import Model, Work
    from bottega.recipes.recipe import Recipe
    from bottega.training.budget import Budget
    from bottega.training.run import Preview, Rows

LOOKED_AT = 16
"""Pictures that are opened to see whether a collection of GIFs is one of films."""
CRAFTS = {medium: f"bottega.crafts.{medium}" for medium in PREPARATIONS}


class Craft(Protocol):
    """What every module of this room has.

    Attributes:
        Preparation: how works are prepared, a class of wishes.
        Making: how works are made, a class of wishes.
        endings: of the files it learns from.
    """

    Preparation: type[Wishes]
    Making: type[Wishes]
    endings: frozenset[str]

    def prepare(
        self, source: Path, wishes: Any, minutes: float | None, say: "Listener"
    ) -> "tuple[Collection, dict[str, Any]]":
        """The collection, ready to learn from, and the wishes that prepare others in the same way.

        ``minutes`` help to choose what was left open.
        """
        ...

    def choose(self, data: Any, budget: "Budget") -> tuple[str, str]:
        """The recipe for these works and this time, and why."""
        ...

    def begin(self, recipe: "Recipe", data: Any, seed: int, **stages: "Model") -> "tuple[Model, Rows, Any]":
        """An untrained model, the rows to show it, and what turns a batch of them into what its objective takes.

        ``stages`` are the models it stands on, where its recipe has any: its ``codec``.
        """
        ...

    def preview(self, model: Any, data: Any) -> "Preview | None":
        """Draws or writes what a training shows again and again, always from the same noise; None when there is
        nothing to be seen."""
        ...

    def make(
        self, model: Any, n: int, seed: int, label: str | None, wishes: Any, works: Path | None, say: "Listener"
    ) -> "list[Work]":
        """New works; ``works`` is the collection it learned from, for wishes that need it, where it is still there."""
        ...

    def collection(self, model: Any, works: Path | None, wishes: Any, say: "Listener") -> "Collection":
        """The works a model learned from, as some wishes need them. Raises DataError when they are not found."""
        ...

    def sheet(self, works: "list[Work]") -> "np.ndarray | str":
        """All works on one sheet."""
        ...

    def beside(self, path: Path, content: Any, wishes: Any = None) -> list[Path]:
        """Writes what belongs beside a work that cannot be seen or heard as it is; the files."""
        ...

    def evaluate(self, model: Any, data: Any, n: int | None, seed: int, say: "Listener") -> "Evaluation":
        """Measures a model against works it has not learned from, with ``n`` new ones or as many as it takes."""
        ...


def of(medium: str) -> Craft:
    """The craft of a medium."""
    return importlib.import_module(CRAFTS[medium])  # type: ignore[return-value]


def medium_for(source: Path, medium: str | None = None, wishes: Iterable[str] = ()) -> str:
    """The medium of a collection: the one that is named, or of those that have such wishes the one of most files.

    Raises:
        UsageError: an unknown medium.
        DataError: there is no such folder or file.
    """
    if medium is not None:
        if medium not in CRAFTS:
            message = _("There is no medium “{name}”; there are: {names}.")
            raise UsageError(message.format(name=medium, names=", ".join(CRAFTS)) + nearest(medium, list(CRAFTS)))
        return medium
    if not source.exists():
        raise DataError(_("{path} does not exist. Give the folder that holds your works.").format(path=source))
    fitting = [name for name, kind in PREPARATIONS.items() if wishes and set(wishes) <= set(kind.model_fields)]
    if len(fitting) == 1:
        return fitting[0]
    names = _names(source)
    counts = Counter(map(suffix_of, names))
    found = {name: sum(counts[ending] for ending in of(name).endings & counts.keys()) for name in fitting or CRAFTS}
    best = max(found, key=lambda name: found[name])  # with nothing at all, pictures: their error says what is missing
    return "video" if best == "image" and names and _move(source, names) else best


def _move(source: Path, names: list[str]) -> bool:
    """Whether most of the pictures of a collection are GIFs and the like that move; some of them are opened."""
    from bottega.media import kinds

    if suffix_of(source.name) == ".zip":
        return False
    root = source if source.is_dir() else source.parent
    looked_at = names[:: -(-len(names) // LOOKED_AT)]
    return 2 * sum(kinds.medium_of_file(root / name) == "video" for name in looked_at) > len(looked_at)


def _names(source: Path) -> list[str]:
    """The files of a collection."""
    if source.is_dir():
        return [file.name for file in folder_files(source, [], ())]
    if suffix_of(source.name) == ".zip":
        return [file.name for file in zip_files(source, [])]
    return [source.name]
