"""One API call: what it is about, its place in the call log, and the way through the faults."""
import asyncio
import json
import re
import sys
import time
import traceback
import urllib.parse

from aiohttp import web

from . import answers, faults, outage


class Call:
    """What is known about a call. Never holds a secret in what entry() gives."""

    def __init__(self, request, route):
        self.route, self.method, self.path = route, request.method, request.path
        self.log_id, self.time, self.seq = answers.new_log_id(), time.time(), 0
        self.account = self.publish_id = self.caption = self.chunk = None
        self.range = None            # of a PUT
        self.last_chunk = False
        self.status = self.code = self.seconds = None
        self.bytes_in = 0
        self.processed = False       # the handler ran to its end
        self.faults, self.warnings = [], []
        self.text = ""               # body, of all but PUT
        self.grant = None
        self.during = None           # fault to be met in the middle of a PUT

    def entry(self):
        names = ("time", "seconds", "route", "method", "path", "account", "publish_id", "status",
                 "code", "log_id", "chunk", "range", "bytes_in", "processed", "faults", "warnings")
        return {name: getattr(self, name) for name in names}

    def json(self):
        """The body as an object; an empty body is an empty object."""
        try:
            body = json.loads(self.text) if self.text.strip() else {}
        except ValueError:
            raise answers.invalid("The request body is not JSON") from None
        if not isinstance(body, dict):
            raise answers.invalid("The request body is not an object")
        return body


async def identify(box, request, call):
    """Finds account, publish and chunk, so that faults and the log can name them."""
    header = request.headers.get("Authorization", "")
    secret = header.removeprefix("Bearer ")
    if call.route == "upload":
        publish = box.publishes.get(box.uploads.get(request.match_info["upload_id"]))
        found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", request.headers.get("Content-Range", ""))
        if found:
            call.range = [int(text) for text in found.groups()]
        if publish:
            call.account, call.publish_id = publish["account"], publish["publish_id"]
            call.caption = publish["post_info"].get("title")
        if publish and call.range:
            call.chunk = min(call.range[0] // publish["chunk_size"], publish["chunks"] - 1)
            call.last_chunk = call.chunk == publish["chunks"] - 1
        return
    call.text = (await request.read()).decode("utf-8", "replace")
    call.bytes_in = len(call.text)
    if call.route == "token":
        form = dict(urllib.parse.parse_qsl(call.text))
        if form.get("grant_type") == "refresh_token":
            call.route = "refresh"
        secret = form.get("refresh_token") or form.get("code") or ""
    elif call.route == "revoke":
        secret = dict(urllib.parse.parse_qsl(call.text)).get("token", "")
    elif call.text.startswith("{"):
        try:
            body = call.json()
        except answers.Refusal:
            body = {}
        if isinstance(body.get("publish_id"), str):
            call.publish_id = body["publish_id"][:64]
        if isinstance(body.get("post_info"), dict):
            call.caption = body["post_info"].get("title")
    call.account = box.secrets.get(secret, {}).get("account")
    if call.publish_id in box.publishes:
        call.caption = box.publishes[call.publish_id]["post_info"].get("title")


def endpoint(box, route, handler):
    """An aiohttp handler that logs the call, meets the faults and runs handler(box, request, call)."""

    async def serve(request):
        call = Call(request, route)
        call.seq = box.store.add_call(call.entry())
        try:
            await identify(box, request, call)
            box.store.update_call(call.seq, call.entry())
            if call.account:
                box.tally.add(call.account, call.route, box.now())
            response = await outage.meet(box, request, call)
            if response is None:
                response = await faults.meet(box, request, call, "before")
            if response is None:
                call.during = box.faults.take(call, "during")
                response = await run(box, request, call, handler)
                replaced = await faults.meet(box, request, call, "after", response)
                response = replaced if replaced is not None else response
            call.status = response.status
            response.headers["x-tt-logid"] = call.log_id
            return response
        except (faults.Cut, ConnectionError, web.RequestPayloadError):
            call.code = "connection_closed"
            return web.Response(status=499)  # goes nowhere: the connection is gone
        except asyncio.CancelledError:
            call.code = "cancelled"
            raise
        finally:
            call.seconds = round(time.time() - call.time, 6)
            box.store.update_call(call.seq, call.entry())
            report(call)

    return serve


async def run(box, request, call, handler):
    try:
        response = await handler(box, request, call)
    except answers.Refusal as refusal:
        code, status = refusal.code, refusal.status
        if code == "invalid_params":
            code = box.settings["invalid_params_code"]
        if call.route in answers.FLAT:
            status = box.settings["oauth_error_status"]
        response = answers.refuse(call, status, code, refusal.message, refusal.headers)
    except (faults.Cut, ConnectionError, web.RequestPayloadError):
        raise
    except Exception:
        traceback.print_exc()
        response = answers.refuse(call, 500, "internal_error", "the sandbox itself failed")
    call.processed = True
    return response


def report(call):
    """One line on standard error: no query string, no header, no body."""
    words = [call.method, call.path, call.account, call.publish_id, call.status, call.code,
             f"{call.bytes_in} bytes", f"{call.seconds * 1000:.0f} ms"]
    words += [f"fault={fault}" for fault in call.faults] + call.warnings
    print(f"{call.time:.3f}", *(word for word in words if word is not None), file=sys.stderr, flush=True)
