"""Fixtures for all suites: one installation for the session, users and videos for each test."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import spg_site  # noqa: E402


@pytest.fixture(scope="session")
def site():
    """The whole installation: PostgreSQL, nginx with the shipped site, every program, the sandbox."""
    with spg_site.running_site() as running:
        yield running


@pytest.fixture
def user(site):
    """A fresh user with one connected account."""
    return site.connect()


@pytest.fixture
def other_user(site):
    """Somebody else."""
    return site.connect()


@pytest.fixture(scope="session")
def video_file(tmp_path_factory):
    """A small good video."""
    return spg_site.make_video(tmp_path_factory.mktemp("media") / "small.mp4")


@pytest.fixture
def video(site, user, video_file):
    """The id of a ready video of user."""
    return site.ready_video(user, video_file)
