"""The life of a publish after init (reference 9.2): processing, posting, moderation, failure."""
import asyncio
import heapq
import re

from . import webhooks
from .state import random_id

OPEN = ("PROCESSING_UPLOAD", "PROCESSING_DOWNLOAD")


def save(box, publish):
    box.save("publish", publish["publish_id"], publish)


def marker(publish, name):
    """The value of #name:VALUE in the caption, "" for a bare #name, None without it."""
    texts = (publish["post_info"].get("title") or "", publish["post_info"].get("description") or "")
    found = re.search(rf"#{name}(?::([\w.]+))?(?!\w)", " ".join(texts))
    return found and (found.group(1) or "")


def all_bytes_in(box, publish):
    """The last byte is here; processing begins."""
    slow = re.fullmatch(r"\d+(\.\d+)?", marker(publish, "slow") or "")
    publish["all_bytes_at"] = box.now()
    publish["next"] = "process"
    publish["due_at"] = box.now() + (float(slow.group()) if slow else box.settings["processing_seconds"])
    save(box, publish)
    box.wake.set()


def settle(box):
    """Does all that is due."""
    while box.timers and box.timers[0][0] <= box.now():
        due_at, publish_id = heapq.heappop(box.timers)
        publish = box.publishes[publish_id]
        if publish["due_at"] != due_at:  # something else came in between
            continue
        step, publish["next"], publish["due_at"] = publish["next"], None, None
        if step == "process":
            process(box, publish)
        elif step == "moderate":
            make_public(box, publish)


async def run(box):
    """Settles at the right time, for ever."""
    while True:
        settle(box)
        box.wake.clear()
        pause = max(0.0, box.timers[0][0] - box.now()) if box.timers else None
        try:
            await asyncio.wait_for(box.wake.wait(), pause)
        except asyncio.TimeoutError:
            pass


def process(box, publish):
    size = str(publish["video_size"])
    reason = marker(publish, "fail") or box.settings["fail_by_size"].get(size)
    if reason:
        fail(box, publish, reason)
    elif publish["kind"] == "draft":
        publish["status"] = "SEND_TO_USER_INBOX"
        save(box, publish)
        tell(box, publish, "post.publish.inbox_delivered")
    else:
        complete(box, publish)


def fail(box, publish, reason):
    publish.update(status="FAILED", fail_reason=reason, next=None, due_at=None)
    save(box, publish)
    task = box.pulls.pop(publish["publish_id"], None)
    if task:
        task.cancel()
    tell(box, publish, "post.publish.failed", reason=reason)


def complete(box, publish, privacy=None, title=None):
    """The post exists now; a public one waits for moderation. A draft may be posted several times."""
    account = box.accounts[publish["account"]]
    privacy = privacy or publish["post_info"].get("privacy_level") or "SELF_ONLY"
    visible = privacy == "PUBLIC_TO_EVERYONE" and not account["private"]
    publish["posts"].append({
        "id": random_id(), "created_at": box.now(), "privacy_level": privacy, "public": False,
        "announced": False, "title": publish["post_info"].get("title", "") if title is None else title,
    })
    publish.update(status="PUBLISH_COMPLETE", fail_reason=None)
    if visible:
        publish.update(next="moderate", due_at=box.now() + box.settings["moderation_seconds"])
    save(box, publish)
    box.wake.set()
    tell(box, publish, "post.publish.complete")


def make_public(box, publish, everyone=False):
    """Moderation has passed, or (everyone) the user has opened a private post."""
    silent = box.settings["never_public_id"] or marker(publish, "noid") is not None
    for post in publish["posts"]:
        if everyone:
            post["privacy_level"] = "PUBLIC_TO_EVERYONE"
        if post["public"] or post["privacy_level"] != "PUBLIC_TO_EVERYONE":
            continue
        post["public"], post["announced"] = True, not silent
        if not silent:
            tell(box, publish, "post.publish.publicly_available", post_id=str(post["id"]))
    save(box, publish)


def make_private(box, publish):
    for post in publish["posts"]:
        if post["public"]:
            tell(box, publish, "post.publish.no_longer_publicaly_available", post_id=str(post["id"]))
        post.update(public=False, announced=False, privacy_level="SELF_ONLY")
    save(box, publish)


def tell(box, publish, event, **members):
    kind = "INBOX_SHARE" if publish["kind"] == "draft" else "DIRECT_PUBLISH"
    content = {"publish_id": publish["publish_id"], "publish_type": kind, **members}
    webhooks.send(box, event, publish["account"], content)
