"""The built-in collection of texts: poems and small prose from one harbour town, in English and Chinese.

All of them are written by a grammar of this project, and every text is a pure function of its number, so the
collection needs no download and is the same on every machine. Each text has a form, which is its class, and a mood,
which decides its words.
"""

import json
import random
from collections.abc import Callable
from itertools import count as numbers
from pathlib import Path

from bottega.datasets.builtin_texts.chinese import qijue, sanwen, wujue, xinshi
from bottega.datasets.builtin_texts.english import haiku, lyric, prose, quatrain
from bottega.datasets.builtin_texts.grammar import KINDS, Stuck
from bottega.media.files import whole_file, write_each

SEED = 1472
_ENGLISH, _CHINESE = (haiku, quatrain, lyric, prose), (wujue, qijue, xinshi, sanwen)
_FORMS = tuple(form for pair in zip(_ENGLISH, _CHINESE, strict=True) for form in pair)
CLASSES: tuple[str, ...] = tuple(sorted(form.__name__ for form in _FORMS))
MOODS: tuple[str, ...] = KINDS["mood"]


def draw(index: int) -> tuple[str, str]:
    """Write one text.

    Args:
        index: its number; classes take turns, so any run of numbers is balanced.

    Returns:
        The text, its lines separated by ``"\\n"`` and stanzas by an empty line, and the name of the class.
    """
    form = _FORMS[index % len(_FORMS)]
    for attempt in numbers():
        try:
            return form(random.Random(f"{SEED}/{index}/{attempt}"), mood(index)), form.__name__
        except Stuck:  # nothing fitted: the same number begins again with other dice
            continue
    raise AssertionError  # numbers() does not end


def mood(index: int) -> str:
    """The mood of a text: one of ``MOODS``, which take turns within each class."""
    return MOODS[index // len(_FORMS) % len(MOODS)]


def write_collection(folder: Path, count: int = 1200, on_progress: Callable[[int, int], None] | None = None) -> Path:
    """Write ``count`` texts as ``folder/<class>/<number>.txt``, all of them or nothing.

    If ``folder`` exists already it is left as it is.

    Returns:
        The folder.
    """

    def write(index: int, place: Path) -> None:
        text, name = draw(index)
        (place / name / f"{index:05}.txt").write_text(text + "\n", encoding="utf-8", newline="\n")

    return write_each(folder, CLASSES, count, write, on_progress)


def write_table(file: Path, count: int = 1200) -> Path:
    """Write ``count`` texts as JSON, one in each line, with the columns text, form, mood and language; or nothing.

    Returns:
        The file.
    """
    with whole_file(Path(file)) as part, part.open("w", encoding="utf-8", newline="\n") as rows:
        for index in range(count):
            text, form = draw(index)
            language = "zh" if _FORMS[index % len(_FORMS)] in _CHINESE else "en"
            row = {"text": text, "form": form, "mood": mood(index), "language": language}
            rows.write(json.dumps(row, ensure_ascii=False) + "\n")
    return Path(file)
