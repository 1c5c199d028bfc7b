"""Token, refresh and revoke (reference 1.5 to 1.10)."""
import hashlib
import hmac
import json
import re
import urllib.parse

from aiohttp import web

from . import life, webhooks
from .answers import Refusal
from .state import random_text

GRANT_FIELDS = {
    "authorization_code": {"code", "redirect_uri"},
    "refresh_token": {"refresh_token"},
}


def bad(description, code="invalid_request"):
    return Refusal(400, code, description)


def read_form(request, call):
    """The fields of a form-encoded body; a field twice or another type of body is refused."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise bad("Content-Type must be application/x-www-form-urlencoded.")
    pairs = urllib.parse.parse_qsl(call.text, keep_blank_values=True)
    form = dict(pairs)
    if len(form) != len(pairs):
        raise bad("A parameter is repeated.")
    return form


def need(form, *names):
    for name in names:
        if not form.get(name):
            raise bad(f"Parameter {name} is missing.")


def check_client(box, form):
    secret_ok = hmac.compare_digest(form["client_secret"].encode(), box.client_secret.encode())
    if form["client_key"] != box.client_key or not secret_ok:
        raise bad("Client key or secret is incorrect.", "invalid_client")


async def token(box, request, call):
    form = read_form(request, call)
    need(form, "client_key", "client_secret", "grant_type")
    if form["grant_type"] == "client_credentials":
        raise bad("This client may not use client_credentials.", "unauthorized_client")
    if form["grant_type"] not in GRANT_FIELDS:
        raise bad("Grant type is not supported.", "unsupported_grant_type")
    need(form, *GRANT_FIELDS[form["grant_type"]])
    check_client(box, form)
    exchange = exchange_code if form["grant_type"] == "authorization_code" else refresh
    grant_id, access, refresh_token = exchange(box, form)
    grant = box.grants[grant_id]
    call.account = grant["open_id"]
    answer = {
        "access_token": access,
        "expires_in": seconds_left(box, box.access_tokens[access]),
        "open_id": grant["open_id"],
        "refresh_expires_in": seconds_left(box, box.refresh_tokens[refresh_token]),
        "refresh_token": refresh_token,
        "scope": ",".join(grant["scopes"]),
        "token_type": "Bearer",
    }
    return web.json_response(answer, headers={"Cache-Control": "no-store"})


def seconds_left(box, record):
    return round(record["expires_at"] - box.now())


def exchange_code(box, form):
    code = box.codes.get(form["code"])
    if code is None:
        raise bad("Authorization code is invalid.", "invalid_grant")
    box.drop("code", form["code"])  # single use, whatever follows
    if code["expires_at"] <= box.now():
        raise bad("Authorization code is expired.", "invalid_grant")
    if form["redirect_uri"] != code["redirect_uri"]:
        raise bad("Redirect_uri is not matched with the uri when requesting code.")
    if code["challenge"]:
        verifier = form.get("code_verifier", "")
        digest = hashlib.sha256(verifier.encode()).hexdigest()
        if not re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", verifier) or digest != code["challenge"]:
            raise bad("Code verifier or code challenge is invalid.")
    grant_id = random_text(16)
    box.save("grant", grant_id, {"open_id": code["account"], "scopes": code["scopes"],
                                 "created_at": box.now()})
    return grant_id, *box.issue_tokens(grant_id)


def refresh(box, form):
    old = form["refresh_token"]
    grant_id = box.live_grant("refresh", old)
    if grant_id is None:
        raise bad("Refresh token is invalid or expired.", "invalid_grant")
    rotate = box.settings["rotate_refresh_tokens"]
    if rotate:
        box.drop("refresh", old)
    if box.settings["old_access_token_dies"]:
        for access in box.tokens_of("access", [grant_id]):
            box.drop("access", access)
    return grant_id, *box.issue_tokens(grant_id, keep_refresh=None if rotate else old)


async def revoke(box, request, call):
    form = read_form(request, call)
    need(form, "client_key", "client_secret", "token")
    check_client(box, form)
    grant_id = box.live_grant("access", form["token"])
    if grant_id is None:
        raise bad("Access token is invalid or expired.", "invalid_grant")
    disconnect(box, box.grants[grant_id]["open_id"], 5)
    return web.Response(text=json.dumps({}), content_type="application/json")


def disconnect(box, open_id, reason):
    """Ends all grants of the account, fails what is under way, and tells by webhook."""
    box.end_grants(open_id)
    for publish in box.publishes_of(open_id):
        if publish["status"] in life.OPEN:
            life.fail(box, publish, "auth_removed")
    webhooks.send(box, "authorization.removed", open_id, {"reason": reason})
