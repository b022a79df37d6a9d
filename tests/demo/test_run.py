"""The whole demo on a small collection: drawn, learned, measured, shown."""

from functools import partial
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest

from bottega import demo, learning
from bottega.demo import changes, listening, run, sections, watching, writing
from bottega.errors import Interrupted
from bottega.events import Said
from bottega.training import budget
from bottega.training.settings import TrainingSettings

FEW = (
    (demo, {"MEASURED": 40}),
    (sections, {"A_ROW": 2}),
    (writing, {"MEASURED": 10, "EACH": 1}),
    (listening, {"MEASURED": 4, "NEW": 1, "SECONDS": 2.0}),
    (watching, {"MEASURED": 8, "NEW": 1, "SECONDS": 1.5, "WALK": 1.0}),
)
"""How much of each thing is made here: of everything something, of nothing much."""


def test_the_demo_goes_on_where_it_was_interrupted_and_ends_with_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = [change for change in changes.CHANGES if change.operation in ("inpaint", "retarget")]
    monkeypatch.setattr(changes, "CHANGES", quick)
    for part, fewer in FEW:
        for name, many in fewer.items():
            monkeypatch.setattr(part, name, many)
    monkeypatch.setattr(learning, "TrainingSettings", partial(TrainingSettings, previews=4))
    # every look at the clock is a moment later, so that as much is learned on any machine: a few steps
    monkeypatch.setattr(budget, "time", SimpleNamespace(monotonic=count(0.0, 0.1).__next__))

    def interrupt(event: object) -> None:
        if isinstance(event, Said) and event.text == "Making new works …":
            raise Interrupted("enough for today")

    with pytest.raises(Interrupted):
        run(tmp_path / "demo", minutes=0.05, count=240, on_event=interrupt)
    weights = tmp_path / "demo" / "model" / "model.safetensors"
    before = weights.stat().st_mtime_ns
    page = run(tmp_path / "demo", minutes=0.05, count=240)
    assert weights.stat().st_mtime_ns == before, "what was learned is not learned again"
    text = page.read_text(encoding="utf-8")
    assert page == tmp_path / "demo" / "index.html"
    for shown in (
        "changes/1-inpaint/drawing-55-inpaint.png",
        "bottega edit retarget",
        "collection-00.png",
        "new-07.png",
        "time-lapse.webp",
        "closest-pairs.png",
        'class="chart"',
        "(KID)",
        "watched/walk.mp4",
        "watched/new-0.mp4",
    ):
        assert shown in text
        assert shown[-3:] not in ("png", "ebp", "mp4") or (page.parent / shown).stat().st_size > 0
    written = page.stat().st_mtime_ns
    assert run(tmp_path / "demo", minutes=0.05, count=240) == page
    assert page.stat().st_mtime_ns == written, "a page that is there is not made again"
