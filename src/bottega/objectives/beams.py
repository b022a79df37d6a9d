"""Finding the likeliest text that answers another: beam search, for many sources at once.

At every place the ``beams`` likeliest beginnings of each source are kept. Complete texts are compared by their
log-likelihood divided by ``((5 + length) / 6) ** penalty`` (Wu et al. 2016, arXiv:1609.08144), since each further
token makes any text less likely.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from bottega.networks.encoder_decoder import EncoderDecoder, Reading


@dataclass
class Answer:
    """The best complete text found for a source.

    Attributes:
        ids: its tokens, without special ones.
        score: what it was chosen by, in nats; 0 is best.
        complete: how many complete texts were found.
    """

    ids: Tensor
    score: float = -torch.inf
    complete: int = 0


@torch.no_grad()
def search(
    model: EncoderDecoder, source: Tensor, special: dict[str, int], *, beams: int, penalty: float, room: int
) -> list[Answer]:
    """The best answer to each source.

    Args:
        source: ``(S, L)``, filled up with the token "pad".
        special: numbers of the special tokens.
        beams: beginnings kept for each source; 1 always takes the likeliest token.
        penalty: 0 prefers short texts; the larger, the longer the answers.
        room: the most tokens of an answer, its end included.
    """
    known = source != special["pad"]
    reading = model.begin(source, known, beams, room)
    answers = [Answer(source[:0, 0]) for _source in source]
    rows = torch.arange(len(source), device=source.device)  # which sources are still being answered
    last = torch.full((len(source), beams), special["bos"], device=source.device)
    score = torch.full((len(source), beams), -torch.inf, device=source.device)
    score[:, 0] = 0  # all beams begin alike: only one of them may go on
    texts = last[:, :, None][:, :, :0]
    never = [number for name, number in special.items() if name != "eos"]
    for length in range(1, room + 1):
        share = model.step(last, reading).float().log_softmax(2)  # (S, K, V)
        share[:, :, never] = -torch.inf
        total = (score[:, :, None] + share).flatten(1)
        found, places = total.topk(2 * beams)  # half of them may be ends
        beam, token = places // share.shape[2], places % share.shape[2]
        ends = token == special["eos"]
        fair = ((5 + length) / 6) ** penalty
        last_chance = length == room
        _take_ends(answers, rows, texts, beam, found / fair, ends[:, :beams])
        score, order = found.masked_fill(ends, -torch.inf).topk(beams)
        beam, last = beam.gather(1, order), token.gather(1, order)
        texts = torch.cat([texts.gather(1, beam[:, :, None].expand(-1, -1, length - 1)), last[:, :, None]], 2)
        going = _going(answers, rows, score[:, 0] / fair, beams)
        if last_chance:
            _take_unfinished(answers, rows, texts, score / fair)
        if last_chance or not going.any():
            return answers
        reading.follow(beam)
        if going.sum() <= 0.75 * len(rows):
            rows, last, score, texts, reading = _only(going, rows, last, score, texts, reading)
    return answers


def _take_ends(answers: list[Answer], rows: Tensor, texts: Tensor, beam: Tensor, score: Tensor, ends: Tensor) -> None:
    """Note the complete texts among the best candidates."""
    for i, place in ends.nonzero().tolist():
        answer, value = answers[int(rows[i])], float(score[i, place])
        answer.complete += 1
        if value > answer.score:
            answer.ids, answer.score = texts[i, int(beam[i, place])], value


def _take_unfinished(answers: list[Answer], rows: Tensor, texts: Tensor, score: Tensor) -> None:
    """Where no text came to an end in time, the best beginning."""
    for i, row in enumerate(rows.tolist()):
        if not answers[row].complete:
            answers[row].ids, answers[row].score = texts[i, 0], float(score[i, 0])


def _going(answers: list[Answer], rows: Tensor, best: Tensor, beams: int) -> Tensor:
    """Which sources may still find better: too few complete texts, and a beginning better than those."""
    pairs = zip(rows.tolist(), best.tolist(), strict=True)
    going = [answers[row].complete < beams and value > answers[row].score for row, value in pairs]
    return torch.tensor(going, device=rows.device)


def _only(
    going: Tensor, rows: Tensor, last: Tensor, score: Tensor, texts: Tensor, reading: Reading
) -> tuple[Tensor, Tensor, Tensor, Tensor, Reading]:
    """Leave out the sources that are answered."""
    kept = going.nonzero()[:, 0]
    return rows[kept], last[kept], score[kept], texts[kept], reading.only(kept)
