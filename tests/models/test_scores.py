"""What a model of scores promises: exact bars, the key and tempo that were asked for, and the same again."""

import json

import numpy as np
import pytest

from bottega.errors import DataError, UsageError
from bottega.media.score import Score, Track, tidy
from bottega.models import load_model
from bottega.models.model import initialised
from bottega.models.scores import Plan, ScoreModel, fifth, sheet, strangeness
from bottega.randomness import Random
from bottega.recipes.recipe import load
from bottega.representations.events import Events
from bottega.representations.grid import laid_out

SMALL = {"networks.model.width": "32", "networks.model.layers": "1"}


def tune(shift: int = 0) -> Score:
    """Four bars of 3/4: a melody and chords."""
    melody = [(240 * i, 240, 60 + shift + (0, 2, 4, 5, 7)[i % 5], 90) for i in range(24)]
    chords = [(1440 * i, 1440, p + shift, 70) for i in range(4) for p in (48, 52, 55)]
    tracks = [Track("", 0, False, np.array(some)) for some in (melody, chords)]
    return tidy(Score(tracks, 480, meters=[(0, 3, 4)]))


def untrained(recipe: str = "tune-rnn", classes: tuple[str, ...] = ()) -> ScoreModel:
    small = SMALL | ({"networks.model.heads": "2"} if recipe == "tune-transformer" else {})
    chosen = load(recipe, small)
    events = Events.learn([laid_out(tune())] * 4, classes)
    plans = [Plan(k if classes else None, (k, 4 - k), 12 * (k < 2) + k, 100.0 + 10 * k, (3, 4)) for k in range(5)]
    plans = [plan for plan in plans if plan.label is None or plan.label < len(classes)]
    shares = [1 / len(classes) for _name in classes]
    return ScoreModel(chosen, events, list(classes), shares, initialised(chosen, events, len(classes), 0), plans=plans)


@pytest.mark.parametrize("recipe", ["tune-rnn", "tune-transformer"])
def test_bars_are_as_many_as_asked_for_and_complete(recipe: str) -> None:
    for work in untrained(recipe).generate(2, seed=1, bars=3, key=14, tempo=90):
        score = work.content
        assert score.end <= 3 * 1440 and len(laid_out(score)) == 3
        assert {pitch % 12 for track in score.tracks for pitch in track.notes[:, 2]} <= {2, 4, 5, 7, 9, 10, 0, 1}
        assert score.key == (2, "minor") and score.tempos[0][1] == 90 and score.meter_at(0) == (3, 4)
        assert work.record["parameters"]["controls"] == {"bars": 3, "key": "D minor", "tempo": 90}


def test_the_same_seed_writes_the_same_scores() -> None:
    first, again, other = (untrained().generate(2, seed=seed, bars=2) for seed in (1, 1, 2))
    assert [work.content for work in first] == [work.content for work in again]
    assert first[0].content != other[0].content


def test_a_plan_keeps_to_what_is_asked_for() -> None:
    model = untrained()
    wild = model.plan(Random(0), mood=(1.0, 1.0))
    assert wild.mood == (4, 4)
    assert {model.plan(Random(k), mood=(-1.0, 1.0)).key // 12 for k in range(9)} == {1}  # the dark ones are in minor
    assert model.plan(Random(0), key=5, tempo=77.0).tempo == 77.0
    assert [fifth(value) for value in (-1, -0.5, 0, 0.5, 1)] == [0, 1, 2, 3, 4]


def test_the_form_is_that_of_a_tune_of_about_that_length_in_the_same_meter() -> None:
    model = untrained()
    three = Plan(None, (2, 2), 0, 100.0, (3, 4), (0, 1, 0, 1))
    model.plans = [three, Plan(None, (2, 2), 0, 100.0, (3, 4), tuple(range(40))), Plan(None, (2, 2), 0, 100.0, (4, 4))]
    forms = [model.plan(Random(k), meter=(3, 4), bars=4).form for k in range(9)]
    assert forms.count(three.form) >= 8
    made = model.generate(1, seed=0, bars=4, meter=(3, 4))[0].content
    assert len(laid_out(made)) == 4


def line(*pitches: int) -> Score:
    """One note after another."""
    return tidy(Score([Track("", 0, False, np.array([(480 * i, 480, p, 90) for i, p in enumerate(pitches)]))], 480))


def test_a_minor_key_is_not_its_relative_major() -> None:
    minor, major = line(69, 72, 76, 74, 72, 71, 69, 68, 69), line(72, 76, 79, 77, 76, 74, 71, 67, 72)
    assert strangeness(minor, 21) < 0 < strangeness(minor, 0)
    assert strangeness(major, 0) < 0 < strangeness(major, 21)
    assert strangeness(line(69, 72, 76, 74, 72, 71, 69, 68, 76), 21) > strangeness(minor, 21)  # ends elsewhere
    model = untrained()
    assert model.nearest([major, minor], None, 21) is minor and model.nearest([minor, major], None, 0) is major
    assert model.nearest([minor, major], None) is minor  # nothing was asked for


def test_classes_are_asked_for_by_name() -> None:
    model = untrained(classes=("jig", "reel"))
    assert model.generate(1, label="reel", bars=1)[0].record["parameters"]["label"] == "reel"
    with pytest.raises(UsageError, match="knows no class"):
        model.generate(1, label="rael", bars=1)


def test_mistakes_are_told() -> None:
    with pytest.raises(UsageError, match="at least one bar"):
        untrained().generate(1, bars=0)
    with pytest.raises(UsageError, match="7/16"):
        untrained().generate(1, bars=1, meter=(7, 16))


def test_a_model_is_kept_and_shown(tmp_path) -> None:
    model = untrained()
    model.save(tmp_path)
    again = load_model(tmp_path)
    assert isinstance(again, ScoreModel) and again.plans == model.plans
    assert again.generate(1, bars=1)[0].content == model.generate(1, bars=1)[0].content
    assert any("samples.png" in line for line in again.show(tmp_path))
    assert (tmp_path / "samples.png").exists() and (tmp_path / "sample.flac").exists()


def test_a_model_from_before_forms_were_kept_says_so(tmp_path) -> None:
    untrained().save(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    config["plans"] = [plan[:-1] for plan in config["plans"]]
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(DataError, match="earlier version of Bottega"):
        load_model(tmp_path)


def test_a_sheet_holds_all_of_them() -> None:
    assert sheet([tune(), tune(3)]).shape[0] > sheet([tune()]).shape[0]


def test_of_several_drafts_the_nearest_mood_is_kept() -> None:
    model = untrained()
    model.edges = [[-0.6, -0.2, 0.2, 0.6]] * 2
    wild, calm = (model.generate(1, bars=2, mood=(0.0, arousal))[0].content for arousal in (1.0, -1.0))
    assert wild.tracks[0].notes[:, 3].mean() > calm.tracks[0].notes[:, 3].mean()
    drafts = [tune(), tune().transposed(12)]
    assert model.nearest(drafts, (1.0, 0.0)) is drafts[1] and model.nearest(drafts, (-1.0, 0.0)) is drafts[0]
