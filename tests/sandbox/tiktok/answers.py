"""The two shapes in which TikTok answers (reference 1.10)."""
import datetime
import secrets

from aiohttp import web

GUIDELINES = ("Please review our integration guidelines at "
              "https://developers.tiktok.com/doc/content-sharing-guidelines/")
FLAT = {"token", "refresh", "revoke"}


class Refusal(Exception):
    """An error answer: HTTP status, TikTok's code, message, extra headers."""

    def __init__(self, status, code, message="", headers=None):
        super().__init__(code)
        self.status, self.code, self.headers = status, code, headers or {}
        self.message = message or (GUIDELINES if status == 403 else code.replace("_", " "))


def invalid(message):
    return Refusal(400, "invalid_params", message)


def new_log_id():
    stamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%d%H%M%S")
    return stamp + secrets.token_hex(9).upper()


def ok(call, data):
    """A wrapped success; data None leaves the member out."""
    call.code = "ok"
    body = {} if data is None else {"data": data}
    body["error"] = {"code": "ok", "message": "", "log_id": call.log_id}
    return web.json_response(body)


def refuse(call, status, code, message="", headers=None):
    """An error in the shape that belongs to the call's route."""
    call.code = code
    if call.route in FLAT:
        body = {"error": code, "error_description": message, "log_id": call.log_id}
    else:
        body = {"data": {}, "error": {"code": code, "message": message, "log_id": call.log_id}}
    return web.json_response(body, status=status, headers=headers)
