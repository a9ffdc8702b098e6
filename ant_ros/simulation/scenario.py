# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a scenario may set, and how it is read from YAML."""

from collections.abc import Iterator
from collections.abc import Mapping
import difflib
from pathlib import Path
from typing import Annotated
from typing import Any
from typing import get_args
from typing import Literal

from pydantic import AfterValidator
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import model_validator
from pydantic import ValidationError
import yaml

from ant_ros.share import share_directory

__all__ = ['DEFECT_CLASSES', 'FAMILIES', 'Scenario', 'ScenarioError', 'load_scenario',
           'make_scenario', 'scenario_names']

FamilyName = Literal['plate', 'bottle_cap', 'gear']
UsualClass = Literal['scratch', 'wrong_colour', 'deformation', 'contamination',
                     'missing_feature']
DefectClass = UsualClass | Literal['pale_print']
FAMILIES: tuple[str, ...] = get_args(FamilyName)
DEFECT_CLASSES: tuple[str, ...] = get_args(UsualClass)
"""Classes that every family of parts can show; those with a print also 'pale_print'."""

_UNPRINTED = ('gear',)


def _ordered(value: tuple[float, float]) -> tuple[float, float]:
    if value[0] > value[1]:
        raise ValueError('the lower end of a range must not exceed the upper end')
    return value


Unit = Annotated[float, Field(ge=0.0, le=1.0)]
SeverityRange = Annotated[tuple[Unit, Unit], AfterValidator(_ordered)]


class ScenarioError(ValueError):
    """A scenario cannot be used; the text names the key, its value and what is allowed."""


class _Section(BaseModel):
    model_config = ConfigDict(extra='forbid', frozen=True, allow_inf_nan=False)


class Belt(_Section):
    """The conveyor and how parts are spaced on it."""

    speed_m_s: float = Field(default=0.4, ge=0.1, le=0.5)
    pitch_m: float = Field(default=0.16, ge=0.12, le=1.0, description='between part centres')
    pitch_jitter_m: float = Field(default=0.004, ge=0.0, le=0.02,
                                  description='feeder, to either side')


class Pose(_Section):
    """How far parts lie from where they should, to either side (uniform)."""

    lateral_mm: float = Field(default=3.0, ge=0.0, le=15.0)
    yaw_deg: float = Field(default=4.0, ge=0.0, le=30.0)


class CameraSettings(_Section):
    """The camera above the photo-eye, looking straight down."""

    width: int = Field(default=320, ge=64, le=1280)
    height: int = Field(default=240, ge=64, le=1024)
    supersample: int = Field(default=2, ge=1, le=4,
                             description='rendered pixels per pixel and axis')
    field_width_mm: float = Field(default=104.0, ge=70.0, le=300.0, description='on the belt')
    height_mm: float = Field(default=360.0, ge=150.0, le=1000.0, description='above the belt')


class Noise(_Section):
    """What the sensor adds."""

    sigma: float = Field(default=2.5, ge=0.0, le=30.0, description='grey levels')


class Lighting(_Section):
    """How the light changes over the shift and from part to part."""

    drift: float = Field(default=0.06, ge=0.0, le=0.5,
                         description='slow change of brightness, share')
    drift_period_parts: int = Field(default=400, ge=2, le=1_000_000)
    flicker: float = Field(default=0.01, ge=0.0, le=0.2, description='per part (1 sigma), share')
    colour_drift: float = Field(default=0.015, ge=0.0, le=0.2,
                                description='warmer and cooler, share')
    gradient: float = Field(default=0.05, ge=0.0, le=0.5, description='across the frame, share')


class Texture(_Section):
    """How strong the random texture of a surface is (1 is an ordinary part)."""

    variation: float = Field(default=1.0, ge=0.0, le=4.0)


class Cosmetic(_Section):
    """Harmless differences between good parts; they must pass."""

    grain_deg: float = Field(default=2.0, ge=0.0, le=45.0,
                             description='direction of brushing or turning')
    tone: float = Field(default=0.02, ge=0.0, le=0.2,
                        description='brightness of the material, share')
    print_offset_mm: float = Field(default=0.25, ge=0.0, le=2.0)
    smudges: int = Field(default=2, ge=0, le=10, description='at most, per part')
    smudge_strength: float = Field(default=3.0, ge=0.0, le=20.0, description='grey levels')


class Defect(_Section):
    """One class of defect that the line produces."""

    kind: DefectClass = Field(alias='class')
    share: float = Field(default=1.0, gt=0.0, le=1000.0,
                         description='relative to the other classes')
    severity: SeverityRange = (0.5, 1.0)
    appears_after: float = Field(default=0.0, ge=0.0, lt=1.0, description='fraction of the shift')


class Visibility(_Section):
    """From when on a defect counts as visible in the image."""

    pixels: int = Field(default=12, ge=1, le=10_000)
    sigmas: float = Field(default=5.0, gt=0.0, le=100.0, description='of the sensor noise')


class Gate(_Section):
    """The flap behind the belt; it rests in reject."""

    distance_m: float = Field(default=0.60, ge=0.30, le=1.10, description='photo-eye to gate')
    window_m: float = Field(default=0.07, ge=0.03, le=0.2,
                            description='of belt travel, before and after')
    command_timeout_s: float = Field(default=0.1, ge=0.01, le=2.0,
                                     description='a pass holds this long')


class Scenario(_Section):
    """Everything that defines a run of the simulated line, save the seed."""

    name: str = Field(min_length=1, pattern=r'^[a-z0-9_]+$')
    description: str = ''
    family: FamilyName = 'plate'
    parts: int = Field(default=200, ge=1, le=1_000_000, description='inspected parts in a shift')
    teach_parts: int = Field(default=10, ge=0, le=200)
    tick_s: float = Field(default=1 / 30, ge=1 / 120, le=0.1)
    defect_rate: Unit = 0.1
    defects: tuple[Defect, ...] = ()
    belt: Belt = Belt()
    pose: Pose = Pose()
    camera: CameraSettings = CameraSettings()
    noise: Noise = Noise()
    lighting: Lighting = Lighting()
    texture: Texture = Texture()
    cosmetic: Cosmetic = Cosmetic()
    visibility: Visibility = Visibility()
    gate: Gate = Gate()

    @model_validator(mode='after')
    def _check(self) -> 'Scenario':
        classes = [defect.kind for defect in self.defects]
        if len(set(classes)) < len(classes):
            raise ValueError(f'defects: each class once, got {", ".join(classes)}')
        if 'pale_print' in classes and self.family in _UNPRINTED:
            raise ValueError(f'defects: a {self.family} has no print that could be pale')
        if self.defect_rate > 0.0 and not any(d.appears_after == 0.0 for d in self.defects):
            raise ValueError(
                f'defects: with defect_rate {self.defect_rate} at least one class must have '
                'appears_after 0 (or set defect_rate to 0)')
        if self.belt.pitch_m - 2 * self.belt.pitch_jitter_m < 0.11:
            raise ValueError(
                f'belt.pitch_jitter_m: {self.belt.pitch_jitter_m} lets parts touch at '
                f'pitch_m {self.belt.pitch_m}; pitch_m - 2 * pitch_jitter_m must be at least 0.11')
        return self


def scenario_directory() -> Path:
    """Return the folder of the scenarios that come with the package."""
    return share_directory() / 'sim' / 'scenarios'


def scenario_names() -> tuple[str, ...]:
    """List the scenarios that come with the package."""
    return tuple(sorted(path.stem for path in scenario_directory().glob('*.yaml')))


def load_scenario(name_or_path: str) -> Scenario:
    """Read a scenario by its name, or from a YAML file by its path.

    Raises:
        ScenarioError: it is not there, is not YAML, or a key in it is wrong.
    """
    path = Path(name_or_path)
    if path.suffix not in ('.yaml', '.yml') and path.name == name_or_path:
        if name_or_path not in scenario_names():
            raise ScenarioError(
                f'no scenario {name_or_path!r}{_did_you_mean(name_or_path, scenario_names())}; '
                f'there are {", ".join(scenario_names())}, or give the path of a .yaml file')
        path = scenario_directory() / f'{name_or_path}.yaml'
    try:
        content = yaml.safe_load(path.read_text(encoding='utf-8'))
    except OSError as error:
        raise ScenarioError(f'cannot read the scenario {path}: {error.strerror}') from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ScenarioError(f'{path} is not YAML: {error}') from error
    return make_scenario(content, source=str(path))


def make_scenario(content: object, *, source: str = 'scenario') -> Scenario:
    """Validate the content of a scenario; `source` names it in errors.

    Raises:
        ScenarioError: a key is unknown, missing, or its value is not allowed.
    """
    if not isinstance(content, Mapping):
        raise ScenarioError(f'{source}: expected a mapping of keys, got {type(content).__name__}')
    try:
        return Scenario.model_validate(content)
    except ValidationError as error:
        lines = [f'  {_explain(fault, content)}' for fault in error.errors()]
        raise ScenarioError('\n'.join([f'{source} is not a valid scenario:', *lines])) from error


def _explain(fault: Any, content: Mapping) -> str:
    where = '.'.join(str(step) for step in fault['loc'])
    if fault['type'] == 'extra_forbidden':
        allowed = tuple(_keys_at(fault['loc'][:-1]))
        return (f'{where}: no such key{_did_you_mean(str(fault["loc"][-1]), allowed)}; '
                f'allowed are {", ".join(allowed)}')
    if fault['type'] == 'missing':
        return f'{where}: this key is required'
    message = fault['msg'].removeprefix('Value error, ')
    if not where:
        return message
    return f'{where}: {message[0].lower()}{message[1:]}, got {fault["input"]!r}'


def _keys_at(location: tuple) -> Iterator[str]:
    """Yield the keys that the section at a location allows."""
    model: Any = Scenario
    for step in location:
        if isinstance(step, str):
            model = model.model_fields[step].annotation
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        model = Defect
    for name, field in model.model_fields.items():
        yield field.alias or name


def _did_you_mean(given: str, allowed: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(given, allowed, n=1)
    return f' (did you mean {close[0]!r}?)' if close else ''
