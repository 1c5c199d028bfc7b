"""The footprint: no more memory for a 2 GB video than for a small one (plain build, no sanitizers)."""
import os
import pathlib
import time

import pytest

import spg_site
from spg_site import rfc3339, wait_for

LIMIT_KB = 32 * 1024
SIZE = 2_000_000_000


@pytest.fixture(scope="module")
def plain_site():
    build = os.environ.get("SPG_BUILD", str(spg_site.REPO / "build"))
    with spg_site.running_site(build=build) as site:
        yield site


def peak_kb(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0


def processes_of(site):
    """Program name -> the highest resident size of any of its processes, in kB."""
    peaks = {}
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            program = os.readlink(entry / "exe")
            if program.startswith(str(site.dir / "app/bin")):
                name = pathlib.Path(program).name
                peaks[name] = max(peaks.get(name, 0), peak_kb(entry.name))
        except OSError:
            continue
    return peaks


def send_zeros(user, location, offset, size):
    """PATCH size bytes without holding them here."""
    import http.client
    connection = http.client.HTTPConnection("127.0.0.1", user.site.port, timeout=300)
    block = bytes(1024 * 1024)
    connection.putrequest("PATCH", location)
    for name, value in {**user.headers, "Tus-Resumable": "1.0.0", "Upload-Offset": str(offset),
                        "Content-Type": "application/offset+octet-stream", "Content-Length": str(size)}.items():
        connection.putheader(name, value)
    connection.endheaders()
    left = size
    while left > 0:
        connection.send(block[:min(left, len(block))])
        left -= min(left, len(block))
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def test_every_program_stays_under_32_mb_with_a_2_gb_video(plain_site, video_file):
    site, user = plain_site, plain_site.connect()
    head = video_file.read_bytes()
    box = (1).to_bytes(4, "big") + b"free" + (SIZE - len(head)).to_bytes(8, "big")
    answer = user.request("POST", "/uploads", headers={
        "Tus-Resumable": "1.0.0", "Upload-Length": str(SIZE), "Content-Type": "application/offset+octet-stream"},
        body=head + box)
    assert answer.status == 201, answer
    location = answer.headers["Location"]
    answer = send_zeros(user, location, len(head) + len(box), SIZE - len(head) - len(box))
    assert answer.status == 204
    video_id = answer.headers["Spg-Video-Id"]
    wait_for("ready", lambda: user.request("GET", f"/api/v1/videos/{video_id}").json()["state"] == "ready", 60)
    user.request("GET", f"/api/v1/accounts/{user.account_id}/creator-info")
    user.request("GET", "/posts")
    post = user.new_post(video_id, due_at=rfc3339(time.time()))
    publisher = site.start_program("publisher", "--once")
    highest = {"publisher": 0}

    def ended():
        try:
            highest["publisher"] = max(highest["publisher"], peak_kb(publisher.pid))
        except OSError:
            pass
        return publisher.poll() is not None
    wait_for("publisher's end", ended, 240)
    publisher.stdout.close()
    assert user.post(post["id"])["state"] in ("processing", "published")
    highest.update(processes_of(site))
    print("\npeak resident kB:", dict(sorted(highest.items())))
    assert {name: kb for name, kb in highest.items() if kb > LIMIT_KB} == {}
    assert {"upload", "dashboard", "creator", "oauth_callback", "media"} <= set(highest)
