"""The sample configuration: every key of lib/base/config.c, with its default and range."""
import math
import re

from sources import read

KEY = re.compile(r"^\t(KEY|INT)\((\w+), ([^;\n]*)\),$", re.M)


def keys():
    """[(name, default or None where one is required or nothing is the default, (least, most) or None)]"""
    found = []
    for kind, name, rest in KEY.findall(read("lib/base/config.c")):
        words = [word.strip() for word in re.split(r",(?=[^\"]*(?:\"[^\"]*\"[^\"]*)*$)", rest)]
        if kind == "INT":
            limits = tuple(math.prod(map(int, word.split("*"))) for word in words[1:])
            found.append((name, words[0].strip('"'), limits))
        else:
            found.append((name, words[1].strip('"') if words[1].startswith('"') else None, None))
    return found


def test_the_sample_has_every_key_with_its_default():
    sample = re.findall(r"^(#?)(\w+) = (.*)$", read("deploy/spg.conf.example"), re.M)
    assert len(keys()) > 30
    assert sorted(name for _, name, _ in sample) == sorted(name for name, _, _ in keys())
    for mark, name, value in sample:
        default = next(default for key, default, _ in keys() if key == name)
        if mark and default is not None:
            assert value == default, name
        assert mark or default is None, f"{name} has a default: show it commented out"


def test_the_sample_tells_the_range_of_every_number():
    text = read("deploy/spg.conf.example")
    for name, _, limits in keys():
        if limits:
            words = re.search(r"((?:^#[ ].*\n)+)(?:#\w+ = .*\n)*#" + name + " =", text, re.M)
            assert words, name
            numbers = [int(number) for number in re.findall(r"\d+", words[1])]
            assert set(limits) <= set(numbers), (name, limits, numbers)
