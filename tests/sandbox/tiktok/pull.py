"""PULL_FROM_URL: fetches the media as TikTok would, counts and hashes it (reference 3.6)."""
import asyncio
import hashlib

import aiohttp

from . import life, upload

PHOTO_TYPES = ("image/jpeg", "image/webp")
MAX_PHOTO = 20_000_000


class Failed(Exception):
    """The media could not be had."""


def start(box, publish):
    publish_id = publish["publish_id"]
    box.pulls[publish_id] = asyncio.get_running_loop().create_task(pull(box, publish))


def resume(box):
    """After a restart: begins unfinished pulls anew."""
    for publish in box.publishes.values():
        if publish["status"] == "PROCESSING_DOWNLOAD" and not publish["all_bytes_at"]:
            publish["received"] = 0
            start(box, publish)


async def pull(box, publish):
    photo = publish["source"] == "photo"
    try:
        await asyncio.sleep(box.settings["pull_delay_seconds"])
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session:
            await asyncio.wait_for(fetch_all(box, session, publish, photo), box.settings["pull_seconds"])
    except (Failed, aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError) as error:
        publish["pull_error"] = f"{type(error).__name__}: {str(error)[:40]}"
        box.pulls.pop(publish["publish_id"], None)
        life.fail(box, publish, "photo_pull_failed" if photo else "video_pull_failed")
        return
    box.pulls.pop(publish["publish_id"], None)
    life.all_bytes_in(box, publish)


async def fetch_all(box, session, publish, photo):
    digest = hashlib.sha256()
    for url in publish["urls"]:
        await fetch(session, publish, url, photo, digest)
    publish["sha256"] = digest.hexdigest()
    publish["video_size"] = 0 if photo else publish["received"]


async def fetch(session, publish, url, photo, digest):
    """One address: 200 without redirect, a right Content-Type, a true Content-Length."""
    types, limit = (PHOTO_TYPES, MAX_PHOTO) if photo else (upload.TYPES, 2**32)
    async with session.get(url, allow_redirects=False,
                           headers={"Accept-Encoding": "identity"}) as answer:
        if answer.status != 200:
            raise Failed(f"HTTP {answer.status}")
        length = answer.content_length
        if answer.content_type not in types or not length or length > limit:
            raise Failed("Content-Type or Content-Length")
        while True:
            data = await answer.content.readany()
            if not data:
                return
            publish["received"] += len(data)
            digest.update(data)
