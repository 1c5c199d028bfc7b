"""Drop folders: what SFTP and rsync users leave there becomes videos, once each; and videos that have lost their file."""
import grp
import os
import pathlib
import re
import secrets
import signal
import time
import urllib.parse

import pytest

from spg_site import wait_for


@pytest.fixture(scope="module")
def quiet(site):
    """Files are taken after a second."""
    with site.configured(drop_quiet_seconds=1):
        yield


@pytest.fixture
def folder(site, user, quiet):
    path = pathlib.Path(site.config["drop_dir"]) / user.user_id
    path.mkdir()
    # as the README has it for an operator: the janitor by its group
    os.chown(path, 0, grp.getgrnam("spg_janitor").gr_gid)
    path.chmod(0o2770)
    yield path
    for name in path.iterdir() if path.exists() else ():
        name.unlink() if name.is_symlink() or not name.is_dir() else name.rmdir()


def put(folder, name, data, mode=0o640):
    path = folder / name
    path.write_bytes(data)
    path.chmod(mode)
    return path


def settle(folder):
    """Wait until nothing in the folder is too young to be taken."""
    wait_for("quiet", lambda: all(os.lstat(path).st_ctime < time.time() - 2 for path in folder.iterdir()))


def look(site, env=None):
    done = site.run("janitor", "--drop", env=env)
    assert "AddressSanitizer" not in done.stdout and "runtime error" not in done.stdout, done.stdout[-3000:]
    return done


def take(site, folder):
    settle(folder)
    done = look(site)
    assert done.returncode == 0, done.stdout[-2000:]
    return done.stdout


def rows(site, user):
    return site.sql("SELECT address, state, reason_code FROM video_import WHERE user_id = %s ORDER BY id", int(user.user_id))


def videos(site, user):
    return site.sql("SELECT name, size, file FROM video WHERE user_id = %s ORDER BY id", int(user.user_id))


def one_video(site, user, data, name="film.mp4"):
    """Exactly one has come, with these bytes."""
    wait_for("the video", lambda: site.sql("SELECT 1 FROM video_import WHERE user_id = %s AND video_id IS NOT NULL",
                                           int(user.user_id)))
    (title, size, file), = videos(site, user)
    assert (title, size) == (name, len(data))
    assert (site.dir / "media/videos" / file).read_bytes() == data


def uploads(site, user):
    return site.sql("SELECT id FROM upload WHERE user_id = %s AND finished_at IS NULL", int(user.user_id))


@pytest.fixture(scope="module")
def data(video_file):
    return video_file.read_bytes()


# ---------------------------------------------------------------- what is taken

def test_a_dropped_file_becomes_a_video_and_goes(site, user, folder, data):
    put(folder, "film.mp4", data)
    take(site, folder)
    assert list(folder.iterdir()) == []
    one_video(site, user, data)
    assert rows(site, user) == [("film.mp4", "done", None)]
    video_id, = site.sql("SELECT video_id FROM video_import WHERE user_id = %s", int(user.user_id))[0]
    wait_for("checked", lambda: site.sql("SELECT 1 FROM video WHERE id = %s AND state = 'ready'", video_id))
    assert site.sql("SELECT received, total, file_size FROM video_import WHERE user_id = %s", int(user.user_id)) == [
        (len(data),) * 3]


def test_the_hourly_run_takes_it_too(site, user, folder, data):
    put(folder, "film.mp4", data)
    settle(folder)
    assert site.run("janitor").returncode == 0
    one_video(site, user, data)


def test_the_same_name_may_come_again(site, user, folder, data):
    put(folder, "film.mp4", data)
    take(site, folder)
    put(folder, "film.mp4", data)
    take(site, folder)
    wait_for("two videos", lambda: len(videos(site, user)) == 2)
    assert [state for _, state, _ in rows(site, user)] == ["done", "done"]


def test_a_file_whose_video_was_deleted_may_come_again_as_it_was(site, user, folder, data):
    """rsync -t and sftp -p keep the time of change: it looks like the one that was taken."""
    then = time.time() - 5000
    os.utime(put(folder, "film.mp4", data), (then, then))
    take(site, folder)
    one_video(site, user, data)
    site.sql("UPDATE video SET deleted_at = now() WHERE user_id = %s", int(user.user_id))
    os.utime(put(folder, "film.mp4", data), (then, then))
    take(site, folder)
    wait_for("another video", lambda: len(videos(site, user)) == 2)
    assert list(folder.iterdir()) == []


def test_a_young_file_is_left_alone(site, user, folder, data):
    """However old its time of change claims to be."""
    with site.configured(drop_quiet_seconds=600):
        path = put(folder, "film.mp4", data)
        os.utime(path, (1, 1))
        assert look(site).returncode == 0
    assert path.exists() and rows(site, user) == []


def test_hidden_files_are_left_alone(site, user, folder, data):
    names = {".film.mp4.Ab12Cd", ".film.mp4"}
    for name in names:
        put(folder, name, data)
    take(site, folder)
    assert {path.name for path in folder.iterdir()} == names and rows(site, user) == []


def test_nothing_is_taken_while_no_folder_is_set(site, user, folder, data):
    put(folder, "film.mp4", data)
    settle(folder)
    text = (site.dir / "spg.conf").read_text()
    try:
        (site.dir / "spg.conf").write_text(re.sub(r"^drop_dir = .*\n", "", text, flags=re.M))
        assert look(site).returncode == 0
    finally:
        (site.dir / "spg.conf").write_text(text)
    assert rows(site, user) == []


# ---------------------------------------------------------------- what is not

@pytest.mark.parametrize("name,content,code", [
    ("notes.txt", b"words", "drop_not_video"), ("film", b"words", "drop_not_video"), ("film.mp4.part", b"words", "drop_not_video"),
    ("empty.mp4", b"", "import_empty"), ("x" * 240 + ".mp4", b"words", "drop_name"),
])
def test_why_a_file_is_not_taken_is_told_once(site, user, folder, name, content, code):
    path = put(folder, name, content)
    take(site, folder)
    assert rows(site, user) == [(name, "failed", code)] and path.exists()
    message, = site.sql("SELECT reason_message FROM video_import WHERE user_id = %s", int(user.user_id))[0]
    text = folder / (name + ".error.txt")
    if len(name) < 240:
        assert text.read_text() == message + "\n" and message.endswith(".")
    assert "drop_refused" not in take(site, folder)
    assert len(rows(site, user)) == 1
    path.unlink()
    take(site, folder)
    assert rows(site, user) == [] and list(folder.iterdir()) == []


def test_a_mended_file_is_taken(site, user, folder, data):
    put(folder, "film.mp4", b"")
    take(site, folder)
    assert (folder / "film.mp4.error.txt").exists()
    put(folder, "film.mp4", data)
    take(site, folder)
    assert list(folder.iterdir()) == []
    one_video(site, user, data)
    assert rows(site, user) == [("film.mp4", "done", None)]


def test_a_limit_is_told_and_asked_again_later(site, user, folder, data):
    put(folder, "film.mp4", data)
    with site.configured(user_uploads_unfinished=1):
        site.sql("INSERT INTO upload (id, user_id, length, name, expires_at) VALUES (%s, %s, 5, '', now() + interval '1 day')",
                 "B" * 22, int(user.user_id))
        take(site, folder)
        assert rows(site, user) == [("film.mp4", "failed", "import_limit_unfinished")]
        site.sql("DELETE FROM upload WHERE id = %s", "B" * 22)
        take(site, folder)
    assert rows(site, user) == [("film.mp4", "failed", "import_limit_unfinished")]
    site.sql("UPDATE video_import SET next_attempt_at = now() WHERE user_id = %s", int(user.user_id))
    take(site, folder)
    one_video(site, user, data)
    assert list(folder.iterdir()) == []


def test_a_file_that_may_not_be_read_is_told(site, user, folder, data):
    put(folder, "film.mp4", data, mode=0o600)
    take(site, folder)
    assert rows(site, user) == [("film.mp4", "failed", "drop_unreadable")]


def test_a_file_too_large_is_told(site, user, folder):
    path = put(folder, "film.mp4", b"x")
    os.truncate(path, 4_000_000_001)
    take(site, folder)
    assert rows(site, user) == [("film.mp4", "failed", "import_too_large")]


def test_a_folder_of_nobody_is_left_alone(site, user, quiet, data):
    path = pathlib.Path(site.config["drop_dir"]) / "987654321"
    path.mkdir()
    os.chown(path, 0, grp.getgrnam("spg_janitor").gr_gid)
    path.chmod(0o2770)
    try:
        put(path, "film.mp4", data)
        put(path, "film.txt", data)
        assert "drop_folder_of_nobody" in take(site, path)
        assert {name.name for name in path.iterdir()} == {"film.mp4", "film.txt"}
    finally:
        for name in path.iterdir():
            name.unlink()
        path.rmdir()


# ---------------------------------------------------------------- hostile folders

def test_links_and_others_are_not_followed(site, user, folder, data, tmp_path):
    secret = tmp_path / "secret.mp4"
    secret.write_bytes(data)
    secret.chmod(0o644)
    tmp_path.chmod(0o755)
    (folder / "link.mp4").symlink_to(secret)
    (folder / "conf.mp4").symlink_to(site.dir / "spg.conf")
    (folder / "up.mp4").symlink_to("../../spg.conf")
    os.mkfifo(folder / "pipe.mp4")
    (folder / "folder.mp4").mkdir()
    take(site, folder)
    assert {(name, code) for name, _, code in rows(site, user)} == {
        (name, "drop_not_a_file") for name in ("link.mp4", "conf.mp4", "up.mp4", "pipe.mp4", "folder.mp4")}
    assert secret.read_bytes() == data and videos(site, user) == []


def test_a_link_in_place_of_the_words_is_not_written_through(site, user, folder, tmp_path):
    target = tmp_path / "target"
    target.write_text("mine")
    target.chmod(0o666)
    tmp_path.chmod(0o777)
    put(folder, "notes.txt", b"x")
    (folder / "notes.txt.error.txt").symlink_to(target)
    take(site, folder)
    assert target.read_text() == "mine"
    assert not (folder / "notes.txt.error.txt").is_symlink() and (folder / "notes.txt.error.txt").read_text()


def test_a_link_in_place_of_the_folder_is_not_entered(site, user, quiet, data, tmp_path):
    path = pathlib.Path(site.config["drop_dir"]) / user.user_id
    tmp_path.chmod(0o777)
    put(tmp_path, "film.mp4", data, mode=0o666)
    path.symlink_to(tmp_path)
    try:
        take(site, tmp_path)
    finally:
        path.unlink()
    assert (tmp_path / "film.mp4").exists() and rows(site, user) == []


def test_a_hard_link_loses_only_its_name(site, user, folder, data):
    other = folder.parent / f"other-{secrets.token_hex(4)}"
    other.write_bytes(data)
    other.chmod(0o644)
    os.link(other, folder / "film.mp4")
    take(site, folder)
    one_video(site, user, data)
    assert other.read_bytes() == data and not (folder / "film.mp4").exists()
    with open(other, "r+b") as file:
        file.write(b"changed")
    one_video(site, user, data)
    other.unlink()


def test_a_name_that_is_no_text_stops_nobody(site, user, folder, data):
    put(folder, "film.mp4", data)
    odd = os.fsencode(folder) + b"/\xff\xfe.mp4"
    with open(odd, "wb") as file:
        file.write(data)
    assert "drop_name_is_no_text" in take(site, folder)
    one_video(site, user, data)
    os.unlink(odd)


# ---------------------------------------------------------------- changes and kills

def failpoints(site):
    if not site.has_failpoints("janitor"):
        pytest.skip("this build has no failpoints")


@pytest.mark.parametrize("change", ["write", "grow", "cut", "replace"])
def test_a_file_that_changes_while_it_is_copied_is_taken_later(site, user, folder, data, change):
    failpoints(site)
    path = put(folder, "film.mp4", b"\0" * 1_000_000)
    settle(folder)
    process = site.start_program("janitor", "--drop", env={"SPG_FAILPOINT": "drop_copied=stop"})
    wait_for("stopped", lambda: pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T")
    if change == "write":
        with open(path, "r+b") as file:
            file.write(b"other")
    elif change == "grow":
        with open(path, "ab") as file:
            file.write(b"more")
    elif change == "cut":
        os.truncate(path, 10)
    else:
        path.unlink()
        put(folder, "film.mp4", data)
    process.send_signal(signal.SIGCONT)
    assert process.wait(30) == 0
    process.stdout.close()
    assert path.exists()
    if change != "replace":
        assert rows(site, user) == [] and uploads(site, user) == [] and videos(site, user) == []
        put(folder, "film.mp4", data)
        take(site, folder)
        one_video(site, user, data)
        return
    # The old file was whole; the one that came to its place is another video.
    take(site, folder)
    wait_for("both", lambda: {size for _, size, _ in videos(site, user)} >= {len(data)})
    assert list(folder.iterdir()) == []


KILLS = ["intake_before_commit", "intake_after_commit", "drop_begun", "drop_copied", "part_sync", "intake_before_complete",
         "intake_after_complete", "drop_done", "drop_before_remove", "drop_after_remove"]


@pytest.mark.parametrize("point", KILLS)
def test_killed_anywhere_one_video_comes_of_it(site, user, folder, data, point):
    failpoints(site)
    put(folder, "film.mp4", data)
    settle(folder)
    assert look(site, env={"SPG_FAILPOINT": point}).returncode == -9
    take(site, folder)
    take(site, folder)
    one_video(site, user, data)
    assert list(folder.iterdir()) == [] and uploads(site, user) == []
    assert rows(site, user) == [("film.mp4", "done", None)]


def test_killed_when_it_clears_up(site, user, folder, data):
    failpoints(site)
    put(folder, "film.mp4", data)
    settle(folder)
    assert look(site, env={"SPG_FAILPOINT": "drop_begun"}).returncode == -9
    assert look(site, env={"SPG_FAILPOINT": "drop_settled"}).returncode == -9
    take(site, folder)
    one_video(site, user, data)
    assert len(rows(site, user)) == 1


def test_two_janitors_take_it_once(site, user, folder, data):
    for number in range(4):
        put(folder, f"film{number}.mp4", data)
    settle(folder)
    processes = [site.start_program("janitor", "--drop") for _ in range(3)]
    for process in processes:
        assert process.wait(60) == 0
        process.stdout.close()
    take(site, folder)
    wait_for("four videos", lambda: len(videos(site, user)) == 4)
    assert [state for _, state, _ in rows(site, user)] == ["done"] * 4 and list(folder.iterdir()) == []


def test_what_a_death_has_put_aside_comes_back(site, user, folder, data):
    put(folder, ".spg-taken-film.mp4", data)
    take(site, folder)
    take(site, folder)
    one_video(site, user, data)
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_not_read_twice(site, user, folder, data):
    put(folder, "film.mp4", data)
    folder.chmod(0o2750)
    try:
        assert "drop_file_not_removed" in take(site, folder)
        take(site, folder)
    finally:
        folder.chmod(0o2770)
    one_video(site, user, data)
    take(site, folder)
    assert list(folder.iterdir()) == [] and len(videos(site, user)) == 1


# ---------------------------------------------------------------- erasure, retention

def erase(site, user):
    """Ask for erasure, and let the janitor do it although nobody gives the tokens back to TikTok here."""
    answer = site.request("POST", "/deletion", user=user, headers={
        "Content-Type": "application/x-www-form-urlencoded", "X-CSRF-Token": None},
        body=urllib.parse.urlencode({"csrf_token": user.csrf, "confirm": "erase"}))
    assert answer.status == 303, answer
    site.sql("UPDATE deletion_request SET requested_at = now() - interval '80 hours' WHERE user_id = %s", int(user.user_id))

    def erased():
        assert site.run("janitor").returncode == 0
        return not site.sql("SELECT 1 FROM app_user WHERE id = %s", int(user.user_id))
    wait_for("erased", erased)


def test_a_folder_that_its_owner_has_closed_does_not_stop_erasure(site, other_user, data):
    path = pathlib.Path(site.config["drop_dir"]) / other_user.user_id
    path.mkdir()
    os.chown(path, 0, grp.getgrnam("spg_janitor").gr_gid)
    sub = path / "holiday"
    sub.mkdir()
    put(sub, "more.mp4", data)
    path.chmod(0o2770)
    sub.chmod(0o700)
    erase(site, other_user)
    assert (sub / "more.mp4").exists() and "drop_folder_not_erased" in (site.dir / "log/janitor.log").read_text()
    (sub / "more.mp4").unlink()
    sub.rmdir()
    path.rmdir()


def test_erasure_empties_the_folder_and_ends_imports(site, other_user, quiet, data, tmp_path):
    user = other_user
    path = pathlib.Path(site.config["drop_dir"]) / user.user_id
    path.mkdir()
    os.chown(path, 0, grp.getgrnam("spg_janitor").gr_gid)
    path.chmod(0o2770)
    put(path, "film.mp4", data)
    put(path, ".hidden", data)
    (path / "link").symlink_to(tmp_path)
    (tmp_path / "kept").write_text("kept")
    sub = path / "folder"
    sub.mkdir()
    os.chown(sub, 0, grp.getgrnam("spg_janitor").gr_gid)
    sub.chmod(0o2770)
    put(sub, "more.mp4", data)
    site.sql("INSERT INTO video_import (user_id, source, address) VALUES (%s, 'url', 'https://example.org/')", int(user.user_id))
    erase(site, user)
    assert list(path.iterdir()) == [] and (tmp_path / "kept").read_text() == "kept"
    assert rows(site, user) == []
    path.rmdir()


def test_old_imports_and_counts_go(site, user):
    days = int(site.config.get("retention_imports_days", 30))
    for name, state, hours in (("kept", "done", days * 24 - 1), ("gone", "done", days * 24 + 1), ("gone2", "failed", days * 24 + 1)):
        site.sql("INSERT INTO video_import (user_id, source, address, state, ended_at) VALUES (%s, 'url', %s, %s,"
                 " now() - make_interval(hours => %s))", int(user.user_id), name, state, hours)
    for age in (0, 2, 5):
        site.sql("INSERT INTO upload_day (user_id, day, uploads) VALUES (%s, (now() AT TIME ZONE 'UTC')::date - %s, 1)"
                 " ON CONFLICT DO NOTHING", int(user.user_id), age)
    assert site.run("janitor").returncode == 0
    assert rows(site, user) == [("kept", "done", None)]
    assert site.sql("SELECT count(*) FROM upload_day WHERE user_id = %s", int(user.user_id)) == [(2,)]


# ---------------------------------------------------------------- rows without a file

def test_a_lost_file_is_told_until_it_is_back(site, user, video):
    file, = site.sql("SELECT file FROM video WHERE id = %s", video)[0]
    path = site.dir / "media/videos" / file
    aside = path.with_name(f".{file}")
    before = site.request("GET", "/readyz").json()["checks"]["media"]
    assert before == {"missing_files": 0, "ok": True}
    path.rename(aside)
    output = site.run("janitor").stdout
    assert re.search(rf"video_file_missing video={video} file={re.escape(file[:6])} user={user.user_id}", output)
    assert "janitor_missing lost=1 back=0" in output
    answer = site.request("GET", "/readyz")
    assert answer.status == 503 and answer.json()["checks"]["media"] == {"missing_files": 1, "ok": False}
    noted, = site.sql("SELECT missing_at FROM video WHERE id = %s", video)[0]
    assert noted and "video_file_missing" not in site.run("janitor").stdout
    assert site.sql("SELECT missing_at FROM video WHERE id = %s", video) == [(noted,)]
    aside.rename(path)
    assert "janitor_missing lost=0 back=1" in site.run("janitor").stdout
    assert site.request("GET", "/readyz").json()["checks"]["media"] == before


def test_a_deleted_video_is_not_missed(site, user, video):
    assert user.request("DELETE", f"/api/v1/videos/{video}").status in (200, 204)
    assert site.run("janitor").returncode == 0
    assert site.request("GET", "/readyz").json()["checks"]["media"]["ok"]


def test_many_videos_are_looked_at_in_batches(site, user):
    site.sql("INSERT INTO video (user_id, file, name, size, state) SELECT %s, substr(md5(n::text), 1, 22), '', 1, 'ready'"
             " FROM generate_series(1, 1201) AS n", int(user.user_id))
    assert "janitor_missing lost=1201" in site.run("janitor").stdout
    assert site.request("GET", "/readyz").json()["checks"]["media"]["missing_files"] == 1201
    site.sql("DELETE FROM video WHERE user_id = %s", int(user.user_id))
    assert site.request("GET", "/readyz").json()["checks"]["media"]["ok"]
