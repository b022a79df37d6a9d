"""Films in the demo: a loop made of one clip, what went in, what came out, and what was carried on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bottega.demo.page import Section, Watched, Words
from bottega.demo.telling import Told, figures, section, trained
from bottega.events import Said
from bottega.language import _

MEASURED = 32  # works made for the figures
NEW = 4  # works that are shown
SECONDS = 2.5  # of a new film
KNOWN = 0.7  # seconds of a film that are carried on
WALK = 5.0  # seconds of a walk through the model of pictures


def films(folder: Path, minutes: float, seed: int, say: Callable[[Any], None], count: int) -> Told:
    """Loops one clip, learns from the built-in films and makes new ones."""
    from bottega import verbs
    from bottega.datasets.builtin_films import RATE, draw, write_collection
    from bottega.media import video

    def show(name: str, caption: Words, make: Callable[[Path], Any]) -> Watched:
        path = folder / "watched" / f"{name}.mp4"
        if not path.exists():
            make(path)
        return Watched(path.relative_to(folder).as_posix(), caption)

    def edit(operation: str, *works: str, **wishes: Any) -> Callable[[Path], Any]:
        sources = [folder / "watched" / f"{work}.mp4" for work in works]
        return lambda path: verbs.edit(operation, *sources, to=path, seed=seed, on_event=say, **wishes)

    def new(number: int, label: str, **wishes: Any) -> Callable[[Path], Any]:
        return lambda path: verbs.make_works(model, 1, seed=seed + number, label=label, **wishes)[0].save(path)

    def original(number: int) -> Callable[[Path], Any]:
        return lambda path: video.write(path, video.Film(draw(number)[0], RATE))

    say(Said(_("Drawing {count:,} films to learn from …").format(count=count)))
    collection = write_collection(folder / "films", count=count)
    beginning = video.Film(draw(0)[0][: round(KNOWN * RATE)], RATE)
    model = trained(collection, folder / "film-model", minutes, seed, say)
    say(Said(_("Making new works …")))
    classes = model.classes[:NEW]
    originals = [show(f"original-{i}", Words(name, name), original(i)) for i, name in enumerate(classes)]
    made = [show(f"new-{i}", Words(name, name), new(i, name, seconds=SECONDS)) for i, name in enumerate(classes)]
    loops = [
        show(f"loop-{i}", Words(name, name), new(40 + i, name, seconds=SECONDS, loop=True))
        for i, name in enumerate(classes)
    ]
    carried = [
        show("beginning", Words("a beginning", "一个开头"), lambda path: video.write(path, beginning)),
        show(
            "carried",
            Words("and two seconds more", "再加两秒"),
            edit("continue", "beginning", model=model, seconds=2.0),
        ),
        show("slow", Words("the same, half as fast", "同一段，放慢一倍"), edit("slow", "carried")),
    ]
    walk = show(
        "walk",
        Words("an endless walk", "无尽的漫步"),
        lambda path: verbs.edit(
            "walk", to=path, model=folder / "model", seconds=WALK, seed=seed, on_event=say, loop=True
        ),
    )
    groups = [
        (Words("A walk through what the model of pictures can make", "在图画模型能画的一切之间漫步"), [walk]),
        (Words("From the collection", "原作"), originals),
        (Words("New films", "新的影片"), made),
        (Words("New films that loop", "首尾相接的新影片"), loops),
        (Words("Carried on, and slowed down", "续写，与放慢"), carried),
    ]
    return Told(groups, figures(model, collection, MEASURED, seed, say), model.facts, model.recipe.name)


def film_section(made: Told) -> Section:
    """What the page says about films."""
    facts = made.facts
    lead = Words(
        f"{facts['works']['train']:,} films, {facts['minutes']:.1f} minutes, the recipe `{made.recipe}`: a codec "
        "learned to write each frame as a few numbers, and a network learned how these numbers move.",
        f"{facts['works']['train']:,} 段影片，{facts['minutes']:.1f} 分钟，配方 `{made.recipe}`："
        "编解码器学会把每一帧写成几个数，另一个网络学会这些数如何运动。",
    )
    commands = [
        (Words("Learn from your own clips:", "用你自己的短片来学习："), "bottega train my-clips --minutes 20"),
        (
            Words("An endless loop of one clip, no training:", "一段短片变成无尽循环，不必训练："),
            "bottega edit texture sea.mp4",
        ),
        (
            Words("A clip in the manner of a painting:", "用一幅画的手法画一段短片："),
            "bottega edit stylize clip.mp4 painting.jpg",
        ),
        (Words("Carry one on:", "续写一段："), "bottega edit continue clip.mp4 --model my-clips-video-flow"),
    ]
    return section(Words("Films", "影片"), lead, made, NAMES, commands)


NAMES = {
    "kernel_distance": Words("distance to unseen films (real films)", "与未见过的影片的距离（真实影片）"),
    "copies": Words("share that stands in a training work (real works)", "与训练作品雷同的比例（真实作品）"),
}
