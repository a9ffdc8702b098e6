#!/usr/bin/env python3
# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Train a classifier without iterations, go on learning, take something back.

Run: python examples/sampled_classifier.py
"""

import time

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from ant_ros.network.sampled import LeastSquaresHead
from ant_ros.network.sampled import SampledClassifier
from ant_ros.network.sampled import SampledConv


def main() -> None:
    samples, labels = load_digits(return_X_y=True)
    samples = samples.astype(np.float32) / 16
    train, test, train_labels, test_labels = train_test_split(
        samples, labels, test_size=0.3, random_state=0, stratify=labels)

    started = time.perf_counter()
    model = SampledClassifier(512, random_state=0).fit(train, train_labels)
    print(f'512 sampled units: {model.score(test, test_labels):.1%} of {len(test)} digits right '
          f'after {time.perf_counter() - started:.2f} s of training')

    # The same head on convolution features that were drawn from images without labels.
    import torch
    images = train.reshape(-1, 1, 8, 8)
    conv = SampledConv.sample(images, 64, 3, seed=0).to_torch(padding=1)
    pool = torch.nn.AvgPool2d(2)

    def features(pictures: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return pool(conv(torch.from_numpy(pictures.reshape(-1, 1, 8, 8)))).flatten(1).numpy()

    wanted = np.eye(10)[train_labels]
    head = LeastSquaresHead(ridge=1e-2).fit(features(train), wanted)
    right = (head.predict(features(test)).argmax(axis=1) == test_labels).mean()
    print(f'64 sampled kernels: {right:.1%} right')

    # Learning is adding to sums: in any order, merged from two robots, and back again.
    left, rest = slice(0, 600), slice(600, None)
    robots = [LeastSquaresHead(ridge=1e-2).fit(features(train[part]), wanted[part])
              for part in (left, rest)]
    both = LeastSquaresHead(ridge=1e-2).merge(robots[1]).merge(robots[0])
    print('two robots together differ from one that saw everything by '
          f'{np.abs(both.weights - head.weights).max() / np.abs(head.weights).max():.0e}')
    both.remove(features(train[rest]), wanted[rest])
    print('and with the second one taken back from the first one alone by '
          f'{np.abs(both.weights - robots[0].weights).max() / np.abs(both.weights).max():.0e}')


if __name__ == '__main__':
    main()
