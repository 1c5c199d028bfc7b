"""The control interface under /_sandbox/, described in README.md."""
import asyncio
import json

from aiohttp import web

from . import life, oauth, settings as knobs, webhooks
from .tally import Tally

HIDDEN = ("upload_token", "upload_id", "next")
ADJUSTABLE = {"status": str, "fail_reason": str, "answer": dict}


def problem(message, status=400):
    return web.json_response({"error": str(message)}, status=status)


def guarded(box, handler):
    """Turns wrong input into 400 and an unknown id into 404, with a message for people."""

    async def serve(request):
        try:
            text = await request.text()
            body = json.loads(text) if text else {}
            if not isinstance(body, dict):
                raise ValueError("body: not an object")
            return web.json_response(await handler(box, request, body))
        except (ValueError, TypeError) as error:
            return problem(error)
        except KeyError as error:
            return problem(f"unknown or missing: {error}", 404)

    return serve


def routes(box):
    table = [
        ("GET", "/state", get_state), ("GET", "/calls", get_calls), ("DELETE", "/calls", delete_calls),
        ("GET", "/secrets", get_secrets), ("PATCH", "/settings", patch_settings),
        ("POST", "/accounts", post_account), ("PATCH", "/accounts/{open_id}", patch_account),
        ("POST", "/accounts/{open_id}/disconnect", disconnect),
        ("POST", "/accounts/{open_id}/expire", expire),
        ("POST", "/publishes/{publish_id}", post_publish),
        ("GET", "/faults", get_faults), ("POST", "/faults", post_fault),
        ("DELETE", "/faults", delete_faults), ("DELETE", "/faults/{id}", delete_faults),
        ("GET", "/webhooks", get_webhooks), ("POST", "/webhooks", post_webhook),
        ("POST", "/clock", post_clock), ("POST", "/reset", reset),
    ]
    return [web.route(method, "/_sandbox" + path, guarded(box, handler))
            for method, path, handler in table]


# what happened

def show_publish(publish):
    return {name: value for name, value in publish.items() if name not in HIDDEN}


def show_account(box, account):
    grants = [box.grants[key] for key in box.grants_of(account["open_id"])]
    publishes = box.publishes_of(account["open_id"])
    videos = [{**post, "publish_id": publish["publish_id"], "sha256": publish["sha256"]}
              for publish in publishes for post in publish["posts"]]
    return {**account, "scopes": [grant["scopes"] for grant in grants], "inits": len(publishes),
            "videos": videos, "public_videos": [video for video in videos if video["public"]],
            "calls": box.tally.show(account["open_id"])}


async def get_state(box, request, body):
    life.settle(box)
    return {
        "now": box.now(), "settings": box.settings, "client_key": box.client_key,
        "accounts": {key: show_account(box, account) for key, account in box.accounts.items()},
        "publishes": {key: show_publish(publish) for key, publish in box.publishes.items()},
    }


async def get_calls(box, request, body):
    match = {name: request.query[name] for name in ("route", "account", "publish_id")
             if name in request.query}
    since, limit = int(request.query.get("since", 0)), int(request.query.get("limit", 10000))
    return box.store.calls(since, limit, **match)


async def delete_calls(box, request, body):
    box.store.clear_calls()
    box.tally = Tally()
    return {}


async def get_secrets(box, request, body):
    return [{"value": value, **about} for value, about in box.secrets.items()]


# knobs

async def patch_settings(box, request, body):
    box.set(body)
    return box.settings


async def post_clock(box, request, body):
    box.set({"clock_offset": box.settings["clock_offset"] + float(body["advance"])})
    life.settle(box)
    return {"now": box.now()}


async def reset(box, request, body):
    box.faults.remove()
    box.reset()
    return {}


async def post_account(box, request, body):
    account = knobs.new_account(body)
    taken = [a["open_id"] for a in box.accounts.values() if a["username"] == account["username"]]
    if account["open_id"] in box.accounts or taken:
        raise ValueError("open_id or username: taken")
    box.save("account", account["open_id"], account)
    return account


async def patch_account(box, request, body):
    """Fields of the account, and "scopes", which changes those of its live grants."""
    open_id = request.match_info["open_id"]
    account, scopes = box.accounts[open_id], body.pop("scopes", None)
    knobs.change(account, body, {k: v for k, v in knobs.ACCOUNT.items() if k != "open_id"})
    box.save("account", open_id, account)
    for grant_id in box.grants_of(open_id) if scopes is not None else []:
        box.save("grant", grant_id, {**box.grants[grant_id], "scopes": scopes})
    return show_account(box, account)


async def disconnect(box, request, body):
    open_id = box.accounts[request.match_info["open_id"]]["open_id"]
    oauth.disconnect(box, open_id, body.get("reason", 1))
    return {}


async def expire(box, request, body):
    """Lets live tokens of the account end now: {"token": "access"|"refresh"|"all"}."""
    which, ids = body.get("token", "access"), box.grants_of(request.match_info["open_id"])
    kinds = {"access": ["access"], "refresh": ["refresh"], "all": ["access", "refresh"]}[which]
    count = 0
    for kind in kinds:
        records = getattr(box, box.KINDS[kind])
        for token in box.tokens_of(kind, ids):
            box.save(kind, token, {**records[token], "expires_at": box.now()})
            count += 1
    return {"expired": count}


async def post_publish(box, request, body):
    """An action on a publish, or plain values for it; answers the publish."""
    publish = box.publishes[request.match_info["publish_id"]]
    action = body.pop("action", None)
    if action == "fail":
        life.fail(box, publish, body["reason"])
    elif action == "complete":
        life.complete(box, publish)
    elif action == "post_draft":
        life.complete(box, publish, body.get("privacy_level", "PUBLIC_TO_EVERYONE"),
                      body.get("title", ""))
    elif action == "deliver_draft":
        publish.update(next="process", due_at=box.now())
        life.save(box, publish)
        life.settle(box)
    elif action in ("make_public", "make_private"):
        (life.make_private if action == "make_private" else open_post)(box, publish)
    elif action == "freeze":
        publish.update(next=None, due_at=None)
    elif action is not None:
        raise ValueError(f"action {action}: unknown")
    else:
        assign(box, publish, body)
    life.save(box, publish)
    return show_publish(publish)


def open_post(box, publish):
    life.make_public(box, publish, everyone=True)


def assign(box, publish, body):
    """Values as they are, without webhooks. "answer" is laid over what status/fetch gives."""
    ids = body.pop("public_ids", None)
    for name, value in body.items():
        if type(value) is not ADJUSTABLE.get(name):
            raise ValueError(f"{name}: unknown or of the wrong type")
    publish.update(body)
    if "status" in body:
        publish.update(next=None, due_at=None)
    if ids is not None:
        publish["posts"] = [
            {"id": int(key), "created_at": box.now(), "privacy_level": "PUBLIC_TO_EVERYONE",
             "public": True, "announced": True, "title": publish["post_info"].get("title", "")}
            for key in ids]


# faults and webhooks

async def get_faults(box, request, body):
    return [box.faults.show(rule) for rule in box.faults.rules]


async def post_fault(box, request, body):
    return box.faults.add(body)


async def delete_faults(box, request, body):
    rule_id = request.match_info.get("id")
    box.faults.remove(int(rule_id) if rule_id else None)
    return {}


async def get_webhooks(box, request, body):
    return list(box.deliveries.values())


async def post_webhook(box, request, body):
    """Sends one event now, `times` times at once, and answers the HTTP statuses received."""
    url = body.get("url") or box.settings["webhook_url"]
    if not url:
        raise ValueError("webhook_url: not set")
    raw = body.get("raw_body")
    raw = raw.encode() if raw is not None else webhooks.envelope(
        box, body["event"], body.get("open_id", ""), body.get("content", {}),
        body.get("client_key"), body.get("create_time"))
    header = webhooks.forged(body.get("signature", "valid"), box.client_secret, raw)
    sends = [webhooks.post(url, raw, header) for _ in range(body.get("times", 1))]
    return {"statuses": await asyncio.gather(*sends)}
