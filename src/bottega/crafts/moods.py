"""Mood as something to ask for: valence (dark to bright) and arousal (calm to wild), Russell 1980.

Works whose mood is told in two columns become classes of a three by three grid when they have no classes of their own;
each class knows the mean mood of its works, so that a mood that is asked for finds the class nearest to it. Where no
columns tell a mood, the names of the classes may: levels from 1 to 5, or words of feeling such as calm and sad.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bottega.errors import UsageError
from bottega.language import _

VALENCE = ("dark", "even", "bright")
AROUSAL = ("calm", "awake", "wild")
FEELINGS = {
    8: "happy happiness joy joyful bright cheerful merry love positive 喜 乐 快乐 喜悦 欢乐 欢喜 高兴 明亮 正面 积极",
    30: "delighted excited excitement wild triumphant enthusiastic 兴奋 激动 狂喜 豪放",
    70: "surprise surprised astonished 惊 惊讶 惊奇",
    99: "anger angry rage tense 怒 愤怒 生气 紧张",
    116: "fear afraid anxious 惧 恐惧 害怕 焦虑",
    138: "disgust distressed bitter 恶 厌恶 苦恼",
    188: "miserable dark negative 痛苦 黑暗 负面 消极",
    208: "sad sadness grief sorrow sorrowful gloomy melancholy 哀 悲 悲伤 哀伤 悲哀 伤感 忧 忧愁 忧伤 愁",
    255: "bored tired lonely weary 倦 疲倦 孤独 寂寞",
    316: "calm quiet still relaxed peaceful peace 静 平静 安静 宁静 恬淡",
    329: "serene serenity content tender 安宁 满足 温柔",
    353: "glad pleased light hopeful 愉快 轻快 希望",
}
"""Where words of feeling lie on the circle of Russell 1980, roughly: degrees from pleasant towards awake."""
EVEN = {"neutral", "even", "mixed", "中性", "平淡"}


@dataclass(frozen=True)
class Steering:
    """What steers a model.

    Attributes:
        classes: their names.
        labels: the class of each work, int64 ``(N,)``, ``len(classes)`` for none; None when nothing steers.
        moods: the mean mood of each class, by name; of those that have any.
    """

    classes: list[str]
    labels: np.ndarray | None
    moods: dict[str, list[float]]


def steering(classes: list[str], labels: np.ndarray | None, moods: np.ndarray | None, train: np.ndarray) -> Steering:
    """The classes that works have, or else those of their moods.

    Args:
        moods: float ``(N, 2)``, valence and arousal on any scale, nan where nothing is said; None when nothing is.
        train: the rows whose moods say where a third of them ends.
    """
    if moods is None:
        return Steering(classes, labels, {})
    said = ~np.isnan(moods).any(1)
    if labels is None and said[train].any():
        thirds = np.quantile(moods[train][said[train]], (1 / 3, 2 / 3), axis=0)  # (2, 2)
        cells = (moods[:, None] > thirds).sum(1) @ (3, 1)  # nan is greater than nothing
        names = [f"{valence}-{arousal}" for valence in VALENCE for arousal in AROUSAL]
        used = [cell for cell in range(9) if (cells[said] == cell).any()]
        number = np.full(9, len(used))
        number[used] = range(len(used))
        classes, labels = [names[cell] for cell in used], np.where(said, number[cells], len(used))
    if labels is None:
        return Steering(classes, labels, {})
    rows = np.intersect1d(train, np.flatnonzero(said))
    means = {name: moods[rows[labels[rows] == k]] for k, name in enumerate(classes)}
    return Steering(classes, labels, {name: one.mean(0).round(4).tolist() for name, one in means.items() if len(one)})


def named(classes: Sequence[str]) -> dict[str, list[float]]:
    """The moods of the classes whose names tell one, valence and arousal from -1 to 1; {} where fewer than two do.

    Numbers are levels of valence, the lowest dark and the highest bright; of their arousal nothing is known.
    """
    try:
        levels = np.array([float(name) for name in classes])
    except ValueError:
        levels = np.full(len(classes), np.nan)
    if len(classes) > 1 and np.isfinite(levels).all() and np.ptp(levels) > 0:
        valence = 2 * (levels - levels.min()) / np.ptp(levels) - 1
        return {name: [round(float(one), 4), 0.0] for name, one in zip(classes, valence, strict=True)}
    angles = {word: math.radians(angle) for angle, words in FEELINGS.items() for word in words.split()}
    found: dict[str, list[float]] = {}
    for name in classes:
        word = name.casefold()
        if word in angles:
            found[name] = [round(math.cos(angles[word]), 4), round(math.sin(angles[word]), 4)]
        elif word in EVEN:
            found[name] = [0.0, 0.0]
    return found if len(found) > 1 else {}


def nearest(moods: dict[str, list[float]], wanted: tuple[float, float]) -> str:
    """The class of some whose mood is nearest to a wish; valence and arousal count alike, whatever their scales."""
    places = np.array(list(moods.values()))
    spread = places.std(0)
    spread[spread == 0] = 1  # all alike: it decides nothing
    return list(moods)[int(np.square((places - wanted) / spread).sum(1).argmin())]


def unknown(classes: Sequence[str]) -> UsageError:
    """Why no mood can be asked for, and what can be asked instead."""
    if classes:
        message = _(
            "This model knows no moods: its texts had no columns “valence” and “arousal”, and the names of its classes "
            "tell none. Ask for one of them with --class: {classes}."
        )
        return UsageError(message.format(classes=", ".join(classes)))
    return UsageError(
        _(
            "This model knows neither moods nor classes. Train one on texts with columns “valence” and “arousal”, with "
            "classes in a column (--class-column), or in sub-folders."
        )
    )
