"""User info and videos (reference 2)."""
from . import images, life
from .answers import Refusal, invalid, ok
from .posting import authorize, avatar_url, limit, read_json

FIELD_SCOPES = {
    **dict.fromkeys(("open_id", "union_id", "avatar_url", "avatar_url_100", "avatar_large_url",
                     "display_name"), "user.info.basic"),
    **dict.fromkeys(("bio_description", "profile_deep_link", "profile_web_link", "is_verified",
                     "username"), "user.info.profile"),
    **dict.fromkeys(("follower_count", "following_count", "likes_count", "video_count"),
                    "user.info.stats"),
}
VIDEO_FIELDS = {
    "id", "create_time", "cover_image_url", "share_url", "video_description", "title", "duration",
    "height", "width", "embed_html", "embed_link", "like_count", "comment_count", "share_count",
    "view_count", "is_aigc",
}


def fields_of(request, known):
    fields = [name for name in request.query.get("fields", "").split(",") if name]
    if not fields or not set(fields) <= set(known):
        raise invalid("The fields parameter is missing or names an unknown field")
    return fields


async def user_info(box, request, call):
    account = authorize(box, request, call)
    limit(box, call, "display_per_minute")
    fields = fields_of(request, FIELD_SCOPES)
    profile = f"https://www.tiktok.com/@{account['username']}"
    values = {
        **account,
        "avatar_url": avatar_url(box, account),
        "avatar_url_100": avatar_url(box, account, 100),
        "avatar_large_url": avatar_url(box, account, 720),
        "profile_deep_link": profile, "profile_web_link": profile,
        "video_count": len(public_posts(box, account)),
    }
    granted = [name for name in fields if FIELD_SCOPES[name] in call.grant["scopes"]]
    if len(granted) < len(fields) and box.settings["out_of_scope_fields"] == "error":
        raise Refusal(401, "scope_not_authorized", "A field needs a scope that was not granted.")
    return ok(call, {"user": {name: values[name] for name in granted}})


def public_posts(box, account):
    """(post, publish) of what everyone can see, newest first."""
    life.settle(box)
    found = [(post, publish) for publish in box.publishes_of(account["open_id"])
             for post in publish["posts"] if post["public"]]
    return sorted(found, key=lambda pair: pair[0]["created_at"], reverse=True)


def video(box, account, post, publish):
    link = f"https://www.tiktok.com/@{account['username']}/video/{post['id']}"
    return {
        "id": str(post["id"]), "create_time": int(post["created_at"]), "share_url": link,
        "cover_image_url": f"{box.base_url}/cover/{post['id']}.png?x-expires={int(box.now()) + 21600}",
        "video_description": post["title"][:150], "title": post["title"][:150],
        "duration": 10, "height": 1024, "width": 576,
        "embed_html": "", "embed_link": f"https://www.tiktok.com/player/v1/{post['id']}",
        "like_count": 0, "comment_count": 0, "share_count": 0, "view_count": 0,
        "is_aigc": publish["post_info"].get("is_aigc", False),
    }


async def video_list(box, request, call):
    account = authorize(box, request, call, "video.list")
    limit(box, call, "display_per_minute")
    fields, body = fields_of(request, VIDEO_FIELDS), read_json(request, call)
    cursor, count = body.get("cursor", int(box.now() * 1000) + 1), body.get("max_count", 10)
    if type(cursor) is not int or type(count) is not int or not 1 <= count <= 20:
        raise invalid("cursor or max_count is invalid")
    older = [(post, publish) for post, publish in public_posts(box, account)
             if int(post["created_at"] * 1000) < cursor]
    page = older[:count]
    cursor = int(page[-1][0]["created_at"] * 1000) if page else cursor
    return ok(call, {"videos": show(box, account, page, fields), "cursor": cursor,
                     "has_more": len(older) > count})


async def video_query(box, request, call):
    account = authorize(box, request, call, "video.list")
    limit(box, call, "display_per_minute")
    fields, filters = fields_of(request, VIDEO_FIELDS), read_json(request, call).get("filters")
    ids = filters.get("video_ids") if isinstance(filters, dict) else None
    if not isinstance(ids, list) or not 1 <= len(ids) <= 20 or any(type(i) is not str for i in ids):
        raise invalid("filters.video_ids must be a list of 1 to 20 strings")
    found = [pair for pair in public_posts(box, account) if str(pair[0]["id"]) in ids]
    return ok(call, {"videos": show(box, account, found, fields)})


def show(box, account, pairs, fields):
    videos = [video(box, account, post, publish) for post, publish in pairs]
    return [{name: one[name] for name in fields} for one in videos]


async def avatar(box, request):
    account = box.accounts.get(request.match_info["open_id"])
    if account is None:
        return images.answer(None)
    return images.answer(account["username"], request.query, box.now())


async def cover(box, request):
    return images.answer(request.match_info["video_id"], request.query, box.now())
