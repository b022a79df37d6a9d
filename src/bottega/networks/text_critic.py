"""Tells written texts from made ones, token by token."""

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from bottega.networks.layers import Dropout


class Critic(nn.Module):
    """``ids (B, T) -> logits (B, T)``: how much each text looks real so far.

    Convolutions that look back only, so that a text is judged after each of its tokens (a dense reward, as in de Masson
    d'Autume et al. 2019, arXiv:1905.09922); spectral norm (Miyato et al. 2018) keeps its verdict from running away.

    Args:
        vocabulary: how many tokens there are.
        width: channels.
        layers: convolutions; each doubles how far back it looks.
        dropout: share of a token's features put out while training.
    """

    def __init__(self, *, vocabulary: int, width: int = 128, layers: int = 3, dropout: float = 0.3) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width)
        self.dropout = Dropout(dropout)
        steps = [2**n for n in range(layers)]
        self.look = nn.ModuleList(spectral_norm(nn.Conv1d(width, width, 3, dilation=step)) for step in steps)
        self.verdict = spectral_norm(nn.Linear(width, 1))
        self.reach = [2 * step for step in steps]

    def forward(self, ids: Tensor) -> Tensor:
        x = self.dropout(self.embed(ids)).transpose(1, 2)  # (B, width, T)
        for layer, reach in zip(self.look, self.reach, strict=True):
            x = x + torch.nn.functional.leaky_relu(layer(nn.functional.pad(x, (reach, 0))), 0.2)
        return self.verdict(x.transpose(1, 2))[:, :, 0]
