"""Count the architectures of a space in a separate process, which can be killed if it takes too long.

The request is one line of JSON on standard input: the path and the text of the file, and the texts of other files that
are open. The answer is one line on standard output. The process ends with its standard input.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Mapping

from ssrdsl.editor.analysis import count
from ssrdsl.editor.lsp.documents import reader
from ssrdsl.language.source import Source


def request_line(source: Source, texts: Mapping[str, str]) -> bytes:
    """The request for the size of the space in a text; `texts` are those of the open files by their paths."""
    request = {"path": source.name, "text": source.text, "open": dict(texts)}
    return json.dumps(request).encode() + b"\n"


def read_answer(line: bytes) -> int | str | None:
    """The number of architectures, the reason why it is not known, or None without an answer."""
    if not line.strip():
        return None
    answer = json.loads(line)
    return str(answer["reason"]) if "reason" in answer else int(answer["architectures"], 16)


def main() -> None:
    """Answer one request."""
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    source = Source(request["path"], request["text"])
    counted = count(source, reader(request["open"]))
    if isinstance(counted, int):
        # In hexadecimal digits, whose number Python does not bound.
        print(json.dumps({"architectures": f"{counted:x}"}))
    else:
        print(json.dumps({"reason": counted}))


def _leave_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
