# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which change of a recipe is taken back next."""

from typing import NamedTuple

import pytest

from ant_ros.inspection import RecipeError
from ant_ros.inspection.online.recipe_versions import ALL_SEEN
from ant_ros.inspection.online.recipe_versions import FLEET
from ant_ros.inspection.online.recipe_versions import last_change
from ant_ros.inspection.online.recipe_versions import MERGED
from ant_ros.inspection.online.recipe_versions import one_before
from ant_ros.inspection.online.recipe_versions import same_recipe
from ant_ros.inspection.online.recipe_versions import UNDO


class Version(NamedTuple):
    number: int
    why: str = 'a is dent'
    who: str = 'me'
    restored_from: int | None = None
    files: str = 'same'


def test_each_undo_reaches_one_change_further_back():
    versions = [Version(number) for number in range(1, 5)]
    assert last_change(versions).number == 4
    versions.append(Version(5, UNDO))
    assert last_change(versions).number == 3
    versions.append(Version(6, UNDO))
    assert last_change(versions).number == 2
    versions.append(Version(7))
    assert last_change(versions).number == 7


def test_what_nobody_has_asked_for_is_passed_over():
    versions = [Version(1), Version(2), Version(3, ALL_SEEN), Version(4, MERGED, FLEET)]
    assert last_change(versions).number == 2
    assert last_change([*versions, Version(5, MERGED, 'me')]).number == 5


def test_after_a_version_is_back_its_own_change_is_the_last():
    versions = [Version(1), Version(2), Version(3), Version(4, restored_from=2)]
    assert last_change(versions).number == 2
    assert one_before(versions) == 1


def test_a_change_that_is_not_kept_any_more_is_none():
    assert last_change([Version(7, UNDO), Version(8, UNDO)]) is None
    with pytest.raises(RecipeError, match='no version before 3 is kept'):
        one_before([Version(8), Version(9, restored_from=3)])
    with pytest.raises(RecipeError, match='no version before this one'):
        one_before([Version(1)])


def test_a_recipe_is_the_same_where_its_files_are():
    versions = [Version(1), Version(2), Version(3, files='others')]
    assert [same_recipe(versions, number) for number in (1, 2, 3)] == [False, True, False]
