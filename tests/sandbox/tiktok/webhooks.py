"""Webhooks (reference 5): signing, delivery, retries, forgeries for tests."""
import asyncio
import hashlib
import hmac
import json
import random
import time

import aiohttp

from .state import random_text

TASKS = set()


def signature(secret, stamp, body):
    return hmac.new(secret.encode(), str(stamp).encode() + b"." + body, hashlib.sha256).hexdigest()


def signed(secret, body, stamp=None):
    stamp = int(time.time()) if stamp is None else stamp
    return f"t={stamp},s={signature(secret, stamp, body)}"


def forged(kind, secret, body):
    """A header for POST /_sandbox/webhooks; None: no header at all."""
    now = int(time.time())
    makers = {
        "valid": lambda: signed(secret, body),
        "wrong": lambda: signed(secret + "x", body),
        "altered": lambda: f"t={now + 1},s={signature(secret, now, body)}",
        "uppercase": lambda: f"t={now},s={signature(secret, now, body).upper()}",
        "stale": lambda: signed(secret, body, now - 30 * 86400),
        "none": lambda: None,
    }
    return makers[kind]() if kind in makers else kind


def envelope(box, event, open_id, content, client_key=None, create_time=None):
    return json.dumps({
        "client_key": client_key or box.client_key,
        "event": event,
        "create_time": int(box.now()) if create_time is None else create_time,
        "user_openid": open_id,
        "content": content if isinstance(content, str) else json.dumps(content, separators=(",", ":")),
    }, separators=(",", ":")).encode()


def send(box, event, open_id, content):
    """Queues an event for the webhook address; returns at once."""
    settings = box.settings
    if not settings["webhook_url"] or event in settings["webhook_skip_events"]:
        return
    copies = 2 if random.random() < settings["webhook_duplicates"] else 1
    body = envelope(box, event, open_id, content).decode()
    for _ in range(copies):
        key = random_text(12)
        box.save("delivery", key, {
            "url": settings["webhook_url"], "event": event, "body": body, "header": None,
            "created_at": time.time(), "attempts": [], "done": False})
        start(box, key)


def start(box, key):
    task = asyncio.get_running_loop().create_task(deliver(box, key))
    TASKS.add(task)
    task.add_done_callback(TASKS.discard)


def resume(box):
    """After a restart: goes on with what was not delivered."""
    for key, delivery in box.deliveries.items():
        if not delivery["done"]:
            start(box, key)


async def deliver(box, key):
    await asyncio.sleep(box.settings["webhook_delay_seconds"])
    pause = box.settings["webhook_retry_seconds"]
    while key in box.deliveries:
        delivery = box.deliveries[key]
        body = delivery["body"].encode()
        if delivery["header"] is None or box.settings["webhook_resign"]:
            delivery["header"] = signed(box.client_secret, body)
        status = await post(delivery["url"], body, delivery["header"])
        delivery["attempts"].append({"time": time.time(), "status": status})
        age = time.time() - delivery["created_at"]
        delivery["done"] = status == 200 or age + pause > box.settings["webhook_window_seconds"]
        if key in box.deliveries:
            box.save("delivery", key, delivery)
        if delivery["done"]:
            return
        await asyncio.sleep(pause)
        pause *= 2


async def post(url, body, header):
    """Sends one delivery. Returns the HTTP status, 0 when there was no answer."""
    headers = {"Content-Type": "application/json", "User-Agent": "sandbox-webhook"}
    if header is not None:
        headers["TikTok-Signature"] = header
    timeout = aiohttp.ClientTimeout(total=30)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session:
            async with session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                await answer.read()
                return answer.status
    except (aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError):
        return 0
