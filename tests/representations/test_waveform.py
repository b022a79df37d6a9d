from pathlib import Path

import torch

from bottega.representations.waveform import Waveform


def test_config_and_back():
    between = Waveform(22050, 2, 4096)
    assert Waveform.of_model(Path(), between.config()).config() == between.config()
    assert between.for_networks(3) == {"shape": (2, 4096), "classes": 3}


def test_samples_pass_as_they_are_and_come_back_within_range():
    between = Waveform(8000, 1, 4)
    x = torch.tensor([[[0.5, -1.0, 1.5, -2.0]]])
    assert between.encode(x) is x
    assert between.decode(x).tolist() == [[[0.5, -1.0, 1.0, -1.0]]]
