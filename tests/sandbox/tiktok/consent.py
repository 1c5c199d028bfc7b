"""The consent page GET and POST /v2/auth/authorize/ (reference 1.1 to 1.4)."""
import re
import urllib.parse

from aiohttp import web

from . import pages
from .posting import avatar_url
from .state import random_text

COOKIE = "sandbox_account"


class Wrong(Exception):
    """A parameter for which TikTok shows its own error page."""


def check(box, query):
    """The checked request: redirect_uri, state, scopes, challenge."""
    for name in query:
        if len(query.getall(name)) > 1:
            raise Wrong(name)
    if query.get("client_key") != box.client_key:
        raise Wrong("client_key")
    if query.get("redirect_uri") not in box.settings["redirect_uris"]:
        raise Wrong("redirect_uri")
    if query.get("response_type") != "code":
        raise Wrong("response_type")
    if not query.get("state"):
        raise Wrong("state")
    scopes = query.get("scope", "").split(",")
    if not set(scopes) <= set(box.settings["enabled_scopes"]) or len(set(scopes)) < len(scopes):
        raise Wrong("scope")
    challenge = query.get("code_challenge", "")
    if challenge or "code_challenge_method" in query or box.settings["pkce_required"]:
        if not re.fullmatch(r"[0-9a-f]{64}", challenge):
            raise Wrong("code_challenge")
        if query.get("code_challenge_method") != "S256":
            raise Wrong("code_challenge_method")
    if query.get("disable_auto_auth", "0") not in ("0", "1"):
        raise Wrong("disable_auto_auth")
    return {"redirect_uri": query["redirect_uri"], "state": query["state"], "scopes": scopes,
            "challenge": challenge, "auto": query.get("disable_auto_auth", "0") == "0"}


def back(wanted, **members):
    """302 to the application; every value is percent-encoded, * and ! too."""
    members["state"] = wanted["state"]
    query = "&".join(f"{name}={urllib.parse.quote(value, safe='')}" for name, value in members.items())
    return web.Response(status=302, headers={"Location": f"{wanted['redirect_uri']}?{query}",
                                             "Cache-Control": "no-store"})


def denied(wanted, error, description, error_type=None):
    members = {"error": error, "error_description": description}
    if error_type:
        members["error_type"] = error_type
    return back(wanted, **members)


def grant(box, call, wanted, open_id, scopes):
    """A fresh code. The %7E in it is part of the code: decoding twice breaks it."""
    account = box.accounts[open_id]
    call.account = open_id
    if not box.settings["live"]:
        call.code = "unauthorized_client"
        return denied(wanted, "unauthorized_client", "The client is not live.", "client_key")
    if box.settings["sandbox"] and not account["sandbox_target"]:
        call.code = "access_denied"
        return denied(wanted, "access_denied", "The user is not a target user.", "non_sandbox_target")
    code = box.remember(f"{random_text(30)}%7E{random_text(30)}*!4608.va", "code", open_id)
    box.save("code", code, {
        "account": open_id, "scopes": scopes, "redirect_uri": wanted["redirect_uri"],
        "challenge": wanted["challenge"], "expires_at": box.now() + box.settings["code_seconds"]})
    call.code = "ok"
    answer = back(wanted, code=code, scopes=",".join(scopes))
    answer.set_cookie(COOKIE, open_id, httponly=True, samesite="Lax")
    return answer


def remembered(box, request, scopes):
    """The account that TikTok would authorise again without asking, or None."""
    open_id = request.cookies.get(COOKIE)
    for grant_id in box.grants_of(open_id):
        if open_id in box.accounts and set(scopes) <= set(box.grants[grant_id]["scopes"]):
            return open_id
    return None


async def show(box, request, call):
    try:
        wanted = check(box, request.query)
    except Wrong as wrong:
        call.code = f"wrong {wrong}"
        return pages.wrong(str(wrong))
    open_id = remembered(box, request, wanted["scopes"]) if wanted["auto"] else None
    if open_id:
        return grant(box, call, wanted, open_id, wanted["scopes"])
    return pages.consent(box, wanted["scopes"], avatar_url)


async def decide(box, request, call):
    form = urllib.parse.parse_qs(call.text)
    try:
        wanted = check(box, request.query)
        action = form.get("action", [""])[0]
        if action == "cancel":
            call.code = "access_denied"
            return denied(wanted, "access_denied", "User denied the authorization.")
        open_id = form.get("account", [""])[0]
        if open_id not in box.accounts:
            raise Wrong("account")
        if action != "authorize":
            raise Wrong("action")
    except Wrong as wrong:
        call.code = f"wrong {wrong}"
        return pages.wrong(str(wrong))
    ticked = [*form.get("scope", []), "user.info.basic"]
    scopes = [scope for scope in wanted["scopes"] if scope in ticked]
    return grant(box, call, wanted, open_id, scopes)
