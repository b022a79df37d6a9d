"""Makes the gallery in docs/: every operation on real pictures, as anybody would call it.

    make gallery PICTURES=folder [ARGS="--only style"]

PICTURES holds ``photos/`` and ``paintings/``, and ``cifar10/`` to train the models from that some operations take.
Everything goes through ``bottega.edit``, so this file is also the longest example of the library there is.
"""

import argparse
import shlex
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import bottega
from bottega.datasets.builtin import draw
from bottega.editing import OPERATIONS, find
from bottega.language import catalogue
from bottega.media import image

DOCS = Path(__file__).parent.parent / "docs"
WORKED, SHOWN = 512, 360
"""Longest side of the pictures that are worked on, and of those on the page."""


@dataclass(frozen=True)
class Scene:
    """One entry: an operation, the works it takes, its settings.

    Attributes:
        works: files below PICTURES; ``"paper/12"`` is picture 12 of the built-in collection.
        hole: what a mask covers, in shares of the sides: left, top, right, bottom.
        model: the recipe of the model it takes.
    """

    operation: str
    works: tuple[str, ...]
    settings: dict[str, Any] = field(default_factory=dict)
    hole: tuple[float, float, float, float] | None = None
    model: str | None = None
    seed: int = 0

    def command(self) -> str:
        """What one would type for it."""
        words = ["bottega", "edit", self.operation, *(file_name(name) for name in self.works)]
        words += ["--model", self.model] if self.model else []
        words += ["--mask", "hole.png"] if self.hole else []
        for name, value in self.settings.items():
            option = f"--{name.replace('_', '-')}"
            for one in value if isinstance(value, list | tuple) else [value]:
                words += [option] if one is True else [option, str(one)]
        return shlex.join(words)


NIGHT, SCREAM, SHIP = "paintings/starry_night_google.jpg", "paintings/the_scream.jpg", "paintings/shipwreck.jpg"
CAT, COFFEE, BRIDGE = "photos/chelsea.png", "photos/coffee.png", "photos/golden_gate.jpg"
CAPS, TOWN = "photos/kodim03.png", "photos/tubingen.jpg"

SCENES = (
    Scene("vary", (NIGHT,), {"distance": 0.35, "count": 2}),
    Scene("vary", (NIGHT,), {"distance": 0.9, "count": 2}, seed=1),
    Scene("vary", ("paper/55",), {"distance": 0.6, "count": 3}),
    Scene("retarget", (BRIDGE,), {"size": "2:1"}),
    Scene("retarget", (NIGHT,), {"size": "2:1"}),
    Scene("tile", (SHIP,), {"preview": True}),
    Scene("tile", ("paper/610",), {"preview": True}),
    Scene("collage", (NIGHT, SCREAM, SHIP)),
    Scene("analogy", (CAPS, SCREAM)),
    Scene("analogy", (CAT, NIGHT), {"likeness": 0.8}),
    Scene("inpaint", (NIGHT,), hole=(0.1, 0.0, 0.3, 0.62)),
    Scene("inpaint", (SCREAM,), hole=(0.35, 0.5, 0.72, 1.0)),
    Scene("inpaint", (CAT,), hole=(0.0, 0.6, 0.35, 0.8)),
    Scene("extend", (CAPS,), {"left": 150}),
    Scene("extend", ("paper/13",), {"left": 160, "right": 160}),
    Scene("upscale", ("small:photos/chelsea.png",), {"factor": 4}),
    Scene("upscale", ("small:paintings/starry_night_google.jpg", NIGHT), {"factor": 4}),
    Scene("style", (TOWN, NIGHT)),
    Scene("style", (CAT, SCREAM)),
    Scene("style", (BRIDGE, SHIP)),
    Scene("style", (COFFEE, NIGHT), {"keep_colours": True}),
    Scene("style", ("paper/377", "paper/34")),
    Scene("dream", (BRIDGE,), {"layer": "layer2"}, model="classifier"),
    Scene("dream", (CAT,), {"layer": "layer3", "strength": 0.5}, model="classifier"),
    Scene("dream", (NIGHT,), {"layer": "layer2"}, model="gan"),
    Scene("reconstruct", ("cifar10/horse/0076.jpg",), model="flow"),
    Scene("reconstruct", ("cifar10/horse/0076.jpg",), model="vae"),
    Scene("interpolate", (), {"stops": 5, "loop": True}, model="gan"),
    Scene(
        "interpolate",
        ("cifar10/horse/0076.jpg", "cifar10/ship/0005.jpg"),
        {"count": 9, "form": "strip"},
        model="flow",
    ),
    Scene("mix", ("cifar10/horse/0076.jpg", "cifar10/ship/0005.jpg"), model="flow"),
    Scene("variations", ("cifar10/automobile/0088.jpg",), {"count": 6}, model="flow"),
    Scene("colorize", ("grey:photos/kodim03.png",), model="flow"),
    Scene("denoise", ("noisy:photos/chelsea.png",), model="flow"),
)


def prepared(name: str, pictures: Path, workshop: Path) -> Path:
    """The file of a work, no larger than ``WORKED``; made small, grey or noisy where its name says so."""
    made, _colon, place = name.rpartition(":")
    path = workshop / file_name(name)
    if not path.exists():
        kind, _slash, word = place.partition("/")
        pixels = draw(int(word), WORKED)[0] if kind == "paper" else image.read(pictures / place, alpha=True)
        pixels = shrunk(pixels, WORKED // 4 if made == "small" else WORKED)
        if made == "grey":
            pixels[..., :3] = (pixels[..., :3] @ np.array([0.299, 0.587, 0.114]))[..., None].round()
        if made == "noisy":
            noise = np.random.default_rng(0).normal(0, 25, pixels[..., :3].shape)
            pixels[..., :3] = np.clip(pixels[..., :3] + noise, 0, 255).round()
        image.write(path, pixels)
    return path


def file_name(name: str) -> str:
    """What a work is called in the workshop."""
    made, _colon, place = name.rpartition(":")
    return "-".join(filter(None, [made, Path(place).parent.name, Path(place).stem])) + ".png"


def shrunk(pixels: np.ndarray, longest: int) -> np.ndarray:
    """A picture in proportion, no longer than that."""
    height, width = pixels.shape[:2]
    scale = min(1.0, longest / max(height, width))
    return image.fit(pixels, (max(1, round(height * scale)), max(1, round(width * scale))), "stretch").copy()


def trained(recipe: str, pictures: Path, workshop: Path, minutes: float) -> Path:
    """A model of that recipe, trained when it is not there yet."""
    folder = workshop / recipe
    if not (folder / "config.json").exists():
        bottega.train(pictures / "cifar10", to=folder, recipe=recipe, minutes=minutes, size=(32, 32))
    return folder


def hole(scene: Scene, picture: Path, workshop: Path) -> list[Path]:
    """The mask of a scene, as a file."""
    if scene.hole is None:
        return []
    with Image.open(picture) as opened:
        width, height = opened.size
    left, top, right, bottom = scene.hole
    mask = np.zeros((height, width, 1), np.uint8)
    mask[round(top * height) : round(bottom * height), round(left * width) : round(right * width)] = 255
    path = workshop / f"hole-{picture.stem}.png"
    image.write(path, mask)
    return [path]


def shown(source: Path, target: Path) -> str:
    """A copy for the page, and its name: films as they are, transparency over a checkerboard, the rest as JPEG."""
    with Image.open(source) as opened:
        film = getattr(opened, "n_frames", 1) > 1
    if film:
        target = target.with_suffix(".webp")
        target.write_bytes(source.read_bytes())
        return target.name
    pixels = image.read(source, alpha=True)
    small = shrunk(pixels, SHOWN)
    if len(small) <= 64:  # the works of a model, pixel by pixel
        small = small.repeat(4, axis=0).repeat(4, axis=1)
    target = target.with_suffix(".jpg")
    image.write(target, image.over_checkerboard(small[None])[0])
    return target.name


def make(scene: Scene, number: int, pictures: Path, workshop: Path, minutes: float) -> tuple[list[str], list[str], str]:
    """Run one scene: files of its works, files of its results, and what was measured."""
    works = [prepared(name, pictures, workshop) for name in scene.works]
    masks = hole(scene, works[0], workshop) if works else []
    model = trained(scene.model, pictures, workshop, minutes) if scene.model else None
    begun = time.perf_counter()
    edited = bottega.edit(
        scene.operation,
        *works,
        to=workshop / "results",
        seed=scene.seed,
        model=model,
        **({"mask": masks} if masks else {}),
        **scene.settings,
    )
    seconds = time.perf_counter() - begun
    folder = DOCS / "gallery"
    before = [shown(path, folder / f"of-{path.stem}") for path in [*works, *masks]]
    after = [shown(path, folder / f"{number:02}-{scene.operation}-{i}") for i, path in enumerate(edited.files)]
    facts = [
        f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}" for name, value in edited.facts.items()
    ]
    return before, after, ", ".join([f"{seconds:.1f} s", *facts])


@dataclass(frozen=True)
class Shown:
    """A scene with what came of it."""

    scene: Scene
    before: list[str]
    after: list[str]
    measured: str


CC_BY = "[CC BY {0}](https://creativecommons.org/licenses/by/{0}/)"
CC0 = "[CC0](https://creativecommons.org/publicdomain/zero/1.0/)"
WORDS = {
    "en": {
        "head": "# Gallery\n\n[中文](gallery.zh.md)\n\nEvery operation of `bottega edit`, on real pictures; made by "
        "`make gallery`, nothing retouched. What stands left of the arrow goes in, the right comes out. The times are "
        "those of two CPU cores at {side} pixels on the longest side. Nothing was downloaded.\n",
        "credits": "---\n\nPaintings by van Gogh, Munch and Turner: public domain. Photographs, reduced, and changed "
        f"as each command says: Tübingen by Andreas Praefcke ({CC_BY.format(3.0)}), Golden Gate by Rich Niewiroski Jr. "
        f"({CC_BY.format(2.5)}), the cat Chelsea by Stéfan van der Walt and the coffee by Rachel Michetti (both {CC0}, "
        "from scikit-image), caps from the Kodak test set. The small works are from CIFAR-10, held out in training; "
        "the paper cuts are drawn by Bottega.\n",
    },
    "zh": {
        "head": "# 画廊\n\n[English](gallery.md)\n\n`bottega edit` 的全部操作，用真实图片演示；由 `make gallery` 生成，"
        "未经修饰。箭头左边是原作，右边是结果。用时为两个 CPU 核心、最长边 {side} 像素时所测。没有下载任何东西。\n",
        "credits": "---\n\n绘画出自梵高、蒙克与透纳，属公有领域。照片均已缩小，并按各条命令改动：图宾根，"
        f"Andreas Praefcke（{CC_BY.format(3.0)}）；金门大桥，Rich Niewiroski Jr.（{CC_BY.format(2.5)}）；猫 Chelsea，"
        f"Stéfan van der Walt，咖啡，Rachel Michetti（均为 {CC0}，来自 scikit-image）；帽子来自 Kodak 测试集。"
        "小幅作品来自 CIFAR-10，训练时留出；剪纸由 Bottega 自己画成。\n",
    },
}


def page(scenes: list[Shown], code: str) -> str:
    """The page in one language, as Markdown."""
    said = catalogue(code)
    lines = [WORDS[code]["head"].format(side=WORKED)]
    for name in OPERATIONS["image"]:
        mine = [one for one in scenes if one.scene.operation == name]
        if not mine:
            continue
        title = find(name).title
        lines += [f"## {name}\n\n{said.get(title, title)}\n"]
        for one in mine:
            row = [f'<img src="gallery/{file}" height="190">' for file in one.before]
            row += [" → "] if row else []
            row += [f'<img src="gallery/{file}" height="190">' for file in one.after]
            lines += ["<p>" + "\n".join(row) + "</p>\n", f"`{one.scene.command()}` · {one.measured}\n"]
    return "\n".join([*lines, WORDS[code]["credits"]])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--workshop", type=Path, default=Path("gallery"), help="where models and full sizes are kept")
    parser.add_argument("--minutes", type=float, default=4, help="training of each model that is not there yet")
    parser.add_argument("--only", nargs="+", help="operations to make; the page is written when all are made")
    chosen = parser.parse_args()
    scenes = []
    for number, scene in enumerate(SCENES):
        if chosen.only and scene.operation not in chosen.only:
            continue
        scenes.append(Shown(scene, *make(scene, number, chosen.pictures, chosen.workshop, chosen.minutes)))
        print(f"{scenes[-1].scene.command()}: {scenes[-1].measured}", flush=True)
    if not chosen.only:
        (DOCS / "gallery.md").write_text(page(scenes, "en"), encoding="utf-8")
        (DOCS / "gallery.zh.md").write_text(page(scenes, "zh"), encoding="utf-8")


if __name__ == "__main__":
    main()
