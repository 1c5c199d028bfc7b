"""TikTok's webhooks: what is believed, what is stored, what is answered."""
import hashlib
import hmac
import http.client
import json
import pathlib
import secrets
import time
import urllib.parse

import pytest

from spg_site import wait_for

PATH = "/hooks/tiktok"


@pytest.fixture(scope="module")
def secret(site):
    return pathlib.Path(site.config["tiktok_client_secret_file"]).read_text().strip()


@pytest.fixture(autouse=True)
def quiet_sandbox(site):
    """The sandbox's own webhooks of other tests stay out of the counts."""
    site.sandbox.patch("settings", webhook_skip_events=["authorization.removed"])
    yield
    site.sandbox.patch("settings", webhook_skip_events=[])


def signature(secret, body, stamp=None):
    stamp = int(time.time()) if stamp is None else stamp
    digest = hmac.new(secret.encode(), str(stamp).encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={stamp},s={digest}"


def envelope(site, event="post.publish.complete", content=None, **members):
    content = {"publish_id": f"v_pub_file~{secrets.token_hex(8)}", "publish_type": "DIRECT_PUBLISH"} \
        if content is None else content
    return json.dumps({
        "client_key": site.config["tiktok_client_key"], "event": event, "create_time": int(time.time()),
        "user_openid": "-000webhook", "content": content if isinstance(content, str) else json.dumps(content),
        **members}, separators=(",", ":")).encode()


def deliver(site, body, header, **headers):
    headers = {"Content-Type": "application/json", **headers}
    if header is not None:
        headers["TikTok-Signature"] = header
    return site.request("POST", PATH, headers=headers, body=body)


def stored(site, body=None):
    """Rows about an envelope's publish_id, or all of them."""
    columns = "SELECT event, open_id, publish_id, public_id, reason, state FROM webhook_event"
    if body is None:
        return site.sql(columns)
    publish_id = json.loads(json.loads(body)["content"]).get("publish_id")
    return site.sql(columns + " WHERE publish_id = %s", publish_id)


# ---------------------------------------------------------------- what is stored

def test_an_event_is_stored_once_and_answered_200_each_time(site, secret):
    body = envelope(site)
    for _ in range(3):
        answer = deliver(site, body, signature(secret, body))
        assert answer.status == 200 and answer.body == b""
    publish_id = json.loads(json.loads(body)["content"])["publish_id"]
    assert stored(site, body) == [("post.publish.complete", "-000webhook", publish_id, None, None, "new")]
    assert site.sql("SELECT abs(extract(epoch FROM sent_at - to_timestamp(%s))) < 1, octet_length(dedupe_key)"
                    "  FROM webhook_event WHERE publish_id = %s",
                    json.loads(body)["create_time"], publish_id) == [(True, 32)]


def test_many_copies_at_once_make_one_row(site, secret):
    content = {"publish_id": f"v_pub_file~{secrets.token_hex(8)}", "publish_type": "DIRECT_PUBLISH"}
    answer = site.sandbox.post("webhooks", event="post.publish.complete", open_id="-000webhook", content=content, times=8)
    assert answer["statuses"] == [200] * 8
    assert site.sql("SELECT count(*) FROM webhook_event WHERE publish_id = %s", content["publish_id"]) == [(1,)]


def test_the_same_event_in_another_order_is_the_same(site, secret):
    body = envelope(site)
    again = json.dumps(dict(reversed(json.loads(body).items()))).encode()
    assert body != again
    for text in (body, again):
        assert deliver(site, text, signature(secret, text)).status == 200
    assert len(stored(site, body)) == 1


def test_events_of_one_publish_id_are_told_apart(site, secret):
    content = {"publish_id": f"v_inbox_file~{secrets.token_hex(8)}"}
    now = int(time.time())
    bodies = [envelope(site, event, {**content, **more}, create_time=now + later) for event, more, later in (
        ("post.publish.inbox_delivered", {}, 0), ("post.publish.complete", {}, 0), ("post.publish.complete", {}, 1),
        ("post.publish.publicly_available", {"post_id": "7123456789012345679"}, 1),
        ("post.publish.publicly_available", {"post_id": "7123456789012345681"}, 1))]
    for body in bodies + bodies:
        assert deliver(site, body, signature(secret, body)).status == 200
    assert len(stored(site, bodies[0])) == 5


@pytest.mark.parametrize("post_id", ["7123456789012345679", 7123456789012345679])
def test_post_ids_stay_exact(site, secret, post_id):
    body = envelope(site, "post.publish.publicly_available",
                    {"publish_id": f"v_pub_file~{secrets.token_hex(8)}", "post_id": post_id})
    assert deliver(site, body, signature(secret, body)).status == 200
    assert stored(site, body)[0][3] == "7123456789012345679"


@pytest.mark.parametrize("event,content,reason", [
    ("authorization.removed", {"reason": 1}, "1"),
    ("post.publish.failed", {"publish_id": "v_pub_file~f1", "reason": "file_format_check_failed"}, "file_format_check_failed"),
    ("post.publish.failed", {"publish_id": "v_pub_file~f2", "fail_reason": "internal"}, "internal"),
])
def test_reasons_are_kept(site, secret, event, content, reason):
    open_id = f"-000{secrets.token_hex(6)}"
    body = envelope(site, event, content, user_openid=open_id)
    assert deliver(site, body, signature(secret, body)).status == 200
    assert site.sql("SELECT reason, state FROM webhook_event WHERE open_id = %s", open_id) == [(reason, "new")]


@pytest.mark.parametrize("event,content", [
    ("video.upload.failed", {"share_id": "x"}), ("portability.download.ready", {"request_id": 1}),
    ("something.new", {}), ("something.else", ""), ("post.publish.complete", {}),
])
def test_what_means_nothing_here_is_stored_as_ignored(site, secret, event, content):
    open_id = f"-000{secrets.token_hex(6)}"
    body = envelope(site, event, content, user_openid=open_id)
    for _ in range(2):
        assert deliver(site, body, signature(secret, body)).status == 200
    assert site.sql("SELECT event, state FROM webhook_event WHERE open_id = %s", open_id) == [(event, "ignored")]


def test_events_without_some_members_are_told_apart_by_their_bytes(site, secret):
    event = f"new.{secrets.token_hex(4)}"
    for number in (1, 2, 1):
        body = json.dumps({"client_key": site.config["tiktok_client_key"], "event": event, "number": number}).encode()
        assert deliver(site, body, signature(secret, body)).status == 200
    assert site.sql("SELECT count(*) FROM webhook_event WHERE event = %s", event) == [(2,)]


def test_old_retries_are_good_for_three_days(site, secret):
    for age, status in ((72 * 3600, 200), (72 * 3600 + 1200, 401), (-200, 200), (-400, 401)):
        body = envelope(site)
        assert deliver(site, body, signature(secret, body, int(time.time()) - age)).status == status, age
        assert len(stored(site, body)) == (status == 200)


# ---------------------------------------------------------------- what is not believed

@pytest.mark.parametrize("kind", ["wrong", "altered", "uppercase", "stale", "none"])
def test_forged_signatures_are_refused(site, kind):
    before = len(stored(site))
    answer = site.sandbox.post("webhooks", event="post.publish.complete", content={"publish_id": "v_pub_file~forged"},
                               signature=kind)
    assert answer["statuses"] == [401]
    assert len(stored(site)) == before


def test_the_grammar_of_the_header_is_strict(site, secret):
    body = envelope(site)
    good = signature(secret, body)
    stamp, digest = good.split(",")
    bad = ["", ",", stamp, digest, f"{stamp}, {digest}", f"{good},", f"{good},v=1", f"{stamp},{good}", f"{good},{digest}",
           f"{stamp};{digest}", good.upper(), f"t=+{stamp[2:]},{digest}", f"{stamp},s={digest[2:]}00", f"{stamp}0,{digest}",
           f"{stamp},s=" + "0" * 64, "t=" + "9" * 40 + f",{digest}"]
    for header in bad:
        assert deliver(site, body, header).status == 401, header
    assert stored(site, body) == []
    assert deliver(site, body, good).status == 200


def test_two_signatures_are_refused_even_if_one_is_right(site, secret):
    body = envelope(site)
    good = signature(secret, body)
    address = urllib.parse.urlsplit(site.url)
    for headers in ((good, good), (good, "t=1,s=0"), ("t=1,s=0", good)):
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
        connection.putrequest("POST", PATH)
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(len(body)))
        for header in headers:
            connection.putheader("TikTok-Signature", header)
        connection.endheaders(body)
        answer = connection.getresponse()
        assert answer.status == 400, headers
        connection.close()
    assert stored(site, body) == []


def test_the_raw_bytes_are_what_is_signed(site, secret):
    body = envelope(site)
    good = signature(secret, body)
    for other in (body + b"\n", b"\xef\xbb\xbf" + body, body.replace(b'":', b'": '), b" " + body, body[:-1]):
        assert deliver(site, other, good).status == 401
    assert stored(site, body) == []


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b"null", b"{}{}", b"\xff\xfe", b'{"a":1,"a":2}', b"{'client_key':'x'}",
    b'{"client_key":"%s"}', b'{"client_key":"%s","event":1}', b'{"client_key":"%s","event":"a","content":{}}',
    b'{"client_key":"%s","event":"a","content":"{"}', b'{"client_key":"%s","event":"a","content":"{\\"b\\":1,\\"b\\":2}"}',
    b'{"client_key":"%s","event":"a","content":"[]"}', b'{"client_key":"%s","event":"a\\u0000b","content":"{}"}',
    b'{"client_key":"%s","event":"post.publish.complete","content":"' + b"[" * 40 + b'"}',
])
def test_what_is_signed_and_malformed_is_refused(site, secret, body):
    body = body.replace(b"%s", site.config["tiktok_client_key"].encode())
    before = len(stored(site))
    assert deliver(site, body, signature(secret, body)).status == 400, body
    assert len(stored(site)) == before


def test_another_apps_events_are_refused(site, secret):
    for key in ("other", "", None, 7):
        body = envelope(site, client_key=key)
        assert deliver(site, body, signature(secret, body)).status == 403
        assert stored(site, body) == []


def test_wrong_content_types_are_refused(site, secret):
    body = envelope(site)
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""):
        assert deliver(site, body, signature(secret, body), **{"Content-Type": kind}).status == 415, kind
    assert stored(site, body) == []
    for kind in ("application/json; charset=utf-8", "Application/JSON"):
        assert deliver(site, body, signature(secret, body), **{"Content-Type": kind}).status == 200


def test_a_large_body_is_refused_and_one_at_the_limit_is_read(site, secret):
    body = envelope(site)
    body = body[:-1] + b',"padding":"' + b"x" * (256 * 1024 - len(body) - 13) + b'"}'
    assert len(body) == 256 * 1024
    assert deliver(site, body, signature(secret, body)).status == 200
    too_large = body[:-2] + b'x"}'
    assert len(too_large) == 256 * 1024 + 1
    assert deliver(site, too_large, signature(secret, too_large)).status == 413


def test_only_post_is_taken(site):
    for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"):
        assert site.request(method, PATH).status == 405, method
    assert site.request("POST", "/hooks/other").status == 404
    assert site.request("POST", PATH + "/").status == 404


def test_no_database_is_503_so_that_tiktok_comes_again(site, secret):
    body = envelope(site)
    site.sql("ALTER ROLE spg_tiktok_webhook NOLOGIN")
    try:
        site.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'spg_tiktok_webhook'")
        answer = deliver(site, body, signature(secret, body))
        assert answer.status == 503 and "Retry-After" in answer.headers
        assert stored(site, body) == []
    finally:
        site.sql("ALTER ROLE spg_tiktok_webhook LOGIN")
    wait_for("stored", lambda: deliver(site, body, signature(secret, body)).status == 200)
    assert len(stored(site, body)) == 1


def test_the_answer_comes_fast(site, secret):
    times = []
    for _ in range(40):
        body = envelope(site)
        began = time.monotonic()
        assert deliver(site, body, signature(secret, body)).status == 200
        times.append(time.monotonic() - began)
    assert sorted(times)[-2] < 1.0


def test_the_program_can_do_nothing_but_store(site):
    rows = site.sql("SELECT table_name, privilege_type FROM information_schema.role_table_grants"
                    " WHERE grantee = 'spg_tiktok_webhook' ORDER BY 1, 2")
    assert rows == [("schema_migration", "SELECT"), ("webhook_event", "INSERT")]
    columns = site.sql("SELECT DISTINCT table_name, privilege_type FROM information_schema.role_column_grants"
                       " WHERE grantee = 'spg_tiktok_webhook' AND table_name NOT IN ('schema_migration', 'webhook_event')"
                       " ORDER BY 1, 2")
    assert columns == [("audit_event", "INSERT"), ("audit_event", "SELECT")], "it adds to the record, and reads its numbers"
