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

    What a recurrent network forgets first is what a musician never does: where in the bar it is, what the other parts
    are holding, which key it is in. All of it follows from the events, so it is counted instead of learned, and added
    to each embedding: the words that stand before the tune, the bars that are left, the position in the bar, the last
    pitch of each part and how much longer it sounds. (TonicNet, Peracha 2019, arXiv:1911.11775, counts how long a
    voice has held for the same reason.)

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
        self.left = nn.Embedding(self.ear.most_left + 1, width)
        self.words = nn.Embedding(self.ear.words, width)
        self.layers = nn.ModuleList(Layer(width, inner, dropout) for _layer in range(layers))
        self.norm = Norm(width)
        for table in (self.tokens, self.place, self.sounding, self.lasting, self.left, self.words):
            nn.init.normal_(table.weight, std=width**-0.5)

    def begin(self, n: int) -> "State":
        """The memory of ``n`` tunes of which nothing was heard yet."""
        new = self.tokens.weight.new_zeros
        memories = [(new(n, self.width), new(n, REACH - 1, self.width)) for _layer in self.layers]
        return self.ear.begin(n), new(n, self.width), memories

    def forward(self, ids: Tensor, state: "State | None" = None) -> "tuple[Tensor, State]":
        """Logits of the token after each, and what is remembered then."""
        heard, told, memories = state or self.begin(len(ids))
        place, left, pitches, lasting, heard = self.ear(ids, heard)
        word = self.ear.word[ids]
        told = told[:, None] + (self.words(word.clamp(min=0)) * (word >= 0)[..., None]).cumsum(1)  # (B, T, C)
        around = self.place(place) + self.left(left) + self.sounding(pitches).sum(2) + self.lasting(lasting).sum(2)
        x = dropout(self.tokens(ids) + told + around, self.dropout, self.training)
        after = []
        for layer, before in zip(self.layers, memories, strict=True):
            x, memory = layer(x, before)
            after.append(memory)
        return linear(self.norm(x), self.tokens.weight), (heard, told[:, -1], after)


class TuneTransformer(Transformer):
    """The decoder-only Transformer; attention finds by itself what sounds, so the ``layout`` is not needed."""

    def __init__(self, *, vocabulary: int, layout: Layout, width: int = 192, layers: int = 4, heads: int = 4,
                 dropout: float = 0.0, context: int = 768) -> None:  # fmt: skip
        super().__init__(
            vocabulary=vocabulary, width=width, layers=layers, heads=heads, dropout=dropout, context=context
        )


Heard = tuple[Tensor, ...]
"""What an ``Ear`` remembers: begin and length of the bar, bars left, position, part, duration ``(B,)``; of each part
the last pitch and when it ends ``(B, parts)``."""
State = tuple[Heard, Tensor, Memory]
"""What was heard, what the words say together ``(B, C)``, and the memory of each layer."""


class Ear(nn.Module):
    """Counts where in the bar an event stands and what sounds then; it learns nothing.

    Attributes:
        parts: how many are listened to.
        places: positions there are, and one more.
        words: that can stand before a tune.
        most_left: the number that says that nobody told how many bars are left.
    """

    word: Tensor
    left: Tensor

    bar: Tensor
    position: Tensor
    part: Tensor
    duration: Tensor
    pitch: Tensor

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        for name in ("word", "left", "bar", "position", "part", "duration", "pitch"):
            self.register_buffer(name, torch.tensor(layout[name]), persistent=False)
        self.parts = min(HEARD, max(layout["part"]) + 1)
        self.places = max(layout["position"]) + 2
        self.words, self.most_left = max(layout["word"]) + 1, max(layout["left"])

    def begin(self, n: int) -> Heard:
        """Nothing was heard of ``n`` tunes: no part has sounded."""
        zero = self.bar.new_zeros(n)
        silent = self.bar.new_zeros(n, self.parts)
        return zero, zero, zero + self.most_left, zero, zero - 1, zero, silent + 128, silent

    def forward(self, ids: Tensor, heard: Heard) -> tuple[Tensor, Tensor, Tensor, Tensor, Heard]:
        """After each token: the position and the bars that are left ``(B, T)``; rows of the tables of pitches and of
        rests of notes ``(B, T, parts)``; and what is remembered after the last."""
        start, long, left, place, part, duration, pitches, ends = heard
        bars = self.bar[ids].clamp(min=0)  # (B, T): the length of the bar that begins here
        begins = (start + long)[:, None] + bars.cumsum(1) - bars
        new = bars > 0
        start, long = latest(begins, new, start), latest(bars, new, long)
        left = latest(self.left[ids], self.left[ids] >= 0, left)
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
        heard = tuple(it[:, -1] for it in (start, long, left, place, part, duration, pitches, ends))
        return place, left, pitches + 129 * rows, lasting + (LASTING + 1) * rows, heard


def latest(values: Tensor, told: Tensor, before: Tensor) -> Tensor:
    """At each time the last of the values ``(B, T)`` that was told, ``before (B,)`` where none was yet."""
    times = torch.arange(1, values.shape[1] + 1, device=values.device)
    when = torch.where(told, times, 0).cummax(1).values
    return torch.cat([before[:, None], values], 1).gather(1, when)
