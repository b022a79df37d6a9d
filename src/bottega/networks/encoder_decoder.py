"""A Transformer that reads one text and writes another (Vaswani et al. 2017, arXiv:1706.03762).

The encoder sees the whole source at once; the decoder sees what it has written and, through cross-attention, what the
encoder made of the source. In today's form: a norm before each part, SwiGLU, no biases. One matrix
holds the tokens of both texts, for reading and for writing (Press & Wolf 2017, arXiv:1608.05859). The norms also take
the mean away, unlike RMSNorm, because a CPU has that in one kernel and is seven times as fast with it.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, scaled_dot_product_attention, silu

from bottega.networks.dropout import dropout
from bottega.networks.transformer import waves


@dataclass
class Reading:
    """What a decoder keeps while it writes ``K`` texts to each of ``S`` sources.

    Attributes:
        sources: keys and values of the sources in each layer, ``(S, H, L, D)``.
        known: which tokens of the sources there are, ``(S, 1, 1, L)``.
        written: keys and values of what was written, ``(2, S, K, H, room, D)`` in each layer.
        length: tokens written.
    """

    sources: list[tuple[Tensor, Tensor]]
    known: Tensor
    written: list[Tensor]
    length: int = 0

    def follow(self, beams: Tensor) -> None:
        """Go on from other texts: ``beams (S, K)`` names for each the one of the same source that it continues."""
        rows = torch.arange(len(beams), device=beams.device)[:, None]
        for kept in self.written:
            kept[:, :, :, :, : self.length] = kept[:, rows, beams, :, : self.length]

    def only(self, rows: Tensor) -> "Reading":
        """The same for some of the sources, ``rows (S',)``."""
        sources = [(k[rows], v[rows]) for k, v in self.sources]
        return Reading(sources, self.known[rows], [kept[:, rows] for kept in self.written], self.length)


class EncoderDecoder(nn.Module):
    """``(source (B, S), target (B, T)) -> logits (B, T, vocabulary)`` of the token after each of the target's.

    Args:
        vocabulary: how many tokens there are.
        width: of the stream; a multiple of twice ``heads``.
        encoder, decoder: layers of each.
        heads: of attention.
        inner: width inside SwiGLU.
        dropout: share of the features put out after each part, while training.
    """

    def __init__(
        self,
        *,
        vocabulary: int,
        width: int = 256,
        encoder: int = 3,
        decoder: int = 3,
        heads: int = 4,
        inner: int = 512,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        if width % (2 * heads):
            raise ValueError(f"width {width} is no multiple of twice the {heads} heads")
        self.vocabulary, self.width, self.heads, self.dropout = vocabulary, width, heads, dropout
        self.tokens = nn.Embedding(vocabulary, width)
        self.encoder = nn.ModuleList(Layer(width, heads, inner, dropout, False) for _ in range(encoder))
        self.decoder = nn.ModuleList(Layer(width, heads, inner, dropout, True) for _ in range(decoder))
        self.read, self.wrote = norm(width), norm(width)
        nn.init.normal_(self.tokens.weight, std=width**-0.5)

    def forward(self, source: Tensor, known: Tensor, target: Tensor) -> Tensor:
        """Logits for all places at once; ``known (B, S)`` is false where the source is only filled up."""
        return self.logits(self.decode(target, self.encode(source, known), known))

    def encode(self, source: Tensor, known: Tensor) -> Tensor:
        """What each token of the source means, ``(B, S, width)``."""
        x = self.embed(source, 0)
        mask = None if known.all() else known[:, None, None]
        for layer in self.encoder:
            q, k, v = layer.attention.split(layer.before_attention(x))
            x = layer.inside(layer.add(x, layer.attention(q, k, v, mask)))
        return self.read(x)

    def decode(self, target: Tensor, memory: Tensor, known: Tensor) -> Tensor:
        """What ``logits`` reads, ``(B, T, width)``; each place sees the target up to itself."""
        x = self.embed(target, 0)
        mask = None if known.all() else known[:, None, None]
        for layer in self.decoder:
            q, k, v = layer.attention.split(layer.before_attention(x))
            x = layer.add(x, layer.attention(q, k, v, causal=True))
            q = layer.crossing.queries(layer.before_crossing(x))
            x = layer.inside(layer.add(x, layer.crossing(q, *layer.crossing.keys(memory), mask)))
        return self.wrote(x)

    def logits(self, features: Tensor) -> Tensor:
        """How likely each token is to follow, ``(…, vocabulary)``, before softmax."""
        return linear(features, self.tokens.weight)

    def begin(self, source: Tensor, known: Tensor, texts: int, room: int) -> Reading:
        """Read the sources, to write ``texts`` of at most ``room`` tokens to each."""
        memory = self.encode(source, known)
        keys = [layer.crossing.keys(memory) for layer in self.decoder]
        shape = (2, len(source), texts, self.heads, room, self.width // self.heads)
        return Reading(keys, known[:, None, None], [memory.new_zeros(shape) for _layer in self.decoder])

    def step(self, last: Tensor, reading: Reading) -> Tensor:
        """Logits ``(S, K, vocabulary)`` of what follows the last tokens ``(S, K)``, which become part of the texts."""
        place = reading.length
        x = self.embed(last[:, :, None], place)[:, :, 0]
        reading.length += 1
        for layer, source, kept in zip(self.decoder, reading.sources, reading.written, strict=True):
            rows = layer.before_attention(x).flatten(0, 1)[:, None]  # (S·K, 1, C): each text only sees itself
            q, k, v = layer.attention.split(rows)
            kept[0, :, :, :, place] = k.view(*last.shape, *k.shape[1:])[:, :, :, 0]
            kept[1, :, :, :, place] = v.view(*last.shape, *v.shape[1:])[:, :, :, 0]
            seen = kept[:, :, :, :, : reading.length].flatten(1, 2)
            x = layer.add(x, layer.attention(q, seen[0], seen[1]).view_as(x))
            q = layer.crossing.queries(layer.before_crossing(x))  # (S, H, K, D): all texts of a source look at once
            x = layer.inside(layer.add(x, layer.crossing(q, *source, reading.known)))
        return self.logits(self.wrote(x))

    def embed(self, ids: Tensor, start: int) -> Tensor:
        """The vectors of the tokens ``(…, T)`` and of their places from ``start`` on, ``(…, T, width)``."""
        places = torch.cat(waves(start, ids.shape[-1], self.width, ids.device), 1)  # (T, width)
        return dropout(self.tokens(ids) * self.width**0.5 + places, self.dropout, self.training)


class Layer(nn.Module):
    """Attention, in a decoder attention to the source, and SwiGLU; each adds to the stream ``(…, width)``."""

    def __init__(self, width: int, heads: int, inner: int, dropout: float, crossing: bool) -> None:
        super().__init__()
        self.dropout = dropout
        self.before_attention, self.attention = norm(width), Attention(width, heads)
        if crossing:
            self.before_crossing, self.crossing = norm(width), Attention(width, heads)
        self.before_inside = norm(width)
        self.gate, self.up, self.down = matrix(width, inner), matrix(width, inner), matrix(inner, width, zero=True)

    def add(self, x: Tensor, part: Tensor) -> Tensor:
        """The stream with what a part has found."""
        return x + dropout(part, self.dropout, self.training)

    def inside(self, x: Tensor) -> Tensor:
        """Each place thinks for itself."""
        h = self.before_inside(x)
        return self.add(x, self.down(silu(self.gate(h)) * self.up(h)))


class Attention(nn.Module):
    """Scaled dot products of queries and keys ``(B, H, T, D)``."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = (matrix(width, width) for _part in range(3))
        self.out = matrix(width, width, zero=True)

    def forward(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None, causal: bool = False) -> Tensor:
        """What each query takes, ``(B, T, width)``."""
        y = scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal)
        return self.out(y.transpose(1, 2).flatten(2))

    def queries(self, x: Tensor) -> Tensor:
        """``(B, T, width)`` to ``(B, H, T, D)``."""
        return self._heads(self.query(x))

    def keys(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values."""
        return self._heads(self.key(x)), self._heads(self.value(x))

    def split(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values of the same places."""
        return self.queries(x), *self.keys(x)

    def _heads(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)


def matrix(before: int, after: int, zero: bool = False) -> nn.Linear:
    """A linear layer whose outputs begin as large as its inputs, or at 0, so that its part does nothing yet."""
    layer = nn.Linear(before, after, bias=False)
    nn.init.zeros_(layer.weight) if zero else nn.init.normal_(layer.weight, std=before**-0.5)
    return layer


def norm(width: int) -> nn.LayerNorm:
    """Layer normalisation (Ba et al. 2016) with a scale and no shift."""
    return nn.LayerNorm(width, bias=False)
