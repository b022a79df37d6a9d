import json

import pytest
import torch
from toys import TinyGAN, stop_after_step, train, weights

from bottega.errors import Interrupted, TrainingFailed
from bottega.training.events import RolledBack, Saved, Skipped
from bottega.training.guard import all_finite


def test_one_bad_step_changes_nothing_and_training_goes_on(tmp_path):
    objective, events = TinyGAN(bad_steps=(4,)), []
    outcome = train(tmp_path / "run", objective, events=events)
    assert [(e.step, e.phase) for e in events if isinstance(e, Skipped)] == [(3, "critic")]
    assert outcome.steps == 20 and outcome.works_seen == 19 * 16
    assert all_finite(list(weights(objective).values()))


class PoisonedBatch(TinyGAN):
    """One batch is not a number, so batch norm's statistics become none either unless somebody cares."""

    def draw(self, label, random):
        self.calls += 1
        pictures = self.generator[0](torch.cat([random.normal(len(label), 4), torch.zeros(len(label), 3)], 1))
        if self.calls == 6:
            pictures = pictures * float("nan")
        for layer in list(self.generator)[1:]:
            pictures = layer(pictures)
        return pictures.view(-1, 3, 8, 8)


def test_a_bad_batch_does_not_stay_in_the_statistics(tmp_path):
    objective, events = PoisonedBatch(), []
    train(tmp_path / "run", objective, events=events)
    assert len([e for e in events if isinstance(e, Skipped)]) == 1
    assert all_finite(list(weights(objective).values()))


def test_five_bad_steps_roll_back_and_meet_other_numbers(tmp_path):
    calm, objective, events = TinyGAN(), TinyGAN(bad_steps=(8, 9, 10, 11, 12)), []
    train(tmp_path / "calm", calm)
    outcome = train(tmp_path / "run", objective, events=events)
    back = [e for e in events if isinstance(e, RolledBack)]
    assert [(e.step, e.to, e.scale) for e in back] == [(12, 0, 0.5)]
    assert outcome.steps == 20 and outcome.works_seen == (7 + 20) * 16
    assert not torch.equal(calm.generator[0].weight, objective.generator[0].weight)


def test_the_smaller_rate_survives_an_interruption(tmp_path):
    bad = (3, 4, 5, 6, 7)
    whole, resumed = TinyGAN(bad_steps=bad), TinyGAN()
    train(tmp_path / "whole", whole)
    with pytest.raises(Interrupted):
        train(tmp_path / "run", TinyGAN(bad_steps=bad), on_event=stop_after_step(9))
    assert json.loads((tmp_path / "run/checkpoints/step-00000009/state.json").read_text())["rollbacks"] == 1
    train(tmp_path / "run", resumed, resume=True)
    assert all(torch.equal(a, b) for a, b in zip(weights(whole).values(), weights(resumed).values(), strict=True))


def test_after_three_roll_backs_training_ends_with_an_explanation(tmp_path):
    events = []
    with pytest.raises(TrainingFailed, match="critic"):
        train(tmp_path / "run", TinyGAN(bad_steps=tuple(range(4, 1000))), events=events)
    assert [e.scale for e in events if isinstance(e, RolledBack)] == [0.5, 0.25, 0.125]
    assert [e.step for e in events if isinstance(e, Saved)] == [0]
