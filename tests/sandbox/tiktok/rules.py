"""What a request must look like: chunk plan, captions, pull addresses. No state, no input/output."""
import urllib.parse

from .answers import invalid
from .settings import is_loopback

MIN_CHUNK, MAX_CHUNK, MAX_LAST, MAX_COUNT = 5_242_880, 64_000_000, 128_000_000, 1000
PRIVACY = ("PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY")
BAD_SIZE, BAD_COUNT = "The chunk size is invalid", "The total chunk count is invalid"

VIDEO_INFO = {
    "privacy_level": str, "title": str, "disable_duet": bool, "disable_stitch": bool,
    "disable_comment": bool, "video_cover_timestamp_ms": int, "brand_content_toggle": bool,
    "brand_organic_toggle": bool, "is_aigc": bool,
}
PHOTO_INFO = {
    "privacy_level": str, "title": str, "description": str, "disable_comment": bool,
    "auto_add_music": bool, "brand_content_toggle": bool, "brand_organic_toggle": bool,
}
FILE_SOURCE = {"source": str, "video_size": int, "chunk_size": int, "total_chunk_count": int}
PULL_SOURCE = {"source": str, "video_url": str}
PHOTO_SOURCE = {"source": str, "photo_images": list, "photo_cover_index": int}


def utf16_units(text):
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def chunk_plan_error(size, chunk, count):
    """The message that refuses the plan of reference 3.5.1, or None."""
    if chunk < 1:
        return BAD_SIZE
    if count != size // chunk or not 1 <= count <= MAX_COUNT:
        return BAD_COUNT
    if count == 1:
        return None if chunk == size <= MAX_CHUNK else BAD_SIZE
    last = size - (count - 1) * chunk
    return None if MIN_CHUNK <= chunk <= MAX_CHUNK and last <= MAX_LAST else BAD_SIZE


def members(body, name, model, call, required=True):
    """The member objects of body[name] with the types of the model; strangers give a warning."""
    found = body.get(name)
    if found is None and not required:
        return {}
    if not isinstance(found, dict):
        raise invalid(f"{name} is missing or not an object")
    found = {key: value for key, value in found.items() if value is not None}
    for key, value in found.items():
        if key not in model:
            call.warnings.append(f"unknown:{name}.{key}"[:60])
        elif type(value) is not model[key] or (type(value) is int and not -2**63 <= value < 2**63):
            raise invalid(f"{name}.{key} has the wrong type")
    return {key: value for key, value in found.items() if key in model}


def check_text(info, name, limit):
    if utf16_units(info.get(name, "")) > limit:
        raise invalid(f"{name} is longer than {limit} UTF-16 units")


def check_brand(info, call):
    if "brand_content_toggle" not in info:
        call.warnings.append("missing:brand_content_toggle")
    if info.get("brand_content_toggle") and info.get("privacy_level") == "SELF_ONLY":
        raise invalid("Branded content visibility cannot be set to private")


def video_info(body, call):
    info = members(body, "post_info", VIDEO_INFO, call)
    check_text(info, "title", 2200)
    check_brand(info, call)
    return info


def video_source(body, call, max_size):
    """The source_info of a video, checked but for the ownership of a pull address."""
    given = body.get("source_info")
    source = given.get("source") if isinstance(given, dict) else None
    if source == "PULL_FROM_URL":
        info = members(body, "source_info", PULL_SOURCE, call)
        check_url(info.get("video_url", ""))
        return info
    if source != "FILE_UPLOAD":
        raise invalid("source_info.source is missing or unknown")
    info = members(body, "source_info", FILE_SOURCE, call)
    if len(info) != len(FILE_SOURCE):
        raise invalid("source_info lacks video_size, chunk_size or total_chunk_count")
    if not 1 <= info["video_size"] <= max_size:
        raise invalid("The video size is invalid")
    problem = chunk_plan_error(info["video_size"], info["chunk_size"], info["total_chunk_count"])
    if problem:
        raise invalid(problem)
    return info


def photo_request(body, call):
    """post_info, source_info of a photo post."""
    if body.get("media_type") != "PHOTO" or body.get("post_mode") not in ("DIRECT_POST", "MEDIA_UPLOAD"):
        raise invalid("media_type or post_mode is missing or unknown")
    direct = body["post_mode"] == "DIRECT_POST"
    info = members(body, "post_info", PHOTO_INFO, call, required=direct)
    check_text(info, "title", 90)
    check_text(info, "description", 4000)
    if direct:
        check_brand(info, call)
    source = members(body, "source_info", PHOTO_SOURCE, call)
    images, cover = source.get("photo_images", []), source.get("photo_cover_index", -1)
    if source.get("source") != "PULL_FROM_URL" or not 1 <= len(images) <= 35:
        raise invalid("photos need PULL_FROM_URL and 1 to 35 photo_images")
    if not 0 <= cover < len(images):
        raise invalid("photo_cover_index is missing or out of range")
    for url in images:
        check_url(url)
    return info, source


def check_url(url):
    """https (http only on loopback, which then needs a verified prefix that says so)."""
    try:
        parts = urllib.parse.urlsplit(url)
        loopback = is_loopback(parts.hostname)
        by_name = parts.hostname and not parts.hostname.replace(".", "").isdigit() \
            and ":" not in parts.hostname
        good = loopback or (parts.scheme == "https" and by_name)
    except (ValueError, AttributeError, TypeError):
        good = False
    if not good or parts.scheme not in ("http", "https"):
        raise invalid("The URL is not https with a host name")


def owns(prefixes, url):
    """Whether a verified domain or URL prefix covers the address (reference 3.6)."""
    parts = urllib.parse.urlsplit(url)
    for prefix in prefixes:
        if "://" in prefix:
            if prefix.endswith("/") and url.startswith(prefix) and "/../" not in parts.path + "/":
                return True
        elif parts.scheme == "https" and ("." + parts.hostname).endswith("." + prefix):
            return True
    return False
