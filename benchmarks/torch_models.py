"""The networks of the catalogue in PyTorch, trained by the authors' package: as one writes them for speed on a CPU.

Functions of plain tensors, no modules; the layers are PyTorch's own. Each takes the leaves of our network in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np

from prodigy_core.engine.prepare import PreparedRun

Leaves = list[Any]
Data = Mapping[str, Any]


def mlp(p: Leaves, batch: Data) -> Any:
    """The logits; leaves: weight and bias of each layer."""
    from torch.nn import functional as F

    x = batch["inputs"]
    for i in range(0, len(p) - 2, 2):
        x = F.relu(F.linear(x, p[i], p[i + 1]))
    return F.linear(x, p[-2], p[-1])


def cnn(p: Leaves, batch: Data) -> Any:
    """The logits; leaves: kernel and bias of each convolution, then the dense layer."""
    from torch.nn import functional as F

    x = batch["inputs"].view(-1, 1, 8, 8)
    for i in range(0, len(p) - 2, 2):
        x = F.relu(F.conv2d(x, p[i], p[i + 1].view(-1), stride=2 if i else 1, padding=1))
    return F.linear(x.flatten(1), p[-2], p[-1])


def transformer(p: Leaves, batch: Data) -> Any:
    """The logits; the attention of the last token alone, since no other is read."""
    from torch.nn import functional as F

    tokens, positions, scale1, shift1, query, key, value, output, scale2, shift2, w1, b1, w2, b2, scale3, shift3, readout = p
    heads = 4
    width = positions.shape[1]
    pairs = batch["pairs"]
    stream = F.embedding(pairs, tokens) + positions
    normed = F.layer_norm(stream, (width,), scale1, shift1)
    n, length = pairs.shape
    q = F.linear(normed[:, -1], query).view(n, heads, 1, -1)
    k, v = (F.linear(normed, matrix).view(n, length, heads, -1).transpose(1, 2) for matrix in (key, value))
    mixed = (q @ k.transpose(2, 3) / q.shape[-1] ** 0.5).softmax(-1) @ v
    last = stream[:, -1] + F.linear(mixed.reshape(n, -1), output)
    inner = F.relu(F.linear(F.layer_norm(last, (width,), scale2, shift2), w1, b1))
    last = last + F.linear(inner, w2, b2)
    return F.linear(F.layer_norm(last, (width,), scale3, shift3), readout)


def arranged(name: str, leaves: Leaves) -> Leaves:
    """Our leaves as PyTorch has them: its images are channel by channel, ours pixel by pixel."""
    if name != "cnn":
        return leaves
    *before, readout, bias = leaves
    channels = len(before[-1])
    swapped = readout.view(len(readout), -1, channels).transpose(1, 2).reshape(readout.shape)
    return [*before, swapped, bias]


NETWORKS = {"mlp": mlp, "cnn": cnn, "transformer": transformer}


def training(name: str, prepared: PreparedRun, threads: int) -> Callable[[], tuple[np.ndarray, np.ndarray]]:
    """A whole training of this prepared run -> the loss and D before each step, both (steps,)."""
    import torch
    from prodigyopt import Prodigy
    from torch.nn import functional as F

    network, l2 = NETWORKS[name], float(prepared.inputs.settings.get("l2", 0.0))
    start = arranged(name, [torch.tensor(leaf) for leaf in jax.tree.leaves(prepared.inputs.start)])
    data = {key: torch.tensor(values) for key, values in (prepared.inputs.train or {}).items()}
    labels = data.pop("labels")
    labels = labels.argmax(1) if labels.ndim == 2 else labels.long()
    if "pairs" in data:  # with the sign = behind them
        sign = torch.full((len(labels), 1), len(start[0]) - 1)
        data["pairs"] = torch.cat([data["pairs"].long(), sign], 1)
    batches = list(torch.tensor(prepared.indices(0, prepared.steps)).long())

    def call() -> tuple[np.ndarray, np.ndarray]:
        torch.set_num_threads(threads)
        params = [leaf.clone().requires_grad_() for leaf in start]
        decayed = [leaf for leaf in params if leaf.ndim >= 2] if l2 else []
        optimizer = Prodigy(params, use_bias_correction=True)
        losses, d = [], []
        for batch in batches:
            d.append(optimizer.param_groups[0]["d"])
            optimizer.zero_grad()
            loss = F.cross_entropy(network(params, {key: values[batch] for key, values in data.items()}), labels[batch])
            if l2:
                loss = loss + l2 / 2 * sum(leaf.square().sum() for leaf in decayed)
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
        return torch.stack(losses).numpy(), np.asarray(d)

    return call
