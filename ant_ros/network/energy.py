# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Energy: read from the processor's own counter, or estimated and called so."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ant_ros.network.work import Work

__all__ = ['EnergyCounter', 'EnergyEstimate', 'estimate_energy']

_POWERCAP = Path('/sys/class/powercap')
# Horowitz, "Computing's energy problem (and what we can do about it)", ISSCC 2014, figure 1.1.9:
# 45 nm, 0.9 V. A 32-bit float multiply takes 3.7 pJ and an addition 0.9 pJ; 64 bits from a cache
# of 1 MB take 100 pJ. Figures of another process; good for ratios, not for a power bill.
_JOULES_PER_MAC = 4.6e-12
_JOULES_PER_BYTE = 100e-12 / 8


@dataclass(frozen=True)
class _Package:
    energy: Path
    range_uj: int

    def read_uj(self) -> int:
        return int(self.energy.read_text())


class EnergyCounter:
    """The RAPL energy counters of all processor packages, Intel's and AMD's.

    They count the whole processor, other programs included. A counter that wraps around is
    followed; one that wraps twice between two readings (minutes apart) is not.
    """

    def __init__(self, packages: tuple[_Package, ...]) -> None:
        self._packages = packages
        self._last = [package.read_uj() for package in packages]

    @classmethod
    def open(cls, root: Path = _POWERCAP) -> EnergyCounter | None:
        """Return the machine's counter, or None where there is none that may be read."""
        packages = []
        for zone in sorted(root.glob('intel-rapl:*')):
            # A package holds its cores and memory as sub-zones (intel-rapl:0:1): not twice.
            if zone.name.count(':') == 1:
                try:
                    if not (zone / 'name').read_text().startswith('package'):
                        continue
                    packages.append(_Package(zone / 'energy_uj', int(
                        (zone / 'max_energy_range_uj').read_text())))
                    packages[-1].read_uj()
                except (OSError, ValueError):
                    return None
        return cls(tuple(packages)) if packages else None

    def joules(self) -> float:
        """Return the energy used since the last call (or since it was opened)."""
        now = [package.read_uj() for package in self._packages]
        used_uj = sum((after - before) % (package.range_uj + 1) for package, before, after
                      in zip(self._packages, self._last, now))
        self._last = now
        return used_uj * 1e-6


@dataclass(frozen=True)
class EnergyEstimate:
    """An estimate, not a measurement.

    Attributes:
        compute_j: Of the multiply-accumulates.
        access_j: Of reading and writing activations and weights in a cache.
        source: Where the figures per operation and per access come from.
    """

    compute_j: float
    access_j: float
    source: str = 'estimate after Horowitz, ISSCC 2014: 4.6 pJ per float32 MAC, 12.5 pJ per byte'

    @property
    def joules(self) -> float:
        return self.compute_j + self.access_j


def estimate_energy(work: Work) -> EnergyEstimate:
    """Estimate the energy of work from published figures per operation and per access.

    Source: M. Horowitz, Computing's energy problem, ISSCC 2014.
    """
    return EnergyEstimate(work.macs * _JOULES_PER_MAC, work.bytes * _JOULES_PER_BYTE)
