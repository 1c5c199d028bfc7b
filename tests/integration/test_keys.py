"""Keys: made once, replaced while everything runs, checked; a program without the right one says so and changes nothing."""
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import threading
import time

import pytest

import spg_site
from spg_posts import due_now, run_until
from spg_site import REPO, secrets_in, spgctl, wait_for

FAILPOINTS = ["keyfile_written", "keyfile_renamed", "keyfile_renamed:2", "keyfile_renamed:3", "keys_added", "keys_switched",
              "reseal_before", "reseal_written", "keys_resealed", "keys_dropped"]


@pytest.fixture(scope="module")
def site():
    """One of its own: its keys change."""
    limits = [f"quota_{kind}_per_minute=100000" for kind in ("init", "creator_info", "status")]
    with spg_site.running_site(sets=limits) as running:
        running.sandbox.patch("settings", rate_limits=False, processing_seconds=0.3)
        yield running


def key_file(site):
    return pathlib.Path(site.config["token_secret_key_file"])


def public_file(site):
    return pathlib.Path(site.config["token_public_key_file"])


def rotate(site, *arguments, code=0):
    return spgctl(site, "keys", "rotate", *(arguments or ("--now",)), code=code)


def boxes(site):
    """{key id: boxes} by the database's word."""
    return dict(site.sql("SELECT encode(substr(box, 5, 8), 'hex'), count(*) FROM (SELECT access_sealed AS box FROM account_token"
                         " UNION ALL SELECT refresh_sealed FROM account_token) AS b GROUP BY 1"))


def assert_all_is_well(site):
    verified = spgctl(site, "keys", "verify")
    assert verified["boxes"] == verified["opened"] == sum(boxes(site).values())
    keys = spgctl(site, "keys", "status")["items"]
    assert [key["key"] for key in keys] == ["seals"] and set(boxes(site)) <= {keys[0]["key_id"]}
    assert len(key_file(site).read_text().splitlines()) == 1
    assert not list(key_file(site).parent.glob("*.next"))
    about = key_file(site).stat()
    assert about.st_mode & 0o7777 == 0o640 and about.st_uid == 0


@contextlib.contextmanager
def files_kept(site):
    """Whatever the block does to the key files, they are as before afterwards."""
    before = {path: path.read_text() for path in (key_file(site), public_file(site))}
    try:
        yield
    finally:
        for path, text in before.items():
            replace(path, text)


def replace(path, text):
    """As a rotation does: at once, for the same owner and mode."""
    about, copy = path.stat(), path.with_name(path.name + ".test")
    copy.write_text(text)
    os.chown(copy, about.st_uid, about.st_gid)
    os.chmod(copy, about.st_mode & 0o7777)
    os.replace(copy, path)


def creator_info(user):
    return user.request("GET", f"/api/v1/accounts/{user.account_id}/creator-info")


def ended(site, user, post):
    return run_until(site, user, post, "published", "held", "failed")


# ---------------------------------------------------------------- make

def make_keys(site, *arguments):
    return subprocess.run([site.dir / "app/bin/spgctl", "keys", "make", *map(str, arguments)], capture_output=True, text=True)


def test_keys_are_made_once(site, tmp_path):
    public, secret = tmp_path / "public", tmp_path / "secret"
    done = make_keys(site, "--public", public, "--secret", secret)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert re.fullmatch(r"spg-token-public-1:[0-9a-f]{64}\n", public.read_text())
    assert re.fullmatch(r"spg-token-secret-1:[0-9a-f]{64}\n", secret.read_text())
    assert public.stat().st_mode & 0o7777 == 0o644 and secret.stat().st_mode & 0o7777 == 0o600
    before = public.read_text(), secret.read_text()
    again = make_keys(site, "--public", public, "--secret", secret)
    assert again.returncode == 1 and "cannot create" in again.stderr and "File exists" in again.stderr
    assert (public.read_text(), secret.read_text()) == before


def test_half_a_pair_is_never_left(site, tmp_path):
    public, secret = tmp_path / "public", tmp_path / "secret"
    public.write_text("mine\n")
    assert make_keys(site, "--public", public, "--secret", secret).returncode == 1
    assert public.read_text() == "mine\n" and not secret.exists()
    assert make_keys(site, "--public", tmp_path / "no/such", "--secret", secret).returncode == 1
    assert not secret.exists()


def test_a_link_is_not_followed(site, tmp_path):
    (tmp_path / "secret").symlink_to(tmp_path / "elsewhere")
    done = make_keys(site, "--public", tmp_path / "public", "--secret", tmp_path / "secret")
    assert done.returncode == 1 and not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("arguments", [[], ["--public", "/x"], ["--secret", "/x"], ["--public"], ["--what"],
                                       ["--public", "/tmp/a", "--secret", "/tmp/b", "more"]])
def test_wrong_use_is_told(site, arguments):
    done = make_keys(site, *arguments)
    assert done.returncode == 2 and "keys make" in done.stderr


# ---------------------------------------------------------------- rotate

def test_a_rotation_seals_everything_anew_and_nobody_notices(site, user, other_user, video_file):
    video = site.ready_video(user, video_file)
    before = boxes(site)
    answers, stop = [], threading.Event()

    def read():
        while not stop.is_set():
            answers.append(creator_info(user).status)
            stop.wait(0.05)
    reader = threading.Thread(target=read)
    reader.start()
    try:
        done = rotate(site)
    finally:
        stop.set()
        reader.join()
    assert done["result"] == "done" and done["left"] == 0 and done["resealed"] == sum(before.values())
    assert done["key_id"] not in before
    assert set(answers) == {200}, answers
    assert_all_is_well(site)
    # those that run since before seal with the new key, and open what it sealed
    late = site.connect()
    assert set(boxes(site)) == {done["key_id"]}
    assert creator_info(late).status == creator_info(other_user).status == 200
    assert ended(site, user, due_now(user, video))["state"] == "published"
    assert_all_is_well(site)


def test_it_waits_until_every_publisher_knows_the_new_key(site, user):
    old = public_file(site).read_text()
    process = subprocess.Popen([REPO / "deploy/quickstart", "--dir", site.dir, "run", "spgctl", "keys", "rotate"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert re.search(r"waits 6[0-5] s", process.stderr.readline())
        assert len(key_file(site).read_text().splitlines()) == 2 and public_file(site).read_text() == old
        assert spgctl(site, "keys", "rotate", "--now", code=1) is None  # one at a time
        assert creator_info(user).status == 200 and old == public_file(site).read_text()
    finally:
        process.kill()
        process.communicate()
    # long ago by now, so that the same rotation goes on at once, and waits after the switch
    os.utime(key_file(site), (time.time() - 100, time.time() - 100))
    process = subprocess.Popen([REPO / "deploy/quickstart", "--dir", site.dir, "run", "spgctl", "keys", "rotate"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert re.search(r"waits 6[0-5] s, until all that was sealed", process.stderr.readline())
        assert public_file(site).read_text() != old and len(key_file(site).read_text().splitlines()) == 2
    finally:
        process.kill()
        process.communicate()
    os.utime(public_file(site), (time.time() - 100, time.time() - 100))
    newest = spgctl(site, "keys", "status")["items"][-1]["key_id"]
    assert spgctl(site, "keys", "rotate")["key_id"] == newest
    assert_all_is_well(site)


@pytest.mark.parametrize("failpoint", FAILPOINTS)
def test_killed_anywhere_it_goes_on(site, user, failpoint):
    if not site.has_failpoints("spgctl"):
        pytest.skip("this build has no failpoints")
    before = public_file(site).read_text()
    done = site.run("spgctl", "keys", "rotate", "--now", env={"SPG_FAILPOINT": failpoint})
    assert done.returncode != 0, done.stdout
    assert creator_info(user).status == 200
    verified = spgctl(site, "keys", "verify")
    assert verified["boxes"] == verified["opened"] > 0
    if len(key_file(site).read_text().splitlines()) == 2:
        pairs = key_file(site).read_text().splitlines()
        assert rotate(site)["result"] == "done"
        assert key_file(site).read_text().splitlines() == pairs[1:]  # the same rotation, not another one
    elif public_file(site).read_text() == before:
        assert rotate(site)["result"] == "done"
    assert public_file(site).read_text() != before
    assert_all_is_well(site)


def test_a_refresh_in_between_wins(site, user):
    if not site.has_failpoints("spgctl"):
        pytest.skip("this build has no failpoints")
    version = site.sql("SELECT version FROM account_token WHERE account_id = %s", user.account_id)[0][0]
    process = site.start_program("spgctl", "keys", "rotate", "--now", env={"SPG_FAILPOINT": "reseal_before=delay:4000"})
    try:
        wait_for("the new key seals", lambda: site.sql("SELECT 1") and len(key_file(site).read_text().splitlines()) == 2)
        old = public_file(site).stat().st_ino
        del old
        site.sql("UPDATE account_token SET access_expires_at = now() WHERE account_id = %s", user.account_id)
        assert creator_info(user).status == 200
    finally:
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert site.sql("SELECT version FROM account_token WHERE account_id = %s", user.account_id)[0][0] == version + 1
    assert creator_info(user).status == 200
    assert_all_is_well(site)


def test_what_does_not_open_keeps_the_old_key(site, user):
    broken = site.connect()
    site.sql("UPDATE account_token SET access_sealed = overlay(access_sealed placing '\\x00'::bytea from 60)"
             " WHERE account_id = %s", broken.account_id)
    verified = spgctl(site, "keys", "verify", code=1)
    assert verified["unreadable"] == 1 and verified["opened"] == verified["boxes"] - 1
    done = rotate(site, code=1)
    assert done["result"] == "old_key_in_use" and done["left"] == 2
    assert len(key_file(site).read_text().splitlines()) == 2
    assert creator_info(user).status == 200
    site.sql("DELETE FROM account_token WHERE account_id = %s", broken.account_id)
    assert rotate(site)["result"] == "done"
    assert_all_is_well(site)


def test_each_step_is_in_the_record(site, user):
    rotate(site)
    spgctl(site, "keys", "verify", user="anna")
    assert site.sql("SELECT event, code, program, operator FROM audit_event WHERE event LIKE 'operator_keys%%'"
                    " ORDER BY id DESC LIMIT 3") == [
        ("operator_keys_verify", None, "spg_ctl", "anna"), ("operator_keys_rotate", "done", "spg_ctl", "root"),
        ("operator_keys_rotate", "begun", "spg_ctl", "root")]


def test_only_root_sees_keys(site):
    for action in ("status", "verify", "rotate"):
        done = subprocess.run(["setpriv", "--reuid=spg_ctl", "--regid=spg_ctl", "--init-groups", "--",
                               site.dir / "app/bin/spgctl", "keys", action], capture_output=True, text=True, cwd="/",
                              env={"SPG_CONFIG": str(site.dir / "spg.conf")})
        assert done.returncode == 1 and "only root" in done.stderr, done


# ---------------------------------------------------------------- the wrong key

@pytest.fixture
def foreign(site, tmp_path):
    """Another installation's pair, as texts."""
    assert make_keys(site, "--public", tmp_path / "p", "--secret", tmp_path / "s").returncode == 0
    return (tmp_path / "p").read_text(), (tmp_path / "s").read_text()


def whole_state(site, user):
    return site.sql("SELECT a.state, a.state_reason, t.version, t.access_sealed, t.refresh_sealed, t.refresh_lost, t.refresh_fence"
                    " FROM account a JOIN account_token t ON t.account_id = a.id WHERE a.id = %s", user.account_id)


def test_a_publisher_with_a_foreign_key_leaves_everything_as_it_is(site, user, video_file, foreign):
    post = due_now(user, site.ready_video(user, video_file))
    state = whole_state(site, user)
    site.sandbox.delete("calls")
    with files_kept(site):
        replace(public_file(site), foreign[0])
        replace(key_file(site), foreign[1])
        output = site.run("publisher", "--once").stdout
        assert f"box_key_unknown account={user.account_id}" in output
        # neither may it use up the refresh token of one that must be refreshed
        site.sql("UPDATE account_token SET access_expires_at = now() WHERE account_id = %s", user.account_id)
        site.sql("UPDATE post SET next_attempt_at = now() WHERE id = %s", post)
        site.run("publisher", "--once")
        assert whole_state(site, user) == state
        told = user.post(post)
        assert told["state"] == "scheduled" and told["reason"]["code"] == "token_key_unknown"
        assert told["reason"]["known"] and told["reason"]["who"] == "operator"
        assert [call for call in site.sandbox.get("calls") if call["account"] == user.open_id] == []
        # an account that is being disconnected keeps its tokens, to be revoked by one who can open them
        leaving = site.connect()
    site.sql("UPDATE post SET next_attempt_at = now() WHERE id = %s", post)
    assert ended(site, user, post)["state"] == "published"
    # sealed in between with the foreign key: this site's programs say so
    answer = creator_info(leaving)
    assert answer.status == 503 and answer.json()["code"] == "token_key_unknown" and "Retry-After" in answer.headers
    assert leaving.request("DELETE", f"/api/v1/accounts/{leaving.account_id}").status in (200, 202, 204)
    site.run("publisher", "--once")
    assert site.sql("SELECT state FROM account WHERE id = %s", leaving.account_id) == [("disconnecting",)]
    assert site.sql("SELECT count(*) FROM account_token WHERE account_id = %s", leaving.account_id) == [(1,)]
    site.sql("DELETE FROM account WHERE id = %s", leaving.account_id)


def test_a_publisher_from_before_a_rotation_leaves_the_post_to_the_next(site, user, video_file, tmp_path):
    """Under systemd it has a copy of the ring as it was when it started."""
    copy = site.dir / "old_ring"
    shutil.copy(key_file(site), copy)
    shutil.chown(copy, "spg_publisher")
    old_public = site.dir / "old_public"
    shutil.copy(public_file(site), old_public)
    os.chmod(old_public, 0o644)
    post = due_now(user, site.ready_video(user, video_file))
    rotate(site)
    state = whole_state(site, user)
    with site.configured(token_secret_key_file=copy, token_public_key_file=old_public):
        site.run("publisher", "--once")
    assert user.post(post)["state"] == "scheduled" and whole_state(site, user) == state
    site.sql("UPDATE post SET next_attempt_at = now() WHERE id = %s", post)
    assert ended(site, user, post)["state"] == "published"


@pytest.mark.parametrize("fault,says", [("missing", "secret_unreadable"), ("damaged", "token_key_bad"),
                                        ("foreign", "token_keys_mismatch")])
def test_without_its_key_the_publisher_does_not_begin(site, user, video_file, foreign, fault, says):
    post = due_now(user, site.ready_video(user, video_file))
    before = user.post(post), whole_state(site, user)
    with files_kept(site):
        replace(key_file(site), {"missing": "", "damaged": "spg-token-secret-1:00\n", "foreign": foreign[1]}[fault])
        hidden = key_file(site).with_name("hidden")
        if fault == "missing":
            os.rename(key_file(site), hidden)
        try:
            done = site.run("publisher", "--once")
        finally:
            if fault == "missing":
                os.rename(hidden, key_file(site))
        assert done.returncode == 1 and says in done.stdout
        assert (user.post(post), whole_state(site, user)) == before
    assert ended(site, user, post)["state"] == "published"


def test_nothing_that_is_said_about_keys_holds_one(site, user):
    secret = key_file(site).read_text().split(":")[1].strip()
    rotate(site)
    secrets = [secret, key_file(site).read_text().split(":")[1].strip()]
    for arguments in (("status",), ("verify",), ("rotate", "--now")):
        done = site.run("spgctl", "keys", *arguments)
        assert done.returncode == 0 and secrets_in(done.stdout, site) == []
        secrets.append(key_file(site).read_text().split(":")[1].strip())
        assert not [word for word in secrets if word in done.stdout]
    for name, text in site.logs().items():
        assert not [word for word in secrets if word in text], name
