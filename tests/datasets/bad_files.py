"""Files that contain no examples, or examples of another format."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import pickle

from .examples import (
    ANSWER,
    ASK,
    CHAT,
    COMPLETION,
    PAIR,
    ROW,
    File,
    chat,
    encoded,
    lines,
    several,
    user,
)

_MANY = several(CHAT)
_LINES = lines(_MANY)

BAD_FILES: list[File] = [
    File("an empty file", b"", "empty-file", 0),
    File("blank lines only", b"\n \n\t\n", "empty-file", 0),
    File("carriage returns alone", b"\r".join(lines(_MANY).splitlines()), "not-json-lines", 1),
    File("nine examples", lines(several(CHAT, 9)), "too-few-examples", 0),
    File("gzip", gzip.compress(lines(_MANY), mtime=0), "compressed", 1),
    File("a zip archive", b"PK\x03\x04" + b"x" * 50, "compressed", 1),
    File("UTF-16", lines(_MANY).decode().encode("utf-16"), "utf-16", 1),
    File("UTF-16 without a mark", lines(_MANY).decode().encode("utf-16-le"), "utf-16", 1),
    File("UTF-32", lines(_MANY).decode().encode("utf-32"), "utf-16", 1),
    File("a JSON array", json.dumps(_MANY).encode(), "json-array", 1),
    File("a JSON array over several lines", json.dumps(_MANY, indent=2).encode(), "json-array", 1),
    File(
        "an array with an example per line",
        b"[\n" + b",\n".join(lines(_MANY).splitlines()) + b"\n]",
        "json-array",
        1,
    ),
    File(
        "pretty-printed", b"\n".join(json.dumps(one, indent=2).encode() for one in _MANY), "pretty-printed", 1
    ),
    File("CSV", b"prompt,completion\n" + b"a,b\n" * 20, "csv", 1),
    File("tabs", b"prompt\tcompletion\n" + b"a\tb\n" * 20, "csv", 1),
    File("plain text", b"How do I reset it?\nHold the button.\n" * 9, "not-json-lines", 1),
    File("YAML", b"- role: user\n  content: x\n" * 9, "not-json-lines", 1),
    File("completions for a chat model", lines(several(COMPLETION)), "wrong-format", 1),
    File("pairs for supervised training", lines(several(PAIR)), "wrong-format", 1),
    File("rows for supervised training", lines(several(ROW)), "wrong-format", 1),
    File("conversations for dpo", lines(_MANY), "wrong-format", 1, "dpo"),
    File("conversations for reinforcement", lines(_MANY), "wrong-format", 1, "reinforcement"),
    File("conversations for a completions model", lines(_MANY), "wrong-format", 1, model="babbage-002"),
    File(
        "a line of 16 MiB and some bytes",
        lines([*_MANY[:4], b"x" * (16 << 20) + b"xxx", *_MANY[4:]]),
        "line-too-long",
    ),
    File("a line of 17 MB", lines([*_MANY[:4], b"x" * (17 << 20), *_MANY[4:]]), "line-too-long"),
    File("bz2", bz2.compress(_LINES), "compressed", 1),
    File("xz", lzma.compress(_LINES), "compressed", 1),
    File("pickle", pickle.dumps(_MANY), "not-json-lines", 1),
    File("utf16be bom", b"\xfe\xff" + _LINES.decode().encode("utf-16-be"), "utf-16", 1),
    File(
        "latin1 all",
        lines(several(chat(user("reset it é"), ANSWER)), ensure_ascii=False).decode().encode("latin-1"),
        "not-utf-8",
        1,
    ),
    File(
        "cp1252 all",
        lines(several(chat(user("reset it “é”"), ANSWER)), ensure_ascii=False).decode().encode("cp1252"),
        "not-utf-8",
        1,
    ),
    File(
        "cp1251",
        lines(several(chat(user("reset it Привет мир"), ANSWER)), ensure_ascii=False)
        .decode()
        .encode("cp1251"),
        "not-utf-8",
        1,
    ),
    File(
        "shift_jis",
        lines(several(chat(user("reset it こんにちは"), ANSWER)), ensure_ascii=False)
        .decode()
        .encode("shift_jis"),
        "not-utf-8",
        1,
    ),
    File(
        "gbk",
        lines(several(chat(user("reset it 你好"), ANSWER)), ensure_ascii=False).decode().encode("gbk"),
        "not-utf-8",
        1,
    ),
    File("csv semicolon", b"prompt;completion\n" + b"a;b\n" * 20, "csv", 1),
    File("csv quoted", b'"prompt","completion"\n' + b'"a, b","c"\n' * 20, "csv", 1),
    File("tsv bom", b"\xef\xbb\xbfprompt\tcompletion\n" + b"a\tb\n" * 20, "csv", 1),
    File("csv pipes", b"prompt|completion\n" + b"a|b\n" * 20, "csv", 1),
    File("yaml doc", b"---\nmessages:\n  - role: user\n    content: x\n" * 12, "not-json-lines", 1),
    File("python repr", b"\n".join(str(x).encode() for x in _MANY) + b"\n", "not-json-lines", 1),
    File("python list repr", str(_MANY).encode(), "not-json", 1),
    File(
        "html",
        b"<!DOCTYPE html>\n<html><head><title>502</title></head>\n<body>Bad gateway</body></html>\n",
        "not-json-lines",
        1,
    ),
    File("html1", b"<html><body>Not found</body></html>", "not-json-lines", 1),
    File(
        "lfs",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n",
        "not-json-lines",
        1,
    ),
    File("json error", b'{"error": {"message": "Not found", "code": 404}}', "wrong-format", 1),
    File("array one line", encoded(_MANY), "json-array", 1),
    File("wrapper", encoded({"data": _MANY}), "wrong-format", 1),
    File("wrapper pretty", json.dumps({"train": _MANY}, indent=2).encode(), "pretty-printed", 1),
    File("wrapper examples", encoded({"version": 1, "examples": _MANY}), "wrong-format", 1),
    File("pretty indent0", b"\n".join(json.dumps(x, indent=0).encode() for x in _MANY), "pretty-printed", 1),
    File("pretty one", json.dumps(CHAT, indent=4).encode(), "pretty-printed", 1),
    File("pretty commas", b",\n".join(json.dumps(x, indent=2).encode() for x in _MANY), "pretty-printed", 1),
    File("objects no newline", b"".join(encoded(x) for x in _MANY), "not-json", 1),
    File("objects space", b" ".join(encoded(x) for x in _MANY), "not-json", 1),
    File("objects comma", b", ".join(encoded(x) for x in _MANY), "not-json", 1),
    File("commas end", b",\n".join(encoded(x) for x in _MANY) + b"\n", "not-json-lines", 1),
    File("json-seq RS", b"".join(b"\x1e" + encoded(x) + b"\n" for x in _MANY), "not-json-lines", 1),
    File("u2028 separated", "\u2028".encode().join(encoded(x) for x in _MANY), "not-json", 1),
    File("NEL", b"\xc2\x85".join(encoded(x) for x in _MANY), "not-json", 1),
    File("CR only", b"\r".join(encoded(x) for x in _MANY), "not-json-lines", 1),
    File("escaped newlines", b"\\n".join(encoded(x) for x in _MANY), "not-json", 1),
    File("quoted lines", b"".join(encoded(json.dumps(x)) + b"\n" for x in _MANY), "not-json-lines", 1),
    File("jsonp", b"callback(" + encoded(_MANY) + b")", "not-json", 1),
    File("hash comments first", b"# my data\n" + _LINES, "not-json", 1),
    File("slash comment last", _LINES + b"// end\n", "not-json", 13),
    File("truncated end", _LINES[:-30], "not-json", 12),
    File("truncated start", _LINES[20:], "not-json", 1),
    File("bom twice", b"\xef\xbb\xbf\xef\xbb\xbf" + _LINES, "not-json", 1),
    File("nul tail", _LINES + b"\0" * 1000, "control-character", 13),
    File("only nul", b"\0" * 5000, "not-json-lines", 1),
    File("one brace", b"{", "not-json", 1),
    File("bom only", b"\xef\xbb\xbf", "empty-file", 0),
    File("number only", b"5", "not-an-object", 1),
    File("ndjson of arrays", b"".join(b"[" + encoded(x) + b"]\n" for x in _MANY), "not-json-lines", 1),
    File("responses api", lines(several({"input": [ASK], "output": [ANSWER]})), "wrong-format", 1),
    File(
        "batch",
        lines(
            several(
                {
                    "custom_id": "1",
                    "method": "POST",
                    "url": "/v1/chat/completions",
                    "body": {"messages": [ASK]},
                }
            )
        ),
        "wrong-format",
        1,
    ),
    File(
        "sharegpt",
        lines(
            several(
                {"conversations": [{"from": "human", "value": "reset it"}, {"from": "gpt", "value": "y"}]}
            )
        ),
        "wrong-format",
        1,
    ),
    File(
        "alpaca", lines(several({"instruction": "reset it", "input": "", "output": "b"})), "wrong-format", 1
    ),
    File(
        "gemini",
        lines(
            several(
                {
                    "contents": [
                        {"role": "user", "parts": [{"text": "reset it"}]},
                        {"role": "model", "parts": [{"text": "y"}]},
                    ]
                }
            )
        ),
        "wrong-format",
        1,
    ),
    File(
        "pairs from another library",
        lines(several({"prompt": "reset it", "chosen": "a", "rejected": "b"})),
        "wrong-format",
        1,
        "dpo",
    ),
    File(
        "row with answers",
        lines(several({"messages": [ASK, ANSWER], "answer": "x"})),
        "wrong-format",
        1,
        "reinforcement",
    ),
    File("chat in babbage", _LINES, "wrong-format", 1, model="babbage-002"),
    File("last all user", lines(several(chat(ASK))), "wrong-format", 1),
    File("crlf in array", b"[\r\n" + b",\r\n".join(encoded(x) for x in _MANY) + b"\r\n]", "json-array", 1),
    File("array no end", b"[\n" + b",\n".join(encoded(x) for x in _MANY), "json-array", 1),
    File("empty array", b"[]", "not-an-object", 1),
    File("empty object", b"{}", "wrong-format", 1),
    File("ten empty objects", b"{}\n" * 12, "wrong-format", 1),
    *(
        File(f"the beginning of {name}", magic + bytes(range(256)), code, 1)
        for name, magic, code in (
            ("a 7z archive", b"7z\xbc\xaf\x27\x1c", "compressed"),
            ("a RAR archive", b"Rar!\x1a\x07", "compressed"),
            ("LZ4", b"\x04\x22\x4d\x18", "compressed"),
            ("Zstandard", b"\x28\xb5\x2f\xfd", "compressed"),
            ("Parquet", b"PAR1", "compressed"),
            ("Arrow", b"ARROW1\0\0", "compressed"),
            ("a tar archive", b"a" * 257 + b"ustar", "compressed"),
            ("a PDF", b"%PDF-1.7\n", "not-json-lines"),
            ("a database", b"SQLite format 3\0", "not-json-lines"),
            ("an image", b"\x89PNG\r\n\x1a\n", "not-json-lines"),
            ("an Office document", b"\xd0\xcf\x11\xe0", "not-json-lines"),
            ("something binary", b"\x01\x02\x03\x04", "not-json-lines"),
        )
    ),
]
"""Files of other kinds, and files with more than one bad line."""
