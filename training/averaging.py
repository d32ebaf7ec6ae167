"""The mean of several networks that were trained apart from one start: often better than each of them.

Source: M. Wortsman and others, "Model soups", ICML 2022: weights of runs that stay in one basin may be averaged.
"""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn

from training.network import AttributeNetwork


def mean_of(networks: Sequence[AttributeNetwork], crops: Iterable[Tensor]) -> AttributeNetwork:
    """Average weights, and measure anew what the normalisations subtract and divide by.

    Args:
        crops: batches (B, 3, 112, 112) in -1..1 such as the networks were trained on; between them some thousand faces.
    """
    states = [network.state_dict() for network in networks]
    mean: AttributeNetwork = AttributeNetwork().to(memory_format=torch.channels_last)
    mean.load_state_dict(
        {
            name: torch.stack([state[name].float() for state in states]).mean(dim=0).to(first.dtype)
            for name, first in states[0].items()
        }
    )
    for module in mean.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
            # Without a momentum every batch counts the same.
            module.momentum = None
    mean.train()
    with torch.no_grad():
        for batch in crops:
            mean(batch.contiguous(memory_format=torch.channels_last))
    mean.eval()
    return mean
