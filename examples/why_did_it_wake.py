# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Ask a network why a unit woke, draw where it was awake, and repeat the run bit for bit.

The run is written down as it happens. The log says which tile of the image woke a unit and by
how much it was above the threshold, is drawn layer by layer, saved, read back and replayed.
Give a folder for log and picture; without one they go where temporary files go.
"""

from collections import OrderedDict
from pathlib import Path
import sys
import tempfile

import numpy as np
import torch
from torch import nn

from ant_ros.network.activity import save_activity
from ant_ros.network.async_network import AsyncNetwork
from ant_ros.network.event_log import load_event_log


def main(folder: Path) -> None:
    """Record a run with two changes, one within what is expected, and look into it."""
    torch.manual_seed(0)
    module = nn.Sequential(OrderedDict(
        stem=nn.Conv2d(3, 16, 3, 2, 1), stem_relu=nn.ReLU(), pool=nn.MaxPool2d(2),
        body=nn.Conv2d(16, 24, 3, 1, 1), body_relu=nn.ReLU(),
        head=nn.Conv2d(24, 8, 3, 1, 1))).eval()
    expected = np.random.default_rng(0).normal(size=(1, 3, 96, 96)).astype(np.float32)
    image = expected.copy()
    image[..., 16:28, 56:66] += 2.0
    image[..., 70:80, 10:20] += 0.2

    network = AsyncNetwork.from_module(module, expected, threshold=0.5, passing=0.05)
    answer = network.run(image, record=True)
    log = answer.log
    for row, column in ((2, 7), (10, 3)):
        print(log.why('head', row, column))

    save_activity(log, folder / 'activity.png')
    log.save(folder / 'run.events')
    again = network.replay(load_event_log(folder / 'run.events'))
    print(f'replayed, the same to the last bit: {np.array_equal(again.output, answer.output)}')
    print(f'log and picture: {folder}')


if __name__ == '__main__':
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix='ant_ros_')))
