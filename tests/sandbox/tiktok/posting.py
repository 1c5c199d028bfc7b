"""The content posting calls (reference 3.1 to 3.4, 3.7, 3.8). Checks stand in the order of 9.1:
token, scope, rate, body, caps, audit, privacy."""
import hashlib

from . import life, pull, rules
from .answers import Refusal, invalid, ok
from .state import random_id, random_text

PUBLISH_IDS = {
    ("direct", "FILE_UPLOAD"): "v_pub_file~v2-1.",
    ("direct", "PULL_FROM_URL"): "v_pub_url~v2-1.",
    ("draft", "FILE_UPLOAD"): "v_inbox_file~v2.",
    ("draft", "PULL_FROM_URL"): "v_inbox_url~v2.",
    ("direct", "photo"): "p_pub_url~v2.",
    ("draft", "photo"): "p_inbox_url~v2.",
}


def authorize(box, request, call, *scopes):
    """Sets call.grant and call.account; any one of the scopes is enough."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    grant_id = box.live_grant("access", token) if scheme == "Bearer" else None
    if grant_id is None:
        raise Refusal(401, "access_token_invalid",
                      "The access token is invalid or not found in the request.")
    call.grant = box.grants[grant_id]
    call.account = call.grant["open_id"]
    if scopes and not set(scopes) & set(call.grant["scopes"]):
        raise Refusal(401, "scope_not_authorized",
                      "The user did not authorize the scope required for completing this request.")
    return box.accounts[call.account]


def limit(box, call, setting):
    if not box.within_rate(call.route, call.account, box.settings[setting]):
        raise Refusal(429, "rate_limit_exceeded", "The API rate limit was exceeded.")


def read_json(request, call):
    if request.content_type != "application/json":
        raise invalid("Content-Type must be application/json")
    return call.json()


async def creator_info(box, request, call):
    account = authorize(box, request, call, "video.publish")
    limit(box, call, "creator_info_per_minute")
    read_json(request, call)
    code = box.cap_code(account)
    if code:
        raise Refusal(200, code)
    return ok(call, {
        "creator_avatar_url": avatar_url(box, account),
        "creator_username": account["username"],
        "creator_nickname": account["display_name"],
        "privacy_level_options": box.privacy_options(account),
        "comment_disabled": account["comment_disabled"],
        "duet_disabled": account["duet_disabled"] or account["private"],
        "stitch_disabled": account["stitch_disabled"] or account["private"],
        "max_video_post_duration_sec": account["max_video_post_duration_sec"],
    })


def avatar_url(box, account, size=240):
    expires = int(box.now()) + 7200
    return f"{box.base_url}/avatar/{account['open_id']}.png?size={size}&x-expires={expires}"


async def video_init(box, request, call):
    account = authorize(box, request, call, "video.publish")
    limit(box, call, "init_per_minute")
    body = read_json(request, call)
    info = rules.video_info(body, call)
    source = rules.video_source(body, call, box.settings["max_video_size"])
    check_direct(box, account, info, [source.get("video_url")])
    return create(box, call, "direct", source["source"], info, source)


async def inbox_init(box, request, call):
    account = authorize(box, request, call, "video.upload")
    limit(box, call, "init_per_minute")
    body = read_json(request, call)
    source = rules.video_source(body, call, box.settings["max_video_size"])
    if "post_info" in body:
        call.warnings.append("dropped:post_info")
    check_cap(box.draft_cap_code(account))
    check_owned(box, [source.get("video_url")])
    return create(box, call, "draft", source["source"], {}, source)


async def photo_init(box, request, call):
    direct = '"MEDIA_UPLOAD"' not in call.text
    account = authorize(box, request, call, "video.publish" if direct else "video.upload")
    limit(box, call, "init_per_minute")
    body = read_json(request, call)
    info, source = rules.photo_request(body, call)
    if body["post_mode"] == "DIRECT_POST":
        check_direct(box, account, info, source["photo_images"])
        return create(box, call, "direct", "photo", info, source)
    check_cap(box.draft_cap_code(account))
    check_owned(box, source["photo_images"])
    return create(box, call, "draft", "photo", info, source)


def check_cap(code):
    if code:
        raise Refusal(403, code)


def check_owned(box, urls):
    for url in urls:
        if url and not rules.owns(box.settings["verified_prefixes"], url):
            raise Refusal(403, "url_ownership_unverified")


def check_direct(box, account, info, urls):
    check_cap(box.cap_code(account))
    check_owned(box, urls)
    level = info.get("privacy_level")
    if not box.settings["audited"] and not (account["private"] and level in (None, "SELF_ONLY")):
        raise Refusal(403, "unaudited_client_can_only_post_to_private_accounts")
    if level not in box.privacy_options(account):
        raise Refusal(403, "privacy_level_option_mismatch")


def effective(account, info):
    """The interactions as TikTok sets them: what the creator has turned off stays off."""
    return {
        "disable_comment": info.get("disable_comment", False) or account["comment_disabled"],
        "disable_duet": info.get("disable_duet", False) or account["duet_disabled"] or account["private"],
        "disable_stitch":
            info.get("disable_stitch", False) or account["stitch_disabled"] or account["private"],
    }


def create(box, call, kind, source, info, source_info):
    """Makes the publish, saves it and answers; a pull begins at once."""
    upload = source == "FILE_UPLOAD"
    publish_id = PUBLISH_IDS[kind, source] + str(random_id())
    upload_id, token = str(random_id()), random_text(43)
    urls = source_info.get("photo_images") or [source_info.get("video_url")]
    publish = {
        "publish_id": publish_id, "account": call.account, "kind": kind, "source": source,
        "post_info": info, "effective": effective(box.accounts[call.account], info),
        "source_info": source_info, "created_at": box.now(), "all_bytes_at": None,
        "video_size": source_info.get("video_size", 0),
        "chunk_size": source_info.get("chunk_size", 0),
        "chunks": source_info.get("total_chunk_count", 0),
        "received": 0, "sha256": None, "parts": [],
        "status": "PROCESSING_UPLOAD" if upload else "PROCESSING_DOWNLOAD",
        "fail_reason": None, "posts": [], "next": None, "due_at": None, "answer": {},
        "upload_id": upload_id if upload else None, "upload_token": token if upload else None,
        "upload_expires_at": box.now() + box.settings["upload_seconds"] if upload else None,
        "urls": [] if upload else urls,
    }
    call.publish_id, call.caption = publish_id, info.get("title")
    life.save(box, publish)
    if not upload:
        pull.start(box, publish)
        return ok(call, {"publish_id": publish_id})
    box.uploads[upload_id] = publish_id
    box.hashes[publish_id] = hashlib.sha256() if box.settings["hash_uploads"] else None
    box.remember(token, "upload_token", call.account)
    # no slash at the end: `curl -T` would add the name of its file
    url = f"{box.base_url}/upload/{upload_id}?upload_token={token}"
    return ok(call, {"publish_id": publish_id, "upload_url": url})


def find_publish(box, call, body):
    publish = box.publishes.get(body.get("publish_id") if type(body.get("publish_id")) is str else "")
    if publish is None:
        raise Refusal(400, "invalid_publish_id")
    if publish["account"] != call.account:
        raise Refusal(400, "token_not_authorized_for_specified_publish_id")
    return publish


async def status(box, request, call):
    authorize(box, request, call, "video.upload", "video.publish")
    limit(box, call, "status_per_minute")
    life.settle(box)
    publish = find_publish(box, call, read_json(request, call))
    data = {"status": publish["status"]}
    if publish["status"] == "FAILED":
        data["fail_reason"] = publish["fail_reason"]
    data["publicaly_available_post_id"] = [p["id"] for p in publish["posts"] if p["announced"]]
    data["uploaded_bytes" if publish["source"] == "FILE_UPLOAD" else "downloaded_bytes"] = \
        publish["received"]
    data.update(publish["answer"])
    return ok(call, {name: value for name, value in data.items() if value is not None})


async def cancel(box, request, call):
    authorize(box, request, call, "video.upload", "video.publish")
    publish = find_publish(box, call, read_json(request, call))
    if publish["status"] != "PROCESSING_DOWNLOAD" or publish["all_bytes_at"]:
        raise Refusal(400, "publish_not_cancellable")
    life.fail(box, publish, "publish_cancelled")
    return ok(call, None)
