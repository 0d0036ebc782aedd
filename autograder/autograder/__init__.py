"""Releases, grades and tests the course *Backprop by Hand*."""

import sys

ENGINE = "2"  # raised when the same submission may get another verdict: all is graded again then

# jsonschema, which nbformat imports, would build the grammar of international addresses: a second
# of every command. Nothing here checks one. None in `sys.modules` makes its import fail, and then
# jsonschema does without.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
