"""Sounds and scores in the demo: what went in, what came out, what was carried on and what was mended."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bottega.demo.page import Heard, Section, Words
from bottega.demo.telling import Told, figures, section, trained
from bottega.events import Said
from bottega.language import _

if TYPE_CHECKING:
    from bottega.media.audio import Sound

MEASURED = 12  # works made for the figures
NEW = 4  # works that are shown
SECONDS = 7.0  # of a new sound
KNOWN = 3.0  # seconds of a recording that are carried on
BARS = 16
HOLES = (0.9, 2.1, 3.2, 4.4)  # seconds at which a recording is broken before it is mended
HOLE = 0.03
CLICKS = 24


def sounds(folder: Path, minutes: float, seed: int, say: Callable[[Any], None], count: int) -> Told:
    """Mends a recording, learns from the built-in sounds and makes new ones."""
    from bottega import verbs
    from bottega.datasets.builtin_sounds import draw, write_collection
    from bottega.media import audio

    def play(name: str, caption: Words, make: Callable[[Path], Any]) -> Heard:
        return _shown(folder, folder / "heard" / f"{name}.wav", caption, make)

    def edit(operation: str, work: str, **wishes: Any) -> Callable[[Path], Any]:
        source = folder / "heard" / f"{work}.wav"
        return lambda path: verbs.edit(operation, source, to=path, seed=seed, on_event=say, **wishes)

    def new(number: int, label: str) -> Callable[[Path], Any]:
        return lambda path: verbs.make_works(model, 1, seed=seed + number, label=label, seconds=SECONDS)[0].save(path)

    say(Said(_("Playing {count:,} sounds to learn from …").format(count=count)))
    collection = write_collection(folder / "sounds", count=count)
    whole, _class = draw(2)
    beginning = audio.Sound(whole.samples[:, : round(KNOWN * whole.rate)], whole.rate)
    mended = [
        play("broken", Words("clicks and holes", "爆音与空洞"), lambda path: audio.write(path, broken(whole))),
        play("mended", Words("mended", "修复之后"), edit("repair", "broken")),
    ]
    model = trained(collection, folder / "sound-model", minutes, seed, say)
    say(Said(_("Making new works …")))
    originals = [
        play(f"original-{i}", Words(name, name), lambda path, i=i: audio.write(path, draw(i)[0]))
        for i, name in enumerate(model.classes[:2])
    ]
    made = [play(f"new-{i}", Words(name, name), new(i, name)) for i, name in enumerate(model.classes[:NEW])]
    carried = [
        play("beginning", Words("three seconds", "三秒"), lambda path: audio.write(path, beginning)),
        play("carried", Words("and five more", "再加五秒"), edit("continue", "beginning", model=model, seconds=5.0)),
    ]
    groups = [
        (Words("Mended before any training", "不经训练的修复"), mended),
        (Words("From the collection", "原作"), originals),
        (Words("New sounds", "新的声音"), made),
        (Words("Carried on", "续写"), carried),
    ]
    return Told(groups, figures(model, collection, MEASURED, seed, say), model.facts, model.recipe.name)


def tunes(folder: Path, minutes: float, seed: int, say: Callable[[Any], None], count: int) -> Told:
    """Learns from the built-in tunes and writes new ones."""
    from bottega import verbs
    from bottega.datasets.builtin_tunes import draw, write_collection
    from bottega.media import score

    def play(name: str, caption: Words, make: Callable[[Path], Any]) -> Heard:
        return _shown(folder, folder / "heard" / f"{name}.mid", caption, make)

    def new(number: int, label: str | None, **wishes: Any) -> Callable[[Path], Any]:
        return lambda path: verbs.make_works(model, 1, seed=seed + number, label=label, **wishes)[0].save(path)

    say(Said(_("Composing {count:,} tunes to learn from …").format(count=count)))
    collection = write_collection(folder / "tunes", count=count)
    model = trained(collection, folder / "score-model", minutes, seed, say)
    say(Said(_("Making new works …")))
    originals = [
        play(f"tune-{i}", Words(draw(i)[1], draw(i)[1]), lambda path, i=i: score.write(path, draw(i)[0]))
        for i in range(2)
    ]
    made = [play(f"new-tune-{i}", Words(name, name), new(i, name)) for i, name in enumerate(model.classes[:NEW])]
    bright = Words("bright and lively: `--mood 1,1`", "明亮而活泼：`--mood 1,1`")
    dark = Words("dark and calm: `--mood -1,-1`", "暗淡而平静：`--mood -1,-1`")
    moods = [
        play("bright", bright, new(50, None, mood=(1.0, 1.0))),
        play("dark", dark, new(50, None, mood=(-1.0, -1.0))),
    ]
    groups = [
        (Words("From the collection", "原作"), originals),
        (Words("New tunes, every bar complete", "新的曲子，每小节都完整"), made),
        (Words("The same seed in two moods", "同一种子，两种情绪"), moods),
    ]
    return Told(groups, figures(model, collection, MEASURED, seed, say), model.facts, model.recipe.name)


def broken(sound: "Sound") -> "Sound":
    """A recording with holes and clicks in it, always the same ones."""
    samples, dice = sound.samples.copy(), np.random.default_rng(0)
    for place in HOLES:
        samples[:, round(place * sound.rate) : round((place + HOLE) * sound.rate)] = 0
    at = dice.integers(0, samples.shape[1], CLICKS)
    samples[:, at] += dice.choice([-0.8, 0.8], CLICKS).astype(np.float32)
    return type(sound)(samples.clip(-1, 1), sound.rate)


def _shown(page: Path, path: Path, caption: Words, make: Callable[[Path], Any]) -> Heard:
    """A work, made when it is not there, beside its picture; a score beside its sound."""
    from bottega import crafts
    from bottega.media import image, kinds

    sound, picture = path.with_suffix(".wav"), path.with_suffix(".png")
    if not picture.exists():
        make(path)
        content = kinds.read(path)
        crafts.of(kinds.medium_of(content)).beside(path, content)
        if not picture.exists():
            image.write(picture, kinds.picture(content))
    return Heard(sound.relative_to(page).as_posix(), picture.relative_to(page).as_posix(), caption, caption)


def sound_section(made: Told) -> Section:
    """What the page says about sounds."""
    facts = made.facts
    lead = Words(
        f"{facts['works']['train']:,} recordings, {facts['minutes']:.1f} minutes, the recipe `{made.recipe}`: a codec "
        "learned to write sound as a few frames a second, and a network learned which frames follow each other.",
        f"{facts['works']['train']:,} 段录音，{facts['minutes']:.1f} 分钟，配方 `{made.recipe}`："
        "编解码器学会把声音写成每秒几十帧，另一个网络学会哪些帧彼此相随。",
    )
    commands = [
        (
            Words("Learn from your own recordings:", "用你自己的录音来学习："),
            "bottega train my-recordings --minutes 20",
        ),
        (Words("Mend a recording:", "修复一段录音："), "bottega edit repair tape.wav"),
        (Words("Carry one on:", "续写一段："), "bottega edit continue draft.wav --model my-recordings-audio-flow"),
    ]
    return section(Words("Sounds", "声音"), lead, made, NAMES, commands)


def tune_section(made: Told) -> Section:
    """What the page says about scores."""
    facts = made.facts
    lead = Words(
        f"{facts['works']['train']:,} tunes, {facts['minutes']:.1f} minutes, the recipe `{made.recipe}`. What is "
        "written is a score, a MIDI file; our own instruments play it.",
        f"{facts['works']['train']:,} 首曲子，{facts['minutes']:.1f} 分钟，配方 `{made.recipe}`。"
        "写出的是乐谱，即 MIDI 文件；由我们自己的乐器演奏。",
    )
    commands = [
        (Words("Learn from your own tunes:", "用你自己的曲子来学习："), "bottega train my-tunes --minutes 5"),
        (
            Words("Sixteen bars in D minor:", "D 小调，十六小节："),
            "bottega generate my-tunes-tune-rnn --bars 16 --key Dm",
        ),
        (
            Words("Give a melody its voices:", "为旋律配和声："),
            "bottega edit harmonize melody.mid --model my-tunes-tune-rnn",
        ),
    ]
    return section(Words("Scores", "乐谱"), lead, made, NAMES, commands)


NAMES = {
    "kernel_distance": Words("distance to unheard sounds (real sounds)", "与未听过的声音的距离（真实声音）"),
    "grain_distance": Words("the same of shuffled grains", "打乱的声音碎粒的同一距离"),
    "nats_per_bar": Words("nats a bar on unseen tunes", "未见曲子每小节奈特数"),
    "copies": Words("share that stands in a training work (real works)", "与训练作品雷同的比例（真实作品）"),
    "longest_copy": Words("longest copy (real works)", "最长的雷同（真实作品）"),
}
