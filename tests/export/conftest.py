"""Small untrained models of text whose weights are far from doing nothing."""

from dataclasses import dataclass

import pytest
import torch

from bottega.networks.transformer import Transformer
from bottega.objectives.autoregressive import Autoregressive
from bottega.representations.tokens import Tokens

TEXTS = [
    "To be, or not to be, that is the question:\nWhether 'tis nobler in the mind to suffer",
    "The slings and arrows of outrageous fortune,\n\tOr to take arms against a sea of troubles — 42 of them!",
    "白日依山尽，黄河入海流。欲穷千里目，更上一层楼。",
]


@dataclass
class Decoder:
    """A network with its objective and its vocabulary."""

    network: Transformer
    objective: Autoregressive
    tokens: Tokens


@pytest.fixture(params=[(kind, normed) for kind in ("bpe", "characters") for normed in (True, False)])
def decoder(request: pytest.FixtureRequest) -> Decoder:
    kind, normed = request.param
    tokens = Tokens.learn(TEXTS * 4, kind, 400)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        network = Transformer(vocabulary=tokens.size, width=32, layers=2, heads=2, normed=normed, context=24)
        for parameter in network.parameters():
            parameter.data += 0.1 * torch.randn_like(parameter)
    return Decoder(network, Autoregressive(model=network, special=tokens.special).eval(), tokens)
