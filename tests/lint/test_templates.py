"""Templates: values stand only where escaping is enough, and nothing is inline that the policy forbids."""
import re

from sources import files, read

TEMPLATES = {path.stem: path for path in files("cgi", suffixes=(".html",))}
FRAME = {"head", "foot"}
RAW = {"script", "style"}
TAG = re.compile(r"\{\{([#^/]?)([a-z0-9_.]+)\}\}")
ATTRIBUTE = re.compile(r'\s*(?:(\{\{[#^/][a-z0-9_.]+\}\})|([^\s="\'<>/{}]+)(?:\s*=\s*("[^"]*"|\'[^\']*\'|[^\s>]+))?|(/))')
VOID = set("area base br col embed hr img input link meta source track wbr".split())
ADDRESSES = "href src action formaction poster srcset data cite ping".split()
SELF_CLOSED = set("path rect circle line polyline polygon ellipse use".split())


class Element:
    """One start tag: its name, [(attribute, value or None, quote)], and what no attribute is."""

    def __init__(self, name, text, line):
        self.name, self.line, self.attributes, self.rest, at = name.lower(), line, [], "", 0
        while at < len(text):
            match = ATTRIBUTE.match(text, at)
            if not match or match.end() == at:
                self.rest += text[at]
                at += 1
                continue
            if match[2]:
                value = match[3]
                quote = value[0] if value and value[0] in "\"'" else ""
                self.attributes.append((match[2].lower(), value[1:-1] if quote else value, quote))
            at = match.end()
        self.rest = self.rest.strip()

    def get(self, name):
        return next((value for attribute, value, _ in self.attributes if attribute == name), None)


def elements(text):
    """(start tags, end tags in order with them, bodies of script and style, comments)."""
    tags, bodies, comments, at = [], [], [], 0
    while (at := text.find("<", at)) >= 0:
        line = text.count("\n", 0, at) + 1
        if text.startswith("<!--", at):
            end = text.index("-->", at)
            comments.append(text[at:end])
            at = end + 3
        elif match := re.compile(r"</([a-zA-Z0-9]+)\s*>").match(text, at):
            tags.append(("/" + match[1].lower(), line, None))
            at = match.end()
        elif match := re.compile(r"<([a-zA-Z][a-zA-Z0-9]*)((?:\"[^\"]*\"|'[^']*'|[^>\"'])*)>").match(text, at):
            element = Element(match[1], match[2], line)
            tags.append((element.name, line, element))
            at = match.end()
            if element.name in RAW:
                end = text.index(f"</{element.name}", at)
                bodies.append((line, text[at:end]))
                at = end
        elif text.startswith("<!DOCTYPE", at):
            at += 1
        else:
            raise AssertionError(f"line {line}: stray <")
    return tags, bodies, comments


def started():
    """(place, start tag) of all templates."""
    for name, path in TEMPLATES.items():
        for _, line, element in elements(read(path))[0]:
            if element:
                yield f"{name}:{line} <{element.name}>", element


def test_tags_are_well_formed_and_sections_nest():
    for name, path in TEMPLATES.items():
        text, stack = read(path), []
        rest = TAG.sub("", text)
        assert "{{" not in rest and "}}" not in rest and "{{{" not in text, name
        for match in TAG.finditer(text):
            if match[1] in ("#", "^"):
                stack.append(match[2])
            elif match[1] == "/":
                assert stack and stack.pop() == match[2], f"{name}: {match[0]}"
        assert not stack, name


def test_values_stand_only_in_text_and_quoted_attributes():
    for place, element in started():
        assert not element.rest, f"{place} {element.rest}"
        for attribute, value, quote in element.attributes:
            assert "{{" not in attribute, place
            assert "{{" not in (value or "") or quote == '"', f"{place} {attribute}"


def test_no_code_and_no_style_is_inline():
    for name, path in TEMPLATES.items():
        _, bodies, comments = elements(read(path))
        assert not [line for line, body in bodies if body], name
        assert not [comment for comment in comments if "{{" in comment], name
    for place, element in started():
        assert element.name not in ("style", "iframe", "object", "embed", "base", "applet"), place
        assert element.name != "script" or element.get("src"), place
        for attribute, _, _ in element.attributes:
            assert not attribute.startswith("on") and attribute not in ("style", "srcdoc", "http-equiv"), place


def test_addresses_begin_literally():
    for place, element in started():
        for attribute in ADDRESSES:
            value = element.get(attribute)
            assert value is None or re.match(r"/(?!/)|#|https://[a-z0-9.-]+/|mailto:", value), f"{place} {value}"


def test_pages_load_from_their_own_origin():
    for place, element in started():
        for attribute in ("src", "srcset", "poster"):
            assert (element.get(attribute) or "/").startswith("/"), place
        assert element.name != "link" or element.get("href").startswith("/"), place


def test_forms_that_change_something_carry_the_token():
    for name, path in TEMPLATES.items():
        for match in re.finditer(r"<form\b([^>]*)>(.*?)</form>", read(path), re.S):
            changes = re.search(r'method="post"', match[1], re.I)
            has_token = '<input type="hidden" name="csrf_token" value="{{csrf_token}}">' in match[2]
            assert bool(changes) == has_token, f"{name}: {match[1]}"


def test_pages_that_open_elsewhere_do_not_lead_back():
    for place, element in started():
        if element.get("target") == "_blank":
            assert set((element.get("rel") or "").split()) & {"noopener", "noreferrer"}, place


def test_elements_nest():
    texts = {name: read(path) for name, path in TEMPLATES.items() if name not in FRAME}
    texts["the frame"] = read(TEMPLATES["head"]) + read(TEMPLATES["foot"])
    for where, text in texts.items():
        stack = []
        for name, line, _ in elements(text)[0]:
            if name.startswith("/"):
                assert stack and stack.pop() == name[1:], f"{where}:{line} {name}"
            elif name not in VOID and name not in SELF_CLOSED:
                stack.append(name)
        assert not stack, where


def test_ids_are_unique_and_labels_find_their_field():
    frame = [element.get("id") for place, element in started() if place.split(":")[0] in FRAME and element.get("id")]
    for name, path in TEMPLATES.items():
        tags = [element for _, _, element in elements(read(path))[0] if element]
        ids = [element.get("id") for element in tags if element.get("id")] + (frame if name not in FRAME else [])
        assert len(ids) == len(set(ids)), name
        for element in tags:
            assert element.name != "label" or element.get("for") is None or element.get("for") in ids, name


def test_every_template_is_used():
    programs = "".join(read(path) for path in files("lib", "cgi"))
    assert [name for name in TEMPLATES if f"{name}_html" not in programs] == []


def test_scripts_build_nodes_and_run_no_text():
    """What the policy also forbids, found before a browser does."""
    pattern = re.compile(r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|eval|setHTML)\b"
                         r"|\bnew Function\b|javascript:|\bset(?:Timeout|Interval)\(\s*[\"'`]"
                         r"|setAttribute\(\s*[\"'`](?:on|style)")
    for path in files("static", suffixes=(".js",)):
        text = re.sub(r"/\*.*?\*/|^\s*//[^\n]*", "", read(path), flags=re.S | re.M)
        assert not pattern.search(text), f"{path}: {pattern.search(text)[0]}"
