"""What a student may write to run a script in an instructor's browser; each says that it ran."""

from __future__ import annotations

import base64
from typing import Any

PIXEL = base64.b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d7"
        "63f8cfc000000301010018dd8db00000000049454e44ae426082"
    )
).decode()

HOSTILE = {
    "script link": "[x](javascript:alert(1))",
    "capital script link": "[x](JaVaScRiPt:alert(1))",
    "script link with a tab": "[x](java&#9;script:alert(1))",
    "script link as entities": "[x](&#106;avascript:alert(1))",
    "data link": "[x](data:text/html,<script>alert(1)</script>)",
    "data image": "![x](data:image/svg+xml,<svg onload=alert(1)>)",
    "vbscript": "[x](vbscript:x)",
    "file link": "[x](file:///etc/passwd)",
    "relative link": "[x](evil.html)",
    "link to this server": "[x](/formgrader/x)",
    "link to this server's protocol": "[x](//example.org)",
    "reference link": "[x][r]\n\n[r]: javascript:alert(1)",
    "autolink": "<javascript:alert(1)>",
    "script": "<script>alert(1)</script>",
    "image": "<img src=x onerror=alert(1)>",
    "inline image": "a <img src=x onerror=alert(1)> b",
    "frame": "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "style": "<style>* {display: none}</style>",
    "form": "<form action=/x><button>go</button></form>",
    "comment": "<!-- --!><script>alert(1)</script> -->",
    "title": '[x](https://example.org "\\" onmouseover=alert(1) ")',
    "quote in a link": '[x](https://example.org/"onmouseover=alert(1))',
    "alt text": '![" onerror="alert(1)](attachment:a.png)',
    "formula href": "$\\href{javascript:alert(1)}{x}$",
    "formula class": "$\\class{tabbable}{x}$ $\\cssId{toc}{x}$ $\\style{color: red}{x}$",
    "formula html": "$$\\require{html}\\Href{x}{y}$$",
    "formula that defines": "$\\def\\a#1{\\href{#1}{x}}\\a{javascript:alert(1)}$",
    "formula in a formula": "$\\text{$\\href{javascript:alert(1)}{x}$}$",
    "formula that isn't closed": "\\(\\href{javascript:alert(1)}{x}\\)",
    "equation": "\\begin{equation}\\href{javascript:alert(1)}{x}\\end{equation}",
    "environment": "\\begin{a}\\href{javascript:alert(1)}{x}\\end{a}",
    "mermaid": "```mermaid\ngraph TD; a-->b; click a \"javascript:alert(1)\"\n```",
    "a line that ends the block": "a\n\n</div>\n\n<script>alert(1)</script>",
    "a control character": "[x](\x01javascript:alert(1)) \x1b[2J \u2028 \u0085",
    "a surrogate": "\ud800",
}  # fmt: skip

SCRIPT = "<script>alert(1)</script>"
IMAGE = "<img src=x onerror=alert(1)>"
CODE = (
    f'# </pre>{SCRIPT}{IMAGE}\nprint("{SCRIPT}{IMAGE}")',
    f'from IPython.display import HTML, display\ndisplay(HTML("{SCRIPT}{IMAGE}"))',
    f'raise ValueError("{SCRIPT}{IMAGE}")',
    f'class X:\n    def _repr_html_(self):\n        return "{SCRIPT}"\n'
    f'    def __repr__(self):\n        return "{SCRIPT}"\nX()',
    f"%%html\n{SCRIPT}",
    "%%javascript\nalert(1)",
)


def make_hostile(notebook: dict[str, Any]) -> None:
    """Add to a notebook all that may run when it is shown, and a picture, in place."""
    notebook["metadata"] |= {"title": f"</title>{SCRIPT}", "authors": [{"name": SCRIPT}]}
    for number, text in enumerate((*HOSTILE.values(), "![mine](attachment:a%20b.png)")):
        cell = {
            "cell_type": "markdown", "id": f"m{number}", "source": text,
            "metadata": {"name": SCRIPT, "tags": [IMAGE]},
            "attachments": {"a b.png": {"image/png": PIXEL}, "a.svg": {"image/svg+xml": "PHN2Zz4"}},
        }  # fmt: skip
        notebook["cells"].append(cell)
    output = {"output_type": "display_data", "metadata": {}, "data": {"text/html": SCRIPT}}
    for number, code in enumerate(CODE):
        cell = {"cell_type": "code", "id": f"c{number}", "source": code, "outputs": [output]}
        notebook["cells"].append(cell | {"metadata": {"tags": [IMAGE]}, "execution_count": 1})
