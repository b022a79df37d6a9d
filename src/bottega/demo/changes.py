"""The first minute: pictures changed in many ways before anything is trained, each from one or two drawings."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bottega.demo.page import Block, Commands, Heading, Picture, Prose, Section, Strip, Words
from bottega.events import Said
from bottega.language import _

SIDE = 256


@dataclass(frozen=True)
class Change:
    """One operation on drawings of the built-in collection.

    Attributes:
        title: what it shows.
        operation, settings: as for ``bottega.edit``.
        drawings: their numbers in the collection.
    """

    title: Words
    operation: str
    drawings: tuple[int, ...]
    settings: dict[str, Any] = field(default_factory=dict)

    def command(self) -> str:
        """What one would type for it."""
        options = [f"--{name.replace('_', '-')} {value}" for name, value in self.settings.items()]
        return " ".join(
            ["bottega edit", self.operation, *(f"drawing-{number}.png" for number in self.drawings), *options]
        )


CHANGES = (
    Change(Words("Relatives of one drawing", "一幅画的近亲"), "vary", (55,), {"distance": 0.6, "count": 3}),
    Change(Words("Wider, and nothing squashed", "变宽而不压扁"), "retarget", (3,), {"size": "448x256"}),
    Change(Words("Something taken out", "去掉一样东西"), "inpaint", (55,), {"area": "40,2,92x92"}),
    Change(Words("A tile without seams", "无缝图案"), "tile", (610,), {}),
    Change(Words("One drawing in the manner of another", "用一幅的手法画另一幅"), "style", (144, 34), {}),
)


def make(folder: Path, seed: int, say: Callable[[Any], None]) -> list[tuple[Change, list[Path], float]]:
    """Makes every change, each with its files and its seconds; what is there is not made anew."""
    from bottega import verbs
    from bottega.datasets.builtin import draw
    from bottega.media import image

    made = []
    for number, change in enumerate(CHANGES):
        say(Said(_("Changing a picture: {operation} …").format(operation=change.operation)))
        place, told = folder / f"{number}-{change.operation}", folder / f"{number}-{change.operation}.json"
        works = [folder / f"drawing-{drawing}.png" for drawing in change.drawings]
        for drawing, path in zip(change.drawings, works, strict=True):
            if not path.exists():
                image.write(path, draw(drawing, SIDE)[0])
        if not told.exists():
            begun = time.perf_counter()
            edited = verbs.edit(change.operation, *works, to=place, seed=seed, on_event=say, **change.settings)
            seconds = time.perf_counter() - begun
            told.write_text(json.dumps({"files": [path.name for path in edited.files], "seconds": seconds}))
        record = json.loads(told.read_text())
        made.append((change, [place / name for name in record["files"]], record["seconds"]))
    return made


def section(page: Path, made: Sequence[tuple[Change, Sequence[Path], float]]) -> Section:
    """What the page says about it; ``page`` is the folder it lies in."""
    blocks: list[Block] = [
        Prose(
            Words(
                "No model is needed for these: Bottega takes one picture apart into small patches and puts new "
                "pictures together from them. On the left is what went in.",
                "这些不需要模型：Bottega 把一幅图拆成小块，再用它们拼出新的图。最左边是原作。",
            )
        )
    ]
    for change, files, seconds in made:
        before = [files[0].parent.parent / f"drawing-{number}.png" for number in change.drawings]
        shown = [
            *(_picture(page, path, Words("What went in", "原作")) for path in before),
            *(_picture(page, path, Words("What came out", "结果")) for path in files),
        ]
        does = Words(f"{seconds:.0f} s on this machine:", f"在这台机器上用时 {seconds:.0f} 秒：")
        blocks += [Heading(change.title), Strip(shown), Commands([(does, change.command())])]
    return Section(Words("From one picture, before any training", "只凭一幅图，尚未训练"), blocks)


def _picture(page: Path, path: Path, alt: Words) -> Picture:
    return Picture(path.relative_to(page).as_posix(), alt, alt)
