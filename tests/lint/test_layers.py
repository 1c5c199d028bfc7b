"""Lower layers know nothing of upper ones, and each library is known in one place."""
import re

import pytest

from sources import code, files, programs, read, where

# A layer and what it may include besides itself.
LAYERS = {
    "base": set(),
    "store": {"base"},
    "remote": {"base"},
    "media": {"base"},
    "web": {"base", "store", "media"},
    "publish": {"base", "store", "remote"},
    "import": {"base", "store", "remote", "media"},
    "export": {"base", "store"},
}
INCLUDE = re.compile(r'^#include ["<]([^">]+)[">]', re.M)
OWN_INCLUDE = re.compile(r'^#include "([^"]+)"', re.M)


def layer_of(path):
    return path.parts[1] if path.parts[0] == "lib" else None


def includes(path):
    return INCLUDE.findall(read(path))


def test_every_folder_of_the_library_is_a_layer():
    assert {layer_of(path) for path in files("lib")} == set(LAYERS)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_includes_only_lower_ones(layer):
    allowed = LAYERS[layer] | {layer}
    wrong = [f"{path} includes {name}" for path in files("lib") if layer_of(path) == layer
             for name in includes(path) if name.split("/")[0] in LAYERS and name.split("/")[0] not in allowed]
    assert wrong == []


def test_programs_do_not_include_each_other():
    wrong = [f"{path} includes {name}" for path in files("cgi", "cron") for name in OWN_INCLUDE.findall(read(path))
             if "/" in name and name.split("/")[0] not in LAYERS
             and name.split("/")[0] != path.parts[1].removesuffix(".c")]
    assert wrong == []


# A library, its headers, its functions, and where alone they are known.
HEADERS = {
    "fcgiapp.h": ("lib/web/connection.h",),
    "fcgi_stdio.h": (),
    "curl/curl.h": ("lib/remote/http.c", "lib/remote/fetch.c"),
    "json-c/json.h": ("lib/base/json.h",),
    "libpq-fe.h": ("lib/store/",),
    "sodium.h": ("lib/base/",),
    "openssl/": ("lib/base/digest.c",),
    "seccomp.h": ("lib/media/",),
    "archive": ("lib/export/bundle.c",),
    "libav": ("lib/media/",),
    "libsw": ("lib/media/",),
    "queries.h": ("lib/store/", "lib/publish/", "cgi/", "cron/"),
    "templates.h": ("lib/web/", "cgi/"),
}
FUNCTIONS = {
    "FastCGI": (r"\bFCG[XI]_\w+", ("lib/web/",)),
    "libcurl": (r"\bcurl_\w+|\bCURL\w*", ("lib/remote/http.c", "lib/remote/fetch.c")),
    "libsodium": (r"\bcrypto_\w+|\bsodium_\w+|\brandombytes_\w+", ("lib/base/",)),
    "libcrypto": (r"\bEVP_\w+", ("lib/base/digest.c",)),
    "JSON parsing": (r"\bjson_tokener_\w+", ("lib/base/json.",)),
    "PostgreSQL's connection": (r"\bPQ(?:connect|exec|send|status|reset|finish|socket|consume|error|set|cmdStatus)\w*",
                                ("lib/store/db.c",)),
    "PostgreSQL's results": (r"\bPQ(?!clear\b|ntuples\b|getvalue\b|getisnull\b)\w+", ("lib/store/",)),
    "libarchive": (r"\barchive_\w+", ("lib/export/bundle.c",)),
    "FFmpeg": (r"\bav_\w+\(|\bavformat_\w+|\bavcodec_\w+|\bsws_\w+", ("lib/media/",)),
    "the environment": (r"\bgetenv\(", ("lib/base/",)),
    "weak random numbers": (r"\b(?:random|rand|srandom|drand48|arc4random|getrandom)\(", ()),
    "standard output": (r"\b(?:printf|puts|putchar|perror)\(", ("cron/",)),
    "other programs": (r"\b(?:execle?|execlp|execvp?|execvpe|execve|posix_spawnp?)\(", ("lib/remote/sendmail.c",)),
}


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_is_included_where_it_belongs(header):
    wrong = [str(path) for path in programs() for name in includes(path)
             if name.startswith(header) and not str(path).startswith(HEADERS[header] or ("-",))]
    assert wrong == []


@pytest.mark.parametrize("what", FUNCTIONS)
def test_is_used_where_it_belongs(what):
    pattern, allowed = FUNCTIONS[what]
    wrong = [f"{where(path, code(path), match.start())} {match[0]}" for path in programs()
             for match in re.finditer(pattern, code(path)) if not str(path).startswith(allowed or ("-",))]
    assert wrong == []


def test_only_the_remote_layer_knows_tiktoks_fields():
    """Names that only TikTok's requests and answers have; ids and states have ours as well."""
    fields = ("post_info source_info total_chunk_count brand_content_toggle brand_organic_toggle disable_comment "
              "disable_duet disable_stitch video_cover_timestamp_ms publicaly_available_post_id uploaded_bytes "
              "downloaded_bytes upload_url access_token refresh_token expires_in refresh_expires_in client_secret "
              "grant_type error_description user_openid").split()
    wrong = [f"{path} {field}" for path in programs() if not str(path).startswith("lib/remote/tiktok")
             for field in fields if f'"{field}"' in read(path)]
    assert wrong == []


def test_only_the_remote_layer_knows_tiktoks_paths():
    wrong = [str(path) for path in programs() if not str(path).startswith("lib/remote/tiktok")
             and re.search(r'"[^"\n]*/v2/(?:post|oauth|user|video|auth)/', read(path))]
    assert wrong == []
