"""A release of the vocabularies that was loaded by mistake is taken out again."""

from __future__ import annotations

import pytest
from project_in_use import ProjectInUse
from vocabulary_releases import NewerRelease, of_vocabularies, withdraw_newer_releases

pytestmark = [pytest.mark.server, pytest.mark.slow]


def test_the_older_release_stands_again(project: ProjectInUse, newer_release: NewerRelease) -> None:
    withdraw_newer_releases(project)
    assert of_vocabularies(project) == newer_release.before
