"""The files of the repository, and C seen without its comments and strings."""
import functools
import pathlib
import re
import subprocess

REPO = pathlib.Path(__file__).resolve().parents[2]


@functools.lru_cache(maxsize=None)
def tracked():
    """Every file under version control, also the new ones, as paths relative to REPO."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            cwd=REPO, capture_output=True)
    if listed.returncode == 0:
        names = listed.stdout.decode().split("\0")
    else:  # an exported tree: all but builds and what they make
        names = [str(path.relative_to(REPO)) for path in REPO.rglob("*")
                 if not re.match(r"build[^/]*/|.*/__pycache__/|static/vendor/", str(path.relative_to(REPO)))]
    return sorted(pathlib.Path(name) for name in names if name and (REPO / name).is_file())


def files(*folders, suffixes=(".c", ".h")):
    """Tracked files in those folders with one of those endings."""
    return [path for path in tracked() if path.parts[0] in folders and path.suffix in suffixes]


def programs():
    """The C that is shipped."""
    return files("lib", "cgi", "cron")


@functools.lru_cache(maxsize=None)
def read(path):
    return (REPO / path).read_text(encoding="utf-8")


PIECES = re.compile(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


@functools.lru_cache(maxsize=None)
def code(path):
    """The text with comments blanked and strings emptied; every line keeps its number."""
    def blank(match):
        piece = match[0]
        return '""' if piece[0] == '"' else "' '" if piece[0] == "'" else "\n" * piece.count("\n")
    return PIECES.sub(blank, read(path))


@functools.lru_cache(maxsize=None)
def strings(path):
    """[(line, text)] of the string literals, neighbours joined as the compiler joins them."""
    found, after = [], None
    text = read(path)
    for match in PIECES.finditer(text):
        if match[0][0] != '"':
            continue
        if after is not None and text[after:match.start()].strip() == "":
            line, joined = found.pop()
            found.append((line, joined + match[0][1:-1]))
        else:
            found.append((text.count("\n", 0, match.start()) + 1, match[0][1:-1]))
        after = match.end()
    return found


def balanced(text, opening):
    """What stands between the parenthesis at text[opening] and its partner."""
    depth = 0
    for at in range(opening, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return text[opening + 1:at]
    raise ValueError("unbalanced parentheses")


def arguments(text):
    """The arguments of a call, split at the commas of its own level."""
    parts, depth = [""], 0
    for byte in text:
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(byte, 0)
        if byte == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += byte
    return [part.strip() for part in parts if part.strip()]


def where(path, text, position):
    return f"{path}:{text.count(chr(10), 0, position) + 1}"
