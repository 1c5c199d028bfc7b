"""Uploads by tus 1.0, from outside: what every request answers, and what is left after every fault."""
import base64
import os
import re
import signal
import socket
import threading
import time
import urllib.parse

import pytest

from spg_site import wait_for
from spg_uploads import (BYTES, MAX_SIZE, TUS, DyingProgram, Sender, Store, backend_pids, checker_pid, create,
                         database_away, delete, head, kill_and_wait, offset_of, patch, post, program_pids, random_bytes)


# ---------------------------------------------------------------- discovery and version

@pytest.mark.parametrize("version", [None, "0.2.2", "1.0.1", "1.0.0, 1.0.0", ""])
def test_another_version_is_refused_and_nothing_happens(site, user, version):
    path = create(user, 10)
    headers = {"Tus-Resumable": version, "Upload-Length": "5", "Upload-Offset": "0", "Content-Type": BYTES}
    before = site.sql("SELECT count(*) FROM upload")
    for method, target, body in (("POST", "/uploads", None), ("HEAD", path, None),
                                 ("PATCH", path, b"12345"), ("DELETE", path, None)):
        answer = user.request(method, target, headers=headers, body=body)
        assert answer.status == 412, (method, answer)
        assert answer.headers["Tus-Version"] == "1.0.0"
    assert site.sql("SELECT count(*) FROM upload") == before
    assert offset_of(user, path) == 0


def test_every_answer_has_the_headers_of_the_protocol(site, user):
    path = create(user, 5)
    answers = [
        post(user, 5), post(user, "x"), post(user, MAX_SIZE + 1), post(user),
        head(user, path), head(user, "/uploads/" + "A" * 22), head(user, "/uploads/short"),
        patch(user, path, 3, b"x"), patch(user, path, 0, b"123456"), patch(user, path, "x"),
        user.request("PATCH", path, headers={**TUS, "Upload-Offset": "0"}, body=b"x"),
        user.request("PATCH", "/uploads", headers=TUS), user.request("GET", path, headers=TUS),
        user.request("HEAD", "/uploads", headers=TUS), user.request("HEAD", "/uploads/", headers=TUS),
        site.request("POST", "/uploads", headers=TUS), site.request("HEAD", path, headers=TUS),
        patch(user, path, 0, b"12345"), delete(user, path), delete(user, "/uploads/" + "A" * 22),
    ]
    for answer in answers:
        assert answer.headers.get_all("Tus-Resumable") == ["1.0.0"], answer
        assert answer.headers.get_all("Cache-Control") == ["no-store"], answer
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        if answer.status >= 400 and answer.body:
            problem = answer.json()
            assert problem["status"] == answer.status and problem["detail"], problem


# ---------------------------------------------------------------- creation

def test_creation_makes_row_and_files(site, user):
    metadata = "filename " + base64.b64encode("Ferien in Łódź.mp4".encode()).decode() + ",draft"
    path = create(user, 1234, Upload_Metadata=metadata)
    store = Store(site, path)
    assert store.upload_rows() == [(int(user.user_id), 1234, "Ferien in Łódź.mp4", None, None)]
    assert store.part.stat().st_size == 0 and store.part.stat().st_mode & 0o777 == 0o660
    sidecar = store.sidecar()
    assert sidecar["length"] == 1234 and sidecar["metadata"] == metadata
    for secret in user.cookies.values():
        assert secret not in store.info.read_text()
    answer = head(user, path)
    assert answer.headers["Upload-Metadata"] == metadata
    assert answer.headers["Upload-Length"] == "1234" and answer.headers["Upload-Offset"] == "0"


@pytest.mark.parametrize("length", ["-1", "+5", "0x10", "1e3", "ten", "5.0", "5,5", "9223372036854775808",
                                    "99999999999999999999999999", ""])
def test_a_length_that_is_no_number_is_refused(user, length):
    assert post(user, length).status == 400


@pytest.mark.parametrize("length", [MAX_SIZE + 1, 2**32 - 1, 2**32, 2**63 - 1])
def test_a_length_above_the_limit_is_refused(user, length):
    assert post(user, length).status == 413


def test_the_largest_length_is_taken(user):
    assert delete(user, create(user, MAX_SIZE)).status == 204


def test_lengths_that_contradict_each_other_are_refused(site, user):
    assert post(user).status == 400
    assert post(user, 5, Upload_Defer_Length="1").status == 400
    assert post(user, Upload_Defer_Length="2").status == 400
    address = urllib.parse.urlsplit(site.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as raw:
        lines = ["POST /uploads HTTP/1.1", f"Host: {address.netloc}", "Tus-Resumable: 1.0.0", "Content-Length: 0",
                 "Upload-Length: 5", "Upload-Length: 6", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in user.headers.items()]
        raw.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        assert raw.recv(65536).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("metadata, name", [
    ("", ""),
    ("draft", ""),
    ("draft ", ""),
    ("filename aGVsbG8udHh0", "hello.txt"),
    ("name aGVsbG8udHh0", "hello.txt"),
    ("name b3RoZXI=,filename aGVsbG8udHh0", "hello.txt"),
    ("draft, filename aGVsbG8udHh0 ,x YQ==", "hello.txt"),
    ("filename " + base64.b64encode(b"../../etc/passwd").decode(), "passwd"),
    ("filename " + base64.b64encode(b"C:\\videos\\a.mp4").decode(), "a.mp4"),
    ("filename " + base64.b64encode(b"a\r\nSet-Cookie: x").decode(), "a  Set-Cookie: x"),
    ("filename " + base64.b64encode(b"a\0b").decode(), ""),
    ("filename " + base64.b64encode(b"\xff\xfe").decode(), ""),
    ("filename " + base64.b64encode("ж".encode() * 200).decode(), "ж" * 127),
])
def test_metadata_is_kept_as_given_and_the_name_made_harmless(site, user, metadata, name):
    path = create(user, 5, Upload_Metadata=metadata)
    assert Store(site, path).upload_rows()[0][2] == name
    assert (head(user, path).headers["Upload-Metadata"] or "") == metadata.strip()


@pytest.mark.parametrize("metadata", [
    "a YQ==,a YQ==", " ,a YQ==", "a YQ==,", ",", "a YQ", "a Y===", "a YQ=a", "a Y Q==", "a !!!!", "a _-__",
    "ключ YQ==", "a " + "QUFB" * 1100,
])
def test_metadata_that_is_malformed_is_refused(site, user, metadata):
    answer = site.request("POST", "/uploads", user=user, headers={
        **TUS, "Upload-Length": "5", "Upload-Metadata": metadata.encode().decode("latin-1")})
    assert answer.status == 400, answer


def test_an_empty_upload_is_finished_at_once(site, user):
    answer = post(user, 0)
    assert answer.status == 201 and answer.headers["Upload-Offset"] == "0"
    store = Store(site, answer.headers["Location"])
    assert [str(row[0]) for row in store.video_rows()] == [answer.headers["Spg-Video-Id"]]
    wait_for("refused", lambda: store.video_rows()[0][1] == "refused")


def test_creation_needs_session_and_token(site, user):
    headers = {**TUS, "Upload-Length": "5"}
    cookie = {"Cookie": user.headers["Cookie"]}
    assert site.request("POST", "/uploads", headers=headers).status == 401
    strange = {"Cookie": "__Host-spg=" + "A" * 43, "X-CSRF-Token": "A" * 43}
    assert site.request("POST", "/uploads", headers={**headers, **strange}).status in (401, 403)
    assert site.request("POST", "/uploads", headers={**headers, **cookie}).status == 403
    assert site.request("POST", "/uploads", headers={**headers, **cookie, "X-CSRF-Token": "A" * 43}).status == 403
    for sign in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        assert user.request("POST", "/uploads", headers={**headers, **sign}).status == 403
    own = {"Origin": site.config["public_url"], "Sec-Fetch-Site": "same-origin"}
    assert user.request("POST", "/uploads", headers={**headers, **own}).status == 201


# ---------------------------------------------------------------- creation with upload

def test_creation_may_bring_a_part_of_the_bytes(site, user):
    data = random_bytes(300_000)
    answer = post(user, len(data), body=data[:100_000], Content_Type=BYTES)
    assert answer.status == 201 and answer.headers["Upload-Offset"] == "100000"
    assert answer.headers["Upload-Expires"]
    path = answer.headers["Location"]
    assert patch(user, path, 100_000, data[100_000:]).status == 204
    Store(site, path).assert_holds(data)


def test_creation_may_bring_all_bytes(site, user):
    data = random_bytes(70_000)
    answer = post(user, len(data), body=data, Content_Type=BYTES)
    assert answer.status == 201 and answer.headers["Upload-Offset"] == str(len(data))
    store = Store(site, answer.headers["Location"])
    assert str(store.video_rows()[0][0]) == answer.headers["Spg-Video-Id"]
    store.assert_holds(data)


def test_creation_with_more_bytes_than_announced_makes_nothing(site, user):
    before = site.sql("SELECT count(*) FROM upload")
    assert post(user, 5, body=b"123456", Content_Type=BYTES).status == 413
    assert site.sql("SELECT count(*) FROM upload") == before


def test_a_body_of_another_type_is_ignored_at_creation(user):
    answer = post(user, 5, body=b"12345", Content_Type="text/plain")
    assert answer.status == 201 and answer.headers["Upload-Offset"] == "0"


def test_creation_that_breaks_off_keeps_what_came(site, user):
    sender = Sender(site, user, "/uploads", 1_000_000, method="POST", Upload_Length="1000000")
    sender.send(b"x" * 200_000)
    rows = wait_for("row", lambda: site.sql("SELECT id FROM upload WHERE user_id = %s", int(user.user_id)))
    store = Store(site, f"/uploads/{rows[0][0]}")
    wait_for("bytes", lambda: store.received() == 200_000)
    sender.rst()
    assert offset_of(user, f"/uploads/{store.id}") == 200_000


# ---------------------------------------------------------------- PATCH

def test_bytes_come_in_pieces(site, user):
    data = random_bytes(1_000_000)
    path = create(user, len(data))
    at = 0
    for size in (1, 8191, 8192, 8193, 65535, 65536, 65537, 300_000):
        answer = patch(user, path, at, data[at:at + size])
        at += size
        assert answer.status == 204 and answer.headers["Upload-Offset"] == str(at)
        assert answer.headers["Upload-Expires"] and "Spg-Video-Id" not in answer.headers
    answer = patch(user, path, at, data[at:])
    assert answer.status == 204 and answer.headers["Upload-Offset"] == str(len(data))
    store = Store(site, path)
    assert str(store.video_rows()[0][0]) == answer.headers["Spg-Video-Id"]
    assert "Upload-Expires" not in answer.headers
    store.assert_holds(data)
    assert store.video.stat().st_mode & 0o777 == 0o644


def test_the_same_bytes_twice_do_no_harm(site, user):
    data = random_bytes(100_000)
    path = create(user, len(data))
    assert patch(user, path, 0, data[:60_000]).status == 204
    answer = patch(user, path, 0, data[:60_000])
    assert answer.status == 409 and answer.headers["Upload-Offset"] == "60000"
    assert patch(user, path, 60_001, b"x").status == 409
    assert patch(user, path, 2**31, b"x").status == 409
    assert patch(user, path, 2**32 + 60_000, b"x").status == 409
    assert patch(user, path, 2**63 - 1, b"x").status == 409
    assert offset_of(user, path) == 60_000
    assert patch(user, path, 60_000, data[60_000:]).status == 204
    Store(site, path).assert_holds(data)


@pytest.mark.parametrize("offset", ["-1", "+1", "x", "1.0", "0x0", "9223372036854775808", "", None])
def test_an_offset_that_is_no_number_is_refused(user, offset):
    path = create(user, 5)
    headers = {**TUS, "Content-Type": BYTES, "Upload-Offset": offset}
    assert user.request("PATCH", path, headers=headers, body=b"12345").status == 400
    assert offset_of(user, path) == 0


@pytest.mark.parametrize("content_type", [None, "application/octet-stream", "text/plain", BYTES + "x"])
def test_another_content_type_is_refused(user, content_type):
    path = create(user, 5)
    headers = {**TUS, "Content-Type": content_type, "Upload-Offset": "0"}
    assert user.request("PATCH", path, headers=headers, body=b"12345").status == 415
    assert offset_of(user, path) == 0


def test_more_bytes_than_announced_write_nothing(user):
    path = create(user, 10)
    assert patch(user, path, 0, b"1234").status == 204
    answer = patch(user, path, 4, b"5678901")
    assert answer.status == 413 and answer.headers["Upload-Offset"] == "4"
    assert offset_of(user, path) == 4


@pytest.mark.parametrize("declared", [2**31, 2**32 + 1, 2**40])
def test_a_declared_length_beyond_any_border_writes_nothing(site, user, declared):
    path = create(user, 10)
    sender = Sender(site, user, path, declared)
    assert sender.answer()[0] == 413
    sender.fin()
    assert offset_of(user, path) == 0


def test_chunked_bytes_are_taken(site, user):
    data = random_bytes(500_000)
    path = create(user, len(data))
    sender = Sender(site, user, path, None, chunked=True)
    for at in range(0, len(data), 70_000):
        sender.send(data[at:at + 70_000])
    sender.send(b"")
    status, headers = sender.answer()
    assert status == 204 and headers["upload-offset"] == str(len(data)) and headers["spg-video-id"]
    Store(site, path).assert_holds(data)


def test_chunked_bytes_beyond_the_length_are_not_kept(site, user):
    data = random_bytes(200_000)
    path = create(user, len(data))
    sender = Sender(site, user, path, None, chunked=True)
    sender.send(data + b"more than was announced")
    sender.send(b"")
    status, headers = sender.answer()
    assert status == 413 and headers["upload-offset"] == str(len(data)) and headers["spg-video-id"]
    Store(site, path).assert_holds(data)


def test_an_empty_patch_changes_nothing(user):
    path = create(user, 5)
    for offset, body in ((0, b""), (0, b"123"), (3, b"")):
        answer = patch(user, path, offset, body)
        assert answer.status == 204
    assert answer.headers["Upload-Offset"] == "3"


def test_a_finished_upload_stays_as_it_is(site, user):
    path = create(user, 5)
    video_id = patch(user, path, 0, b"12345").headers["Spg-Video-Id"]
    for answer in (patch(user, path, 5), head(user, path)):
        assert answer.status in (200, 204) and answer.headers["Upload-Offset"] == "5"
        assert answer.headers["Spg-Video-Id"] == video_id
    assert patch(user, path, 5, b"6").status == 413
    answer = patch(user, path, 0, b"12345")
    assert answer.status == 409 and answer.headers["Upload-Offset"] == "5"
    answer = delete(user, path)
    assert answer.status == 409 and answer.json()["code"] == "upload_finished"
    Store(site, path).assert_holds(b"12345")


def test_the_method_may_be_overridden(site, user):
    path = create(user, 5)

    def override(method, real="POST", target=path, **kwargs):
        headers = {**TUS, "X-HTTP-Method-Override": method, **kwargs.pop("headers", {})}
        return user.request(real, target, headers=headers, **kwargs)
    answer = override("PATCH", headers={"Upload-Offset": "0", "Content-Type": BYTES}, body=b"123")
    assert answer.status == 204 and answer.headers["Upload-Offset"] == "3"
    answer = override("HEAD")
    assert answer.status == 200 and answer.headers["Upload-Offset"] == "3" and answer.body == b""
    answer = override("PATCH", real="GET", headers={"Upload-Offset": "3", "Content-Type": BYTES}, body=b"4")
    assert answer.status == 204 and answer.headers["Upload-Offset"] == "4"
    before = site.sql("SELECT count(*) FROM upload")
    assert override("PATCH", target="/uploads", headers={"Upload-Length": "5"}).status == 405
    assert override("PURGE", target="/uploads", headers={"Upload-Length": "5"}).status == 405
    assert override("PURGE").status == 405
    assert site.sql("SELECT count(*) FROM upload") == before
    assert override("POST", real="PATCH", target="/uploads", headers={"Upload-Length": "5"}).status == 201
    assert override("DELETE").status == 204
    assert head(user, path).status == 404


# ---------------------------------------------------------------- whose it is

@pytest.mark.parametrize("name", [
    "A" * 22, "A" * 21, "A" * 23, "...", "-", "A" * 20 + "..", "A" * 21 + "%00", "A" * 21 + "%2F",
    "%c0%ae%c0%ae", "A" * 21 + ":", "A" * 21 + ".", "A" * 22 + ".part", "A" * 22 + ".info", "a/b", "%0d%0aX:y",
])
def test_addresses_that_name_no_upload(user, name):
    for answer in (head(user, f"/uploads/{name}"), patch(user, f"/uploads/{name}", 0, b"x"),
                   delete(user, f"/uploads/{name}")):
        assert answer.status in (400, 404, 405), (name, answer)


def test_nobody_reaches_another_users_upload(site, user, other_user):
    path = create(user, 1000)
    sender = Sender(site, user, path, 1000)
    sender.send(b"a" * 300)
    store = Store(site, path)
    wait_for("bytes", lambda: store.received() == 300)
    for answer in (head(other_user, path), patch(other_user, path, 300, b"evil"), delete(other_user, path)):
        assert answer.status == 404 and "Upload-Offset" not in answer.headers
    sender.send(b"a" * 700)
    assert sender.answer()[0] == 204, "the owner's request was not disturbed"
    for answer in (head(other_user, path), patch(other_user, path, 1000), delete(other_user, path)):
        assert answer.status == 404 and "Spg-Video-Id" not in answer.headers
    store.assert_holds(b"a" * 1000)


def test_an_upload_needs_a_session_and_no_foreign_site(site, user):
    path = create(user, 10)
    bytes_headers = {**TUS, "Upload-Offset": "0", "Content-Type": BYTES}
    for cookie in ({}, {"Cookie": "__Host-spg=" + "A" * 43}, {"Cookie": "__Host-spg=short"}):
        for method, body in (("HEAD", None), ("PATCH", b"12345"), ("DELETE", None)):
            assert site.request(method, path, headers={**bytes_headers, **cookie}, body=body).status == 401
    cookie = {"Cookie": user.headers["Cookie"]}
    for sign in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"X-CSRF-Token": "A" * 43}):
        for method, body in (("PATCH", b"12345"), ("DELETE", None)):
            assert site.request(method, path, headers={**bytes_headers, **cookie, **sign}, body=body).status == 403
    assert offset_of(user, path) == 0
    assert site.request("PATCH", path, headers={**bytes_headers, **cookie}, body=b"12345").status == 204


def sign_out(site, user):
    site.sql("DELETE FROM session WHERE user_id = %s", int(user.user_id))


def test_a_session_that_has_ended_is_found_out_within_a_minute(site, user):
    path = create(user, 10)
    store = Store(site, path)
    sign_out(site, user)
    store.age_sessions(61)
    for answer in (patch(user, path, 0, b"12345"), head(user, path), delete(user, path)):
        assert answer.status == 401
    assert store.sidecar()["sessions"] == [], "it does not pass later either, while the database is away"


def test_a_second_session_of_the_owner_may_continue(site, user, other_user):
    path = create(user, 10)
    assert patch(user, path, 0, b"12345").status == 204
    site.sql("UPDATE session SET user_id = %s WHERE user_id = %s", int(user.user_id), int(other_user.user_id))
    answer = patch(other_user, path, 5, b"67890")
    assert answer.status == 204 and answer.headers["Spg-Video-Id"]
    assert len(Store(site, path).sidecar()["sessions"]) == 2


def test_signing_out_ends_a_running_request(site, user):
    path = create(user, 1_000_000)
    store = Store(site, path)
    store.age_sessions(55)
    sender = Sender(site, user, path, 1_000_000)
    sender.send(b"x" * 100_000)
    wait_for("bytes", lambda: store.received() == 100_000)
    sign_out(site, user)
    status, _ = sender.answer(timeout=20)
    assert status in (401, 503, None)
    wait_for("session forgotten", lambda: store.sidecar()["sessions"] == [])
    assert store.received() == 100_000


def test_a_long_request_keeps_session_and_upload_alive(site, user):
    path = create(user, 1_000_000)
    store = Store(site, path)
    store.age_sessions(55)
    store.change_sidecar(expires_at=int(time.time()) + 3)
    site.sql("UPDATE upload SET expires_at = now() + interval '1 hour' WHERE id = %s", store.id)
    sender = Sender(site, user, path, 1_000_000)
    sender.send(b"x" * 100_000)

    def extended():
        return site.sql("SELECT expires_at > now() + interval '23 hours' FROM upload WHERE id = %s", store.id)[0][0]
    wait_for("row kept for longer", extended, timeout=20)
    assert offset_of(user, path) == 100_000
    assert store.sidecar()["expires_at"] > time.time() + 23 * 3600


# ---------------------------------------------------------------- expiry and termination

def test_expiry_is_told_and_kept(site, user):
    answer = post(user, 10)
    path = answer.headers["Location"]
    expires = time.mktime(time.strptime(answer.headers["Upload-Expires"], "%a, %d %b %Y %H:%M:%S GMT")) - time.timezone
    assert abs(expires - time.time() - 24 * 3600) < 60
    store = Store(site, path)
    store.change_sidecar(expires_at=int(time.time()) - 1)
    for answer in (head(user, path), patch(user, path, 0, b"12345"), delete(user, path)):
        assert answer.status == 410
        assert "Upload-Offset" not in answer.headers
    assert store.received() == 0


def test_a_finished_upload_does_not_expire(site, user):
    path = create(user, 5)
    assert patch(user, path, 0, b"12345").status == 204
    Store(site, path).change_sidecar(expires_at=int(time.time()) - 1)
    assert head(user, path).status == 200 and patch(user, path, 5).status == 204


def test_termination_removes_everything(site, user):
    path = create(user, 10)
    store = Store(site, path)
    assert patch(user, path, 0, b"12345").status == 204
    assert delete(user, path).status == 204
    assert not store.part.exists() and not store.info.exists() and not store.want.exists()
    assert store.upload_rows() == []
    for answer in (head(user, path), patch(user, path, 5, b"67890"), delete(user, path)):
        assert answer.status == 404


def test_termination_ends_a_running_request(site, user):
    path = create(user, 1_000_000)
    sender = Sender(site, user, path, 1_000_000)
    sender.send(b"x" * 100_000)
    store = Store(site, path)
    wait_for("bytes", lambda: store.received() == 100_000)
    started = time.monotonic()
    assert delete(user, path).status == 204
    assert time.monotonic() - started < 1.5
    assert sender.answer()[0] in (503, None)
    assert store.received() is None and not store.info.exists()
    assert head(user, path).status == 404


# ---------------------------------------------------------------- connections that break

@pytest.mark.parametrize("fault", ["fin", "rst", "stall"])
@pytest.mark.parametrize("chunked", [False, True])
def test_bytes_before_a_broken_connection_are_kept(site, user, fault, chunked):
    data = random_bytes(2_000_000)
    path = create(user, len(data))
    store = Store(site, path)
    sender = Sender(site, user, path, len(data), chunked=chunked)
    sender.send(data[:1_234_567])
    wait_for("bytes", lambda: store.received() == 1_234_567)
    if fault != "stall":
        getattr(sender, fault)()
    # A stalled connection is still there: the newcomer has to take the upload from it.
    offset = offset_of(user, path)
    assert offset == 1_234_567
    assert patch(user, path, offset, data[offset:]).status == 204
    store.assert_holds(data)


@pytest.mark.parametrize("fault", ["fin", "rst"])
def test_a_connection_that_breaks_in_full_flight_resumes_exactly(site, user, fault):
    data = random_bytes(20_000_000)
    path = create(user, len(data))
    store = Store(site, path)
    at, breaks = 0, 0
    while at < len(data):
        sender = Sender(site, user, path, len(data) - at, offset=at)
        sender.send(data[at:at + 3_000_001])
        if at + 3_000_001 >= len(data):
            assert sender.answer()[0] == 204
            break
        # The rest is on its way, somewhere between the client's socket and the disk.
        wait_for("bytes", lambda: store.received() > at + 1_000_000, pause=0.001)
        getattr(sender, fault)()
        breaks += 1
        new = offset_of(user, path)
        assert at + 1_000_000 < new <= at + 3_000_001
        at = new
    assert breaks > 3
    store.assert_holds(data)


@pytest.mark.parametrize("newcomer", ["HEAD", "PATCH"])
def test_a_newcomer_takes_over_within_a_second(site, user, newcomer):
    data = random_bytes(1_000_000)
    path = create(user, len(data))
    store = Store(site, path)
    for _ in range(5):
        at = store.received()
        sender = Sender(site, user, path, len(data) - at, offset=at)
        sender.send(data[at:at + 100_000])
        wait_for("bytes", lambda: store.received() == at + 100_000)
        started = time.monotonic()
        if newcomer == "HEAD":
            assert offset_of(user, path) == at + 100_000
        else:
            assert patch(user, path, at + 100_000).status == 204
        assert time.monotonic() - started < 1
        assert sender.answer()[0] in (503, None)
        assert not store.want.exists()
    at = store.received()
    assert patch(user, path, at, data[at:]).status == 204
    store.assert_holds(data)


def test_two_writers_never_mix(site, user):
    """Many clients send the same upload at once, each from where it is told to; the file stays exact."""
    data = random_bytes(3_000_000)
    path = create(user, len(data))
    finished = []

    def client():
        while not finished:
            answer = head(user, path)
            if answer.status == 423:
                continue
            assert answer.status == 200, answer.status
            at = int(answer.headers["Upload-Offset"])
            if at == len(data):
                finished.append(answer.headers["Spg-Video-Id"])
                return
            try:
                answer = patch(user, path, at, data[at:at + 150_000])
            except OSError:
                continue
            assert answer.status in (204, 409, 423, 503), answer
    threads = [threading.Thread(target=client) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert finished and len(set(finished)) == 1
    Store(site, path).assert_holds(data)


def test_many_uploads_at_once(site, user):
    contents = [random_bytes(1_000_000 + n) for n in range(12)]
    failures = []

    def client(data):
        try:
            path = create(user, len(data))
            at = 0
            while at < len(data):
                answer = patch(user, path, at, data[at:at + 123_457])
                assert answer.status == 204, answer
                at = int(answer.headers["Upload-Offset"])
            Store(site, path).assert_holds(data)
        except Exception as failure:  # shown by the test's own thread
            failures.append(failure)
    threads = [threading.Thread(target=client, args=(data,)) for data in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []


# ---------------------------------------------------------------- programs and database that die

@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_program_may_die_while_bytes_come(site, user, number):
    data = random_bytes(3_000_000)
    path = create(user, len(data))
    store = Store(site, path)
    sender = Sender(site, user, path, len(data))
    sender.send(data[:1_000_000])
    wait_for("bytes", lambda: store.received() == 1_000_000)
    kill_and_wait(site, program_pids(site), number)
    # A client takes any other 4xx or 5xx for the end, or for a reason to begin anew.
    assert sender.answer()[0] in (503, None)
    at = offset_of(user, path)
    assert at == 1_000_000
    assert patch(user, path, at, data[at:]).status == 204
    store.assert_holds(data)


def test_bytes_keep_coming_while_the_database_is_away(site, user):
    data = random_bytes(600_000)
    path = create(user, len(data))
    store = Store(site, path)
    with database_away(site):
        assert patch(user, path, 0, data[:200_000]).status == 204
        assert offset_of(user, path) == 200_000
        store.age_sessions(3600)
        assert patch(user, path, 200_000, data[200_000:300_000]).status == 204
        assert offset_of(user, path) == 300_000
        assert post(user, 5).status == 503
        assert delete(user, path).status == 503
        answer = patch(user, path, 300_000, data[300_000:])
        assert answer.status == 503 and int(answer.headers["Retry-After"]) > 0
        assert answer.headers["Upload-Offset"] == str(len(data))
        answer = head(user, path)
        assert answer.status == 200 and answer.headers["Upload-Offset"] == str(len(data))
        assert "Spg-Video-Id" not in answer.headers
        assert patch(user, path, len(data)).status == 503
    assert store.video_rows() == []
    answer = wait_for("finished", lambda: (lambda a: a.status == 204 and a)(patch(user, path, len(data))))
    assert answer.headers["Spg-Video-Id"] == str(store.video_rows()[0][0])
    store.assert_holds(data)


def test_an_unknown_session_waits_for_the_database(site, user, other_user):
    path = create(user, 10)
    with database_away(site):
        for answer in (head(other_user, path), patch(other_user, path, 0, b"12345")):
            assert answer.status == 503 and int(answer.headers["Retry-After"]) > 0
    assert Store(site, path).received() == 0


def test_head_finishes_what_the_database_held_up(site, user):
    path = create(user, 5)
    with database_away(site):
        assert patch(user, path, 0, b"12345").status == 503
    video_id = wait_for("video id", lambda: head(user, path).headers["Spg-Video-Id"])
    store = Store(site, path)
    assert str(store.video_rows()[0][0]) == video_id
    store.assert_holds(b"12345")


def test_a_database_that_crashes_disturbs_no_upload(site, user):
    data = random_bytes(1_000_000)
    path = create(user, len(data))
    store = Store(site, path)
    sender = Sender(site, user, path, len(data))
    sender.send(data[:500_000])
    wait_for("bytes", lambda: store.received() == 500_000)
    # One that dies takes all connections of the cluster with it.
    victim = wait_for("a connection", lambda: backend_pids(site))[0]
    os.kill(victim, signal.SIGKILL)
    sender.send(data[500_000:])
    assert sender.answer()[0] in (204, 503)

    def finished():
        answer = patch(user, path, len(data))
        return answer.status == 204 and answer.headers["Spg-Video-Id"]
    wait_for("finished", finished)
    wait_for("database", lambda: database_answers(site))
    store.assert_holds(data)


def database_answers(site):
    try:
        return site.sql("SELECT 1")
    except Exception:  # whatever a cut connection says
        return None


@pytest.fixture
def left_complete(site, user):
    """An upload whose bytes are all there, but which nobody has finished: as a crash leaves it."""
    data = random_bytes(50_000)
    path = create(user, len(data))
    assert patch(user, path, 0, data[:-1]).status == 204
    store = Store(site, path)
    with open(store.part, "ab") as part:
        part.write(data[-1:])
    return path, store, data


@pytest.mark.parametrize("moved", [False, True], ids=["before the rename", "after the rename"])
@pytest.mark.parametrize("by", ["HEAD", "PATCH", "start"])
def test_an_interrupted_finish_is_completed(site, user, left_complete, moved, by):
    path, store, data = left_complete
    if moved:
        store.part.rename(store.video)
    if by == "HEAD":
        assert head(user, path).headers["Spg-Video-Id"]
    elif by == "PATCH":
        assert patch(user, path, len(data)).headers["Spg-Video-Id"]
    else:
        kill_and_wait(site, [checker_pid(site)], signal.SIGKILL)
        wait_for("row", store.video_rows)
    store.assert_holds(data)
    assert store.video.stat().st_mode & 0o777 == 0o644 or moved
    assert head(user, path).headers["Spg-Video-Id"] == str(store.video_rows()[0][0])


def test_a_finish_without_a_note_is_not_repeated(site, user):
    data = random_bytes(1000)
    path = create(user, len(data))
    video_id = patch(user, path, 0, data).headers["Spg-Video-Id"]
    store = Store(site, path)
    for ask in (lambda: head(user, path), lambda: patch(user, path, len(data)), lambda: delete(user, path)):
        store.change_sidecar(video_id=0)
        answer = ask()
        assert answer.headers["Spg-Video-Id"] == video_id
        assert store.sidecar()["video_id"] == int(video_id)
    assert answer.status == 409
    store.assert_holds(data)


def test_an_upload_whose_row_is_gone_can_not_be_finished(site, user, left_complete):
    path, store, data = left_complete
    site.sql("DELETE FROM upload WHERE id = %s", store.id)
    assert patch(user, path, len(data)).status == 404
    assert head(user, path).status == 404
    assert store.video_rows() == []
    assert delete(user, path).status == 204
    assert store.received() is None and not store.info.exists()


@pytest.mark.parametrize("failpoint", [
    "part_sync", "part_seal_before_rename", "part_seal_after_rename", "part_seal_after_sync",
    "upload_record_before_row", "upload_record_after_row"])
@pytest.mark.parametrize("by", ["HEAD", "PATCH", "start"])
def test_a_crash_at_any_step_of_finishing_makes_one_video(site, user, failpoint, by):
    data = random_bytes(60_000)
    path = create(user, len(data))
    store = Store(site, path)
    assert patch(user, path, 0, data[:50_000]).status == 204
    DyingProgram(site, failpoint).request(user, "PATCH", path, {"Upload-Offset": "50000"}, data[50_000:])
    if by == "HEAD":
        answer = head(user, path)
    elif by == "PATCH":
        answer = patch(user, path, len(data))
    else:
        kill_and_wait(site, [checker_pid(site)], signal.SIGKILL)
        wait_for("note", lambda: store.sidecar()["video_id"])
        answer = head(user, path)
    assert answer.headers["Upload-Offset"] == str(len(data))
    assert answer.headers["Spg-Video-Id"] == str(store.video_rows()[0][0])
    store.assert_holds(data)


def test_a_crash_while_creating_leaves_no_row(site, user):
    DyingProgram(site, "upload_create_before_commit").request(user, "POST", "/uploads", {"Upload-Length": "5"})
    assert site.sql("SELECT count(*) FROM upload WHERE user_id = %s", int(user.user_id)) == [(0,)]


# ---------------------------------------------------------------- large files

def test_offsets_pass_the_border_of_31_bits(site, user):
    border = 2**31
    path = create(user, border + 3000)
    store = Store(site, path)
    os.truncate(store.part, border - 1000)
    data = random_bytes(4000)
    assert offset_of(user, path) == border - 1000
    assert patch(user, path, border - 1000, data[:2000]).headers["Upload-Offset"] == str(border + 1000)
    answer = patch(user, path, border + 1000, data[2000:])
    assert answer.status == 204 and answer.headers["Spg-Video-Id"]
    with open(store.video, "rb") as video:
        video.seek(border - 1000)
        assert video.read() == data
    assert store.video_rows()[0][2] == border + 3000
    store.video.unlink()


def test_the_largest_upload_ends_at_its_last_byte(site, user):
    path = create(user, MAX_SIZE)
    store = Store(site, path)
    os.truncate(store.part, MAX_SIZE - 10)
    assert patch(user, path, MAX_SIZE - 10, b"12345678901").status == 413
    answer = patch(user, path, MAX_SIZE - 10, b"1234567890")
    assert answer.status == 204 and answer.headers["Upload-Offset"] == str(MAX_SIZE)
    assert store.video.stat().st_size == MAX_SIZE
    store.video.unlink()


# ---------------------------------------------------------------- checking

def video_of(site, user, data):
    path = create(user, len(data), Upload_Metadata="filename " + base64.b64encode(b"clip.mp4").decode())
    answer = patch(user, path, 0, data)
    assert answer.status == 204, answer
    return int(answer.headers["Spg-Video-Id"]), Store(site, path)


def video_row(site, video_id):
    columns = ("state", "reason_code", "reason_message", "container", "codec", "audio_codec", "width", "height",
               "fps_milli", "duration_ms", "has_thumbnail", "check_attempts", "check_lease_until")
    rows = site.sql(f"SELECT {', '.join(columns)} FROM video WHERE id = %s", video_id)
    return dict(zip(columns, rows[0]))


def checked(site, video_id, timeout=40):
    def done():
        row = video_row(site, video_id)
        return row["state"] != "checking" and row
    return wait_for("checked", done, timeout)


def test_a_good_video_becomes_ready(site, user, video_file):
    video_id, store = video_of(site, user, video_file.read_bytes())
    row = checked(site, video_id)
    assert row["state"] == "ready" and row["reason_code"] is None, row
    assert (row["container"], row["codec"], row["audio_codec"]) == ("mp4", "h264", "aac")
    assert (row["width"], row["height"], row["fps_milli"]) == (640, 360, 30000)
    assert 1900 <= row["duration_ms"] <= 2100
    assert row["has_thumbnail"] and row["check_lease_until"] is None
    assert store.frame.read_bytes()[:3] == b"\xff\xd8\xff" and store.frame.stat().st_mode & 0o777 == 0o644


def test_what_is_no_video_is_refused_in_words_and_its_file_given_up(site, user):
    video_id, store = video_of(site, user, b"this is no video at all" * 100)
    row = checked(site, video_id)
    assert row["state"] == "refused" and row["reason_code"] and "MP4" in row["reason_message"]
    assert site.sql("SELECT count(*) FROM file_removal WHERE file = %s", f"videos/{store.id}") == [(1,)]
    assert not store.frame.exists()


def test_a_video_that_brings_its_check_down_is_refused_in_the_end(site, user, video_file):
    video_id, _ = video_of(site, user, video_file.read_bytes())
    checked(site, video_id)
    site.sql("UPDATE video SET state = 'checking', check_attempts = 3, check_lease_until = now() WHERE id = %s", video_id)
    row = checked(site, video_id)
    assert row["state"] == "refused" and row["reason_code"] == "file_format_check_failed"
    assert "could not be read" in row["reason_message"]


def test_a_lost_lease_is_taken_over(site, user, video_file):
    video_id, _ = video_of(site, user, video_file.read_bytes())
    checked(site, video_id)
    site.sql("UPDATE video SET state = 'checking', check_attempts = 1, check_lease_until = now() + interval '3 s'"
             " WHERE id = %s", video_id)
    row = checked(site, video_id)
    assert row["state"] == "ready" and row["check_attempts"] == 2


def test_a_video_waits_for_the_media_process(site, user, video_file):
    door = site.dir / "run/media.sock"
    hidden = door.with_name("media.hidden")
    door.rename(hidden)
    try:
        video_id, _ = video_of(site, user, video_file.read_bytes())
        wait_for("tried", lambda: video_row(site, video_id)["check_lease_until"])
        wait_for("put off", lambda: video_row(site, video_id)["check_attempts"] == 0)
        assert video_row(site, video_id)["state"] == "checking"
    finally:
        hidden.rename(door)
    row = checked(site, video_id)
    assert row["state"] == "ready" and row["check_attempts"] == 1


def test_a_video_whose_file_is_gone_is_refused(site, user, video_file):
    video_id, store = video_of(site, user, video_file.read_bytes())
    checked(site, video_id)
    store.video.unlink()
    site.sql("UPDATE video SET state = 'checking', check_lease_until = NULL WHERE id = %s", video_id)
    row = checked(site, video_id)
    assert row["state"] == "refused" and row["reason_code"] == "file_missing"


# ---------------------------------------------------------------- load

def percentile(durations, share):
    return sorted(durations)[int(len(durations) * share) - 1]


@pytest.fixture
def few_places(site):
    """The receiving program with room for 60 requests, 18 of one user."""
    def restart():
        kill_and_wait(site, [checker_pid(site)], signal.SIGTERM)

    with site.configured(upload_receivers="60", user_uploads_parallel="18"):
        restart()
        yield
    restart()


def test_stalled_senders_hold_nobody_up(site, few_places):
    """Every place of the receiving pool is held by a silent client."""
    people = [site.connect() for _ in range(4)]
    paths = [(person, create(person, 1_000_000)) for person in people for _ in range(18)]
    senders = []
    try:
        for person, path in paths[:70]:
            sender = Sender(site, person, path, 1_000_000)
            sender.send(b"x" * 1000)
            senders.append(sender)
        received = wait_for("places taken", lambda: (lambda n: n >= 60 and n)(
            sum(Store(site, path).received() == 1000 for _, path in paths)))
        assert received == 60
        person, path = paths[-1]
        started = time.monotonic()
        answer = patch(person, path, 0, b"x" * 1000)
        assert answer.status == 503 and int(answer.headers["Retry-After"]) > 0
        assert answer.json()["code"] == "too_many_uploads"
        assert time.monotonic() - started < 1
        durations = []
        for _ in range(25):
            for ask in (lambda: head(person, path), lambda: post(person, 5)):
                started = time.monotonic()
                answer = ask()
                durations.append(time.monotonic() - started)
                assert answer.status in (200, 201), answer
            started = time.monotonic()
            assert delete(person, answer.headers["Location"]).status == 204
            durations.append(time.monotonic() - started)
        assert percentile(durations, 0.99) < 0.5, durations
        # A place is free again as soon as its owner asks where it stands.
        person, path = paths[0]
        assert offset_of(person, path) == 1000
        assert patch(person, path, 1000, b"x" * 1000).status == 204
    finally:
        for sender in senders:
            sender.rst()


def test_one_user_takes_only_so_many_places(site, few_places, user, other_user):
    paths = [create(user, 1_000_000) for _ in range(19)]
    senders = [Sender(site, user, path, 1_000_000) for path in paths[:18]]
    try:
        for sender in senders:
            sender.send(b"x" * 1000)
        wait_for("places taken", lambda: sum(Store(site, path).received() == 1000 for path in paths) == 18)
        answer = patch(user, paths[18], 0, b"x" * 1000)
        assert answer.status == 503 and answer.json()["code"] == "too_many_parallel_uploads"
        assert int(answer.headers["Retry-After"]) > 0
        other = create(other_user, 1000)
        assert patch(other_user, other, 0, b"x" * 1000).status == 204
    finally:
        for sender in senders:
            sender.rst()
    wait_for("a place for the last", lambda: patch(user, paths[18], offset_of(user, paths[18]), b"x" * 10).status == 204)


@pytest.fixture
def impatient(site):
    """The receiving program when it waits for bytes only five seconds."""
    def restart():
        kill_and_wait(site, [checker_pid(site)], signal.SIGTERM)

    with site.configured(upload_idle_seconds="5"):
        restart()
        yield
    restart()


def test_a_silent_sender_is_not_waited_for(site, impatient, user):
    path = create(user, 1000)
    sender = Sender(site, user, path, 1000)
    sender.send(b"x" * 100)
    started = time.monotonic()
    status, headers = sender.answer(25)
    assert status == 503 and headers["upload-offset"] == "100"
    assert 4 < time.monotonic() - started < 20
    sender.fin()
    assert patch(user, path, 100, b"x" * 900).status == 204


def test_threads_come_with_requests_and_not_before(site, user):
    kill_and_wait(site, [checker_pid(site)], signal.SIGTERM)
    path = create(user, 1000)
    for offset in range(0, 1000, 100):
        assert patch(user, path, offset, b"x" * 100).status == 204
    assert len(os.listdir(f"/proc/{checker_pid(site)}/task")) < 40


def resident_kib(pid):
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))


def test_memory_does_not_grow_with_the_file(site, user):
    program = (site.dir / "app/bin/upload").read_bytes()
    if b"__asan_init" in program or b"__tsan_init" in program:
        pytest.skip("the sanitizer needs memory of its own")
    size = 300_000_000
    path = create(user, size)
    sender = Sender(site, user, path, size)
    block, peak = random_bytes(1_000_000), 0
    for _ in range(size // len(block)):
        sender.send(block)
        peak = max(peak, max(resident_kib(pid) for pid in program_pids(site)))
    assert sender.answer(60)[0] == 204
    assert peak < 32 * 1024, peak
    store = Store(site, path)
    checked(site, store.video_rows()[0][0])
    store.video.unlink()
