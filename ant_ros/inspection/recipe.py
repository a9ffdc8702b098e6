# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""All that is known of one product, in memory and on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
import hashlib
import json
from pathlib import Path
import shutil
import tempfile
from typing import TYPE_CHECKING

import numpy as np
import safetensors
import safetensors.numpy

import ant_ros
from ant_ros.inspection.calibration import Limits
from ant_ros.inspection.calibration import parts_needed
from ant_ros.inspection.calibration import stated_limits
from ant_ros.inspection.deep_stage import DeepStage
from ant_ros.inspection.enough import Enough
from ant_ros.inspection.frame import FrameFormat
from ant_ros.inspection.part_finder import Background
from ant_ros.inspection.pretrained_files import from_files
from ant_ros.inspection.pretrained_files import to_files
from ant_ros.inspection.pretrained_stage import PretrainedStage
from ant_ros.inspection.prints import Print
from ant_ros.inspection.prints import Prints
from ant_ros.inspection.registration import Sureness
from ant_ros.inspection.surprise import Surprise
from ant_ros.inspection.swap import swap_in
from ant_ros.inspection.synced_files import sync_together
from ant_ros.inspection.synced_files import write_synced
from ant_ros.inspection.taught_parts import TaughtParts
from ant_ros.inspection.whitening import Whitening
from ant_ros.network.patch_features import PatchFeatures

if TYPE_CHECKING:
    from ant_ros.network.tuned_layout import TunedLayout

__all__ = ['Recipe', 'RecipeError', 'load_recipe', 'room_for_parts', 'save_recipe']

SCHEMA = 10
_KIND = 'ant_ros recipe'
_DESCRIPTION = 'recipe.json'
_WEIGHTS = 'weights.safetensors'
_MOST_CONFIRMED = 10_000
_MOST_BYTES = 18_500_000
_SURPRISE = ('weights', 'half_weights', 'wide_weights', 'slopes', 'shift_weights',
             'unrest_weights')
_DEEP = ('line_weights', 'line_levels', 'feature_mean', 'whiten',
         'feature_weights')


class RecipeError(ValueError):
    """A recipe cannot be used; names the folder, the cause and the cure."""


@dataclass(frozen=True)
class Recipe:
    """What was learned from the good parts.

    Attributes:
        name: Name of the product.
        version: Counts the changes.
        taught_parts: Good parts it was taught with.
        format: Form of the images.
        background: What lies around the part; None where the frame is inspected as it is.
        scale: Pixels that are worked on per pixel of the frame, at most 1.
        centre: Centre of area of the part in the registered image.
        radius: Largest distance of the part from it.
        mix: Weights of red, green and blue in the brightness that registration sees [3].
        mean: Expected part in three planes [3, H, W].
        mask: Where the part is [H, W], bool.
        light_limits: Least and largest shift of brightness and colour against the surroundings,
            as logarithms [2, 3].
        sure: Likeness from which on a part's rotation is not in doubt.
        prints: What lies beside its place on good parts, and is put back.
        blur: What linear sampling blurs good parts usually, see `usual_blur`.
        reach_px: Largest shift that is explained at any place.
        surprise: Stage 0; of registered parts with a pretrained backbone at half the size.
        deep: Stage 1.
        limits: Limits for wake, review and reject.
        backbone: Where deep features come from: `sampled`, or the name of a network.
        backbone_note: Why.
        target_frr: Share of good parts that may reach the limit.
        pretrained: The deep stage with a pretrained backbone; None with sampled features.
        enough: Whether more good parts would change much.
        taught: The good parts, to learn from them again together with more.
        kin: Hash of the features that labels are about, as they were first taught: they are
            good for a recipe that was sharpened, too. Empty: its own.
        left_out: Number of each image, from 0, that was given to be taught from but shows no
            part, and why.
        confirmed: Scores of parts that a person has confirmed as good, the latest 10,000 [N],
            float32.
    """

    name: str
    version: int
    taught_parts: int
    format: FrameFormat
    background: Background | None
    scale: float
    centre: tuple[float, float]
    radius: float
    mix: np.ndarray
    mean: np.ndarray
    mask: np.ndarray
    light_limits: np.ndarray
    sure: Sureness
    prints: Prints
    blur: tuple[float, float]
    reach_px: float
    surprise: Surprise
    deep: DeepStage
    limits: Limits
    backbone: str
    backbone_note: str
    target_frr: float
    pretrained: PretrainedStage | None
    enough: Enough
    taught: TaughtParts
    kin: str = ''
    left_out: tuple[tuple[int, str], ...] = ()
    confirmed: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))

    @property
    def guarantee(self) -> str:
        """How well the good parts bear out the false reject rate that was asked for."""
        needed, confirmed = parts_needed(self.target_frr), len(self.confirmed)
        if confirmed >= needed:
            return f'FRR at most {self.target_frr:.2%} by {confirmed} confirmed good parts'
        # Sampled features are judged by two stages, of which the second sees few good parts.
        if self.pretrained is not None and self.taught_parts >= needed:
            return f'FRR at most {self.target_frr:.2%} by {self.taught_parts} good parts'
        # Taught parts do not count towards a confirmed run: the limits were made from them.
        return (f'FRR of {self.target_frr:.2%} not guaranteed, {confirmed} of {needed} good parts '
                f'confirmed (the {self.taught_parts} taught do not count)')

    def with_confirmed(self, scores: Sequence[float]) -> Recipe:
        """Return the recipe with the scores of further parts that a person says are good.

        They must be those of a whole run, judged by this recipe: from as many on as the false
        reject rate needs, the limits are what the scores bear out. A score to the last digit like
        one that counts already is of the same image and counts once.
        """
        every = np.append(self.confirmed, np.asarray(scores, np.float32))
        _, first = np.unique(every, return_index=True)
        confirmed = every[np.sort(first)][-_MOST_CONFIRMED:]
        limits = self.limits
        if len(confirmed) >= parts_needed(self.target_frr):
            review, reject = stated_limits(confirmed.tolist(), self.target_frr)
            limits = replace(limits, review=review, reject=reject)
        return replace(self, confirmed=confirmed, limits=limits)

    @property
    def layout(self) -> TunedLayout | None:
        """Tiles and backend of the deep network, as measured; None: the default.

        Its break-even counts multiplications.
        """
        return None if self.pretrained is None else self.pretrained.layout

    @property
    def layout_note(self) -> str:
        """What to do about a layout that was measured on another machine; empty: nothing."""
        if self.layout is None or self.layout.measured_here:
            return ''
        return (f'layout measured on another machine ({self.layout.machine}): the verdicts are '
                'the same, but it may be slower than need be; measure it here with python -m '
                'ant_ros tune')

    def with_layout(self, layout: TunedLayout | None) -> Recipe:
        """Return the recipe with another layout; None for the default one.

        Raises:
            RecipeError: it has no pretrained network.
        """
        if self.pretrained is None:
            raise RecipeError(f'the recipe {self.name} has no network with a layout: its '
                              f'features are {self.backbone}')
        return replace(self, pretrained=replace(self.pretrained, layout=layout))


def save_recipe(recipe: Recipe, folder: Path) -> None:
    """Write a recipe folder so that it is there whole or not at all.

    It is written beside its place under a temporary name, synced to disk, then renamed.

    Raises:
        RecipeError: the place holds something that is no recipe, or cannot be written.
    """
    folder = Path(folder)
    if folder.exists() and not (folder / _DESCRIPTION).is_file() and (
            not folder.is_dir() or any(folder.iterdir())):
        raise RecipeError(f'{folder} exists and is no recipe: give another place')
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f'.{folder.name}.', dir=folder.parent))
    except OSError as error:
        raise RecipeError(f'cannot write beside {folder}: {error}') from error
    try:
        temporary.chmod(0o755)
        weights = safetensors.numpy.save(_tensors(recipe))
        description = _describe(recipe, hashlib.sha256(weights).hexdigest())
        write_synced(temporary / _WEIGHTS, weights)
        text = json.dumps(description, indent=2) + '\n'
        write_synced(temporary / _DESCRIPTION, text.encode())
        sync_together([temporary])
        swap_in(temporary, folder)
        sync_together([folder.parent])
    except OSError as error:
        raise RecipeError(f'cannot write {folder}: {error}') from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def load_recipe(folder: Path) -> Recipe:
    """Read a recipe folder.

    Raises:
        RecipeError: it is missing, damaged, or written by something else.
    """
    folder = Path(folder)
    try:
        description = json.loads((folder / _DESCRIPTION).read_text(encoding='utf-8'))
        weights = (folder / _WEIGHTS).read_bytes()
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise RecipeError(
            f'cannot read the recipe {folder}: {error}; teach again or restore it') from error
    if not isinstance(description, dict) or description.get('kind') != _KIND:
        raise RecipeError(f'{folder} is not a recipe of ant_ros: {_DESCRIPTION} says otherwise')
    if description.get('schema') != SCHEMA:
        raise RecipeError(
            f'the recipe {folder} has schema {description.get("schema")!r}, this version reads '
            f'{SCHEMA}: teach again or use the version of ant_ros that wrote it')
    if hashlib.sha256(weights).hexdigest() != description.get('weights_sha256'):
        raise RecipeError(
            f'the recipe {folder} is damaged: {_WEIGHTS} does not match its hash; restore it '
            'from a backup or teach again')
    try:
        return _rebuild(description, safetensors.numpy.load(weights))
    except (KeyError, TypeError, ValueError, safetensors.SafetensorError) as error:
        raise RecipeError(
            f'the recipe {folder} is damaged: {type(error).__name__}: {error}; restore it from '
            'a backup or teach again') from error


def room_for_parts(recipe: Recipe) -> int:
    """Return how many bytes of pictures leave a recipe at 18.5 MB in all, with others in place."""
    rest = _tensors(replace(recipe, taught=TaughtParts(recipe.taught.reference)))
    return _MOST_BYTES - sum(tensor.nbytes for tensor in rest.values())


def _tensors(recipe: Recipe) -> dict[str, np.ndarray]:
    tensors = {
        'mix': recipe.mix, 'mean': recipe.mean, 'mask': recipe.mask,
        'light_limits': recipe.light_limits, 'confirmed': recipe.confirmed,
        'whitening.weights': recipe.surprise.whitening.weights,
        'whitening.passing': recipe.surprise.whitening.passing,
        'network.weights': recipe.deep.network.weights,
        'network.biases': recipe.deep.network.biases,
    }
    for name in _SURPRISE:
        tensors[f'surprise.{name}'] = getattr(recipe.surprise, name)
    for number, one in enumerate(recipe.prints.prints):
        for name in ('template', 'weight', 'reach_px'):
            tensors[f'prints.{number}.{name}'] = getattr(one, name)
    for name in _DEEP:
        tensors[f'deep.{name}'] = getattr(recipe.deep, name)
    if recipe.background is not None:
        tensors['background.whiten'] = recipe.background.whiten
        tensors['background.colour'] = recipe.background.colour
    if recipe.pretrained is not None:
        tensors.update(to_files(recipe.pretrained)[1])
    tensors.update(recipe.taught.to_tensors())
    return {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}


def _describe(recipe: Recipe, digest: str) -> dict[str, object]:
    background = recipe.background
    return {
        'kind': _KIND,
        'schema': SCHEMA,
        'name': recipe.name,
        'version': recipe.version,
        'written_by': ant_ros.__version__,
        'taught_parts': recipe.taught_parts,
        'format': asdict(recipe.format),
        'background': None if background is None else {
            'limit': background.limit, 'area_px': background.area_px},
        'scale': recipe.scale,
        'centre': list(recipe.centre),
        'radius': recipe.radius,
        'sure': list(recipe.sure),
        'blur': list(recipe.blur),
        'prints': [[one.left, one.top] for one in recipe.prints.prints],
        'reach_px': recipe.reach_px,
        'whitening_usual': recipe.surprise.whitening.usual,
        'limits': asdict(recipe.limits),
        'backbone': recipe.backbone,
        'backbone_note': recipe.backbone_note,
        'target_frr': recipe.target_frr,
        'guarantee': recipe.guarantee,
        'pretrained': None if recipe.pretrained is None else to_files(recipe.pretrained)[0],
        'enough': asdict(recipe.enough),
        'kin': recipe.kin,
        'left_out': [list(one) for one in recipe.left_out],
        'weights_sha256': digest,
    }


def _rebuild(description: dict, tensors: dict[str, np.ndarray]) -> Recipe:
    background = description['background']
    deep = DeepStage(
        PatchFeatures(tensors['network.weights'], tensors['network.biases']),
        **{name: tensors[f'deep.{name}'] for name in _DEEP})
    surprise = Surprise(
        Whitening(tensors['whitening.weights'], tensors['whitening.passing'],
                  float(description['whitening_usual'])),
        **{name: tensors[f'surprise.{name}'] for name in _SURPRISE})
    prints = Prints(tuple(
        Print(int(left), int(top), **{name: tensors[f'prints.{number}.{name}']
                                      for name in ('template', 'weight', 'reach_px')})
        for number, (left, top) in enumerate(description['prints'])))
    x, y = description['centre']
    blur_x, blur_y = description['blur']
    pretrained = None
    if description['pretrained'] is not None:
        pretrained = from_files(description['pretrained'], tensors)
    return Recipe(
        name=str(description['name']), version=int(description['version']),
        taught_parts=int(description['taught_parts']),
        format=FrameFormat(**description['format']),
        background=None if background is None else Background(
            tensors['background.whiten'], float(background['limit']),
            tensors['background.colour'], float(background['area_px'])),
        scale=float(description['scale']), centre=(float(x), float(y)),
        radius=float(description['radius']), mix=tensors['mix'], mean=tensors['mean'],
        mask=tensors['mask'].astype(bool), light_limits=tensors['light_limits'],
        sure=Sureness(*map(float, description['sure'])), prints=prints,
        blur=(float(blur_x), float(blur_y)), reach_px=float(description['reach_px']),
        surprise=surprise,
        deep=deep, limits=Limits(**description['limits']),
        backbone=str(description['backbone']), backbone_note=str(description['backbone_note']),
        target_frr=float(description['target_frr']), pretrained=pretrained,
        enough=Enough(**description['enough']), taught=TaughtParts.from_tensors(tensors),
        kin=str(description['kin']),
        left_out=tuple((int(number), str(why)) for number, why in description['left_out']),
        confirmed=tensors['confirmed'])
