"""PULL_FROM_URL: fetches the media as TikTok would, counts and hashes it (reference 3.6)."""
import asyncio
import hashlib

import aiohttp

from . import life, upload

PHOTO_TYPES = ("image/jpeg", "image/webp")
MAX_PHOTO, MAX_VIDEO = 20_000_000, 2**32


class Failed(Exception):
    """The media could not be had."""


def start(box, publish):
    publish_id = publish["publish_id"]
    box.pulls[publish_id] = asyncio.get_running_loop().create_task(pull(box, publish))


def resume(box):
    """After a restart: begins unfinished pulls anew."""
    for publish in box.publishes.values():
        if publish["status"] == "PROCESSING_DOWNLOAD" and not publish["all_bytes_at"]:
            start(box, publish)


async def pull(box, publish):
    photo = publish["source"] == "photo"
    try:
        await asyncio.sleep(box.settings["pull_delay_seconds"])
        await asyncio.wait_for(fetch_until_had(box, publish, photo), box.settings["pull_seconds"])
    except (Failed, aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError) as error:
        publish["pull_error"] = f"{type(error).__name__}: {str(error)[:40]}"
        box.pulls.pop(publish["publish_id"], None)
        life.fail(box, publish, "photo_pull_failed" if photo else "video_pull_failed")
        return
    box.pulls.pop(publish["publish_id"], None)
    life.all_bytes_in(box, publish)


async def fetch_until_had(box, publish, photo):
    """Fetches as often as the settings say: again what was had, and anew what failed."""
    retries, had = box.settings["pull_retries"], 0
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session:
        while had < box.settings["pull_fetches"]:
            try:
                await fetch_all(box, session, publish, photo)
                had += 1
            except (Failed, aiohttp.ClientError, OSError):
                if retries == 0:
                    raise
                retries -= 1
                await asyncio.sleep(box.settings["pull_retry_seconds"])


async def fetch_all(box, session, publish, photo):
    digest = hashlib.sha256()
    publish["received"] = 0
    for url in publish["urls"]:
        if box.settings["pull_ranges"] > 1 and not photo:
            await fetch_ranges(box, session, publish, url, digest)
        else:
            await fetch(session, publish, url, photo, digest)
    if publish["sha256"] not in (None, digest.hexdigest()):
        raise Failed("other bytes than before")
    publish["sha256"] = digest.hexdigest()
    publish["video_size"] = 0 if photo else publish["received"]


def request(session, method, url, **headers):
    return session.request(method, url, allow_redirects=False,
                           headers={"Accept-Encoding": "identity", **headers})


def check(answer, status, photo):
    """The status that is due, a right Content-Type, a true Content-Length, which is returned."""
    types, limit = (PHOTO_TYPES, MAX_PHOTO) if photo else (upload.TYPES, MAX_VIDEO)
    if answer.status != status:
        raise Failed(f"HTTP {answer.status}")
    length = int(answer.headers.get("Content-Length", 0))
    if answer.content_type not in types or not 0 < length <= limit:
        raise Failed("Content-Type or Content-Length")
    return length


async def read(answer, publish, digest):
    while True:
        data = await answer.content.readany()
        if not data:
            return
        publish["received"] += len(data)
        digest.update(data)


async def fetch(session, publish, url, photo, digest):
    async with request(session, "GET", url) as answer:
        check(answer, 200, photo)
        await read(answer, publish, digest)


async def fetch_ranges(box, session, publish, url, digest):
    """HEAD for the size, then that many ranges, one after the other."""
    async with request(session, "HEAD", url) as answer:
        size = check(answer, 200, photo=False)
    step = -(-size // box.settings["pull_ranges"])
    for first in range(0, size, step):
        last = min(first + step, size) - 1
        async with request(session, "GET", url, Range=f"bytes={first}-{last}") as answer:
            length = check(answer, 206, photo=False)
            if answer.headers.get("Content-Range") != f"bytes {first}-{last}/{size}" or length != last - first + 1:
                raise Failed("Content-Range")
            await read(answer, publish, digest)
