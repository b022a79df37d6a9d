"""What the page says about pictures: three sections, and the command lines to do it all again."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from bottega.demo import chart
from bottega.demo.facts import DemoFacts, Figure
from bottega.demo.page import (
    Block,
    Commands,
    Drawings,
    Facts,
    Folded,
    Heading,
    Measure,
    Picture,
    Prose,
    Rows,
    Section,
    Strip,
    Words,
)
from bottega.media import image, montage, video

A_ROW = 12  # pictures of each class in a row
FILM = 6  # pictures in the strip of previews


def hero(folder: Path, facts: DemoFacts) -> list[Picture]:
    """The two pictures the page opens with: the master's works and the apprentice's."""
    seen = Words("Works from the collection", "原作"), Words("New works by the model", "模型的新作")
    shown = []
    for name, caption, works in zip(("collection.png", "new.png"), seen, (facts.originals, facts.new), strict=True):
        image.write(folder / name, image.sheet(_mixed(works, 36), columns=6, gap=1))
        shown.append(Picture(name, caption, caption))
    return shown


def went_in(folder: Path, facts: DemoFacts) -> Section:
    """The collection and the report on it."""
    blocks: list[Block] = [
        Prose(
            Words(
                "Bottega learns from a folder of pictures. Each sub-folder is a class, and its name is how you ask for "
                "it afterwards. Below are a few works of each class, as the model sees them.",
                "Bottega 从一个图片文件夹学习。每个子文件夹是一个类别，文件夹的名字就是日后点名要它的方式。"
                "下面是每个类别的几幅作品，与模型看到的一模一样。",
            )
        ),
        _rows(folder, "collection", facts.originals, Words("Works of the class", "原作，类别")),
        Facts(
            [
                (Words("works to learn from", "用于学习的作品"), f"{facts.used - facts.held_out:,}"),
                (Words("kept aside for measuring", "留作检验的作品"), f"{facts.held_out:,}"),
                (Words("classes", "类别"), f"{len(facts.originals):,}"),
                (Words("files skipped", "跳过的文件"), f"{len(facts.skipped):,}"),
                (Words("near-duplicates", "近似重复"), f"{facts.duplicates:,}"),
            ]
        ),
        Prose(
            Words(
                "The works kept aside are never shown to the model. They are the honest yardstick: whatever the model "
                "makes is compared with works it has not seen.",
                "留出的作品从不给模型看。它们是诚实的尺子：模型的作品要与它没见过的作品相比。",
            )
        ),
    ]
    if facts.skipped:
        lines = [f"{name}: {reason}" for name, reason in facts.skipped]
        blocks.append(Folded(Words("Which files were skipped, and why", "哪些文件被跳过，为什么"), lines))
    return Section(Words("What went in", "放进去的"), blocks)


def trained(folder: Path, facts: DemoFacts) -> Section:
    """Recipe, time, time-lapse and curves."""
    title = Words(facts.recipe_title["en"], facts.recipe_title["zh"])
    blocks: list[Block] = [
        Prose(
            Words(
                f"The recipe is `{facts.recipe}`: {title.en} ({facts.recipe_source}).",
                f"所用配方是 `{facts.recipe}`：{title.zh}（{facts.recipe_source}）。",
            )
        ),
        Facts(
            [
                (Words("minutes", "分钟"), f"{facts.minutes:.1f}"),
                (Words("steps", "步"), f"{facts.steps:,}"),
                (Words("pictures looked at", "看过的图片"), f"{facts.works_seen:,}"),
                (Words("pictures a second", "每秒图片"), f"{facts.works_per_second:,.0f}"),
                (Words("seed", "种子"), f"{facts.seed}"),
                (Words("machine", "机器"), facts.machine),
            ]
        ),
    ]
    if facts.previews:
        blocks += _film(folder, facts.previews)
    curves = {name: [p for p in points if math.isfinite(p[1])] for name, points in facts.curves.items()}
    drawings = [chart.curve(name, points) for name, points in curves.items() if len(points) > 1]
    if drawings:
        blocks += [
            Heading(Words("The losses", "损失")),
            Prose(
                Words(
                    "A loss says how wrong the model still is about the pictures it was just shown. The strong line is "
                    "the running mean, the faint one the values as they came, from the first step on the left to the "
                    "last on the right. A line that falls and then flattens is a healthy one; where two networks "
                    "compete, their losses need not fall, only stay calm.",
                    "损失是模型对刚看过的图片还错了多少。粗线是滑动平均，淡线是原始数值，从左边第一步到右边最后一步。"
                    "先下降、再趋平，就是健康的；若是两个网络相互较量，损失不必下降，平稳即可。",
                )
            ),
            Drawings(drawings),
        ]
    return Section(Words("How training went", "训练的经过"), blocks)


def came_out(folder: Path, facts: DemoFacts) -> Section:
    """New works, the copy audit, and the figures."""
    blocks: list[Block] = [
        Prose(
            Words(
                "None of these existed before. Each row was asked for by the name of its class; nothing was picked by "
                "hand, these are the first ones the model made.",
                "这些作品此前都不存在。每一行都是按类别的名字点名要的；没有挑选，就是模型最先画出的那些。",
            )
        ),
        _rows(folder, "new", facts.new, Words("New works of the class", "新作，类别")),
    ]
    if facts.closest is not None:
        image.write(folder / "closest-pairs.png", facts.closest)
        alt = Words("New works beside the training works nearest to them", "新作与最接近它们的训练作品")
        blocks += [
            Heading(Words("Does it copy?", "它在抄袭吗？")),
            Prose(
                Words(
                    "These are the most suspicious cases of all: each new work beside the training work that is "
                    "nearest to it, also when mirrored or shifted. Kinship is what you hope to see, twins are not.",
                    "这是所有作品中最可疑的几对：每幅新作旁边是与它最接近的训练作品，镜像或平移过的也算。"
                    "应当看到的是亲缘，而不是孪生。",
                )
            ),
            Picture("closest-pairs.png", alt, alt),
        ]
    measures = [measure for figure in facts.figures if (measure := _measure(figure))]
    if measures:
        blocks += [
            Heading(Words("Measured", "检验")),
            Prose(
                Words(
                    "Every figure stands beside its floor: what real works score against other real works. A model "
                    "that reaches the floor could not be told from the artist by this figure. The green mark on each "
                    "bar is that floor.",
                    "每个数字旁边都有它的参照：真实作品与另一批真实作品相比所得的数。达到参照，"
                    "意味着单凭这个数字已分不出模型与作者。横条上的绿色标记就是参照。",
                )
            ),
            *measures,
        ]
    return Section(Words("What came out", "画出来的"), blocks)


def your_turn(facts: DemoFacts) -> Section:
    """The command lines, with one's own folder."""
    says = {
        "train": Words("Learn from a folder of yours:", "用你自己的文件夹来学习："),
        "generate": Words("Make new works:", "画新的作品："),
        "evaluate": Words("Measure them, and look for copies:", "检验它们，并查有没有抄袭："),
        "demo": Words("Make another page like this one, with more time:", "多花些时间，再做一个这样的页面："),
    }
    return Section(
        Words("Your turn", "轮到你了"),
        [
            Prose(
                Words(
                    "Stop at any time with Ctrl-C; the same command goes on where it stopped. More minutes make better "
                    "works. With no recipe named, Bottega chooses one and says why.",
                    "随时可以按 Ctrl-C 停下；同一条命令会接着做下去。时间越长，作品越好。"
                    "不指定配方时，Bottega 会选一个并说明理由。",
                )
            ),
            Commands([(says[name], line) for name, line in facts.commands.items()]),
        ],
    )


def _rows(folder: Path, stem: str, works: Mapping[str, np.ndarray], alt: Words) -> Rows:
    """A picture file for each class."""
    items = []
    for i, (name, pictures) in enumerate(works.items()):
        file = f"{stem}-{i:02}.png"
        image.write(folder / file, image.sheet(pictures[:A_ROW], columns=A_ROW, gap=1))
        items.append((name, file, Words(f"{alt.en} {name}", f"{alt.zh} {name}")))
    return Rows(items)


def _film(folder: Path, previews: Sequence[tuple[int, Path]]) -> list[Block]:
    """The time-lapse, and a few of its pictures side by side."""
    frames = [image.read(path) for _step, path in previews]
    video.write(folder / "time-lapse.webp", montage.time_lapse(frames))
    chosen = sorted({round(i) for i in np.linspace(0, len(frames) - 1, min(FILM, len(frames)))})
    strip = []
    for i in chosen:
        step, file = previews[i][0], f"preview-{i:02}.png"
        image.write(folder / file, frames[i])
        said = Words(f"step {step:,}", f"第 {step:,} 步")
        strip.append(Picture(file, Words(f"Preview at {said.en}", f"{said.zh}的预览"), said))
    lapse = Words(
        "From noise to works: the same starting points, drawn again and again while the model learns",
        "从噪声到作品：同一批起点，边学边一遍遍重画",
    )
    return [
        Heading(Words("Watching it learn", "看它学习")),
        Picture("time-lapse.webp", Words("Time-lapse of training", "训练的延时动画"), lapse),
        Strip(strip),
    ]


def _mixed(works, n: int) -> np.ndarray:
    """``n`` pictures, the classes taking turns."""
    most = max(len(pictures) for pictures in works.values())
    turns = [pictures[i] for i in range(most) for pictures in works.values() if i < len(pictures)]
    return np.stack(turns[:n])


_Meaning = tuple[Words, Words, Callable[[float], str], bool]
_MEANINGS: dict[str, _Meaning] = {  # name, meaning, how it is written, whether it is a share of 1
    "kernel_distance": (
        Words("Kernel distance (KID)", "核距离（KID）"),
        Words(
            "How far the new works as a whole lie from works the model has not seen: colours, shapes and textures "
            "taken together. Lower is better; zero means indistinguishable. It stays fair with few works.",
            "新作整体与模型没见过的作品相距多远：颜色、形状、肌理合在一起看。"
            "越低越好，零即无从分辨。作品不多时也依然公平。",
        ),
        lambda v: f"{v:.4f}",
        False,
    ),
    "frechet_distance": (
        Words("Fréchet distance", "弗雷歇距离"),
        Words(
            "The same question, asked of the average work and of how much works differ from each other. "
            "Lower is better.",
            "同样的问题，换个问法：看平均的样子，也看作品之间的差异有多大。越低越好。",
        ),
        lambda v: f"{v:.2f}",
        False,
    ),
    "precision": (
        Words("Precision", "精度"),
        Words(
            "The share of new works that could pass for works of this hand. Higher is better.",
            "新作之中，可以混入这位作者作品的占多少。越高越好。",
        ),
        lambda v: f"{v:.0%}",
        True,
    ),
    "coverage": (
        Words("Coverage", "覆盖"),
        Words(
            "The share of what the artist does that the model does too. Low coverage means it repeats a few "
            "favourites.",
            "作者会画的东西，模型会画其中多少。覆盖低，说明它只在重复几样拿手的。",
        ),
        lambda v: f"{v:.0%}",
        True,
    ),
    "copies": (
        Words("Closer than chance", "近得可疑"),
        Words(
            "The share of new works that lie nearer to a training work than unseen works by the artist do. At or below "
            "the floor, the model does not copy.",
            "新作之中，比作者自己未展示的作品更贴近某幅训练作品的占多少。不高于参照，就不是在抄。",
        ),
        lambda v: f"{v:.1%}",
        False,
    ),
}


def _measure(figure: Figure) -> Measure | None:
    if figure.name not in _MEANINGS or not math.isfinite(figure.value):
        return None
    name, meaning, said, is_share = _MEANINGS[figure.name]
    floor = figure.floor
    full = 1.0 if is_share else max(figure.value, floor or 0.0, 1e-9) * 1.15
    return Measure(
        name,
        said(figure.value),
        "–" if floor is None else said(floor),
        meaning,
        min(max(figure.value / full, 0.0), 1.0),
        None if floor is None else min(max(floor / full, 0.0), 1.0),
    )
