"""Repair: a refused video coded anew when its user asks, once, whatever dies meanwhile; hashes and strips of videos."""
import contextlib
import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import time

import pytest

import spg_site
from spg_site import REPO, wait_for

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
LIMITS = {"avg_frame_rate": (23, 60), "side": (360, 4096)}


@pytest.fixture(scope="module")
def site():
    """The programs as they are installed: coding takes minutes under the sanitizers, and the limits are others there."""
    with spg_site.running_site(build=os.environ.get("SPG_BUILD")) as running:
        yield running


@pytest.fixture(scope="module")
def sanitized_site():
    with spg_site.running_site() as running:
        yield running


@pytest.fixture
def user(site):
    return site.connect()


class Maker:
    def __init__(self, directory):
        self.directory = directory

    def file(self, name, *arguments):
        """A file by ffmpeg, made once."""
        path = self.directory / name
        if not path.exists():
            subprocess.run(["ffmpeg", "-loglevel", "error", "-nostdin", "-y", "-threads", "1", *map(str, arguments),
                            str(path)], check=True)
        return path

    def picture(self, name, size="360x640", rate=30, seconds=1, codec=H264, sound=True, extra=()):
        tone = ("-f", "lavfi", "-i", f"sine=d={seconds}", "-c:a", "aac") if sound else ()
        return self.file(name, "-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds}", *tone[:4],
                         *codec, *tone[4:], *extra)

    def slow(self):
        """Refused for its rate, and takes a while to be coded anew."""
        return self.picture("slow.mp4", size="1280x720", rate=15, seconds=60, extra=("-g", "15"))


@pytest.fixture(scope="module")
def maker(tmp_path_factory):
    return Maker(tmp_path_factory.mktemp("files"))


def video_row(site, video):
    names = ("state", "reason_code", "file", "repairable", "repair_of", "name", "size", "fps_milli", "fps_variable",
             "width", "height", "rotation", "codec", "audio_codec", "has_location", "has_device", "strip_frames", "sha256")
    rows = site.sql(f"SELECT {', '.join(names)} FROM video WHERE id = %s AND deleted_at IS NULL", int(video))
    return dict(zip(names, rows[0])) if rows else None


def checked(site, video):
    wait_for("check", lambda: video_row(site, video)["state"] != "checking", timeout=60)
    return video_row(site, video)


def refused(site, user, path, repairable=True):
    """Upload; it must be refused. (id, row)"""
    video = int(site.upload(user, path, name=path.name))
    row = checked(site, video)
    assert row["state"] == "refused" and row["repairable"] == repairable, row
    return video, row


def ask(site, video):
    """What the dashboard does when its user asks."""
    return site.sql("INSERT INTO video_repair (video_id) VALUES (%s) RETURNING id", video)[0][0]


def repair_row(site, repair):
    names = ("state", "percent", "file", "result_id", "reason_code", "reason_message", "attempts")
    rows = site.sql(f"SELECT {', '.join(names)} FROM video_repair WHERE id = %s", repair)
    return dict(zip(names, rows[0])) if rows else None


def ended(site, repair, timeout=120):
    wait_for("end of the repair", lambda: repair_row(site, repair)["state"] in ("done", "failed"), timeout)
    return repair_row(site, repair)


def result_of(site, original, repair):
    """The repaired video, checked and accepted; there is one."""
    row = ended(site, repair)
    assert row["state"] == "done" and row["percent"] == 100, row
    results = site.sql("SELECT id FROM video WHERE repair_of = %s", original)
    assert results == [(row["result_id"],)]
    result = checked(site, row["result_id"])
    assert result["state"] == "ready" and result["repair_of"] == original, result
    assert result["file"] == row["file"]
    return result


def media(site, folder, file, suffix=""):
    return site.dir / "media" / folder / (file + suffix)


def streams(site, row):
    """What ffprobe says of a video's file: {codec_type: stream}, format."""
    out = subprocess.run(["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-show_format", "-of", "json",
                          media(site, "videos", row["file"])], check=True, capture_output=True, text=True).stdout
    said = json.loads(out)
    return {stream["codec_type"]: stream for stream in said["streams"]}, said["format"]


def ratio(text):
    over, under = text.split("/")
    return int(over) / int(under)


def repaired(site, user, path):
    video, before = refused(site, user, path)
    result = result_of(site, video, ask(site, video))
    found, about = streams(site, result)
    picture = found["video"]
    assert (picture["codec_name"], picture["pix_fmt"], picture["profile"]) == ("h264", "yuv420p", "High")
    assert 23 <= ratio(picture["avg_frame_rate"]) <= 60 and picture["avg_frame_rate"] == picture["r_frame_rate"]
    assert all(360 <= picture[side] <= 4096 and picture[side] % 2 == 0 for side in ("width", "height"))
    assert set(about["tags"]) <= {"major_brand", "minor_version", "compatible_brands"}
    assert result["rotation"] == 0 and not result["fps_variable"]
    # The original stays until its user decides.
    assert media(site, "videos", before["file"]).exists() and video_row(site, video)["state"] == "refused"
    assert result["name"] == before["name"] == path.name
    data = media(site, "videos", result["file"]).read_bytes()
    assert data.index(b"moov") < data.index(b"mdat"), "the index in front"
    return result, found


# ---------------------------------------------------------------- what is mended, and how

@pytest.mark.parametrize("rate,expected", [(15, 30), (120, 60), (12, 24)])
def test_frame_rate(site, user, maker, rate, expected):
    result, found = repaired(site, user, maker.picture(f"rate{rate}.mp4", rate=rate, seconds=2))
    assert ratio(found["video"]["avg_frame_rate"]) == expected
    assert int(found["video"]["nb_read_frames"]) == 2 * expected
    assert abs(float(found["video"]["duration"]) - 2) < 0.05
    assert found["audio"]["codec_name"] == "aac" and abs(float(found["audio"]["duration"]) - 2) < 0.1
    assert (result["width"], result["height"]) == (360, 640)


def test_variable_frame_rate(site, user, maker):
    path = maker.file("vfr.mp4", "-f", "lavfi", "-i", "testsrc2=size=360x640:rate=30:duration=4", "-vf",
                      "setpts='if(lt(N,60),N/30/TB,(2+(N-60)/6)/TB)'", "-vsync", "vfr", *H264)
    _, found = repaired(site, user, path)
    assert ratio(found["video"]["avg_frame_rate"]) == 30 and "audio" not in found
    # 60 frames in two seconds, then 60 in ten: all of it lasts twelve.
    assert abs(float(found["video"]["duration"]) - 12) < 0.3


@pytest.mark.parametrize("size,expected", [("200x200", (360, 360)), ("200x400", (360, 720)), ("4160x720", (2080, 360)),
                                           ("400x4200", (360, 3780))])
def test_picture_size(site, user, maker, size, expected):
    result, _ = repaired(site, user, maker.picture(f"size{size}.mp4", size=size))
    assert abs(result["width"] - expected[0]) <= 2 and abs(result["height"] - expected[1]) <= 2
    width, height = map(int, size.split("x"))
    assert abs(result["width"] / result["height"] / (width / height) - 1) < 0.02


@pytest.mark.parametrize("codec,name", [("mpeg4", "c.mp4"), ("prores", "c.mov"), ("mjpeg", "d.mov")])
def test_codec(site, user, maker, codec, name):
    path = maker.picture(name, codec=("-c:v", codec, *(() if codec == "prores" else ("-pix_fmt", "yuv420p")),
                                      *(("-strict", "-1") if codec == "mjpeg" else ())))
    result, found = repaired(site, user, path)
    assert result["codec"] == "h264" and int(found["video"]["nb_read_frames"]) == 30


def test_odd_sides(site, user, maker):
    path = maker.picture("odd.mov", size="361x641", codec=("-c:v", "prores"))
    result, _ = repaired(site, user, path)
    assert (result["width"], result["height"]) in ((360, 640), (362, 642), (360, 642), (362, 640))


def corner_colours(path):
    pixels = subprocess.run(["ffmpeg", "-loglevel", "error", "-i", path, "-frames:v", "1", "-vf",
                             "format=rgb24,scale=2:2:flags=area", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
                            check=True, capture_output=True).stdout
    return [tuple(channel > 128 for channel in pixels[at:at + 3]) for at in range(0, 12, 3)]


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_rotation_is_done_and_no_longer_asked_for(site, user, maker, degrees):
    straight = maker.file("corners.mp4", "-f", "lavfi", "-i", "color=red:size=640x360:rate=15:duration=1", "-vf",
                          "drawbox=y=ih/2:h=ih/2:color=blue:t=fill,drawbox=w=iw/2:h=ih/2:color=lime:t=fill", *H264)
    path = maker.file(f"turned{degrees}.mp4", "-i", straight, "-c", "copy", "-metadata:s:v", f"rotate={360 - degrees}")
    result, found = repaired(site, user, path)
    assert (result["width"], result["height"]) == ((640, 360) if degrees == 180 else (360, 640))
    assert not found["video"].get("side_data_list")
    assert corner_colours(media(site, "videos", result["file"])) == corner_colours(path)


def test_place_and_device_are_left_out(site, user, maker):
    path = maker.picture("place.mov", rate=15, extra=("-metadata", "location=+48.85+002.35/", "-metadata", "make=Cam",
                                                      "-metadata", "model=One", "-metadata", "title=Secret"))
    video, before = refused(site, user, path)
    assert before["has_location"] and before["has_device"]
    result = result_of(site, video, ask(site, video))
    assert not result["has_location"] and not result["has_device"]
    assert b"Secret" not in media(site, "videos", result["file"]).read_bytes()


def test_picture_and_sound_stay_together(site, user, maker):
    """A flash and a beep at one second: less than a frame of 15 apart in the result, too."""
    path = maker.file("flash.mp4", "-f", "lavfi", "-i", "color=black:size=360x640:rate=15:duration=2", "-f", "lavfi", "-i",
                      "aevalsrc='if(between(t,1,1.2),sin(2000*t),0)':d=2", "-vf",
                      "drawbox=color=white:t=fill:enable='between(t,1,1.2)'", *H264, "-c:a", "aac")
    result, _ = repaired(site, user, path)
    file = media(site, "videos", result["file"])
    said = subprocess.run(["ffmpeg", "-i", file, "-vf", "blackdetect=d=0.1:pix_th=0.5", "-af", "silencedetect=d=0.1:n=-30dB",
                           "-f", "null", "-"], check=True, capture_output=True, text=True).stderr
    flash = float(re.search(r"black_end:([\d.]+)", said)[1])
    beep = float(re.search(r"silence_end: ([\d.]+)", said)[1])
    assert abs(flash - 1) < 0.07 and abs(beep - 1) < 0.07, said


# ---------------------------------------------------------------- what is not

def test_what_no_repair_mends_is_not_offered(site, user, maker, tmp_path):
    good = maker.picture("good.mp4")
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(good.read_bytes()[:-2000])
    text = tmp_path / "text.mp4"
    text.write_text("no video" * 100)
    long = maker.file("long.mp4", "-f", "lavfi", "-i", "color=black:size=360x360:rate=10:duration=660", *H264, "-g", "9999")
    for path in cut, text, long:
        video, row = refused(site, user, path, repairable=False)
        assert site.sql("SELECT file FROM file_removal WHERE file = %s", f"videos/{row['file']}"), path
    video, row = refused(site, user, maker.picture("kept.mp4", rate=15))
    assert site.sql("SELECT file FROM file_removal WHERE file = %s", f"videos/{row['file']}") == []


def test_a_file_that_cannot_be_mended_fails_in_words(site, user, maker, tmp_path):
    data = bytearray(maker.picture("tonoise.mp4", rate=15, sound=False).read_bytes())
    start = data.index(b"mdat") + 4
    end = data.rindex(b"moov") - 4
    data[start:end] = bytes((7 * i) % 251 for i in range(end - start))
    path = tmp_path / "noise.mp4"
    path.write_bytes(data)
    video, before = refused(site, user, path)
    row = ended(site, ask(site, video))
    assert row["state"] == "failed" and row["reason_code"] == "repair_unreadable" and row["reason_message"].endswith(".")
    assert row["file"] is None and site.sql("SELECT id FROM video WHERE repair_of = %s", video) == []
    assert media(site, "videos", before["file"]).exists()
    assert list((site.dir / "media/parts").glob("*.part")) == []


def test_a_picture_too_long_and_narrow(site, user, maker):
    video, _ = refused(site, user, maker.picture("narrow.mp4", size="2400x100"))
    assert ended(site, ask(site, video))["reason_code"] == "repair_shape"


# ---------------------------------------------------------------- giving up, and dying

def running(site, repair):
    """Wait until it makes progress."""
    wait_for("progress", lambda: repair_row(site, repair)["percent"] > 0, timeout=60)
    return repair_row(site, repair)["file"]


def children_of_media(site):
    return [line for line in subprocess.run(["pgrep", "-P", str(media_pid(site))], capture_output=True,
                                            text=True).stdout.split()]


def program_pid(site, program, *words):
    for entry in os.listdir("/proc"):
        with contextlib.suppress(OSError):
            if entry.isdigit() and os.readlink(f"/proc/{entry}/exe") == str(site.dir / "app/bin" / program):
                line = open(f"/proc/{entry}/cmdline", "rb").read()
                parent = int(open(f"/proc/{entry}/stat").read().rsplit(")", 1)[1].split()[1])
                same = os.path.realpath(f"/proc/{parent}/exe") == str(site.dir / "app/bin" / program)
                if not same and all(word.encode() in line for word in words):
                    return int(entry)
    return None


def media_pid(site):
    return program_pid(site, "media")


@pytest.mark.parametrize("how", ["DELETE FROM video_repair WHERE video_id = %s",
                                 "UPDATE video SET deleted_at = now() WHERE id = %s"])
def test_giving_up_ends_the_work_and_removes_what_there_is(site, user, maker, how):
    video, _ = refused(site, user, maker.slow())
    repair = ask(site, video)
    file = running(site, repair)
    assert media(site, "parts", file, ".part").exists()
    site.sql(how, video)
    wait_for("end of the child", lambda: not children_of_media(site), timeout=20)
    wait_for("removal", lambda: not media(site, "parts", file, ".part").exists(), timeout=20)
    assert not media(site, "videos", file).exists()
    assert site.sql("SELECT id FROM video WHERE repair_of = %s", video) == []


def test_probes_go_on_beside_a_repair_and_repairs_one_by_one(site, user, maker):
    first, _ = refused(site, user, maker.slow())
    second, _ = refused(site, user, maker.picture("second.mp4", rate=15))
    repairs = [ask(site, first), ask(site, second)]
    running(site, repairs[0])
    good = int(site.upload(user, maker.picture("good.mp4")))
    assert checked(site, good)["state"] == "ready"
    assert repair_row(site, repairs[1])["state"] == "waiting" and len(children_of_media(site)) == 1
    site.sql("DELETE FROM video_repair WHERE id = %s", repairs[0])
    assert result_of(site, second, repairs[1])


def test_the_media_process_killed_in_the_middle(site, user, maker):
    video, _ = refused(site, user, maker.slow())
    repair = ask(site, video)
    running(site, repair)
    os.kill(media_pid(site), signal.SIGKILL)
    wait_for("another attempt", lambda: repair_row(site, repair)["attempts"] == 2, timeout=60)
    result_of(site, video, repair)


def test_a_file_that_kills_its_child_each_time_fails_after_three_attempts(site, user, maker):
    video, _ = refused(site, user, maker.slow())
    repair = ask(site, video)
    seen = {}

    def struck():
        """One that has not begun yet counts for nothing when it dies: it gets half a second."""
        for child in children_of_media(site):
            if time.monotonic() - seen.setdefault(child, time.monotonic()) > 0.5:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(child), signal.SIGKILL)
        return repair_row(site, repair)["state"] == "failed"
    wait_for("the end of it", struck, timeout=120)
    row = ended(site, repair)
    assert row["state"] == "failed" and row["reason_code"] == "repair_unreadable"
    assert row["attempts"] >= 3


def test_a_restart_of_the_program_counts_no_attempt(site, user, maker):
    video, _ = refused(site, user, maker.slow())
    repair = ask(site, video)
    running(site, repair)
    os.kill(program_pid(site, "upload", "--check"), signal.SIGTERM)
    wait_for("begun anew", lambda: repair_row(site, repair)["percent"] == 0, timeout=30)
    running(site, repair)
    assert repair_row(site, repair)["attempts"] == 1
    result_of(site, video, repair)


@pytest.mark.parametrize("failpoint", ["repair_claimed", "repair_made", "part_sync", "part_seal_before_rename",
                                       "part_seal_after_rename", "part_seal_after_sync", "repair_attempted",
                                       "repair_recorded"])
def test_a_death_anywhere_makes_one_video(sanitized_site, maker, failpoint):
    site = sanitized_site
    user = site.connect()
    if not site.has_failpoints("upload"):
        pytest.skip("this build has no failpoints")
    video, _ = refused(site, user, maker.picture("dying.mp4", rate=15))
    checker = program_pid(site, "upload", "--check")
    path = site.dir / "run/failpoint.sock"
    path.unlink(missing_ok=True)
    os.kill(checker, signal.SIGSTOP)
    try:
        repair = ask(site, video)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen()
            dying = subprocess.Popen(
                [REPO / "deploy/quickstart", "--dir", site.dir, "run", "upload", "--threads", "1", "--check"],
                stdin=listener, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                env={**os.environ, "SPG_FAILPOINT": failpoint})
        output, _ = dying.communicate(timeout=60)
        assert dying.returncode == -signal.SIGKILL and b"failpoint_kill" in output, output
        site.sql("UPDATE video_repair SET lease_until = now() WHERE id = %s AND lease_until IS NOT NULL", repair)
    finally:
        os.kill(checker, signal.SIGCONT)
    result = result_of(site, video, repair)
    found, _ = streams(site, result)
    assert int(found["video"]["nb_read_frames"]) == 30
    assert list((site.dir / "media/parts").glob(f"{result['file']}*")) == []


# ---------------------------------------------------------------- how long things are kept

def test_a_refused_original_goes_after_its_days_and_its_result_stays(site, user, maker):
    def janitor():
        done = site.run("janitor")
        assert done.returncode == 0, done.stdout[-2000:]

    path = maker.picture("kept.mp4", rate=15)
    video, row = refused(site, user, path)
    waiting, waiting_row = refused(site, user, path)
    result = result_of(site, video, ask(site, video))
    repair = ask(site, waiting)
    ended(site, repair)
    site.sql("UPDATE video_repair SET state = 'waiting', lease_until = now() + interval '1 hour' WHERE id = %s", repair)
    janitor()
    assert media(site, "videos", row["file"]).exists()
    site.sql("UPDATE video SET created_at = now() - interval '8 days' WHERE id IN (%s, %s)", video, waiting)
    janitor()
    assert media(site, "videos", row["file"]).exists(), "decided on within days of the repair"
    site.sql("UPDATE video_repair SET ended_at = now() - interval '8 days' WHERE video_id = %s", video)
    janitor()
    janitor()
    assert not media(site, "videos", row["file"]).exists() and not video_row(site, video)["repairable"]
    assert media(site, "videos", result["file"]).exists()
    assert media(site, "videos", waiting_row["file"]).exists(), "its repair waits"


def test_a_part_of_a_repair_is_no_orphan(site, user, maker):
    video, _ = refused(site, user, maker.picture("part.mp4", rate=15))
    file = "r" * 22
    site.sql("INSERT INTO video_repair (video_id, state, file, lease_until)"
             " VALUES (%s, 'running', %s, now() + interval '1 hour')", video, file)
    part = media(site, "parts", file, ".part")
    part.write_bytes(b"x")
    os.utime(part, (time.time() - 48 * 3600,) * 2)
    assert site.run("janitor").returncode == 0
    assert part.exists()
    site.sql("DELETE FROM video_repair WHERE video_id = %s", video)
    assert site.run("janitor").returncode == 0
    assert not part.exists()


# ---------------------------------------------------------------- facts, strip, hash

def test_facts_strip_and_hash_of_a_ready_video(site, user, maker):
    path = maker.file("facts.mov", "-f", "lavfi", "-i", "testsrc2=size=360x640:rate=60:duration=4", "-vf",
                      "setpts='if(lt(N,120),N/60/TB,(2+(N-120)/24)/TB)'", "-vsync", "vfr", *H264, "-metadata",
                      "location=+48.85+002.35/", "-metadata", "make=Cam")
    video = int(site.ready_video(user, path))
    wait_for("hash", lambda: video_row(site, video)["sha256"], timeout=30)
    row = video_row(site, video)
    assert row["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert row["fps_variable"] and row["has_location"] and row["has_device"] and not row["repairable"]
    assert row["strip_frames"] == 10
    strip = media(site, "frames", row["file"], ".strip.jpg")
    assert strip.read_bytes()[:3] == b"\xff\xd8\xff"
    assert user.request("DELETE", f"/api/v1/videos/{video}").status in (200, 204)
    assert site.run("janitor").returncode == 0
    assert not strip.exists() and not media(site, "videos", row["file"]).exists()


def test_a_hash_lease_that_ran_out_is_taken_over(site, user, maker):
    video = int(site.ready_video(user, maker.picture("good.mp4")))
    wait_for("hash", lambda: video_row(site, video)["sha256"], timeout=30)
    site.sql("UPDATE video SET sha256 = NULL, hash_lease_until = now() + interval '1 hour' WHERE id = %s", video)
    other = int(site.ready_video(user, maker.picture("good.mp4")))
    wait_for("hash of the other", lambda: video_row(site, other)["sha256"], timeout=30)
    assert video_row(site, video)["sha256"] is None, "somebody else has it"
    site.sql("UPDATE video SET hash_lease_until = now() WHERE id = %s", video)
    wait_for("hash", lambda: video_row(site, video)["sha256"], timeout=30)
    assert video_row(site, video)["sha256"] == video_row(site, other)["sha256"]


def test_a_file_that_is_gone_is_not_hashed_over_and_over(site, user, maker):
    video = int(site.ready_video(user, maker.picture("good.mp4")))
    wait_for("hash", lambda: video_row(site, video)["sha256"], timeout=30)
    media(site, "videos", video_row(site, video)["file"]).unlink()
    site.sql("UPDATE video SET sha256 = NULL WHERE id = %s", video)
    wait_for("lease", lambda: site.sql("SELECT hash_lease_until > now() + interval '30 minutes' FROM video WHERE id = %s",
                                       video) == [(True,)])
    site.sql("UPDATE video SET deleted_at = now() WHERE id = %s", video)
