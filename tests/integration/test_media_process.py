"""The media process: what it says about good, bad and hostile files, and that it is shut in.

Starts the built program on a socket of its own and speaks its protocol (lib/media/probe_protocol.h)
from here, without the project's client. SPG_BUILD names the build directory.
"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time
import zipfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MEDIA = pathlib.Path(os.environ.get("SPG_BUILD", ROOT / "build")).resolve() / "media"

pytestmark = [
    pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg makes the files"),
    pytest.mark.skipif(not MEDIA.exists(), reason="media is not built"),
]

MEMBERS = {
    "ok": bool, "code": str, "message": str, "container": str, "codec": str, "audio_codec": str,
    "width": int, "height": int, "rotation": int, "fps_milli": int, "fps_variable": bool,
    "duration_ms": int, "size": int, "has_location": bool, "has_device": bool,
}


class Answer:
    def __init__(self, data):
        self.raw = data
        self.started = data[:1] == b"S"
        self.report = None
        self.thumbnail = self.strip = b""
        self.strip_frames = 0
        self.rest = data[1:]
        report = self.block()
        if report is not None:
            self.report = json.loads(report)
            self.thumbnail = self.block()
            frames = self.take(4)
            if frames:
                self.strip_frames = struct.unpack("!I", frames)[0]
                self.strip = self.block()
            assert self.rest == b""

    def take(self, count):
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken if len(taken) == count else None

    def block(self):
        prefix = self.take(4)
        return None if prefix is None else self.take(struct.unpack("!I", prefix)[0])


class Service:
    def __init__(self, directory):
        self.path = str(directory / "media.sock")
        self.log_path = directory / "media.log"
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(self.path)
        listener.listen(64)
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen([MEDIA], stdin=listener, stderr=log)
        listener.close()

    def connect(self):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(40)
        connection.connect(self.path)
        return connection

    def send(self, path, flags=os.O_RDONLY):
        connection = self.connect()
        fd = os.open(path, flags)
        socket.send_fds(connection, [b"P"], [fd])
        os.close(fd)
        return connection

    def ask(self, path, flags=os.O_RDONLY):
        with self.send(path, flags) as connection:
            return read_answer(connection)

    def log(self):
        return self.log_path.read_text()

    def children(self):
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    if status_of(int(entry.name)).get("PPid") == str(self.process.pid):
                        found.append(int(entry.name))
        return found


def read_answer(connection):
    data = b""
    while True:
        try:
            piece = connection.recv(65536)
        except ConnectionResetError:
            piece = b""
        if not piece:
            return Answer(data)
        data += piece


def status_of(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return dict(line.split(":", 1) for line in text.replace("\t", "").splitlines())


def wait_for(condition, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError("not in time")


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    started = Service(tmp_path_factory.mktemp("media"))
    yield started
    started.process.terminate()
    assert started.process.wait(timeout=30) == 0


def ffmpeg(*arguments):
    subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-threads", "1",
                    *map(str, arguments)], check=True)


def picture(size="360x640", rate=30, seconds=2):
    return ["-f", "lavfi", "-i", f"testsrc=size={size}:rate={rate}:duration={seconds}"]


SOUND = ["-f", "lavfi", "-i", "sine=frequency=440:duration=2"]
H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
VP9 = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"]
VP8 = ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8"]


class Files:
    """Files by name, made when first asked for."""

    def __init__(self, directory):
        self.directory = directory

    def get(self, name, make):
        path = self.directory / name
        if not path.exists():
            make(path)
        return path

    def good(self):
        return self.get("good.mp4", lambda path: ffmpeg(
            *picture(), *SOUND, *H264, "-c:a", "aac", "-movflags", "+faststart", path))

    def plain(self):
        """Like good, the index at the end."""
        return self.get("plain.mp4", lambda path: ffmpeg("-i", self.good(), "-c", "copy", path))

    def webm(self):
        return self.get("good.webm", lambda path: ffmpeg(
            *picture(), *SOUND, *VP9, "-c:a", "libopus", path))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return Files(tmp_path_factory.mktemp("files"))


@pytest.fixture
def make(tmp_path):
    def made(name, *arguments):
        path = tmp_path / name
        ffmpeg(*arguments, path)
        return path
    return made


def accepted(service, path):
    answer = service.ask(path)
    assert answer.started and answer.report, service.log()
    report = answer.report
    assert {name: type(value) for name, value in report.items()} == MEMBERS
    assert report["ok"], report
    assert report["code"] == report["message"] == ""
    assert report["size"] == path.stat().st_size
    return report, answer.thumbnail


def refused(service, path, code):
    answer = service.ask(path)
    assert answer.started and answer.report, service.log()
    report = answer.report
    assert {name: type(value) for name, value in report.items()} == MEMBERS
    assert not report["ok"]
    assert report["code"] == code, report
    assert report["message"].isascii() and report["message"].endswith("."), report
    assert answer.thumbnail == b""
    return report


def jpeg_size(data, tmp_path):
    path = tmp_path / "thumbnail.jpg"
    path.write_bytes(data)
    out = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height", "-of",
                          "csv=p=0", path], check=True, capture_output=True, text=True).stdout.strip()
    codec, width, height = out.split(",")
    assert codec == "mjpeg"
    return int(width), int(height)


# Good files


def test_mp4_with_h264_and_sound(service, files, tmp_path):
    report, thumbnail = accepted(service, files.good())
    assert (report["container"], report["codec"], report["audio_codec"]) == ("mp4", "h264", "aac")
    assert (report["width"], report["height"], report["rotation"]) == (360, 640, 0)
    assert report["fps_milli"] == 30000 and not report["fps_variable"]
    assert 1990 <= report["duration_ms"] <= 2060
    assert jpeg_size(thumbnail, tmp_path) == (270, 480)


def test_index_at_the_end(service, files):
    report, thumbnail = accepted(service, files.plain())
    assert report["codec"] == "h264" and thumbnail


def test_mov_with_hevc(service, make):
    path = make("a.mov", *picture(rate=25), "-c:v", "libx265", "-x265-params",
                "pools=none:frame-threads=1:log-level=error", "-preset", "ultrafast", "-tag:v", "hvc1")
    report, thumbnail = accepted(service, path)
    assert (report["container"], report["codec"], report["audio_codec"]) == ("mov", "hevc", "")
    assert report["fps_milli"] == 25000 and report["duration_ms"] == 2000 and thumbnail


def test_ten_bit_hevc(service, make):
    path = make("a.mp4", *picture(), "-c:v", "libx265", "-x265-params",
                "pools=none:frame-threads=1:log-level=error", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le")
    report, thumbnail = accepted(service, path)
    assert report["codec"] == "hevc" and thumbnail


def test_webm_with_vp9_and_opus(service, files, tmp_path):
    report, thumbnail = accepted(service, files.webm())
    assert (report["container"], report["codec"], report["audio_codec"]) == ("webm", "vp9", "opus")
    assert abs(report["fps_milli"] - 30000) < 50 and not report["fps_variable"]
    assert 1990 <= report["duration_ms"] <= 2060
    assert jpeg_size(thumbnail, tmp_path) == (270, 480)


def test_webm_with_vp8_hidden_frames(service, make):
    path = make("a.webm", *picture(seconds=4), "-c:v", "libvpx", "-deadline", "good", "-cpu-used", "4",
                "-auto-alt-ref", "1", "-lag-in-frames", "16", "-b:v", "300k")
    report, thumbnail = accepted(service, path)
    assert report["codec"] == "vp8" and thumbnail
    assert abs(report["fps_milli"] - 30000) < 50 and not report["fps_variable"]


def test_webm_from_a_recorder_without_duration(service, files, tmp_path):
    path = tmp_path / "live.webm"
    with open(path, "wb") as out:
        subprocess.run(["ffmpeg", "-loglevel", "error", "-nostdin", "-i", files.webm(), "-c", "copy", "-live", "1",
                        "-f", "webm", "-"], stdout=out, check=True)
    report, thumbnail = accepted(service, path)
    assert 1990 <= report["duration_ms"] <= 2060 and thumbnail


def test_fragmented_mp4_without_duration(service, make, files):
    path = make("a.mp4", "-i", files.good(), "-c", "copy", "-movflags", "frag_keyframe+empty_moov+default_base_moof",
                "-frag_duration", "500000")
    report, thumbnail = accepted(service, path)
    # The muxer shows the first frame a little longer.
    assert 1960 <= report["duration_ms"] <= 2060 and 29500 <= report["fps_milli"] <= 30000 and thumbnail


def rotated(make, path, degrees):
    """A copy that asks players to turn the picture clockwise; ffmpeg counts the other way."""
    return make("rotated.mp4", "-i", path, "-c", "copy", "-metadata:s:v", f"rotate={360 - degrees}")


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_rotation_is_honoured(service, make, files, tmp_path, degrees):
    path = rotated(make, files.good(), degrees)
    report, thumbnail = accepted(service, path)
    assert report["rotation"] == degrees
    turned = degrees != 180
    assert (report["width"], report["height"]) == ((640, 360) if turned else (360, 640))
    assert jpeg_size(thumbnail, tmp_path) == ((480, 270) if turned else (270, 480))


def test_thumbnail_is_turned_the_way_players_turn(service, make, tmp_path):
    # Upper half red, lower half blue: after 90 degrees clockwise, red is on the right.
    straight = make("a.mp4", "-f", "lavfi", "-i", "color=red:size=640x360:rate=30:duration=1", "-vf",
                    "drawbox=y=ih/2:h=ih/2:color=blue:t=fill", *H264)
    turned = rotated(make, straight, 90)
    _, thumbnail = accepted(service, turned)
    picture_path = tmp_path / "a.jpg"
    picture_path.write_bytes(thumbnail)
    for path in picture_path, turned:
        pixels = subprocess.run(["ffmpeg", "-loglevel", "error", "-i", path, "-frames:v", "1", "-vf",
                                 "format=rgb24,scale=2:2:flags=area", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
                                check=True, capture_output=True).stdout
        left, right = pixels[0:3], pixels[3:6]
        assert right[0] > 200 and right[2] < 60, "red on the right"
        assert left[2] > 200 and left[0] < 60, "blue on the left"


def test_variable_frame_rate_with_a_good_mean_is_told(service, make):
    path = make("a.mp4", *picture(rate=60, seconds=4), "-vf",
                "setpts='if(lt(N,120),N/60/TB,(2+(N-120)/24)/TB)'", "-vsync", "vfr", *H264)
    report, _ = accepted(service, path)
    assert report["fps_variable"] and 23000 < report["fps_milli"] < 60000


def test_place_and_camera_are_told(service, make, files):
    path = make("a.mov", "-i", files.good(), "-c", "copy", "-metadata", "location=+48.85+002.35/", "-metadata",
                "make=Camera", "-metadata", "model=One")
    report, _ = accepted(service, path)
    assert report["has_location"] and report["has_device"]
    report, _ = accepted(service, files.good())
    assert not report["has_location"] and not report["has_device"]


def test_largest_picture(service, make):
    path = make("a.mp4", *picture(size="4096x4096", rate=30, seconds=1), *H264)
    report, thumbnail = accepted(service, path)
    assert report["width"] == report["height"] == 4096 and thumbnail


def test_largest_ten_bit_picture_fits_the_memory(service, make):
    path = make("a.mp4", "-f", "lavfi", "-i", "color=gray:size=4096x4096:rate=24:duration=0.25", "-c:v", "libx265",
                "-x265-params", "pools=none:frame-threads=1:log-level=error", "-preset", "ultrafast", "-pix_fmt",
                "yuv420p10le")
    report, thumbnail = accepted(service, path)
    assert report["width"] == 4096 and thumbnail


# What TikTok would not take


def test_frame_rate_too_low(service, make):
    report = refused(service, make("a.mp4", *picture(rate=15), *H264), "frame_rate_check_failed")
    assert report["fps_milli"] == 15000 and report["codec"] == "h264" and "15.00" in report["message"]


def test_frame_rate_too_high(service, make):
    refused(service, make("a.mp4", *picture(rate=120), *H264), "frame_rate_check_failed")


@pytest.mark.parametrize("rate", ["24000/1001", "60", "60000/1001"])
def test_frame_rates_at_the_edge(service, make, rate):
    accepted(service, make("a.mp4", *picture(rate=rate), *H264))
    accepted(service, make("a.webm", *picture(rate=rate), *VP8))


def test_variable_frame_rate_with_a_bad_mean(service, make):
    path = make("a.mp4", *picture(rate=30, seconds=4), "-vf",
                "setpts='if(lt(N,60),N/30/TB,(2+(N-60)/6)/TB)'", "-vsync", "vfr", *H264)
    report = refused(service, path, "frame_rate_check_failed")
    assert report["fps_variable"]


def test_picture_too_small(service, make):
    report = refused(service, make("a.mp4", *picture(size="200x200"), *H264), "picture_size_check_failed")
    assert (report["width"], report["height"]) == (200, 200) and "200 x 200" in report["message"]


def test_picture_too_large(service, make):
    path = make("a.mp4", *picture(size="4160x720", seconds=1), *H264)
    assert refused(service, path, "picture_size_check_failed")["width"] == 4160


def test_header_that_lies_about_the_picture_size(service, make):
    path = make("a.mp4", *picture(size="200x200"), *H264)
    data = path.read_bytes()
    entry = data.index(b"avc1", data.index(b"stsd"))
    # Width and height in the sample entry: 28 bytes after its type, reserved fields included.
    at = entry + 4 + 24
    assert struct.unpack("!HH", data[at:at + 4]) == (200, 200)
    path.write_bytes(data[:at] + struct.pack("!HH", 720, 1280) + data[at + 4:])
    assert refused(service, path, "picture_size_check_failed")["width"] == 200


def test_codec_that_tiktok_does_not_take(service, make):
    path = make("a.mp4", *picture(seconds=1), "-c:v", "mpeg4")
    assert refused(service, path, "file_format_check_failed")["codec"] == "mpeg4"


def test_matroska_is_not_webm(service, make):
    assert "MKV" in refused(service, make("a.mkv", *picture(seconds=1), *H264), "file_format_check_failed")["message"]


@pytest.mark.parametrize("name", ["a.avi", "a.flv", "a.ts", "a.ogv"])
def test_other_containers(service, make, name):
    codec = ["-c:v", "libtheora"] if name == "a.ogv" else H264
    refused(service, make(name, *picture(seconds=1), *codec), "file_format_check_failed")


def test_eleven_minutes(service, make):
    path = make("a.mp4", "-f", "lavfi", "-i", "color=black:size=360x360:rate=23:duration=660", *H264, "-g", "9999",
                "-x264-params", "threads=1")
    report = refused(service, path, "duration_check_failed")
    assert abs(report["duration_ms"] - 660000) < 100 and "11 min 0 s" in report["message"]


# Not videos at all


def test_sound_only(service, make):
    report = refused(service, make("a.mp4", *SOUND, "-c:a", "aac"), "not_a_video")
    assert "sound" in report["message"]


def test_sound_with_a_cover_is_no_video(service, make, tmp_path):
    cover = make("cover.jpg", *picture(seconds=1), "-frames:v", "1")
    path = make("a.mp4", *SOUND, "-i", cover, "-map", "0", "-map", "1", "-c:a", "aac", "-c:v", "copy",
                "-disposition:v:0", "attached_pic")
    refused(service, path, "not_a_video")


def test_empty_file(service, tmp_path):
    path = tmp_path / "empty.mp4"
    path.touch()
    refused(service, path, "not_a_video")


def test_random_bytes(service, tmp_path):
    path = tmp_path / "random.mp4"
    path.write_bytes(bytes(range(7, 200)) * 5000)
    refused(service, path, "not_a_video")


def test_zip(service, tmp_path):
    path = tmp_path / "zip.mp4"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "a" * 5000)
    assert "ZIP" in refused(service, path, "not_a_video")["message"]


@pytest.mark.parametrize("playlist", [
    "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "ffconcat version 1.0\nfile /etc/passwd\n",
    '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    "<!doctype html><script>1</script>",
])
def test_disguises(service, tmp_path, playlist):
    path = tmp_path / "disguise.mp4"
    path.write_text(playlist)
    refused(service, path, "not_a_video")


def test_playlist_behind_a_video_head(service, files, tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(files.good().read_bytes()[:32] + b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n" * 10)
    refused(service, path, "truncated")


def test_archive_behind_a_video(service, files, tmp_path):
    path = tmp_path / "a.mp4"
    shutil.copy(files.good(), path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("a.txt", "text")
    assert "ZIP" in refused(service, path, "file_format_check_failed")["message"]


def test_document_in_the_head_of_a_video(service, files, tmp_path):
    data = files.good().read_bytes()
    page = b"<html><script>alert(1)</script></html>"
    box = struct.pack("!I", 8 + len(page)) + b"free" + page
    path = tmp_path / "a.mp4"
    (ftyp,) = struct.unpack("!I", data[:4])
    path.write_bytes(data[:ftyp] + box + data[ftyp:])
    refused(service, path, "file_format_check_failed")


def test_directory_is_not_a_file(service, tmp_path):
    refused(service, tmp_path, "not_a_video")


# Damaged


@pytest.mark.parametrize("share", [0.999, 0.7, 0.3])
def test_cut_off_videos(service, files, tmp_path, share):
    for source in files.good(), files.plain(), files.webm():
        data = source.read_bytes()
        path = tmp_path / ("cut" + source.suffix)
        path.write_bytes(data[:int(len(data) * share)])
        refused(service, path, "truncated")


def test_every_kind_of_small_damage_gets_an_answer(service, files, tmp_path):
    path = tmp_path / "damaged"
    for source in files.good(), files.webm():
        data = source.read_bytes()
        start = data.find(b"moov") if b"moov" in data[:4096] else 0
        for step in range(60):
            at = start + step * 37
            path.write_bytes(data[:at] + bytes([data[at] ^ 0xff]) + data[at + 1:])
            answer = service.ask(path)
            assert answer.started and answer.report, (source, at, service.log())


def test_picture_data_of_noise_is_a_video_without_thumbnail(service, files, tmp_path):
    data = bytearray(files.plain().read_bytes())
    start = data.index(b"mdat") + 4
    end = data.index(b"moov") - 4
    data[start:end] = bytes((7 * i) % 251 for i in range(end - start))
    path = tmp_path / "noise.mp4"
    path.write_bytes(data)
    _, thumbnail = accepted(service, path)
    assert thumbnail == b""


# Large


def test_larger_than_4_gb(service, files, tmp_path):
    path = tmp_path / "huge.mp4"
    shutil.copy(files.good(), path)
    os.truncate(path, 4_000_000_001)
    report = refused(service, path, "file_format_check_failed")
    assert "4 GB" in report["message"] and report["size"] == 4_000_000_001


def test_sparse_mp4_of_nearly_4_gb_is_quick(service, files, tmp_path):
    path = tmp_path / "sparse.mp4"
    shutil.copy(files.plain(), path)
    data = path.read_bytes()
    at = data.index(b"mdat") - 4
    length = struct.unpack("!I", data[at:at + 4])[0]
    padding = 3_999_000_000
    # The index goes behind 4 GB of a hole: offsets stay right, since the hole follows the media.
    with open(path, "r+b") as out:
        out.seek(at + length)
        out.write(struct.pack("!I", 1) + b"free" + struct.pack("!Q", padding))
        out.seek(at + length + padding)
        out.write(data[at + length:])
    begin = time.monotonic()
    report, thumbnail = accepted(service, path)
    assert report["size"] > 3_999_000_000 and thumbnail
    assert time.monotonic() - begin < 5


def endless_webm(path):
    """A head that promises a segment, then a hole: the demuxer looks for the next element for ever."""
    head = bytes.fromhex("1a45dfa39f4286810142f7810142f2810442f381084282847765626d42878102428581021853806701ffffffffffffff")
    path.write_bytes(head)
    os.truncate(path, 3_900_000_000)
    return path


def test_endless_search_ends(service, tmp_path):
    begin = time.monotonic()
    answer = service.ask(endless_webm(tmp_path / "a.webm"))
    assert answer.started
    if answer.report:
        assert answer.report["code"] in ("too_complex", "file_format_check_failed")
    assert time.monotonic() - begin < 30


def test_many_tracks(service, tmp_path, files):
    data = files.good().read_bytes()
    start = data.index(b"trak") - 4
    (length,) = struct.unpack("!I", data[start:start + 4])
    track = data[start:start + length]
    moov = data.index(b"moov") - 4
    (moov_length,) = struct.unpack("!I", data[moov:moov + 4])
    path = tmp_path / "tracks.mp4"
    copies = 5000
    path.write_bytes(data[:moov] + struct.pack("!I", moov_length + copies * length) + data[moov + 4:start] +
                     track * copies + data[start:])
    refused(service, path, "too_complex")


# Hostile: each is refused in words within ten seconds and 256 MB, whatever its size

MEMORY_KB = 256 << 10


def sanitized(service):
    return b"libasan" in pathlib.Path(f"/proc/{service.process.pid}/maps").read_bytes()


def ended_children(log):
    return re.findall(r"media_child_ended child=(\d+) end=(\w+) ms=(\d+) cpu_ms=\d+ peak_kb=(\d+)", log)


def within_bounds(service, path):
    """Ask; the answer, with the bounds held by the child that gave it."""
    before = len(ended_children(service.log()))
    begin = time.monotonic()
    answer = service.ask(path)
    assert time.monotonic() - begin < 10
    (child,) = wait_for(lambda: ended_children(service.log())[before:])
    assert child[1] == "answered" and int(child[2]) < 10000
    assert sanitized(service) or int(child[3]) < MEMORY_KB, child
    assert answer.report, service.log()
    return answer.report


def refused_within_bounds(service, path):
    report = within_bounds(service, path)
    assert not report["ok"] and report["code"] and report["message"].endswith("."), report
    return report


def box(kind, *content, size=None):
    body = b"".join(content)
    return struct.pack("!I", size if size is not None else 8 + len(body)) + kind + body


FTYP = box(b"ftyp", b"isom", struct.pack("!I", 512), b"isomiso2mp41")
MEGABYTE = bytes((13 * i) % 251 for i in range(1 << 20))


class Patched:
    """A good file whose boxes can be given other content; their parents grow with them."""

    def __init__(self, source):
        self.data = source.read_bytes()

    def find(self, *path):
        """Offset and length of the box at the end of the path."""
        at, end = 0, len(self.data)
        for kind in path:
            while at < end:
                length, found = struct.unpack("!I4s", self.data[at:at + 8])
                if found == kind:
                    break
                at += length
            assert at < end, kind
            end, inner = at + length, at + 8
            if kind != path[-1]:
                at = inner
        return at, length

    def add(self, content, *path):
        """Content at the end of the box, which lies behind the media data."""
        at, length = self.find(*path)
        data = bytearray(self.data)
        data[at + length:at + length] = content
        for depth in range(1, len(path) + 1):
            offset, size = self.find(*path[:depth])
            data[offset:offset + 4] = struct.pack("!I", size + len(content))
        self.data = bytes(data)
        return self

    def set_table(self, content, *path):
        """Other content for a full box, its length kept by a free box behind it or grown."""
        at, length = self.find(*path)
        fresh = box(path[-1], content)
        grown = len(fresh) - length
        data = bytearray(self.data)
        data[at:at + length] = fresh
        for depth in range(1, len(path)):
            offset, size = self.find(*path[:depth])
            data[offset:offset + 4] = struct.pack("!I", size + grown)
        self.data = bytes(data)
        return self

    def write(self, path):
        path.write_bytes(self.data)
        return path


STBL = (b"moov", b"trak", b"mdia", b"minf", b"stbl")


def with_hole(path, data, size):
    """Data, with 300 MB more of the kind that holes are made of."""
    path.write_bytes(data)
    os.truncate(path, size)
    return path


@pytest.mark.parametrize("kind", [b"udta", b"meta", b"free", b"\xa9nam", b"keys", b"uuid", b"tref"])
def test_300_mb_of_junk_in_the_metadata(service, files, tmp_path, kind):
    junk = 300 << 20
    patched = Patched(files.plain())
    at, length = patched.find(b"moov")
    assert at + length == len(patched.data)
    data = bytearray(patched.data + box(kind, MEGABYTE, size=8 + junk))
    data[at:at + 4] = struct.pack("!I", length + 8 + junk)
    path = with_hole(tmp_path / "a.mp4", data, at + length + 8 + junk)
    report = within_bounds(service, path)
    # What is skipped unread does no harm.
    assert report["ok"] or report["message"].endswith(".")


def test_300_mb_that_are_nothing_but_metadata(service, tmp_path):
    path = tmp_path / "a.mp4"
    junk = 300 << 20
    with_hole(path, FTYP + box(b"moov", box(b"udta", MEGABYTE, size=8 + junk), size=16 + junk), len(FTYP) + 16 + junk)
    refused_within_bounds(service, path)


@pytest.mark.parametrize("kind", [b"free", b"trak", b"udta", b"meta", b"tkhd", b"stsd"])
def test_100000_boxes(service, files, tmp_path, kind):
    path = Patched(files.plain()).add(box(kind, b"\0" * 8) * 100_000, b"moov").write(tmp_path / "a.mp4")
    report = within_bounds(service, path)
    assert report["ok"] or report["message"].endswith(".")
    path.write_bytes(FTYP + box(kind, b"\0" * 8) * 100_000)
    refused_within_bounds(service, path)


@pytest.mark.parametrize("kind,content", [
    (b"stsz", struct.pack("!III", 0, 0, 0xffffffff)),
    (b"stsz", struct.pack("!III", 0, 1, 0xffffffff)),
    (b"stts", struct.pack("!IIII", 0, 1, 0x7fffffff, 1)),
    (b"stts", struct.pack("!II", 0, 0x0fffffff)),
    (b"stsc", struct.pack("!II", 0, 0x0fffffff)),
    (b"stco", struct.pack("!II", 0, 0x3fffffff)),
    (b"stsd", struct.pack("!II", 0, 0x7fffffff)),
])
def test_tables_that_claim_huge_counts(service, files, tmp_path, kind, content):
    path = Patched(files.plain()).set_table(content, *STBL, kind).write(tmp_path / "a.mp4")
    report = within_bounds(service, path)
    assert report["ok"] or report["message"].endswith(".")


def test_samples_without_end(service, files, tmp_path):
    """A fixed size, so that nothing has to be read for each of 50 million samples."""
    patched = Patched(files.plain()).set_table(struct.pack("!III", 0, 1, 50_000_000), *STBL, b"stsz")
    patched.set_table(struct.pack("!IIII", 0, 1, 50_000_000, 1), *STBL, b"stts")
    patched.set_table(struct.pack("!IIIII", 0, 1, 1, 50_000_000, 1), *STBL, b"stsc")
    refused_within_bounds(service, patched.write(tmp_path / "a.mp4"))


@pytest.mark.parametrize("kind", [b"moov", b"trak", b"udta", b"meta", b"edts", b"mdia"])
def test_deep_nesting(service, files, tmp_path, kind):
    depth = 100_000
    nest = b"".join(struct.pack("!I", 8 * (depth - level)) + kind for level in range(depth))
    path = tmp_path / "a.mp4"
    path.write_bytes(FTYP + box(b"moov", nest))
    refused_within_bounds(service, path)
    within_bounds(service, Patched(files.plain()).add(nest, b"moov").write(path))


def test_huge_cover(service, files, tmp_path):
    cover = box(b"covr", box(b"data", struct.pack("!II", 13, 0), b"\xff\xd8\xff", MEGABYTE * 100))
    meta = box(b"meta", b"\0" * 4, box(b"hdlr", b"\0" * 8, b"mdirappl", b"\0" * 10), box(b"ilst", cover))
    path = Patched(files.plain()).add(box(b"udta", meta), b"moov").write(tmp_path / "a.mp4")
    report = within_bounds(service, path)
    assert report["ok"] or report["message"].endswith(".")


EBML = bytes.fromhex("1a45dfa39f4286810142f7810142f2810442f381084282847765626d4287810242858102")


@pytest.mark.parametrize("name,content", [
    ("tags", "1254c367" "01000000ffffffff"),           # Tags of 4 GB
    ("tracks", "1654ae6b" "010000007fffffff"),         # Tracks of 2 GB
    ("private", "1654ae6b" "08000100" "ae" "08000080" "63a2" "010000007ffffff0"),  # CodecPrivate of 2 GB
    ("attachment", "1941a469" "01000000f0000000" "61a7" "01000000efffff00" "465c" "01000000eff00000"),
    ("void", "ec" "01fffffffffffffe"),
    ("cluster", "1f43b675" "01fffffffffffffe"),
    ("block", "1f43b675" "01ffffffffffffff" "a3" "0100000070000000"),
    ("cues", "1c53bb6b" "01000000ffffffff"),
    ("seek", "114d9b74" "01000000ffffffff"),
])
def test_absurd_sizes_of_ebml(service, tmp_path, name, content):
    path = tmp_path / "a.webm"
    for segment in "01ffffffffffffff", "0100000010000000":
        path.write_bytes(EBML + bytes.fromhex("18538067" + segment + content) + MEGABYTE * 4)
        refused_within_bounds(service, path)
        os.truncate(path, 1 << 28)
        refused_within_bounds(service, path)


def test_nested_and_many_ebml_elements(service, tmp_path):
    path = tmp_path / "a.webm"
    head = EBML + bytes.fromhex("1853806701ffffffffffffff")
    tags = bytes.fromhex("1254c36701ffffffffffffff") + bytes.fromhex("737301ffffffffffffff67c801ffffffffffffff") * 100_000
    for content in tags, bytes.fromhex("ec80") * 5_000_000, bytes.fromhex("1654ae6bff" "ae80") + b"\xae\x80" * 100_000:
        path.write_bytes(head + content)
        refused_within_bounds(service, path)


def test_a_4k_ten_bit_video_takes_no_more(service, make, tmp_path):
    path = make("a.mp4", "-f", "lavfi", "-i", "testsrc2=size=3840x2160:rate=30:duration=1", "-c:v", "libx265",
                "-x265-params", "pools=none:frame-threads=1:log-level=error:keyint=10", "-preset", "ultrafast",
                "-pix_fmt", "yuv420p10le")
    assert within_bounds(service, path)["ok"]


# The strip of frames


def strip_of(service, path):
    answer = service.ask(path)
    assert answer.report["ok"], answer.report
    return answer


def test_strip_shows_the_video_in_order(service, make, tmp_path):
    # Ten seconds, each of a grey of its own.
    path = make("a.mp4", "-f", "lavfi", "-i", "color=black:size=360x640:rate=30:duration=10", "-vf",
                "geq=lum='16+20*floor(T)':cb=128:cr=128", *H264, "-g", "30")
    answer = strip_of(service, path)
    assert answer.strip_frames == 10
    width, height = jpeg_size(answer.strip, tmp_path)
    assert (width, height) == (90 * 10, 160)
    picture_path = tmp_path / "strip.jpg"
    picture_path.write_bytes(answer.strip)
    greys = subprocess.run(["ffmpeg", "-loglevel", "error", "-i", picture_path, "-vf", "scale=10:1:flags=area,format=gray",
                            "-f", "rawvideo", "-"], check=True, capture_output=True).stdout
    steps = [right - left for left, right in zip(greys, greys[1:])]
    assert all(10 < step < 35 for step in steps), list(greys)


def test_strip_is_turned(service, make, files, tmp_path):
    answer = strip_of(service, rotated(make, files.good(), 90))
    assert jpeg_size(answer.strip, tmp_path) == (284 * answer.strip_frames, 160)


def test_strip_of_webm(service, files, tmp_path):
    answer = strip_of(service, files.webm())
    assert answer.strip_frames == 10 and jpeg_size(answer.strip, tmp_path) == (900, 160)


def test_large_pictures_get_a_shorter_strip_in_time(service, make):
    path = make("a.mp4", "-f", "lavfi", "-i", "testsrc2=size=4096x4096:rate=24:duration=2", *H264, "-g", "5")
    begin = time.monotonic()
    answer = strip_of(service, path)
    assert answer.thumbnail and 0 <= answer.strip_frames <= 10
    assert time.monotonic() - begin < 8


def test_refused_videos_have_no_strip(service, make):
    answer = service.ask(make("a.mp4", *picture(rate=15), *H264))
    assert not answer.report["ok"] and answer.strip_frames == 0 and answer.strip == b""


# The protocol and the cell


def test_writable_descriptor_is_not_read(service, files, tmp_path):
    path = tmp_path / "a.mp4"
    shutil.copy(files.good(), path)
    answer = service.ask(path, os.O_RDWR)
    assert answer.raw == b""


def test_requests_that_are_none(service, files):
    for data, count in (b"P", 0), (b"Q", 1), (b"P", 2):
        with service.connect() as connection:
            fds = [os.open(files.good(), os.O_RDONLY) for _ in range(count)]
            socket.send_fds(connection, [data], fds)
            for fd in fds:
                os.close(fd)
            assert read_answer(connection).raw == b""
    with service.connect() as connection:
        connection.shutdown(socket.SHUT_WR)
        assert read_answer(connection).raw == b""
    accepted(service, files.good())


def test_pipe_is_not_read(service):
    reading, writing = os.pipe()
    with service.connect() as connection:
        socket.send_fds(connection, [b"P"], [reading])
        answer = read_answer(connection)
    os.close(reading)
    os.close(writing)
    assert answer.report["code"] == "not_a_video"


def test_child_is_shut_in_while_it_reads(service, tmp_path):
    """Filter, no new privileges, two descriptors and no capability of this namespace, seen from outside."""
    with service.send(endless_webm(tmp_path / "a.webm")) as connection:
        assert connection.recv(1) == b"S"
        (child,) = service.children()
        status = status_of(child)
        assert status["Seccomp"] == "2"
        assert status["NoNewPrivs"] == "1"
        assert status["Threads"] == "1"
        sanitized = b"libasan" in pathlib.Path(f"/proc/{service.process.pid}/maps").read_bytes()
        limits = pathlib.Path(f"/proc/{child}/limits").read_text()
        assert limits_row(limits, "Max cpu time") == "8"
        assert limits_row(limits, "Max file size") == "0"
        assert limits_row(limits, "Max core file size") == "0"
        assert limits_row(limits, "Max processes") == "0"
        if not sanitized:
            assert limits_row(limits, "Max address space") == str(512 << 20)
            assert limits_row(limits, "Max data size") == str(208 << 20)
            assert limits_row(limits, "Max open files") == "2"
            assert sorted(os.listdir(f"/proc/{child}/fd")) == ["0", "1"]
            assert os.readlink(f"/proc/{child}/fd/1").endswith("a.webm")
            if subprocess.run(["unshare", "--user", "--net", "true"], stderr=subprocess.DEVNULL).returncode == 0:
                assert os.readlink(f"/proc/{child}/ns/net") != os.readlink("/proc/self/ns/net")
        os.kill(child, signal.SIGKILL)
        # Brought down after it had started: the connection just ends.
        assert read_answer(connection).raw == b""
    wait_for(lambda: f"media_child_killed child={child} signal=9" in service.log())


def limits_row(text, name):
    (line,) = [line for line in text.splitlines() if line.startswith(name)]
    return line[len("Max core file size     "):].split()[0]


def test_four_at_once_the_fifth_waits(service, files, tmp_path):
    path = endless_webm(tmp_path / "a.webm")
    busy = [service.send(path) for _ in range(4)]
    try:
        assert [connection.recv(1) for connection in busy] == [b"S"] * 4
        assert len(service.children()) == 4
        answers = []
        waiting = threading.Thread(target=lambda: answers.append(service.ask(files.good())))
        waiting.start()
        waiting.join(0.2)
        assert waiting.is_alive() and len(service.children()) == 4
        for child in service.children():
            os.kill(child, signal.SIGKILL)
        waiting.join(20)
        assert answers[0].report["ok"]
    finally:
        for connection in busy:
            connection.close()


def test_client_that_goes_away_costs_nothing(service, files):
    for _ in range(5):
        service.send(files.good()).close()
    accepted(service, files.good())
    wait_for(lambda: not service.children())


def test_sigterm_lets_a_reading_child_finish(files, tmp_path):
    own = Service(tmp_path)
    try:
        connection = own.send(files.good())
        assert connection.recv(1) == b"S"
        own.process.terminate()
        assert read_answer(connection).raw[4:].startswith(b"{")
        assert own.process.wait(timeout=10) == 0
    finally:
        own.process.kill()


def test_second_sigterm_does_not_wait(tmp_path):
    own = Service(tmp_path)
    try:
        connection = own.send(endless_webm(tmp_path / "a.webm"))
        assert connection.recv(1) == b"S"
        own.process.terminate()
        wait_for(lambda: not pathlib.Path(f"/proc/{own.process.pid}").exists() or
                 "0000000000004000" not in status_of(own.process.pid)["ShdPnd"])
        own.process.terminate()
        assert own.process.wait(timeout=5) == 0
    finally:
        own.process.kill()


def test_child_dies_with_the_service(tmp_path):
    own = Service(tmp_path)
    connection = own.send(endless_webm(tmp_path / "a.webm"))
    assert connection.recv(1) == b"S"
    (child,) = own.children()
    own.process.kill()
    own.process.wait()
    wait_for(lambda: not pathlib.Path(f"/proc/{child}").exists() or status_of(child)["State"].startswith("Z"), 5)


def test_descriptor_zero_must_listen(tmp_path):
    done = subprocess.run([MEDIA], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10)
    assert done.returncode == 2 and "descriptor 0" in done.stderr
