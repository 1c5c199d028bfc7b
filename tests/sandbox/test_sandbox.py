"""The sandbox's own strictness. Run: /usr/bin/python3 -m pytest tests/sandbox"""
import hashlib
import hmac
import http.client
import http.server
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.parse

import pytest
import requests

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from tiktok import rules, webhooks  # noqa: E402

KEY, SECRET = "sbtestclientkey01", "test_client_secret_01"
REDIRECT = "http://127.0.0.1:9/oauth/callback"
SCOPES = "user.info.basic,user.info.profile,video.list,video.upload,video.publish"
SAMPLE, PRIVATE = "-000SampleCreatorSandbox0001", "_000PrivateCreatorSandbox002"
CHUNK = 5_242_880


class Server:
    """A running sandbox and a client of it."""

    def __init__(self, directory):
        self.directory = str(directory)
        self.secret_file = os.path.join(self.directory, "secret")
        with open(self.secret_file, "w") as file:
            file.write(SECRET + "\n")
        self.log = open(os.path.join(self.directory, "log"), "ab+")
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [os.path.join(HERE, "sandbox"), "--port", "0", "--state", self.directory + "/state",
             "--client-key", KEY, "--client-secret-file", self.secret_file, "--redirect-uri", REDIRECT],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.url = self.process.stdout.readline().split()[-1]

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def control(self, method, path, body=None):
        answer = requests.request(method, f"{self.url}/_sandbox/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def settings(self, **fields):
        return self.control("PATCH", "settings", fields)

    def authorize_query(self, **changes):
        query = {"client_key": KEY, "response_type": "code", "scope": SCOPES, "state": "st",
                 "redirect_uri": REDIRECT, "disable_auto_auth": "1", **changes}
        return {name: value for name, value in query.items() if value is not None}

    def code(self, account=SAMPLE, scopes=SCOPES, **changes):
        answer = requests.post(
            f"{self.url}/v2/auth/authorize/", params=self.authorize_query(**changes),
            data={"account": account, "scope": scopes.split(","), "action": "authorize"},
            allow_redirects=False)
        assert answer.status_code == 302, answer.text
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.headers["Location"]).query))

    def oauth(self, path="token", **form):
        form = {"client_key": KEY, "client_secret": SECRET, **form}
        return requests.post(f"{self.url}/v2/oauth/{path}/", data=form)

    def exchange(self, code, **form):
        return self.oauth(code=code, grant_type="authorization_code", redirect_uri=REDIRECT, **form)

    def refresh(self, token):
        return self.oauth(grant_type="refresh_token", refresh_token=token)

    def token(self, account=SAMPLE, scopes=SCOPES):
        return self.exchange(self.code(account, scopes)["code"]).json()["access_token"]

    def call(self, token, path, body=None, **kwargs):
        return requests.post(f"{self.url}/v2/{path}/", json=body or {},
                             headers={"Authorization": f"Bearer {token}"}, **kwargs)

    def init(self, token, size=1000, chunk=None, count=1, path="post/publish/video/init", **info):
        info = {"privacy_level": "SELF_ONLY", "brand_content_toggle": False, **info}
        source = {"source": "FILE_UPLOAD", "video_size": size,
                  "chunk_size": chunk or size, "total_chunk_count": count}
        return self.call(token, path, {"post_info": info, "source_info": source})

    def publish(self, token, data=b"x" * 1000, **info):
        made = self.init(token, len(data), **info).json()["data"]
        assert put(made["upload_url"], data, 0, len(data)).status == 201
        return made["publish_id"]

    def status(self, token, publish_id):
        return self.call(token, "post/publish/status/fetch", {"publish_id": publish_id}).json()["data"]

    def ends(self, token, publish_id, field="status", value="PUBLISH_COMPLETE"):
        return until(lambda: self.status(token, publish_id).get(field) == value)


def until(check, seconds=10):
    """Polls until check() is true and returns it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = check()
        if found:
            return found
        threading.Event().wait(0.02)
    raise AssertionError("deadline passed")


def put(url, data, first, total, last=None, **headers):
    """PUT of one chunk; the answer has .status and .getheader()."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    last = first + len(data) - 1 if last is None else last
    connection.request("PUT", f"{parts.path}?{parts.query}", body=data, headers={
        "Content-Type": "video/mp4", "Content-Range": f"bytes {first}-{last}/{total}", **headers})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def code_of(answer):
    return answer.status_code, answer.json()["error"]["code"]


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("sandbox"))
    yield server
    server.kill()


@pytest.fixture
def box(running):
    running.control("POST", "reset")
    running.settings(processing_seconds=0, moderation_seconds=0, rate_limits=False,
                     webhook_duplicates=0)
    return running


@pytest.fixture
def receiver(box):
    """A webhook address: .got lists (headers, body); .answers are the statuses to give first."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.got.append((self.headers, body))
            self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.got, server.answers = [], []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    box.settings(webhook_url=f"http://127.0.0.1:{server.server_port}/hook", webhook_retry_seconds=0.05)
    yield server
    server.shutdown()
    server.server_close()


# OAuth

@pytest.mark.parametrize("name, value", [
    ("client_key", "other"), ("redirect_uri", REDIRECT + "/"), ("scope", "user.info.basic,nothing"),
    ("scope", "user.info.basic video.list"), ("response_type", "token"), ("state", None),
    ("code_challenge", "ImpiCd8pp4MveCNnbIS7-GXEtB0xF5HMIDoWqvGA5ig")])
def test_wrong_authorize_parameter_shows_own_page(box, name, value):
    query = box.authorize_query(**{name: value})
    answer = requests.get(f"{box.url}/v2/auth/authorize/", params=query, allow_redirects=False)
    assert answer.status_code == 400
    assert f'id="error-parameter">{name}<' in answer.text


def test_code_is_single_use_and_decoded_once(box):
    code = box.code()["code"]
    assert "*" in code and "!" in code
    assert box.exchange(urllib.parse.unquote(code)).json()["error"] == "invalid_grant"
    answer = box.exchange(code)
    token = answer.json()
    assert answer.status_code == 200 and token["open_id"] == SAMPLE and token["expires_in"] == 7200
    assert token["access_token"].startswith("act.") and token["refresh_token"].startswith("rft.")
    assert answer.headers["x-tt-logid"]
    again = box.exchange(code)
    assert again.status_code == 400 and again.json()["error"] == "invalid_grant"
    assert set(again.json()) == {"error", "error_description", "log_id"}


def test_code_expires_with_the_clock(box):
    code = box.code()["code"]
    box.control("POST", "clock", {"advance": 61})
    assert box.exchange(code).json()["error"] == "invalid_grant"


def test_token_endpoint_refusals(box):
    url = f"{box.url}/v2/oauth/token/"
    assert requests.post(url, json={}).json()["error"] == "invalid_request"
    assert box.oauth(grant_type="client_credentials").json()["error"] == "unauthorized_client"
    assert box.oauth(grant_type="password").json()["error"] == "unsupported_grant_type"
    assert box.exchange(box.code()["code"], client_secret="x").json()["error"] == "invalid_client"
    body = f"client_key={KEY}&client_secret={SECRET}&grant_type=refresh_token&refresh_token=a&client_key=b"
    answer = requests.post(url, body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.json()["error"] == "invalid_request"
    box.settings(oauth_error_status=200)
    assert box.refresh("rft.x").status_code == 200


def test_pkce_is_hexadecimal(box):
    verifier = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
    challenge = {"code_challenge": hashlib.sha256(verifier.encode()).hexdigest(),
                 "code_challenge_method": "S256"}
    assert challenge["code_challenge"].startswith("226a6209df29a783")
    assert box.exchange(box.code(**challenge)["code"]).json()["error"] == "invalid_request"
    answer = box.exchange(box.code(**challenge)["code"], code_verifier=verifier)
    assert answer.json()["access_token"]


def test_partial_grant_and_cancel(box):
    back = box.code(scopes="video.upload")
    assert back["scopes"] == "user.info.basic,video.upload" and back["state"] == "st"
    token = box.exchange(back["code"]).json()["access_token"]
    assert code_of(box.init(token)) == (401, "scope_not_authorized")
    answer = requests.post(f"{box.url}/v2/auth/authorize/", params=box.authorize_query(),
                           data={"action": "cancel"}, allow_redirects=False)
    assert "error=access_denied" in answer.headers["Location"]


def test_rotation_kills_the_old_pair_and_survives_sigkill(tmp_path):
    box = Server(tmp_path)
    try:
        box.settings(rate_limits=False)
        first = box.exchange(box.code()["code"]).json()
        second = box.refresh(first["refresh_token"]).json()
        box.kill()
        box.start()
        assert box.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
        third = box.refresh(second["refresh_token"]).json()
        assert code_of(box.init(second["access_token"])) == (401, "access_token_invalid")
        made = box.init(third["access_token"], 2 * CHUNK, CHUNK, 2).json()["data"]
        url = urllib.parse.urlsplit(made["upload_url"])
        assert put(made["upload_url"], b"a" * CHUNK, 0, 2 * CHUNK).status == 206
        box.kill()
        box.start()
        url = url._replace(netloc=urllib.parse.urlsplit(box.url).netloc).geturl()
        assert put(url, b"b" * CHUNK, CHUNK, 2 * CHUNK).status == 201
        assert box.ends(third["access_token"], made["publish_id"])
    finally:
        box.kill()


def test_revoke_ends_everything(box, receiver):
    token = box.token()
    made = box.init(token).json()["data"]
    assert box.oauth("revoke", token=token).status_code == 200
    assert code_of(box.call(token, "post/publish/creator_info/query")) == (401, "access_token_invalid")
    state = box.control("GET", "state")["publishes"][made["publish_id"]]
    assert state["fail_reason"] == "auth_removed"
    events = until(lambda: [json.loads(body) for _, body in receiver.got if b"authorization" in body])
    assert json.loads(events[0]["content"]) == {"reason": 5}


# chunk plan and captions

PLANS = [(1, 1, 1), (3_145_728, 3_145_728, 1), (50_000_123, 50_000_123, 1), (64_000_000, 64_000_000, 1),
         (64_000_001, 10_485_760, 6), (66_259_900, 10_485_760, 6), (67_108_864, 10_485_760, 6),
         (67_108_865, 10_485_760, 6), (77_360_899, 10_485_760, 7), (121_000_000, 10_485_760, 11),
         (150_000_000, 10_485_760, 14), (1_073_741_824, 10_485_760, 102),
         (4_000_000_000, 10_485_760, 381), (4_294_967_296, 10_485_760, 409), (50_000_123, 10_000_000, 5)]
WRONG_PLANS = [(100_000_000, 64_000_000, 1, rules.BAD_SIZE), (100_000_000, 64_000_000, 2, rules.BAD_COUNT),
               (64_000_001, 64_000_001, 1, rules.BAD_SIZE), (50_000_123, 10_000_000, 6, rules.BAD_COUNT),
               (20_000_000, 5_000_000, 4, rules.BAD_SIZE), (130_000_000, 65_000_000, 2, rules.BAD_SIZE),
               (6_000_000_000, 5_242_880, 1144, rules.BAD_COUNT), (1000, 2000, 1, rules.BAD_COUNT)]


@pytest.mark.parametrize("size, chunk, count", PLANS)
def test_good_plan(size, chunk, count):
    assert rules.chunk_plan_error(size, chunk, count) is None


@pytest.mark.parametrize("size, chunk, count, message", WRONG_PLANS)
def test_wrong_plan(size, chunk, count, message):
    assert rules.chunk_plan_error(size, chunk, count) == message


def test_plan_and_size_over_http(box):
    token = box.token()
    answer = box.init(token, 100_000_000, 64_000_000, 1)
    assert code_of(answer) == (400, "invalid_params")
    assert answer.json()["error"]["message"] == "The chunk size is invalid"
    assert code_of(box.init(token, 4_000_000_001, 10_485_760, 381)) == (400, "invalid_params")
    box.settings(invalid_params_code="invalid_param")
    assert code_of(box.init(token, 0)) == (400, "invalid_param")


@pytest.mark.parametrize("caption, status", [
    ("a" * 2200, 200), ("a" * 2201, 400), ("\U0001F600" * 1100, 200), ("\U0001F600" * 1100 + "a", 400)])
def test_caption_counts_utf16_units(box, caption, status):
    assert box.init(box.token(), title=caption).status_code == status


# init

def test_init_refusals(box):
    token = box.token()
    assert code_of(box.init("act.none")) == (401, "access_token_invalid")
    assert code_of(box.init(token, privacy_level=None)) == (403, "privacy_level_option_mismatch")
    assert code_of(box.init(token, privacy_level="FOLLOWER_OF_CREATOR"))[1] == "privacy_level_option_mismatch"
    assert code_of(box.init(token, brand_content_toggle=True)) == (400, "invalid_params")
    assert code_of(box.init(token, disable_duet="true")) == (400, "invalid_params")
    answer = requests.post(f"{box.url}/v2/post/publish/video/init/", data="{}",
                           headers={"Authorization": f"Bearer {token}"})
    assert code_of(answer) == (400, "invalid_params")
    box.settings(audited=False)
    answer = box.init(token)
    assert code_of(answer) == (403, "unaudited_client_can_only_post_to_private_accounts")
    assert "content-sharing-guidelines" in answer.json()["error"]["message"]
    assert box.init(box.token(PRIVATE)).status_code == 200


def test_caps(box):
    token = box.token()
    box.settings(daily_post_cap=2, pending_draft_cap=1, active_creator_cap=1)
    info = "post/publish/creator_info/query"
    assert box.call(token, info).json()["error"]["code"] == "ok"
    assert box.init(token).status_code == box.init(token).status_code == 200
    assert code_of(box.init(token)) == (403, "spam_risk_too_many_posts")
    assert code_of(box.call(token, info)) == (200, "spam_risk_too_many_posts")
    assert code_of(box.init(box.token(PRIVATE))) == (403, "reached_active_user_cap")
    draft = "post/publish/inbox/video/init"
    assert box.init(token, path=draft).json()["data"]["publish_id"].startswith("v_inbox_file~v2.")
    assert code_of(box.init(token, path=draft)) == (403, "spam_risk_too_many_pending_share")
    box.control("POST", "clock", {"advance": 86401})
    assert box.init(box.token()).status_code == 200


def test_rate_limit_slides_with_the_clock(box):
    token = box.token()
    box.settings(rate_limits=True)
    assert [box.init(token).status_code for _ in range(7)] == [200] * 6 + [429]
    box.control("POST", "clock", {"advance": 61})
    assert box.init(token).status_code == 200


# upload

def test_put_order(box):
    size, token = 2 * CHUNK + 7, box.token()
    data = os.urandom(size)
    made = box.init(token, size, CHUNK, 2).json()["data"]
    url = made["upload_url"]
    assert len(url) <= 256 and len(made["publish_id"]) <= 64
    assert put(url, data[CHUNK:], CHUNK, size).status == 416
    assert put(url, data[:CHUNK], 0, size, **{"Content-Type": "text/plain"}).status == 400
    assert put(url, data[:CHUNK], 0, size, last=CHUNK - 2).status == 416
    assert put(url, data[:CHUNK - 1], 0, size, last=CHUNK - 1).status == 400
    assert put(url.replace("upload_token=", "upload_token=x"), data[:CHUNK], 0, size).status == 404
    first = put(url, data[:CHUNK], 0, size)
    assert (first.status, first.getheader("Content-Range")) == (206, f"bytes 0-{CHUNK}/{size}")
    again = put(url, data[:CHUNK], 0, size)
    assert (again.status, again.getheader("Content-Range")) == (416, f"bytes 0-{CHUNK}/{size}")
    assert box.status(token, made["publish_id"])["uploaded_bytes"] == CHUNK
    assert put(url, data[CHUNK:], CHUNK, size).status == 201
    state = box.control("GET", "state")["publishes"][made["publish_id"]]
    assert state["sha256"] == hashlib.sha256(data).hexdigest() and state["received"] == size
    assert put(url, data[CHUNK:], CHUNK, size).status == 416


def test_curl_can_put_to_the_address_as_it_is(box, tmp_path):
    made = box.init(box.token()).json()["data"]
    file = tmp_path / "video.mp4"
    file.write_bytes(b"x" * 1000)
    subprocess.run(["curl", "--silent", "--fail", "--upload-file", file, "--header", "Content-Type: video/mp4",
                    "--header", "Content-Range: bytes 0-999/1000", made["upload_url"]], check=True)
    state = box.control("GET", "state")["publishes"][made["publish_id"]]
    assert state["sha256"] == hashlib.sha256(b"x" * 1000).hexdigest()


def test_bytes_need_not_be_hashed(box):
    box.settings(hash_uploads=False)
    token = box.token()
    publish_id = box.publish(token)
    assert box.ends(token, publish_id)
    assert box.control("GET", "state")["publishes"][publish_id]["sha256"] is None


def test_upload_url_expires(box):
    made = box.init(box.token()).json()["data"]
    box.control("POST", "clock", {"advance": 3601})
    assert put(made["upload_url"], b"x" * 1000, 0, 1000).status == 403


@pytest.mark.parametrize("mode, kept", [("drop", 0), ("keep", 3000)])
def test_cut_chunk(box, mode, kept):
    box.settings(partial_chunks=mode)
    token = box.token()
    made = box.init(token, CHUNK).json()["data"]
    url = urllib.parse.urlsplit(made["upload_url"])
    with socket.create_connection((url.hostname, url.port)) as wire:
        wire.sendall(f"PUT {url.path}?{url.query} HTTP/1.1\r\nHost: h\r\nContent-Type: video/mp4\r\n"
                     f"Content-Length: {CHUNK}\r\nContent-Range: bytes 0-{CHUNK - 1}/{CHUNK}\r\n\r\n"
                     .encode() + b"x" * 3000)
        until(lambda: box.control("GET", "calls?route=upload"))
    until(lambda: box.control("GET", "calls?route=upload")[0]["code"] == "connection_closed")
    assert box.status(token, made["publish_id"])["uploaded_bytes"] == kept
    assert put(made["upload_url"], b"x" * (CHUNK - kept), kept, CHUNK).status == 201


# after the upload

def test_public_post_gets_its_id_after_moderation(box):
    token = box.token()
    box.settings(moderation_seconds=1000)
    publish_id = box.publish(token, privacy_level="PUBLIC_TO_EVERYONE", title="A title")
    box.ends(token, publish_id)
    assert box.status(token, publish_id)["publicaly_available_post_id"] == []
    box.control("POST", "clock", {"advance": 1001})
    (post_id,) = box.status(token, publish_id)["publicaly_available_post_id"]
    assert post_id > 2**53 and post_id % 2 == 1 and len(str(post_id)) == 19
    assert int(float(post_id)) != post_id
    listed = box.call(token, "video/list", params={"fields": "id,title"}).json()["data"]["videos"]
    assert listed == [{"id": str(post_id), "title": "A title"}]


def test_a_public_video_may_never_be_announced(box, receiver):
    """The status has no id and no webhook tells it, yet the list shows the video."""
    box.settings(never_public_id=True)
    token, caption = box.token(), "Ä" * 151
    publish_id = box.publish(token, privacy_level="PUBLIC_TO_EVERYONE", title=caption)
    box.ends(token, publish_id)
    fields = {"fields": "id,create_time,video_description,title,share_url"}
    (video,) = until(lambda: box.call(token, "video/list", {"max_count": 20}, params=fields)
                     .json()["data"]["videos"])
    (post,) = box.control("GET", "state")["publishes"][publish_id]["posts"]
    assert video == {"id": str(post["id"]), "create_time": int(post["created_at"]), "title": "Ä" * 150,
                     "video_description": "Ä" * 150,
                     "share_url": f"https://www.tiktok.com/@sample_creator/video/{post['id']}"}
    assert box.status(token, publish_id)["publicaly_available_post_id"] == []
    until(lambda: receiver.got)
    assert {json.loads(body)["event"] for _, body in receiver.got} == {"post.publish.complete"}


@pytest.mark.parametrize("reason", ["frame_rate_check_failed", "internal", "spam_risk_text"])
def test_fail_reason_by_caption(box, reason):
    token = box.token()
    publish_id = box.publish(token, title=f"Hello #fail:{reason} there")
    assert box.ends(token, publish_id, value="FAILED")
    assert box.status(token, publish_id)["fail_reason"] == reason


def test_draft_is_posted_by_the_user(box):
    token = box.token()
    made = box.init(token, path="post/publish/inbox/video/init").json()["data"]
    put(made["upload_url"], b"x" * 1000, 0, 1000)
    box.ends(token, made["publish_id"], value="SEND_TO_USER_INBOX")
    box.control("POST", "publishes/" + made["publish_id"], {"action": "post_draft"})
    box.control("POST", "publishes/" + made["publish_id"], {"action": "post_draft"})
    until(lambda: len(box.status(token, made["publish_id"])["publicaly_available_post_id"]) == 2)


def test_status_of_others_and_forced_answers(box):
    token = box.token()
    publish_id = box.publish(token)
    fetch = "post/publish/status/fetch"
    assert code_of(box.call(token, fetch, {"publish_id": "v"})) == (400, "invalid_publish_id")
    answer = box.call(box.token(PRIVATE), fetch, {"publish_id": publish_id})
    assert code_of(answer) == (400, "token_not_authorized_for_specified_publish_id")
    forced = {"answer": {"status": "SOMETHING_NEW", "publicaly_available_post_id": None}}
    box.control("POST", "publishes/" + publish_id, forced)
    assert box.status(token, publish_id) == {"status": "SOMETHING_NEW", "uploaded_bytes": 1000}


def test_pull(box, receiver):
    """The receiver answers GET with 501, so the pull fails; an address nobody owns is refused."""
    token, url = box.token(), f"http://127.0.0.1:{receiver.server_port}/v.mp4"
    body = {"post_info": {"privacy_level": "SELF_ONLY", "brand_content_toggle": False},
            "source_info": {"source": "PULL_FROM_URL", "video_url": url}}
    path = "post/publish/video/init"
    assert code_of(box.call(token, path, body)) == (403, "url_ownership_unverified")
    box.settings(verified_prefixes=[url.rpartition("/")[0] + "/"])
    publish_id = box.call(token, path, body).json()["data"]["publish_id"]
    assert publish_id.startswith("v_pub_url~v2-1.")
    box.ends(token, publish_id, "fail_reason", "video_pull_failed")
    box.settings(pull_delay_seconds=1000)
    publish_id = box.call(token, path, body).json()["data"]["publish_id"]
    cancel = "post/publish/cancel"
    assert set(box.call(token, cancel, {"publish_id": publish_id}).json()) == {"error"}
    assert code_of(box.call(token, cancel, {"publish_id": publish_id})) == (400, "publish_not_cancellable")


class Media(http.server.ThreadingHTTPServer):
    """Serves one video with ranges: .asked lists (method, Range); .refusals are statuses to give first;
    .hold, when set, keeps the second half back until .go is set."""

    def __init__(self, data):
        super().__init__(("127.0.0.1", 0), MediaHandler)
        self.data, self.asked, self.refusals, self.hold, self.go = data, [], [], False, threading.Event()
        self.prefix = f"http://127.0.0.1:{self.server_port}/pull/"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass


class MediaHandler(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        server, wanted = self.server, self.headers["Range"]
        server.asked.append((self.command, wanted))
        if server.refusals:
            self.send_error(server.refusals.pop(0))
            return
        first, last = 0, len(server.data) - 1
        if wanted:
            first, last = (int(text) for text in wanted.removeprefix("bytes=").split("-"))
        self.send_response(206 if wanted else 200)
        if wanted:
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(server.data)}")
        self.send_header("Content-Type", "video/mp4")
        self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        if self.command == "HEAD":
            return
        half = (first + last) // 2
        self.wfile.write(server.data[first:half])
        if server.hold:
            server.go.wait(20)
        self.wfile.write(server.data[half:last + 1])

    def log_message(self, *args):
        pass


@pytest.fixture
def media(box):
    server = Media(os.urandom(100_001))
    box.settings(verified_prefixes=[server.prefix])
    yield server
    server.go.set()
    server.shutdown()
    server.server_close()


def init_pull(box, token, url, path="post/publish/video/init"):
    return box.call(token, path, {"post_info": {"privacy_level": "SELF_ONLY", "brand_content_toggle": False},
                                  "source_info": {"source": "PULL_FROM_URL", "video_url": url}})


@pytest.mark.parametrize("knobs, asked", [
    ({}, [("GET", None)]),
    ({"pull_fetches": 2}, [("GET", None)] * 2),
    ({"pull_ranges": 3}, [("HEAD", None), ("GET", "bytes=0-33333"), ("GET", "bytes=33334-66667"),
                          ("GET", "bytes=66668-100000")])])
def test_a_pull_fetches_as_the_settings_say(box, media, knobs, asked):
    box.settings(**knobs)
    token = box.token()
    answer = init_pull(box, token, media.prefix + "a.mp4").json()["data"]
    assert "upload_url" not in answer
    box.ends(token, answer["publish_id"])
    assert media.asked == asked
    state = box.control("GET", "state")["publishes"][answer["publish_id"]]
    assert state["sha256"] == hashlib.sha256(media.data).hexdigest()
    assert box.status(token, answer["publish_id"])["downloaded_bytes"] == len(media.data) == state["received"]


def test_a_failed_pull_is_begun_anew(box, media):
    box.settings(pull_retries=2, pull_retry_seconds=0)
    token = box.token()
    media.refusals = [404, 503]
    publish_id = init_pull(box, token, media.prefix + "a.mp4").json()["data"]["publish_id"]
    box.ends(token, publish_id)
    media.refusals = [404, 404, 404]
    publish_id = init_pull(box, token, media.prefix + "a.mp4").json()["data"]["publish_id"]
    box.ends(token, publish_id, "fail_reason", "video_pull_failed")


def test_a_pull_that_brings_other_bytes_fails(box, media):
    box.settings(pull_fetches=2, pull_retry_seconds=0)
    token, media.hold = box.token(), True
    publish_id = init_pull(box, token, media.prefix + "a.mp4").json()["data"]["publish_id"]
    until(lambda: media.asked)
    media.data = bytes(len(media.data))
    media.go.set()
    box.ends(token, publish_id, "fail_reason", "video_pull_failed")


def test_a_pull_under_way_can_be_cancelled(box, media, receiver):
    token, media.hold = box.token(), True
    publish_id = init_pull(box, token, media.prefix + "a.mp4",
                           "post/publish/inbox/video/init").json()["data"]["publish_id"]
    box.ends(token, publish_id, "downloaded_bytes", 50_000)
    assert box.call(token, "post/publish/cancel", {"publish_id": publish_id}).status_code == 200
    assert box.status(token, publish_id)["fail_reason"] == "publish_cancelled"
    (event,) = until(lambda: [json.loads(body) for _, body in receiver.got])
    assert event["event"] == "post.publish.failed"
    assert json.loads(event["content"])["reason"] == "publish_cancelled"
    made = box.init(token).json()["data"]
    answer = box.call(token, "post/publish/cancel", {"publish_id": made["publish_id"]})
    assert code_of(answer) == (400, "publish_not_cancellable")


@pytest.mark.parametrize("prefix, url, good", [
    ("static.example.com", "https://video.static.example.com/a.mp4", True),
    ("static.example.com", "https://example.com/a.mp4", False),
    ("https://example.com/videos/user/", "https://example.com/videos/user/123/a.mp4", True),
    ("https://example.com/videos/user/", "https://example.com/videos/2023/user/123/a.mp4", False),
    ("https://example.com/videos/user/", "https://example.com/videos/user/../a.mp4", False),
    ("http://127.0.0.1:8080/pull/", "http://127.0.0.1:8080/pull/a.mp4", True),
    ("http://127.0.0.1:8080/pull/", "http://127.0.0.1:8080/pulled", False),
    ("http://127.0.0.1:80", "http://127.0.0.1:8080/pull/a.mp4", False)])
def test_pull_ownership(prefix, url, good):
    assert rules.owns([prefix], url) is good


# user info

def test_user_info_needs_granted_fields(box):
    token, url = box.token(), f"{box.url}/v2/user/info/"
    head = {"Authorization": f"Bearer {token}"}
    answer = requests.get(url, params={"fields": "open_id,username,avatar_url"}, headers=head).json()
    assert answer["data"]["user"]["username"] == "sample_creator"
    assert requests.get(answer["data"]["user"]["avatar_url"]).content.startswith(b"\x89PNG")
    assert code_of(requests.get(url, params={"fields": "likes_count"}, headers=head))[0] == 401
    assert code_of(requests.get(url, headers=head)) == (400, "invalid_params")


# webhooks

def test_signature_vector():
    body = (rb'{"client_key":"sbawexampleclient01","event":"post.publish.complete","create_time":1795000000,'
            rb'"user_openid":"-000exampleOpenId01","content":"{\"publish_id\":'
            rb'\"v_pub_file~v2-1.7000000000000000001\",\"publish_type\":\"DIRECT_PUBLISH\"}"}')
    assert len(body) == 234
    assert webhooks.signature("example_client_secret_0001", 1795000003, body) == \
        "e9b94691d7faf70e30a640a8c6962170ad790efb97264fd529eab47ee06039f4"


def test_webhooks_are_signed_and_retried(box, receiver):
    receiver.answers = [500, 302]
    publish_id = box.publish(box.token(), privacy_level="PUBLIC_TO_EVERYONE")
    until(lambda: len(receiver.got) >= 4)
    for headers, body in receiver.got:
        stamp, digest = re.fullmatch(r"t=(\d+),s=([0-9a-f]{64})", headers["TikTok-Signature"]).groups()
        expected = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        assert digest == expected
    events = [json.loads(body) for _, body in receiver.got]
    assert {event["event"] for event in events} == {
        "post.publish.complete", "post.publish.publicly_available"}
    assert all(json.loads(event["content"])["publish_id"] == publish_id for event in events)
    public = [json.loads(e["content"]) for e in events if e["event"].endswith("publicly_available")]
    assert isinstance(public[0]["post_id"], str)


def test_forged_webhooks(box, receiver):
    answer = box.control("POST", "webhooks", {
        "event": "post.publish.complete", "open_id": SAMPLE, "content": {"publish_id": "v"},
        "signature": "wrong", "times": 2})
    assert answer == {"statuses": [200, 200]}
    headers, body = receiver.got[0]
    stamp, digest = re.fullmatch(r"t=(\d+),s=(\w+)", headers["TikTok-Signature"]).groups()
    assert digest != webhooks.signature(SECRET, int(stamp), body)


# faults

def test_fault_before_and_after(box):
    token = box.token()
    box.control("POST", "faults", {"route": "video_init", "status": 503, "skip": 1})
    box.control("POST", "faults", {"route": "video_init", "when": "after", "action": "reset",
                                   "caption": "lost"})
    assert box.init(token).status_code == 200
    assert code_of(box.init(token)) == (503, "internal_error")
    with pytest.raises(requests.ConnectionError):
        box.init(token, title="lost one")
    assert box.init(token, title="lost one").status_code == 200
    assert box.control("GET", "state")["accounts"][SAMPLE]["inits"] == 3
    calls = box.control("GET", "calls?route=video_init")
    assert [call["processed"] for call in calls] == [True, False, True, True]
    assert [call["status"] for call in calls] == [200, 503, None, 200]


@pytest.mark.parametrize("action, status, text", [
    ("empty", 200, ""), ("html", 502, "<!DOCTYPE"), ("malformed", 200, '{"data"')])
def test_fault_bodies(box, action, status, text):
    box.control("POST", "faults", {"route": "video_init", "when": "after", "action": action})
    answer = box.init(box.token())
    assert answer.status_code == status and answer.text.startswith(text)
    if action != "empty":
        with pytest.raises(ValueError):
            answer.json()


def test_refresh_answer_lost_after_rotation(box):
    token = box.exchange(box.code()["code"]).json()
    box.control("POST", "faults", {"route": "refresh", "when": "after", "action": "close"})
    with pytest.raises(requests.ConnectionError):
        box.refresh(token["refresh_token"])
    assert box.refresh(token["refresh_token"]).json()["error"] == "invalid_grant"


def test_chunk_faults(box):
    token, size = box.token(), 3 * CHUNK
    made = box.init(token, size, CHUNK, 3).json()["data"]
    url, chunk = made["upload_url"], b"x" * CHUNK
    box.control("POST", "faults", {"route": "upload", "chunk": 1, "status": 500})
    box.control("POST", "faults", {"route": "upload", "chunk": 1, "when": "during", "bytes": 70000,
                                   "action": "reset"})
    box.control("POST", "faults", {"route": "upload", "chunk": -1, "when": "after", "action": "close"})
    assert put(url, chunk, 0, size).status == 206
    assert put(url, chunk, CHUNK, size).status == 500
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        put(url, chunk, CHUNK, size)
    assert put(url, chunk, CHUNK, size).status == 206
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        put(url, chunk, 2 * CHUNK, size)
    assert box.ends(token, made["publish_id"])


def test_delay_ends_when_the_fault_is_removed(box):
    token, answers = box.token(), []
    box.control("POST", "faults", {"route": "video_init", "when": "after", "action": "delay", "seconds": 60})
    thread = threading.Thread(target=lambda: answers.append(box.init(token).status_code))
    thread.start()
    until(lambda: [c for c in box.control("GET", "calls?route=video_init") if c["faults"]])
    assert not answers
    box.control("DELETE", "faults")
    thread.join(10)
    assert answers == [200]


# outages and counts

OUTAGE_CALLS = [
    lambda box, token, url: box.call(token, "post/publish/creator_info/query"),
    lambda box, token, url: box.init(token),
    lambda box, token, url: box.status(token, "v"),
    lambda box, token, url: box.refresh("rft.x"),
    lambda box, token, url: put(url, b"x" * 1000, 0, 1000)]


@pytest.mark.parametrize("call", OUTAGE_CALLS)
def test_an_outage_hits_every_call_until_it_is_over(box, call):
    token = box.token()
    url = box.init(token).json()["data"]["upload_url"]
    box.settings(outage="refuse")
    with pytest.raises((ConnectionError, requests.ConnectionError, http.client.HTTPException)):
        call(box, token, url)
    box.settings(outage="503")
    try:
        answer = call(box, token, url)
        assert getattr(answer, "status_code", None) or answer.status == 503
    except ValueError:  # what is read as JSON here
        pass
    assert [c for c in box.control("GET", "calls") if "outage" in c["faults"] and c["processed"]] == []
    assert box.code()["code"]  # the consent page is of another host
    box.settings(outage="")
    assert put(url, b"x" * 1000, 0, 1000).status == 201


def test_a_stall_ends_without_an_answer_when_the_outage_does(box):
    token, ends = box.token(), []
    box.settings(outage="stall")

    def call():
        try:
            ends.append(box.init(token))
        except requests.ConnectionError as error:
            ends.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    until(lambda: box.control("GET", "calls?route=video_init"))
    assert not ends
    box.settings(outage="")
    thread.join(10)
    assert isinstance(ends[0], requests.ConnectionError)
    assert box.init(token).status_code == 200
    answer = requests.patch(f"{box.url}/_sandbox/settings", json={"outage": "sometimes"})
    assert answer.status_code == 400


def test_calls_are_counted_by_account_and_route(box):
    """Also where the limits are off, so that a test can prove that they were kept."""
    token = box.token()
    box.control("DELETE", "calls")
    for _ in range(7):
        box.init(token)
    box.control("POST", "clock", {"advance": 59})
    box.init(token)
    box.control("POST", "clock", {"advance": 2})
    for _ in range(3):
        box.init(token)
    box.init(box.token(PRIVATE))
    accounts = box.control("GET", "state")["accounts"]
    assert accounts[SAMPLE]["calls"] == {"video_init": {"total": 11, "minute_peak": 8}}
    assert accounts[PRIVATE]["calls"]["video_init"] == {"total": 1, "minute_peak": 1}
    box.control("DELETE", "calls")
    assert box.control("GET", "state")["accounts"][SAMPLE]["calls"] == {}


def test_many_publishes_keep_their_order(box):
    """Each is settled at its own time, also when that time changes."""
    token = box.token()
    box.settings(processing_seconds=100, daily_post_cap=1000)
    ids = [box.publish(token, title=title) for title in ("#slow:30", "", "#slow:60")]
    box.control("POST", "publishes/" + ids[1], {"action": "freeze"})
    for advance, states in ((31, [0]), (30, [0, 2]), (40, [0, 2])):
        box.control("POST", "clock", {"advance": advance})
        state = box.control("GET", "state")["publishes"]
        assert [n for n in range(3) if state[ids[n]]["status"] == "PUBLISH_COMPLETE"] == states


# the sandbox's own log

def test_log_holds_no_secret(box):
    token = box.exchange(box.code()["code"]).json()
    box.refresh(token["refresh_token"])
    box.publish(box.token())
    secrets = box.control("GET", "secrets")
    kinds = {secret["kind"] for secret in secrets}
    assert kinds == {"client_secret", "code", "access_token", "refresh_token", "upload_token"}
    with open(os.path.join(box.directory, "log")) as file:
        log = file.read()
    assert log.count("POST /v2/oauth/token/") >= 2
    shown = log + json.dumps(box.control("GET", "calls")) + json.dumps(box.control("GET", "state"))
    assert not [secret["kind"] for secret in secrets if secret["value"] in shown]
