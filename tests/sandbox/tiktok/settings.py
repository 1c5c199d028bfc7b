"""The knobs that hold for the whole app, with the defaults of reference 9.1, and the accounts."""
import hashlib
import ipaddress
import urllib.parse

SCOPES = [
    "user.info.basic", "user.info.profile", "user.info.stats",
    "video.list", "video.upload", "video.publish",
]

OUTAGES = ("", "refuse", "503", "stall")

SETTINGS = {
    # the app
    "redirect_uris": [],
    "enabled_scopes": SCOPES,
    "audited": True,
    "sandbox": False,              # true: accounts with sandbox_target false are refused
    "live": True,                  # false: unauthorized_client, error_type=client_key
    "pkce_required": False,
    "active_creator_cap": 1000,    # creators per 24 h
    "unaudited_creator_cap": 5,    # the same while the app is not audited
    "verified_prefixes": [],       # "static.example.com", "https://host/path/", "http://127.0.0.1:8080/"
    # OAuth
    "oauth_error_status": 400,     # or 200
    "code_seconds": 60.0,
    "access_token_seconds": 7200.0,
    "refresh_token_seconds": 15552000.0,
    "rotate_refresh_tokens": True,
    "old_access_token_dies": True,
    "out_of_scope_fields": "error",  # or "empty"
    # limits
    "rate_limits": True,
    "init_per_minute": 6,
    "creator_info_per_minute": 20,
    "status_per_minute": 30,
    "display_per_minute": 600,
    "daily_post_cap": 15,
    "pending_draft_cap": 5,
    "unfinished_inits_count": True,  # an init without its bytes counts towards both caps
    # posting
    "invalid_params_code": "invalid_params",  # or "invalid_param"
    "max_video_size": 4_000_000_000,
    "upload_seconds": 3600.0,
    "processing_seconds": 1.0,
    "moderation_seconds": 2.0,
    "never_public_id": False,
    "fail_by_size": {},            # {"12345": "file_format_check_failed"}
    "length_mismatch_status": 400,  # or 502
    "last_chunk_status": 201,      # or 200
    "content_range": "count",      # or "index": what <uploaded> means in the answer's header
    "partial_chunks": "drop",      # or "keep": bytes of a PUT that was cut count as uploaded
    "hash_uploads": True,
    "keep_files": False,           # write the bytes to DIR/files/
    "pull_delay_seconds": 0.0,
    "pull_seconds": 3600.0,
    "pull_fetches": 1,             # 2: fetched again when it is there; must be the same bytes
    "pull_ranges": 1,              # 3: HEAD, then three requests with Range
    "pull_retries": 0,             # how many failed fetches are begun anew
    "pull_retry_seconds": 0.2,
    # webhooks
    "webhook_url": "",
    "webhook_delay_seconds": 0.0,
    "webhook_retry_seconds": 1.0,  # first pause, doubled each time
    "webhook_window_seconds": 60.0,
    "webhook_duplicates": 0.2,     # share of deliveries that are sent twice
    "webhook_skip_events": [],
    "webhook_resign": True,        # a retry carries a new time and signature
    # the sandbox itself
    "outage": "",                  # or "refuse" (reset), "503", "stall": of every API and upload call
    "clock_offset": 0.0,
}

ACCOUNT = {
    "open_id": "", "union_id": "", "username": "", "display_name": "", "bio_description": "",
    "is_verified": False, "follower_count": 0, "following_count": 0, "likes_count": 0,
    "private": False,
    "privacy_options": [],         # empty: those of a public or a private account
    "comment_disabled": False, "duet_disabled": False, "stitch_disabled": False,
    "max_video_post_duration_sec": 600,
    "banned": False,
    "daily_post_cap": 0,           # 0: the setting
    "other_posts": 0,              # posted within 24 h by other apps
    "other_drafts": 0,
    "sandbox_target": True,
}

ACCOUNTS = [
    {"open_id": "-000SampleCreatorSandbox0001", "username": "sample_creator",
     "display_name": "Sample Creator", "bio_description": "Makes samples.", "is_verified": True,
     "follower_count": 12345, "following_count": 67, "likes_count": 890123},
    {"open_id": "_000PrivateCreatorSandbox002", "username": "private_creator",
     "display_name": "Private Creator", "private": True, "follower_count": 12},
    {"open_id": "000NoDuetSandbox00000000003", "username": "no_duet", "display_name": "No Duet",
     "duet_disabled": True, "stitch_disabled": True, "max_video_post_duration_sec": 180},
]


def new_account(fields):
    """A complete account from the fields given; raises ValueError naming a wrong one."""
    account = dict(ACCOUNT)
    change(account, fields, ACCOUNT)
    name = account["username"] or account["display_name"].lower().replace(" ", "_")
    if not name:
        raise ValueError("username: missing")
    digest = hashlib.sha256(name.encode()).hexdigest()
    account["username"] = name
    account["display_name"] = account["display_name"] or name
    account["open_id"] = account["open_id"] or "-000" + digest[:24]
    account["union_id"] = account["union_id"] or "-".join(
        [digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]])
    return account


def change(target, fields, model):
    """Sets fields of target whose names and types are those of model, or raises ValueError."""
    for name, value in fields.items():
        if name not in model:
            raise ValueError(f"{name}: unknown")
        kind = type(model[name])
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind:
            raise ValueError(f"{name}: must be {kind.__name__}")
        if name == "redirect_uris":
            check_redirect_uris(value)
        if name == "outage" and value not in OUTAGES:
            raise ValueError(f"outage: must be one of {OUTAGES}")
        fields[name] = value
    target.update(fields)


def is_loopback(host):
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def check_redirect_uris(uris):
    """Reference 1.2; http is let through for loopback, as tests have no certificate."""
    if len(uris) > 10:
        raise ValueError("redirect_uris: more than 10")
    for uri in uris:
        parts = urllib.parse.urlsplit(uri)
        secure = parts.scheme == "https" and parts.hostname
        if not secure and not (parts.scheme == "http" and is_loopback(parts.hostname)):
            raise ValueError("redirect_uris: must be https")
        if len(uri) >= 512 or "?" in uri or "#" in uri:
            raise ValueError("redirect_uris: too long, or with a query or fragment")
