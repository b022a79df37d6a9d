import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from bottega.errors import DataError
from bottega.evaluation.inception import Inception, find_weights, inception_features


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Weights of the right shape, drawn at random: the real ones are never downloaded."""
    torch.manual_seed(0)
    file = tmp_path_factory.mktemp("hub") / "hub" / "checkpoints" / "pt_inception-2015-12-05.safetensors"
    file.parent.mkdir(parents=True)
    state = {name: tensor.contiguous() for name, tensor in Inception().state_dict().items()}
    save_file({**state, "fc.weight": torch.zeros(1008, 2048), "fc.bias": torch.zeros(1008)}, file)
    return file


def test_the_network_is_as_large_as_the_published_one():
    # 21.8 million weights and biases before the last layer, the count of Inception v3 without its classifiers
    assert sum(p.numel() for p in Inception().parameters()) == 21_785_568


def test_features_of_pictures_of_any_size(weights):
    space = inception_features(weights)
    pictures = np.random.default_rng(0).integers(0, 255, (2, 24, 40, 3), dtype=np.uint8)
    features = space(pictures)
    assert features.shape == (2, 2048) and np.isfinite(features).all() and features.std() > 0


def test_weights_are_found_where_torch_keeps_them(weights, monkeypatch, tmp_path):
    monkeypatch.delenv("BOTTEGA_INCEPTION", raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert find_weights() is None
    monkeypatch.setenv("TORCH_HOME", str(weights.parents[2]))
    assert find_weights() == weights


def test_another_network_is_refused(tmp_path):
    save_file({"weight": torch.zeros(3)}, tmp_path / "other.safetensors")
    with pytest.raises(DataError, match="Inception"):
        inception_features(tmp_path / "other.safetensors")
