"""Fixtures for all suites: one installation for the session, users and videos for each test."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import spg_site  # noqa: E402


@pytest.fixture(scope="session")
def site():
    """The whole installation: PostgreSQL, nginx with the shipped site, every program, the sandbox."""
    # TikTok's limits per minute would make a suite wait for hours; test_quota.py has them as they are.
    limits = [f"quota_{kind}_per_minute=100000" for kind in ("init", "creator_info", "status")]
    limits += ["quota_direct_per_day=100000", "quota_pending_drafts=100000"]
    with spg_site.running_site(sets=limits) as running:
        running.sandbox.patch("settings", rate_limits=False, daily_post_cap=100000, pending_draft_cap=100000,
                              active_creator_cap=100000, processing_seconds=0.3)
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


@pytest.fixture(scope="session")
def large_video_file(tmp_path_factory, video_file):
    """A good video of six chunks, the least that is sent in several."""
    return spg_site.pad_video(video_file, tmp_path_factory.mktemp("media") / "large.mp4", 64_000_001)


@pytest.fixture
def video(site, user, video_file):
    """The id of a ready video of user."""
    return site.ready_video(user, video_file)
