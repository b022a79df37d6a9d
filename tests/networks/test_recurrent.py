import torch

from bottega.networks.recurrent import Lstm, Recurrent


def test_both_learn_to_remember():
    """The first token has to be said again at the end: only a state can know it."""
    for cls in (Lstm, Recurrent):
        torch.manual_seed(0)
        net = cls(vocabulary=8, width=32, layers=1)
        adam = torch.optim.Adam(net.parameters(), 1e-2)
        for _step in range(120):
            ids = torch.randint(8, (32, 10))
            logits, _state = net(ids)
            loss = torch.nn.functional.cross_entropy(logits[:, -1], ids[:, 0])
            adam.zero_grad()
            loss.backward()
            adam.step()
        assert loss < 0.5
