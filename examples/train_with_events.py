# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Train a network under its schedule: it learns what is not worth an event."""

import torch
from torch import nn
from torch.nn import functional

from ant_ros.network.break_even import NEVER_DENSE
from ant_ros.network.training import TrainableNetwork

SIDE = 32


def pictures(count: int, draw: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return flat grey pictures with a soft shadow, and on every other one a bright spot."""
    rows, columns = torch.meshgrid(torch.arange(SIDE), torch.arange(SIDE), indexing='ij')
    place = torch.rand(2, count, 1, 1, generator=draw) * SIDE
    far = (rows - place[0]) ** 2 + (columns - place[1]) ** 2
    images = 0.5 - 0.3 * torch.exp(-far / 50)
    spots = torch.arange(count) % 2
    for image in images[1::2]:
        row, column = torch.randint(2, SIDE - 4, (2,), generator=draw).tolist()
        image[row:row + 2, column:column + 2] += 0.3
    return images[:, None], spots


def report(label: str, network: TrainableNetwork, images: torch.Tensor,
           spots: torch.Tensor) -> None:
    """Print how often the network is right under its schedule, and what that takes."""
    with torch.no_grad():
        ran = network(images)
    right = (ran.outputs[0].argmax(1) == spots).float().mean()
    print(f'{label}: right {float(right):4.0%}, {float(ran.units.mean()):5.1f} units per picture')


def main() -> None:
    torch.manual_seed(0)
    draw = torch.Generator().manual_seed(0)
    layers: list[nn.Module] = []
    for before, stride in ((1, 2), (8, 1), (8, 1)):
        layers += [nn.Conv2d(before, 8, 3, stride, padding=1), nn.BatchNorm2d(8), nn.ReLU()]
    module = nn.Sequential(*layers, nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(8, 2))

    optimiser = torch.optim.Adam(module.parameters(), 0.01)
    for _ in range(100):  # an ordinary network, trained the ordinary way
        images, spots = pictures(32, draw)
        loss = functional.cross_entropy(module(images), spots)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    network = TrainableNetwork.from_module(
        module.eval(), torch.full((1, SIDE, SIDE), 0.5), threshold=0.02, passing=0.05,
        tile=4)
    report('trained in lock-step', network, *pictures(500, draw))
    optimiser = torch.optim.Adam(network.parameters(), 0.02)
    for _ in range(100):  # under the schedule that will run: every unit that computes costs
        images, spots = pictures(32, draw)
        ran = network(images)
        loss = functional.cross_entropy(ran.outputs[0], spots) + 0.002 * ran.units.mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    report('trained under its schedule', network, *pictures(500, draw))

    # So small a picture would be computed faster as a whole: see what the events do.
    engine = network.to_async(break_even=NEVER_DENSE)
    images, spots = pictures(100, draw)
    answers = [engine.run(image.numpy()) for image in images]
    right = sum(int(answer.output.argmax()) == int(spot) for answer, spot in zip(answers, spots))
    units = sum(answer.work.units for answer in answers) / len(answers)
    print(f'the event engine on 100 new pictures: {right} right, {units:.1f} units per picture '
          f'of {answers[0].work.units_total}')


if __name__ == '__main__':
    main()
