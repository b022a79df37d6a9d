"""Networks that write music as events, and hear, beside each event, what sounds at that moment."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, linear

from bottega.networks.recurrent import REACH, Layer
from bottega.networks.recurrent import State as Memory
from bottega.networks.transformer import Norm, Transformer

HEARD = 8  # parts that are listened to, the first of a vocabulary
LASTING = 48  # steps that a sounding note is counted down
Layout = dict[str, Sequence[int]]


class TuneRecurrent(nn.Module):
    """``ids (B, T) -> logits (B, T, vocabulary)``: layers of ``Recurrent`` that hear the chord they are writing.

    What a recurrent network forgets first is what a musician never does: where in the bar it is, and what the other
    parts are holding. Both follow from the events, so they are counted instead of learned, and added to the embedding:
    the position in the bar, the last pitch of each part and how much longer it sounds. (TonicNet, Peracha 2019,
    arXiv:1911.11775, counts how long a voice has held for the same reason.)

    Args:
        vocabulary: how many tokens there are.
        layout: what each token says; see ``Events.layout``.
        width, layers, inner, dropout: as those of ``Recurrent``.
    """

    def __init__(
        self,
        *,
        vocabulary: int,
        layout: Layout,
        width: int = 192,
        layers: int = 4,
        inner: int = 0,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.width, self.dropout = width, dropout
        self.ear = Ear(layout)
        inner = inner or round(width * 8 / 3 / 32) * 32
        self.tokens = nn.Embedding(vocabulary, width)
        self.place = nn.Embedding(self.ear.places, width)
        self.sounding = nn.Embedding(self.ear.parts * 129, width)
        self.lasting = nn.Embedding(self.ear.parts * (LASTING + 1), width)
        self.layers = nn.ModuleList(Layer(width, inner, dropout) for _layer in range(layers))
        self.norm = Norm(width)
        for table in (self.tokens, self.place, self.sounding, self.lasting):
            nn.init.normal_(table.weight, std=width**-0.5)

    def begin(self, n: int) -> tuple["Heard", Memory]:
        """The memory of ``n`` tunes of which nothing was heard yet."""
        new = self.tokens.weight.new_zeros
        return self.ear.begin(n), [(new(n, self.width), new(n, REACH - 1, self.width)) for _layer in self.layers]

    def forward(
        self, ids: Tensor, state: "tuple[Heard, Memory] | None" = None
    ) -> "tuple[Tensor, tuple[Heard, Memory]]":
        """Logits of the token after each, and what is remembered then."""
        heard, memories = state or self.begin(len(ids))
        place, pitches, lasting, heard = self.ear(ids, heard)
        around = self.place(place) + self.sounding(pitches).sum(2) + self.lasting(lasting).sum(2)
        x = dropout(self.tokens(ids) + around, self.dropout, self.training)  # (B, T, C)
        after = []
        for layer, before in zip(self.layers, memories, strict=True):
            x, memory = layer(x, before)
            after.append(memory)
        return linear(self.norm(x), self.tokens.weight), (heard, after)


class TuneTransformer(Transformer):
    """The decoder-only Transformer; attention finds by itself what sounds, so the ``layout`` is not needed."""

    def __init__(self, *, vocabulary: int, layout: Layout, width: int = 192, layers: int = 4, heads: int = 4,
                 dropout: float = 0.0, context: int = 768) -> None:  # fmt: skip
        super().__init__(
            vocabulary=vocabulary, width=width, layers=layers, heads=heads, dropout=dropout, context=context
        )


Heard = tuple[Tensor, ...]
"""What an ``Ear`` remembers: begin and length of the bar, position, part, duration ``(B,)``; of each part the last
pitch and when it ends ``(B, parts)``."""


class Ear(nn.Module):
    """Counts where in the bar an event stands and what sounds then; it learns nothing.

    Attributes:
        parts: how many are listened to.
        places: positions there are, and one more.
    """

    bar: Tensor
    position: Tensor
    part: Tensor
    duration: Tensor
    pitch: Tensor

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        for name in ("bar", "position", "part", "duration", "pitch"):
            self.register_buffer(name, torch.tensor(layout[name]), persistent=False)
        self.parts = min(HEARD, max(layout["part"]) + 1)
        self.places = max(layout["position"]) + 2

    def begin(self, n: int) -> Heard:
        """Nothing was heard of ``n`` tunes: no part has sounded."""
        zero = self.bar.new_zeros(n)
        silent = self.bar.new_zeros(n, self.parts)
        return zero, zero, zero, zero - 1, zero, silent + 128, silent

    def forward(self, ids: Tensor, heard: Heard) -> tuple[Tensor, Tensor, Tensor, Heard]:
        """After each token: the position ``(B, T)``; rows of the tables of pitches and of rests of notes
        ``(B, T, parts)``; and what is remembered after the last."""
        start, long, place, part, duration, pitches, ends = heard
        bars = self.bar[ids].clamp(min=0)  # (B, T): the length of the bar that begins here
        begins = (start + long)[:, None] + bars.cumsum(1) - bars
        new = bars > 0
        start, long = latest(begins, new, start), latest(bars, new, long)
        at = self.position[ids]
        place = latest(at.clamp(min=0), new | (at >= 0), place)
        voice, length = self.part[ids], self.duration[ids]
        part, duration = latest(voice, voice >= 0, part), latest(length, length >= 0, duration)
        now, pitch = start + place, self.pitch[ids]
        sounds = [(pitch >= 0) & (part == k) for k in range(self.parts)]
        pitches = torch.stack([latest(pitch, it, pitches[:, k]) for k, it in enumerate(sounds)], 2)  # (B, T, parts)
        ends = torch.stack([latest(now + duration, it, ends[:, k]) for k, it in enumerate(sounds)], 2)
        lasting = (ends - now[..., None]).clamp(0, LASTING)
        rows = torch.arange(self.parts, device=ids.device)
        heard = tuple(it[:, -1] for it in (start, long, place, part, duration, pitches, ends))
        return place, pitches + 129 * rows, lasting + (LASTING + 1) * rows, heard


def latest(values: Tensor, told: Tensor, before: Tensor) -> Tensor:
    """At each time the last of the values ``(B, T)`` that was told, ``before (B,)`` where none was yet."""
    times = torch.arange(1, values.shape[1] + 1, device=values.device)
    when = torch.where(told, times, 0).cummax(1).values
    return torch.cat([before[:, None], values], 1).gather(1, when)
