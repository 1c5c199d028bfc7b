"""Prints "PASSED FAILED" for a JUnit file; skipped cases are neither."""
import sys
import xml.etree.ElementTree

passed = failed = 0
for case in xml.etree.ElementTree.parse(sys.argv[1]).getroot().iter("testcase"):
    kinds = {child.tag for child in case}
    if kinds & {"failure", "error"}:
        failed += 1
    elif "skipped" not in kinds:
        passed += 1
print(passed, failed)
