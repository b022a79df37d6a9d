"""A plain convolutional classifier: stages of convolution and pooling, one dense layer, one logit for each class."""

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool1d, avg_pool2d, avg_pool3d, relu

from bottega.errors import UsageError
from bottega.language import _
from bottega.networks.layers import BatchNorm, Dropout, conv, flat

POOLS = {1: avg_pool1d, 2: avg_pool2d, 3: avg_pool3d}


class Classifier(nn.Module):
    """``x (B, C, H, W) -> (B, classes)`` logits.

    Args:
        shape: (C, H, W) for pictures.
        classes: how many; at least 2.
        widths: channels of the stages, each followed by pooling to half the size.
        dense: width of the dense layer, whose output is ``features``; dropout: share of it put out.

    Raises:
        UsageError: when there are no classes to learn.
    """

    def __init__(self, *, shape, classes, widths=(32, 64, 128), dense=512, dropout=0.3) -> None:
        super().__init__()
        if classes < 2:
            raise UsageError(_("A classifier needs works in two or more sub-folders, one for each class."))
        inputs, *size = shape
        self.stages = nn.ModuleList()
        for outputs in widths:
            self.stages.append(nn.Sequential(conv(len(size), inputs, outputs, bias=False), BatchNorm(outputs)))
            inputs = outputs
        self.pool = POOLS[len(size)]
        places = inputs * torch.Size(side >> len(widths) for side in size).numel()
        self.dense = nn.Linear(places, dense)
        self.dropout = Dropout(dropout)
        self.judge = nn.Linear(dense, classes)

    def features(self, x: Tensor) -> Tensor:
        """``(B, C, H, W) -> (B, dense)``: what the network sees in a picture, before it names a class."""
        for stage in self.stages:
            x = self.pool(relu(stage(x)), 2)
        return relu(self.dense(flat(x)))

    def forward(self, x: Tensor) -> Tensor:
        return self.judge(self.dropout(self.features(x)))
