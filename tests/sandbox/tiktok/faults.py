"""Scripted faults: which call they hit, and what happens to it."""
import asyncio
import json
import socket
import struct

from aiohttp import web

from . import answers

MODEL = {
    "route": "*", "account": "", "publish_id": "", "caption": "", "chunk": 0,
    "skip": 0, "times": 1, "when": "before", "bytes": 0, "action": "answer",
    "status": 0, "code": "", "message": "", "body": "", "headers": {}, "seconds": 0.0,
}
WHENS = ("before", "during", "after")
ACTIONS = ("answer", "reset", "close", "stall", "delay", "empty", "malformed", "html")
HTML = "<!DOCTYPE html><title>Bad gateway</title><h1>Bad gateway</h1>"


class Cut(Exception):
    """The connection was ended on purpose."""


class Faults:
    """The faults in force. times < 0: for ever."""

    def __init__(self):
        self.rules = []
        self.next_id = 1

    def add(self, fields):
        rule = {**MODEL, **fields}
        for name, value in fields.items():
            if name == "seconds" and type(value) is int:
                rule[name] = float(value)
            elif name not in MODEL or type(value) is not type(MODEL[name]):
                raise ValueError(f"{name}: unknown or of the wrong type")
        if rule["action"] not in ACTIONS or rule["when"] not in WHENS:
            raise ValueError("action or when: unknown")
        if "chunk" not in fields:
            rule["chunk"] = None
        rule["id"], rule["hits"], rule["removed"] = self.next_id, 0, asyncio.Event()
        self.next_id += 1
        self.rules.append(rule)
        return self.show(rule)

    @staticmethod
    def show(rule):
        return {name: value for name, value in rule.items() if name != "removed"}

    def remove(self, rule_id=None):
        """Removes one rule or all; calls that wait in one of them go on at once."""
        for rule in [r for r in self.rules if rule_id in (None, r["id"])]:
            rule["removed"].set()
            self.rules.remove(rule)

    def take(self, call, when):
        """The first rule that hits this call at this moment, counted; or None."""
        for rule in self.rules:
            if rule["when"] != when or rule["hits"] == rule["times"] or not matches(rule, call):
                continue
            if rule["skip"] > 0:
                rule["skip"] -= 1
                continue
            rule["hits"] += 1
            call.faults.append(rule["id"])
            return rule
        return None


def matches(rule, call):
    if rule["route"] not in ("*", call.route):
        return False
    if rule["account"] and rule["account"] != call.account:
        return False
    if rule["publish_id"] and rule["publish_id"] != call.publish_id:
        return False
    if rule["caption"] and rule["caption"] not in (call.caption or ""):
        return False
    if rule["chunk"] is None:
        return True
    return call.last_chunk if rule["chunk"] == -1 else rule["chunk"] == call.chunk


async def meet(box, request, call, when, response=None):
    """Lets the call meet its fault. Gives the answer to send instead, or None to go on."""
    rule = box.faults.take(call, when)
    if rule is None:
        return None
    box.store.update_call(call.seq, call.entry())
    return await act(rule, request, call, response)


async def act(rule, request, call, response=None):
    action, headers = rule["action"], dict(rule["headers"])
    if action in ("stall", "delay"):
        try:
            await asyncio.wait_for(rule["removed"].wait(), rule["seconds"])
        except asyncio.TimeoutError:
            pass
        if action == "delay":
            return None
        action = "close"
    if action in ("reset", "close"):
        cut(request, action == "reset")
    call.code = rule["code"] or action
    if action == "empty":
        return web.Response(status=rule["status"] or 200, headers=headers)
    if action == "html":
        return web.Response(status=rule["status"] or 502, headers=headers, text=HTML,
                            content_type="text/html")
    if action == "malformed":
        text = response.text if response is not None and response.text else json.dumps(
            {"data": {"publish_id": "v_pub_file~v2-1.7"}})
        return web.Response(status=rule["status"] or 200, headers=headers, text=text[:len(text) // 2],
                            content_type="application/json")
    status = rule["status"] or 500
    if rule["body"]:
        return web.Response(status=status, headers=headers, text=rule["body"],
                            content_type="application/json")
    default = "server_error" if call.route in answers.FLAT else "internal_error"
    return answers.refuse(call, status, rule["code"] or default, rule["message"], headers)


def cut(request, reset):
    """Ends the connection: reset by RST, otherwise by FIN without an answer."""
    transport = request.transport
    if transport is not None:
        if reset:
            transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    raise Cut()
