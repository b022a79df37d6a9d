import torch

from bottega.networks.sentence import At, Decoder, Encoder
from bottega.networks.text_critic import Critic


def test_a_line_lies_at_the_same_place_whatever_stands_beside_it():
    torch.manual_seed(0)
    encoder = Encoder(vocabulary=20, latent=4, width=8, embedded=8).eval()
    rows = torch.tensor([[1, 5, 6, 2, 0, 0], [1, 7, 8, 9, 10, 2]])
    together = encoder(rows, torch.tensor([4, 6]))
    alone = encoder(rows[:1, :4], torch.tensor([4]))
    assert torch.allclose(together[0][:1], alone[0], atol=1e-6)
    assert not torch.allclose(together[0][0], together[0][1], atol=1e-3)


def test_reading_token_by_token_is_reading_at_once():
    torch.manual_seed(0)
    decoder = Decoder(vocabulary=20, latent=4, width=8, embedded=8, layers=2).eval()
    ids, z = torch.randint(20, (3, 6)), torch.randn(3, 4)
    whole, _state = decoder(ids, decoder.at(z))
    model = At(decoder, z)
    state, steps = model.begin(3), []
    for token in ids.split(1, 1):
        logits, state = model(token, state)
        steps.append(logits)
    assert torch.allclose(torch.cat(steps, 1), whole, atol=1e-6)


def test_without_latent_space_it_is_a_plain_language_model():
    decoder = Decoder(vocabulary=20, latent=0, width=8, embedded=8)
    assert decoder(torch.zeros(2, 3, dtype=torch.int64))[0].shape == (2, 3, 20)


def test_the_critic_judges_what_was_written_so_far():
    torch.manual_seed(0)
    critic = Critic(vocabulary=20, width=8).eval()
    ids = torch.randint(20, (2, 9))
    other = ids.clone()
    other[:, 5:] = 3
    assert torch.allclose(critic(ids)[:, :5], critic(other)[:, :5], atol=1e-6)
    assert not torch.allclose(critic(ids)[:, 5:], critic(other)[:, 5:])
