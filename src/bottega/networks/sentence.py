"""A line in one vector, and back: recurrent networks that read a whole line, and write one.

Bowman et al. 2016, "Generating sentences from a continuous space" (arXiv:1511.06349), with the place in latent space
given at every step, not only at the first, and the encoder's states pooled by their largest values (Long et al. 2019,
arXiv:1911.03976): both keep the place in use.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import linear
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from bottega.networks.layers import Dropout

State = tuple[Tensor, Tensor]
"""What a decoder remembers: hidden states ``(layers, B, width)``, and the places ``(B, latent)``."""


class Encoder(nn.Module):
    """``rows (B, T), lengths (B,) -> mean, logvar (B, latent)``: GRUs from both ends.

    Args:
        vocabulary: how many tokens there are.
        latent: numbers in latent space.
        width: of the states of each direction.
        embedded: of a token.
        dropout: share of a token's features put out while training.
    """

    def __init__(
        self, *, vocabulary: int, latent: int = 32, width: int = 256, embedded: int = 128, dropout: float = 0.3
    ) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, embedded)
        self.dropout = Dropout(dropout)
        self.read = nn.GRU(embedded, width, batch_first=True, bidirectional=True)
        self.place = nn.Linear(2 * width, 2 * latent)
        nn.init.normal_(self.embed.weight, std=embedded**-0.5)

    def forward(self, rows: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        x = self.dropout(self.embed(rows))  # (B, T, embedded)
        # packed, so that a line lies at the same place whatever stands beside it in the batch
        packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        states, _lengths = pad_packed_sequence(self.read(packed)[0], batch_first=True, padding_value=-1.0)
        mean, logvar = self.place(states.amax(1)).chunk(2, 1)  # states lie in (-1, 1)
        return mean, logvar


class Decoder(nn.Module):
    """``ids (B, T), state -> logits (B, T, vocabulary), state``: a GRU that is told its place at every step.

    Args:
        vocabulary: how many tokens there are.
        latent: numbers in latent space; 0 makes it a plain recurrent language model.
        width: of its states.
        embedded: of a token; the same matrix reads and writes them.
        layers: GRUs one on top of the other.
        dropout: share of the features put out while training, before and after the GRUs.
    """

    def __init__(
        self,
        *,
        vocabulary: int,
        latent: int = 32,
        width: int = 256,
        embedded: int = 128,
        layers: int = 1,
        dropout: float = 0.3,
    ) -> None:
        super().__init__()
        self.latent, self.width, self.layers, self.vocabulary = latent, width, layers, vocabulary
        self.embed = nn.Embedding(vocabulary, embedded)
        self.first = nn.Linear(latent, layers * width) if latent else None
        self.write = nn.GRU(embedded + latent, width, layers, batch_first=True)
        self.last = nn.Linear(width + latent, embedded)
        self.bias = nn.Parameter(torch.zeros(vocabulary))
        self.dropout = Dropout(dropout)
        nn.init.normal_(self.embed.weight, std=embedded**-0.5)
        self.scale = embedded**0.5  # the matrix that writes is small; read unscaled, words would drown in the place
        nn.init.zeros_(self.last.weight[:, width:])

    def begin(self, n: int) -> State:
        """The state of ``n`` new texts in the middle of latent space."""
        return self.at(self.bias.new_zeros(n, self.latent))

    def at(self, z: Tensor) -> State:
        """The state of new texts at places ``(B, latent)``."""
        if self.first is None:
            return z.new_zeros(self.layers, len(z), self.width), z
        return self.first(z).tanh().view(len(z), self.layers, -1).transpose(0, 1).contiguous(), z

    def forward(self, ids: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        h, z = self.begin(len(ids)) if state is None else state
        told = z[:, None].expand(-1, ids.shape[1], -1)  # (B, T, latent)
        y, h = self.write(torch.cat([self.dropout(self.scale * self.embed(ids)), told], 2), h)
        y = self.last(torch.cat([self.dropout(y), told], 2))  # (B, T, embedded)
        return linear(y, self.embed.weight, self.bias), (h, z)


class Words(nn.Module):
    """``z (B, latent) -> logits (B, vocabulary)``: which words a line has, in whatever order.

    Args:
        vocabulary: how many tokens there are.
        latent: numbers in latent space.
        embedded: of a token.
    """

    def __init__(self, *, vocabulary: int, latent: int = 32, embedded: int = 128) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(latent, embedded), nn.Tanh(), nn.Linear(embedded, vocabulary))

    def forward(self, z: Tensor) -> Tensor:
        return self.layers(z)


class At(nn.Module):
    """A decoder whose new texts begin at given places: a language model of what lies there.

    Args:
        decoder: as above.
        z: places ``(B, latent)``; a multiple of ``B`` texts begin at them in turn.
    """

    def __init__(self, decoder: Decoder, z: Tensor) -> None:
        super().__init__()
        self.decoder, self.z = decoder, z

    def begin(self, n: int) -> State:
        return self.decoder.at(self.z.repeat(n // len(self.z), 1))

    def forward(self, ids: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        return self.decoder(ids, self.begin(len(ids)) if state is None else state)
