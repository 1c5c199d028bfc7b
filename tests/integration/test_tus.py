"""tus 1.0's extensions from outside: checksums, open lengths, joined parts, and the limits of a user."""
import base64
import contextlib
import fcntl
import hashlib
import os
import secrets
import signal
import threading

import pytest

from spg_site import wait_for
from spg_uploads import (BYTES, MAX_SIZE, TUS, DyingProgram, Sender, Store, checker_pid, create, database_away, delete,
                         head, kill_and_wait, offset_of, patch, post, program_pids, random_bytes)

GB = 1_000_000_000
ALGORITHMS = ("sha1", "sha256", "sha512")


def checksum(data, algorithm="sha1"):
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"


def test_options_tells_what_is_offered_without_a_session(site):
    for path in ("/uploads", "/uploads/AAAAAAAAAAAAAAAAAAAAAA"):
        for version in ({}, TUS, {"Tus-Resumable": "9.9"}):
            answer = site.request("OPTIONS", path, headers=version)
            assert answer.status == 204
            assert answer.headers["Tus-Version"] == "1.0.0"
            assert answer.headers["Tus-Resumable"] == "1.0.0"
            assert int(answer.headers["Tus-Max-Size"]) == MAX_SIZE
            assert answer.headers["Tus-Checksum-Algorithm"].split(",") == list(ALGORITHMS)
            assert set(answer.headers["Tus-Extension"].split(",")) == {
                "creation", "creation-with-upload", "creation-defer-length", "checksum", "concatenation", "termination",
                "expiration"}


# ---------------------------------------------------------------- checksum

@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_bytes_with_the_right_checksum_are_kept(site, user, algorithm):
    data = random_bytes(500_000)
    path = create(user, len(data))
    for begin, end in ((0, 1), (1, 200_000), (200_000, 500_000)):
        answer = patch(user, path, begin, data[begin:end], Upload_Checksum=checksum(data[begin:end], algorithm))
        assert answer.status == 204 and answer.headers["Upload-Offset"] == str(end), answer
    assert answer.headers["Spg-Video-Id"]
    Store(site, path).assert_holds(data)


def test_bytes_with_another_checksum_are_not_kept(site, user):
    data = random_bytes(300_000)
    path = create(user, len(data))
    store = Store(site, path)
    assert patch(user, path, 0, data[:100_000]).status == 204
    for begin in (b"", data[100_000:]):
        answer = patch(user, path, 100_000, data[100_000:], Upload_Checksum=checksum(begin + b"x"))
        assert answer.status == 460 and answer.headers["Upload-Offset"] == "100000"
        assert answer.json()["code"] == "checksum_mismatch" and answer.headers["Tus-Resumable"] == "1.0.0"
        assert store.received() == 100_000 and offset_of(user, path) == 100_000
    assert store.video_rows() == []
    answer = patch(user, path, 100_000, data[100_000:], Upload_Checksum=checksum(data[100_000:]))
    assert answer.status == 204 and answer.headers["Spg-Video-Id"]
    store.assert_holds(data)


def test_a_mismatch_has_its_name(site, user):
    path = create(user, 5)
    sender = Sender(site, user, path, 5, Upload_Checksum=checksum(b"other"))
    sender.send(b"12345")
    assert sender.socket.recv(65536).startswith(b"HTTP/1.1 460 Checksum Mismatch\r\n")
    sender.fin()


@pytest.mark.parametrize("value, code", [
    ("md5 1B2M2Y8AsgTpgAmY7PhCfg==", "checksum_algorithm"),
    ("SHA1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "checksum_algorithm"),
    ("sha1", "upload_checksum"),
    ("", "upload_checksum"),
    ("sha1  Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "upload_checksum"),
    ("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0", "upload_checksum"),
    ("sha1 ????????????????????????????", "upload_checksum"),
    ("sha256 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "upload_checksum"),
])
def test_a_checksum_that_cannot_be_checked_is_refused(site, user, value, code):
    path = create(user, 11)
    answer = patch(user, path, 0, b"hello world", Upload_Checksum=value)
    assert answer.status == 400 and answer.json()["code"] == code
    before = site.sql("SELECT count(*) FROM upload")
    answer = post(user, 11, body=b"hello world", Content_Type=BYTES, Upload_Checksum=value)
    assert answer.status == 400 and answer.json()["code"] == code
    assert site.sql("SELECT count(*) FROM upload") == before
    assert offset_of(user, path) == 0
    assert patch(user, path, 0, b"hello world", Upload_Checksum="sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=").status == 204


def test_an_empty_body_has_a_checksum_too(user):
    path = create(user, 5)
    assert patch(user, path, 0, b"123").status == 204
    assert patch(user, path, 3, b"", Upload_Checksum=checksum(b"")).status == 204
    assert patch(user, path, 3, b"", Upload_Checksum=checksum(b"x")).status == 460
    assert offset_of(user, path) == 3


@pytest.mark.parametrize("fault", ["fin", "rst", "stall"])
@pytest.mark.parametrize("chunked", [False, True])
def test_bytes_whose_checksum_never_comes_are_not_kept(site, user, fault, chunked):
    data = random_bytes(1_000_000)
    path = create(user, len(data))
    store = Store(site, path)
    assert patch(user, path, 0, data[:100_000]).status == 204
    sender = Sender(site, user, path, 900_000, offset=100_000, chunked=chunked, Upload_Checksum=checksum(data[100_000:]))
    sender.send(data[100_000:700_000])
    wait_for("bytes", lambda: store.received() == 700_000)
    if fault != "stall":
        getattr(sender, fault)()
    assert offset_of(user, path) == 100_000
    assert store.received() == 100_000
    assert patch(user, path, 100_000, data[100_000:], Upload_Checksum=checksum(data[100_000:])).status == 204
    store.assert_holds(data)


def test_chunked_bytes_may_have_a_checksum_and_not_be_too_many(site, user):
    data = random_bytes(200_000)
    path = create(user, len(data))
    sender = Sender(site, user, path, None, chunked=True, Upload_Checksum=checksum(data + b"more"))
    sender.send(data + b"more")
    sender.send(b"")
    status, headers = sender.answer()
    assert status == 413 and headers["upload-offset"] == "0"
    assert offset_of(user, path) == 0 and Store(site, path).video_rows() == []
    sender = Sender(site, user, path, None, chunked=True, Upload_Checksum=checksum(data))
    sender.send(data)
    sender.send(b"")
    status, headers = sender.answer()
    assert status == 204 and headers["spg-video-id"]
    Store(site, path).assert_holds(data)


def test_bytes_that_a_creation_brings_are_checked(site, user):
    data = random_bytes(100_000)
    answer = post(user, len(data), body=data, Content_Type=BYTES, Upload_Checksum=checksum(data, "sha256"))
    assert answer.status == 201 and answer.headers["Spg-Video-Id"]
    Store(site, answer.headers["Location"]).assert_holds(data)
    answer = post(user, len(data), body=data, Content_Type=BYTES, Upload_Checksum=checksum(b"x"))
    assert answer.status == 460 and answer.headers["Upload-Offset"] == "0"
    path = answer.headers["Location"]
    assert offset_of(user, path) == 0
    assert patch(user, path, 0, data).status == 204
    Store(site, path).assert_holds(data)


def test_a_checksum_needs_no_database(site, user):
    data = random_bytes(100_000)
    path = create(user, len(data))
    with database_away(site):
        assert patch(user, path, 0, data[:50_000], Upload_Checksum=checksum(data[:50_000])).status == 204
        assert patch(user, path, 50_000, data[50_000:], Upload_Checksum=checksum(b"x")).status == 460
        assert offset_of(user, path) == 50_000
    assert patch(user, path, 50_000, data[50_000:]).status == 204
    Store(site, path).assert_holds(data)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_program_may_die_while_bytes_with_a_checksum_come(site, user, number):
    data = random_bytes(1_000_000)
    path = create(user, len(data))
    store = Store(site, path)
    assert patch(user, path, 0, data[:100_000]).status == 204
    sender = Sender(site, user, path, 900_000, offset=100_000, Upload_Checksum=checksum(data[100_000:]))
    sender.send(data[100_000:600_000])
    wait_for("bytes", lambda: store.received() == 600_000)
    kill_and_wait(site, program_pids(site), number)
    assert sender.answer()[0] in (503, None)
    assert offset_of(user, path) == 100_000
    assert patch(user, path, 100_000, data[100_000:]).status == 204
    store.assert_holds(data)


@pytest.mark.parametrize("failpoint, kept", [
    ("unverified_noted", False), ("part_sync", False), ("unverified_received", False), ("unverified_ended", True)])
@pytest.mark.parametrize("good", [True, False])
def test_a_crash_never_lets_unverified_bytes_count(site, user, failpoint, kept, good):
    """The last bytes of an upload: nothing may take it for complete before they are verified."""
    data = random_bytes(200_000)
    path = create(user, len(data))
    store = Store(site, path)
    assert patch(user, path, 0, data[:150_000]).status == 204
    sent = data[150_000:] if good else random_bytes(50_000)
    DyingProgram(site, failpoint).request(
        user, "PATCH", path, {"Upload-Offset": "150000", "Upload-Checksum": checksum(data[150_000:])}, sent)
    kill_and_wait(site, [checker_pid(site)], signal.SIGKILL)
    if kept and good:
        assert offset_of(user, path) == 200_000
    else:
        assert offset_of(user, path) == 150_000
        assert store.received() == 150_000 and store.video_rows() == []
        assert patch(user, path, 150_000, data[150_000:], Upload_Checksum=checksum(data[150_000:])).status == 204
    store.assert_holds(data)


def test_a_crash_while_unverified_bytes_are_cut_is_repeated(site, user):
    data = random_bytes(60_000)
    path = create(user, len(data))
    headers = {"Upload-Offset": "0", "Upload-Checksum": checksum(data)}
    DyingProgram(site, "unverified_received").request(user, "PATCH", path, headers, data)
    DyingProgram(site, "unverified_cut").request(user, "HEAD", path, {})
    assert offset_of(user, path) == 0
    assert patch(user, path, 0, data).status == 204
    Store(site, path).assert_holds(data)


# ---------------------------------------------------------------- lengths that come later

def create_open(user, **headers):
    answer = post(user, Upload_Defer_Length="1", **headers)
    assert answer.status == 201, answer
    return answer.headers["Location"]


@pytest.mark.parametrize("when", ["first", "middle", "last", "after"])
def test_the_length_may_come_with_any_patch(site, user, when):
    data = random_bytes(300_000)
    path = create_open(user)
    store = Store(site, path)
    assert store.upload_rows()[0][1] == MAX_SIZE
    known = False
    for name, begin, end in (("first", 0, 100_000), ("middle", 100_000, 200_000), ("last", 200_000, 300_000),
                             ("after", 300_000, 300_000)):
        answer = head(user, path)
        assert answer.headers["Upload-Defer-Length"] == (None if known else "1")
        assert answer.headers["Upload-Length"] == (str(len(data)) if known else None)
        assert answer.headers["Upload-Offset"] == str(begin)
        extra = {"Upload_Length": str(len(data))} if name == when else {}
        answer = patch(user, path, begin, data[begin:end], **extra)
        assert answer.status == 204 and answer.headers["Upload-Offset"] == str(end), answer
        if name == when:
            known = True
            assert store.upload_rows()[0][1] == len(data)
        if known and end == len(data):
            break
        assert "Spg-Video-Id" not in answer.headers
    assert answer.headers["Spg-Video-Id"]
    store.assert_holds(data)


def test_an_open_upload_may_turn_out_empty(site, user):
    path = create_open(user)
    answer = patch(user, path, 0, b"", Upload_Length="0")
    assert answer.status == 204 and answer.headers["Spg-Video-Id"]
    Store(site, path).assert_holds(b"")


def test_a_length_that_cannot_be_is_refused_and_stays_open(user):
    path = create_open(user)
    assert patch(user, path, 0, b"12345").status == 204
    for length, status in (("4", 400), ("x", 400), ("-1", 400), ("", 400), (str(MAX_SIZE + 1), 413), ("6", 413)):
        answer = patch(user, path, 5, b"67", Upload_Length=length)
        assert answer.status == status, (length, answer)
        answer = head(user, path)
        assert answer.headers["Upload-Offset"] == "5" and answer.headers["Upload-Defer-Length"] == "1"
    assert patch(user, path, 4, b"67", Upload_Length="7").status == 409
    assert head(user, path).headers["Upload-Defer-Length"] == "1"


def test_a_length_once_known_never_changes(site, user):
    for path in (create(user, 10), create_open(user)):
        assert patch(user, path, 0, b"123", Upload_Length="10").status == 204
        for length in ("9", "11", "3"):
            assert patch(user, path, 3, b"4", Upload_Length=length).status == 400
        assert patch(user, path, 3, b"4", Upload_Length="10").status == 204
        assert patch(user, path, 4, b"567890").status == 204
        assert patch(user, path, 10, b"", Upload_Length="11").status == 400
        assert patch(user, path, 10, b"", Upload_Length="10").status == 204
        Store(site, path).assert_holds(b"1234567890")


def test_a_length_needs_no_database(site, user):
    path = create_open(user)
    store = Store(site, path)
    with database_away(site):
        assert patch(user, path, 0, b"123", Upload_Length="5").status == 204
        assert head(user, path).headers["Upload-Length"] == "5"
    assert store.upload_rows()[0][1] == MAX_SIZE
    assert patch(user, path, 3, b"45").status == 204
    assert store.upload_rows()[0][1] == 5
    store.assert_holds(b"12345")


def test_a_crash_after_the_length_was_noted(site, user):
    path = create_open(user)
    DyingProgram(site, "upload_length_noted").request(
        user, "PATCH", path, {"Upload-Offset": "0", "Upload-Length": "5"}, b"12345")
    assert head(user, path).headers["Upload-Length"] == "5"
    assert patch(user, path, 0, b"12345", Upload_Length="5").status == 204
    Store(site, path).assert_holds(b"12345")


def test_chunked_bytes_of_an_open_upload_may_be_any_number(site, user):
    data = random_bytes(300_000)
    path = create_open(user)
    sender = Sender(site, user, path, None, chunked=True)
    sender.send(data)
    sender.send(b"")
    assert sender.answer()[0] == 204
    assert patch(user, path, len(data), b"", Upload_Length=str(len(data))).headers["Spg-Video-Id"]
    Store(site, path).assert_holds(data)


def test_creation_may_bring_bytes_of_an_open_upload(site, user):
    answer = post(user, body=b"123", Content_Type=BYTES, Upload_Defer_Length="1")
    assert answer.status == 201 and answer.headers["Upload-Offset"] == "3"
    path = answer.headers["Location"]
    assert patch(user, path, 3, b"45", Upload_Length="5").status == 204
    Store(site, path).assert_holds(b"12345")


# ---------------------------------------------------------------- joined parts

def partial(user, data, **headers):
    path = create(user, len(data), Upload_Concat="partial", **headers)
    if data:
        answer = patch(user, path, 0, data)
        assert answer.status == 204 and "Spg-Video-Id" not in answer.headers, answer
    return path


def join(user, paths, **headers):
    return post(user, Upload_Concat="final;" + " ".join(paths), **headers)


def files_of(site, path):
    return sorted(name for name in os.listdir(site.dir / "media/parts") if name.startswith(Store(site, path).id))


def assert_parts_are_gone(site, user, paths, final):
    for path in paths:
        assert files_of(site, path) == [] and Store(site, path).upload_rows() == []
        assert head(user, path).status == 404
    assert files_of(site, final) == [f"{Store(site, final).id}.info"]


@pytest.mark.parametrize("absolute", [False, True])
def test_parts_are_joined_in_order(site, user, absolute):
    contents = [random_bytes(size) for size in (200_000, 1, 0, 300_001)]
    metadata = "filename " + base64.b64encode(b"joined.mp4").decode()
    paths = [partial(user, data, Upload_Metadata="part") for data in contents]
    for path, data in zip(paths, contents):
        answer = head(user, path)
        assert answer.headers["Upload-Concat"] == "partial" and answer.headers["Upload-Offset"] == str(len(data))
        assert answer.headers["Upload-Metadata"] == "part" and "Spg-Video-Id" not in answer.headers
    names = [site.config["public_url"] + path if absolute else path for path in paths]
    answer = join(user, names, Upload_Metadata=metadata)
    assert answer.status == 201 and answer.headers["Spg-Video-Id"], answer
    final, data = answer.headers["Location"], b"".join(contents)
    store = Store(site, final)
    store.assert_holds(data)
    assert [str(row[0]) for row in store.video_rows()] == [answer.headers["Spg-Video-Id"]]
    assert store.upload_rows()[0][1:3] == (len(data), "joined.mp4")
    answer = head(user, final)
    assert answer.headers["Upload-Concat"] == "final;" + " ".join(names)
    assert answer.headers["Upload-Length"] == answer.headers["Upload-Offset"] == str(len(data))
    assert answer.headers["Upload-Metadata"] == metadata
    assert_parts_are_gone(site, user, paths, final)
    assert [site.sql("SELECT count(*) FROM video WHERE file = %s", Store(site, path).id) for path in paths] == [
        [(0,)]] * 4


def test_the_same_part_may_occur_twice(site, user):
    first, second = partial(user, b"again "), partial(user, b"and ")
    answer = join(user, [first, second, first])
    assert answer.status == 201 and answer.headers["Spg-Video-Id"]
    Store(site, answer.headers["Location"]).assert_holds(b"again and again ")
    assert_parts_are_gone(site, user, [first, second], answer.headers["Location"])


def test_parts_of_nothing_make_an_empty_upload(site, user):
    answer = join(user, [partial(user, b""), partial(user, b"")])
    assert answer.status == 201 and answer.headers["Spg-Video-Id"]
    Store(site, answer.headers["Location"]).assert_holds(b"")


def test_parts_may_have_checksums_and_open_lengths(site, user):
    path = create_open(user, Upload_Concat="partial")
    answer = head(user, path)
    assert answer.headers["Upload-Concat"] == "partial" and answer.headers["Upload-Defer-Length"] == "1"
    assert patch(user, path, 0, b"hello", Upload_Checksum=checksum(b"hello")).status == 204
    assert join(user, [path]).json()["code"] == "part_unfinished"
    assert patch(user, path, 5, b" world", Upload_Length="11", Upload_Concat="partial").status == 204
    other = post(user, 1, body=b"!", Content_Type=BYTES, Upload_Concat="partial").headers["Location"]
    answer = join(user, [path, other])
    assert answer.status == 201
    Store(site, answer.headers["Location"]).assert_holds(b"hello world!")


def test_the_longest_headers_pass(site, user):
    path = partial(user, b"x")
    padding = " " * (7168 - len("final;" + f"{path} " * 64))
    metadata = "a" * 4096
    answer = post(user, Upload_Concat="final;" + f"{path} " * 63 + padding + path, Upload_Metadata=metadata)
    assert answer.status == 201, answer
    answer = head(user, answer.headers["Location"])
    assert answer.status == 200 and answer.headers["Upload-Metadata"] == metadata
    assert 7000 < len(answer.headers["Upload-Concat"]) <= 7168


def test_what_cannot_be_joined_is_refused_and_leaves_nothing(site, user, other_user):
    good, foreign = partial(user, b"good"), partial(other_user, b"foreign")
    unfinished, whole = create(user, 10, Upload_Concat="partial"), create(user, 5)
    assert patch(user, unfinished, 0, b"12345").status == 204
    joined = join(user, [partial(user, b"joined")]).headers["Location"]
    before = sorted(os.listdir(site.dir / "media/parts")), site.sql("SELECT count(*) FROM upload")
    for path, code in ((foreign, "part_unknown"), (unfinished, "part_unfinished"), (whole, "part_unknown"),
                       (joined, "part_unknown"), ("/uploads/" + "A" * 22, "part_unknown"),
                       ("/uploads/short", "upload_concat"), ("https://evil.example" + good, "upload_concat"),
                       ("//evil.example" + good, "upload_concat"), (good + "/", "upload_concat")):
        answer = join(user, [good, path])
        assert answer.status == 400 and answer.json()["code"] == code, (path, answer)
    for concat in ("final;", "final; ", "final", "Final;" + good, "partial;" + good, "", "whole"):
        assert post(user, Upload_Concat=concat).status == 400, concat
    assert join(user, [good] * 65).status == 400
    assert join(user, [good], Upload_Length="4").status == 400
    assert join(user, [good], Upload_Defer_Length="1").status == 400
    assert join(user, [good], Upload_Metadata="a YQ").status == 400
    answer = join(user, [good], body=b"bytes", Content_Type=BYTES)
    assert answer.status == 403 and answer.json()["code"] == "upload_final"
    assert (sorted(os.listdir(site.dir / "media/parts")), site.sql("SELECT count(*) FROM upload")) == before
    assert offset_of(user, good) == 4 and offset_of(other_user, foreign) == 7
    answer = join(user, [good] * 64)
    assert answer.status == 201
    Store(site, answer.headers["Location"]).assert_holds(b"good" * 64)


def test_a_sum_above_the_largest_video_is_refused(site, user):
    paths = []
    for _ in range(2):
        paths.append(create(user, MAX_SIZE // 2 + 1, Upload_Concat="partial"))
        os.truncate(Store(site, paths[-1]).part, MAX_SIZE // 2 + 1)
    answer = join(user, paths)
    assert answer.status == 413 and answer.json()["code"] == "too_large"
    for path in paths:
        assert len(files_of(site, path)) == 2 and delete(user, path).status == 204


def test_a_finished_part_never_becomes_a_video(site, user):
    path = partial(user, b"12345")
    for answer in (head(user, path), patch(user, path, 5)):
        assert answer.headers["Upload-Offset"] == "5" and "Spg-Video-Id" not in answer.headers
        assert answer.headers["Upload-Expires"]
    assert patch(user, path, 5, b"6").status == 413
    kill_and_wait(site, [checker_pid(site)], signal.SIGKILL)
    whole = create(user, 5)
    with open(Store(site, whole).part, "ab") as part:
        part.write(b"12345")
    kill_and_wait(site, [checker_pid(site)], signal.SIGKILL)
    wait_for("the sweep", Store(site, whole).video_rows)
    assert Store(site, path).video_rows() == [] and Store(site, path).received() == 5
    assert delete(user, path).status == 204
    assert files_of(site, path) == []


@contextlib.contextmanager
def checker_stopped(site):
    """Nobody goes on with what a request has left."""
    pid = checker_pid(site)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def join_and_die(site, user, paths, failpoint):
    """The final upload that a program which died has left, or None."""
    DyingProgram(site, failpoint).request(user, "POST", "/uploads", {"Upload-Concat": "final;" + " ".join(paths)})
    rows = site.sql("SELECT id FROM upload WHERE user_id = %s AND kind = 'final' ORDER BY created_at DESC",
                    int(user.user_id))
    return f"/uploads/{rows[0][0]}" if rows else None


def test_an_upload_that_is_being_joined(site, user):
    contents = [random_bytes(100_000) for _ in range(3)]
    paths = [partial(user, data) for data in contents]
    with checker_stopped(site):
        final = join_and_die(site, user, paths, "join_copied:2")
        store = Store(site, final)
        lock = open(store.part, "rb")
        fcntl.flock(lock, fcntl.LOCK_EX)
    with lock:  # as somebody has it who joins for long
        assert store.received() == 200_000
        answer = head(user, final)
        assert answer.status == 200 and answer.headers["Upload-Length"] == "300000"
        assert "Upload-Offset" not in answer.headers and "Spg-Video-Id" not in answer.headers
        assert answer.headers["Upload-Concat"].startswith("final;")
        answer = patch(user, final, 200_000, b"x")
        assert answer.status == 403 and "Upload-Offset" not in answer.headers
        # Its parts are needed no more: what it is made of is its own.
        assert delete(user, paths[1]).status == 204
        site.sql("UPDATE upload SET expires_at = now() - interval '1 s' WHERE id = %s", Store(site, paths[2]).id)
        assert site.run("janitor").returncode == 0
        assert files_of(site, paths[1]) == files_of(site, paths[2]) == []
        assert store.received() == 200_000
    wait_for("joined", lambda: store.sidecar()["video_id"])
    wait_for("parts removed", lambda: len(files_of(site, final)) == 1)
    store.assert_holds(b"".join(contents))
    assert head(user, final).headers["Upload-Offset"] == "300000"
    assert patch(user, final, 300_000).status == 403
    assert_parts_are_gone(site, user, paths, final)


def test_an_upload_that_is_being_joined_may_be_given_up(site, user):
    paths = [partial(user, b"a" * 1000), partial(user, b"b" * 1000)]
    with checker_stopped(site):
        final = join_and_die(site, user, paths, "join_copied")
        assert site.sql("SELECT count(joined_at) FROM upload WHERE user_id = %s", int(user.user_id)) == [(2,)]
        assert delete(user, final).status == 204
        assert files_of(site, final) == [] and head(user, final).status == 404
    assert site.sql("SELECT count(*), count(joined_at) FROM upload WHERE user_id = %s", int(user.user_id)) == [(2, 0)]
    answer = join(user, paths)
    assert answer.status == 201
    Store(site, answer.headers["Location"]).assert_holds(b"a" * 1000 + b"b" * 1000)


def test_an_upload_whose_joining_expires_goes_with_its_links(site, user):
    paths = [partial(user, b"a" * 1000), partial(user, b"b" * 1000)]
    with checker_stopped(site):
        final = join_and_die(site, user, paths, "join_copied")
        assert len(files_of(site, final)) == 4
        site.sql("UPDATE upload SET expires_at = now() - interval '1 s' WHERE id = %s", Store(site, final).id)
        Store(site, final).change_sidecar(expires_at=1)
        assert head(user, final).status == 410
        assert site.run("janitor").returncode == 0
        assert files_of(site, final) == [] and len(files_of(site, paths[0])) == 2
    assert head(user, final).status == 404


@pytest.mark.parametrize("failpoint", ["upload_part_linked", "upload_create_before_commit"])
def test_a_crash_while_a_final_upload_is_made_leaves_the_parts(site, user, failpoint):
    paths = [partial(user, b"a" * 1000), partial(user, b"b" * 1000)]
    before = set(os.listdir(site.dir / "media/parts"))
    assert join_and_die(site, user, paths, failpoint) is None
    left = set(os.listdir(site.dir / "media/parts")) - before
    assert left
    for name in left:
        os.utime(site.dir / "media/parts" / name, (1, 1))
    assert site.run("janitor").returncode == 0
    assert not left & set(os.listdir(site.dir / "media/parts"))
    for path in paths:
        assert offset_of(user, path) == 1000
    answer = join(user, paths)
    assert answer.status == 201
    Store(site, answer.headers["Location"]).assert_holds(b"a" * 1000 + b"b" * 1000)


@pytest.mark.parametrize("failpoint", [
    "upload_final_created", "join_copied", "join_copied:3", "part_sync:4", "part_seal_before_rename",
    "part_seal_after_rename", "upload_record_before_row", "upload_record_after_row", "upload_record_after_note",
    "upload_parts_rows_gone", "upload_parts_files_gone"])
def test_a_crash_at_any_step_of_joining_makes_one_video(site, user, failpoint):
    contents = [random_bytes(70_000 + n) for n in range(3)]
    paths = [partial(user, data) for data in contents]
    final = join_and_die(site, user, paths, failpoint)
    store = Store(site, final)
    # What the joining thread has no reason to look at is found by the sweep at the start.
    kill_and_wait(site, [checker_pid(site)], signal.SIGKILL)
    wait_for("noted", lambda: store.sidecar()["video_id"])
    wait_for("parts removed", lambda: not store.sidecar().get("parts"))
    store.assert_holds(b"".join(contents))
    assert head(user, final).headers["Spg-Video-Id"] == str(store.video_rows()[0][0])
    assert_parts_are_gone(site, user, paths, final)


def test_joining_goes_on_without_the_database_and_ends_with_it(site, user):
    paths = [partial(user, b"a" * 1000), partial(user, b"b" * 1000)]
    with checker_stopped(site):
        final = join_and_die(site, user, paths, "upload_final_created")
    with database_away(site):
        answer = head(user, final)
        assert answer.status == 200 and "Upload-Offset" not in answer.headers
        assert join(user, paths).status == 503
    store = Store(site, final)
    wait_for("joined", lambda: store.sidecar()["video_id"])
    store.assert_holds(b"a" * 1000 + b"b" * 1000)


# ---------------------------------------------------------------- limits of a user

def fill_storage(site, user, room):
    """Videos that leave so many bytes of the user's storage."""
    rest = int(site.sql("SELECT 50 * 1000000000::bigint - coalesce(sum(size), 0)::bigint FROM video WHERE user_id = %s",
                        int(user.user_id))[0][0]) - room
    while rest > 0:
        size = min(rest, MAX_SIZE)
        add_videos(site, user, 1, size)
        rest -= size


def add_videos(site, user, count, size=0, state="ready"):
    site.sql("INSERT INTO video (user_id, file, size, state) SELECT %s, left(%s || n || repeat('x', 22), 22), %s, %s"
             " FROM generate_series(1, %s) AS n", int(user.user_id), secrets.token_hex(8), size, state, count)


def refused(answer, status, code, *words):
    assert answer.status == status and answer.json()["code"] == code, answer
    for word in words:
        assert word in answer.json()["detail"], answer
    return answer


def made_a_video(site, path):
    """What was sent is no video and would soon be refused, and so take no storage: as if it were one."""
    store = Store(site, path)
    wait_for("the check", lambda: store.video_rows()[0][1] == "refused")
    site.sql("UPDATE video SET state = 'ready', reason_code = NULL, reason_message = NULL WHERE file = %s", store.id)


def test_storage_is_limited(site, user, other_user):
    fill_storage(site, user, 1000)
    refused(post(user, 1001), 413, "quota_storage", "50.0 GB of 50.0 GB", "Delete videos")
    path = create(user, 600)
    refused(post(user, 401), 413, "quota_storage")
    assert patch(user, path, 0, b"x" * 600).status == 204
    made_a_video(site, path)
    refused(post(user, 401), 413, "quota_storage")
    assert delete(user, create(user, 400)).status == 204
    path = create(user, 400)
    assert patch(user, path, 0, b"x" * 400).status == 204
    made_a_video(site, path)
    refused(post(user, 1), 413, "quota_storage")
    refused(post(user, Upload_Defer_Length="1"), 413, "quota_storage")
    assert post(other_user, 1001).status == 201
    site.sql("UPDATE video SET deleted_at = now() WHERE user_id = %s AND size = 400", int(user.user_id))
    assert post(user, 400).status == 201


def test_refused_videos_take_no_storage_and_expired_uploads_neither(site, user):
    fill_storage(site, user, 1000)
    add_videos(site, user, 3, MAX_SIZE, state="refused")
    path = create(user, 1000)
    refused(post(user, 1000), 413, "quota_storage")
    site.sql("UPDATE upload SET expires_at = now() WHERE id = %s", Store(site, path).id)
    assert post(user, 1000).status == 201


def test_an_open_length_reserves_what_there_is(site, user):
    fill_storage(site, user, 1000)
    path = create_open(user)
    store = Store(site, path)
    assert store.upload_rows()[0][1] == 1000
    refused(post(user, 1), 413, "quota_storage")
    refused(patch(user, path, 0, b"x" * 1001), 413, "quota_storage", "1000 bytes")
    refused(patch(user, path, 0, b"", Upload_Length="1001"), 413, "quota_storage")
    sender = Sender(site, user, path, None, chunked=True)
    sender.send(b"x" * 1001)
    sender.send(b"")
    assert sender.answer()[0] == 413
    assert offset_of(user, path) == 1000
    assert delete(user, path).status == 204
    path = create_open(user)
    assert patch(user, path, 0, b"x", Upload_Length="600").status == 204
    assert post(user, 400).status == 201
    refused(post(user, 1), 413, "quota_storage")


def test_parts_are_counted_once(site, user):
    fill_storage(site, user, 1000)
    paths = [partial(user, b"x" * 500), partial(user, b"y" * 500)]
    refused(post(user, 1), 413, "quota_storage")
    answer = join(user, paths)
    assert answer.status == 201 and answer.headers["Spg-Video-Id"]
    made_a_video(site, answer.headers["Location"])
    refused(post(user, 1), 413, "quota_storage")
    # A part that is used twice weighs twice.
    fill_storage(site, user, 0)
    site.sql("UPDATE video SET size = size - 1000 WHERE id = (SELECT min(id) FROM video WHERE user_id = %s)",
             int(user.user_id))
    path = partial(user, b"x" * 600)
    before = sorted(os.listdir(site.dir / "media/parts"))
    refused(join(user, [path, path]), 413, "quota_storage")
    assert sorted(os.listdir(site.dir / "media/parts")) == before
    assert site.sql("SELECT joined_at FROM upload WHERE id = %s", Store(site, path).id) == [(None,)]


def test_videos_are_limited(site, user):
    add_videos(site, user, 1998)
    first = create(user, 5)
    assert create(user, 5, Upload_Concat="partial")
    assert post(user, 5).status == 201
    refused(post(user, 5), 413, "quota_videos", "2000")
    assert patch(user, first, 0, b"12345").status == 204
    refused(post(user, 5), 413, "quota_videos", "2000")
    refused(join(user, [partial(user, b"x")]), 413, "quota_videos")
    site.sql("UPDATE video SET deleted_at = now() WHERE id = (SELECT min(id) FROM video WHERE user_id = %s)",
             int(user.user_id))
    assert join(user, [partial(user, b"x")]).status == 201


def test_uploads_a_day_are_limited(site, user, other_user):
    assert delete(user, create(user, 5)).status == 204
    path = partial(user, b"x")
    rows = "SELECT day = (now() AT TIME ZONE 'UTC')::date, uploads FROM upload_day WHERE user_id = %s"
    assert site.sql(rows, int(user.user_id)) == [(True, 2)]
    assert join(user, [path]).status == 201
    assert site.sql(rows, int(user.user_id)) == [(True, 2)], "its parts have been counted"
    site.sql("UPDATE upload_day SET uploads = 499 WHERE user_id = %s", int(user.user_id))
    assert post(user, 5).status == 201
    answer = refused(post(user, 5), 429, "quota_uploads", "500")
    assert 0 < int(answer.headers["Retry-After"]) <= 24 * 3600
    assert post(other_user, 5).status == 201
    site.sql("UPDATE upload_day SET day = day - 1 WHERE user_id = %s", int(user.user_id))
    assert post(user, 5).status == 201


def test_uploads_under_way_are_limited(site, user, other_user):
    paths = [create(user, 5) for _ in range(60)]
    answer = refused(post(user, 5), 429, "too_many_uploads", "60")
    assert int(answer.headers["Retry-After"]) > 0
    assert post(other_user, 5).status == 201
    assert delete(user, paths[0]).status == 204
    paths[0] = create(user, 5)
    assert patch(user, paths[1], 0, b"12345").status == 204
    assert post(user, 5).status == 201


@pytest.mark.parametrize("length, fit", [(5, 60), (250, 4)])
def test_many_creations_at_once_do_not_pass_a_limit(site, user, length, fit):
    fill_storage(site, user, 1000)
    statuses = []
    threads = [threading.Thread(target=lambda: statuses.append(post(user, length).status)) for _ in range(fit + 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201] * fit + [429 if fit == 60 else 413] * 10


def test_limits_may_be_lifted(site, user):
    """A program without them gets as far as the row."""
    add_videos(site, user, 2000)
    fill_storage(site, user, 0)
    site.sql("INSERT INTO upload_day (user_id, day, uploads) VALUES (%s, (now() AT TIME ZONE 'UTC')::date, 500)",
             int(user.user_id))
    refused(post(user, 5), 413, "quota_storage")
    with site.configured(user_videos=0, user_storage_gb=0, user_uploads_per_day=0):
        DyingProgram(site, "upload_create_before_commit").request(user, "POST", "/uploads", {"Upload-Length": "5"})
    refused(post(user, 5), 413, "quota_storage")


@pytest.mark.parametrize("length", [{"Upload-Length": "5"}, {"Upload-Defer-Length": "1"}])
def test_disk_space_is_reserved(site, user, length):
    with site.configured(media_reserve_gb=100000):
        answer = DyingProgram(site, "upload_create_before_commit").ask(user, "POST", "/uploads", length)
    assert "Status: 507" in answer and "Retry-After: " in answer and '"disk_full"' in answer, answer
    assert site.sql("SELECT count(*) FROM upload WHERE user_id = %s", int(user.user_id)) == [(0,)]
