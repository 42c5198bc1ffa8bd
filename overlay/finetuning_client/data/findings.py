"""Findings about a file of examples: their codes, and the collection that limits repeated ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

from msgspec import Struct

Severity: TypeAlias = Literal["error", "warning", "note"]
Role: TypeAlias = Literal["training", "validation"]

SHOWN_PER_CODE = 20
"""Number of findings with the same code that are kept; further ones are counted."""


class Finding(Struct, frozen=True, kw_only=True):
    """A problem in a file, or a fact about it.

    Attributes:
        line: line of the file, from 1; 0 for the whole file.
        example: number of the example, from 1, as the service counts them; `None` for the whole file. It is
            less than `line` after blank lines.
        message: index of the message in its list, from 0; `None` if it is not about a message.
        path: JSON path in the example, such as `$.messages[1].role`; empty if it is not about a value.
        code: the kind of finding, by a name that is stable across releases; `CODES` has all of them.
        service_code: error code with which the hosted service fails the job; `None` if it does not.
        severity: `error`: the service refuses the file; `warning`: the model would train badly; `note`: for
            information only.
        text: what is wrong.
        hint: what to do.
        file: which of the files: `training` or `validation`.
    """

    line: int
    code: str
    severity: Severity
    text: str
    hint: str
    example: int | None = None
    message: int | None = None
    path: str = ""
    service_code: str | None = None
    file: Role = "training"

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        return f"{place}{self.text}"


class Kind(Struct, frozen=True):
    """Kind of finding: its severity, what it means, and what to do about it."""

    severity: Severity
    meaning: str
    hint: str


def _kinds(severity: Severity, table: str) -> dict[str, Kind]:
    """Return the kinds of a table with lines `code | meaning | hint`."""
    rows = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
    return {code: Kind(severity, meaning, hint) for code, meaning, hint in rows}


CODES: Mapping[str, Kind] = {
    **_kinds(
        "error",
        """
        empty-file | The file is empty, or has only blank lines. | Write one JSON object per line.
        too-few-examples | A training file needs 10 examples, a validation file 1. | Add examples.
        compressed | The file is compressed or an archive. | Unpack it: gunzip FILE.
        utf-16 | The file is in UTF-16 or UTF-32. | Run finetuning data repair FILE, or call data.repair(FILE).
        not-utf-8 | A line is not UTF-8, as in a Latin-1 file. | Run finetuning data repair FILE, or call data.repair(FILE).
        json-array | The whole file is one JSON array. | Run finetuning data convert FILE, or call data.convert(FILE).
        pretty-printed | An example is spread over several lines. | Run finetuning data repair FILE, or call data.repair(FILE).
        csv | The file is a table of delimiter-separated values. | Rename it to .csv and run finetuning data convert FILE, or call data.convert(FILE, format='csv').
        not-json-lines | No line of the file is JSON. | Write one JSON object per line.
        wrong-format | The examples have the format of another method or model. | Pass the method and the model that the file is for, or convert it.
        not-json | A line is not JSON. | Correct the line, or remove it.
        trailing-comma | A line ends with a comma after its object. | Run finetuning data repair FILE, or call data.repair(FILE).
        not-a-number | A line has NaN or Infinity, which JSON does not allow. | Write a number, or leave the field out.
        number-too-large | A number is too large to be read. | Write it as a string, or leave the field out.
        lone-surrogate | A string has half of a surrogate pair. | Encode the text as UTF-8 again from its source.
        control-character | A string has a control character, such as NUL, that is not escaped. | Remove it, or write it as an escape such as \\\\n.
        too-deep | A value is nested too deeply. | Flatten the value.
        line-too-long | A line is longer than 16 MiB. | Split the example, or refer to images by URL.
        duplicate-key | An object has the same key twice, and only the last one would count. | Remove one of the two.
        not-an-object | A line is JSON, but not an object. | Write an object such as {"messages": [...]}.
        missing-key | A required field is missing. | Add the field.
        unknown-key | A field is not part of the format. | Remove the field.
        wrong-type | A value has the wrong type. | Write a value of the named type.
        wrong-value | A value is not one of those allowed. | Write one of the named values.
        null-value | A value is null where it must not be. | Leave the field out, or give it a value.
        empty-list | A list is empty. | Add an item, or leave the field out.
        too-many-items | A list has too many items. | Remove items.
        empty-string | A string is empty where it must not be. | Write some text.
        no-messages | The list of messages is empty. | Add messages, or remove the example.
        missing-role | A message has no role. | Add "role": "user" or another role.
        unknown-role | A message has a role that the format does not allow. | Use system, developer, user, assistant or tool.
        missing-content | A message has no content. | Add the content, or remove the message.
        last-message | The last message has the wrong role for the method. | End with a message that has the named role.
        no-target | No assistant message is trained on. | Set one of the weights to 1, or remove the weights.
        weight-value | A weight is neither 0 nor 1. | Write 0 or 1.
        weight-role | A message other than an assistant message has a weight. | Remove the weight.
        content-part | A content part has a type that is not allowed in the message. | Use one of the named types.
        image-role | An image is in a message other than a user message. | Move the image to a user message.
        image-url | An image has neither an http(s) URL nor a data URL of a PNG, JPEG or WebP. | Write an http(s) URL, or a base64 data URL of a PNG, JPEG or WebP.
        refusal-part | A refusal is not the only part of its message. | Leave the other parts out.
        output-count | An output of a preference pair is not exactly one message. | Keep one message.
        output-role | An output of a preference pair is not an assistant message. | Use the role assistant.
        tool-unanswered | A tool call has no tool message with its id. | Add the tool message after the call.
        tool-call-unknown | A tool message does not answer a call in the assistant message before it. | Use the id of the call.
        tool-call-repeated | A tool call id is used or answered twice. | Give every call its own id.
        arguments-not-json | The arguments of a call are not JSON. | Write them as a JSON object in a string.
        arguments-not-object | The arguments of a call are JSON, but not an object. | Write them as a JSON object in a string.
        undeclared-function | A call names a function that the example does not declare. | Declare it in tools, or correct the name.
        duplicate-tool | Two tools or functions have the same name. | Remove one, or rename it.
        function-name | A function name has characters other than letters, digits, _ and -, or more than 64 of them. | Use at most 64 letters, digits, _ and -.
        grader-field | The grader reads a field that the example does not have, or that has the wrong type. | Add the field, or correct the grader.
        """,  # noqa: E501 - a table
    ),
    **_kinds(
        "warning",
        """
        duplicate-example | An example is the same as an earlier one. | Run finetuning data dedupe FILE, or call data.dedupe(FILE).
        duplicate-in-validation | An example in the training file is also in the validation file. | Remove it from one of the files.
        validation-leak | A conversation in the validation file is also in the training file, with a different answer. | Remove it from one of the files.
        identical-outputs | Both outputs of a preference pair are the same. | Remove the pair.
        empty-text | A message or a string is empty or only white space. | Remove the example if that is not intended.
        too-long | An example is longer than the model's maximum; the excess is cut off. | Shorten or split the example.
        images-not-supported | The model or the method does not accept images. | Choose another model, or remove the images.
        looks-like-key | Some text looks like a secret key, which the model could repeat. | Replace it, and revoke the key.
        nul-character | A string has a NUL character. | Remove it.
        """,  # noqa: E501 - a table
    ),
    **_kinds(
        "note",
        """
        byte-order-mark | The file begins with a byte order mark, which the service skips. | No action is needed.
        blank-lines | The file has blank lines, which do not count as examples. | No action is needed.
        """,  # noqa: E501 - a table
    ),
}
"""Every kind of finding by its code."""

UNREADABLE = frozenset(
    """
    empty-file utf-16 not-utf-8 json-array pretty-printed csv compressed not-json-lines not-json
    trailing-comma not-a-number number-too-large lone-surrogate control-character too-deep
    """.split()
)
"""Codes of findings about lines that no reader of JSON Lines can read."""

_OF_COUNT = ("empty-file", "too-few-examples")


class Findings:
    """The findings about a file: all are counted, and some of each code are kept.

    Args:
        role: what the file is for.
        limit: number of findings of one code to keep; `None` for all.
    """

    def __init__(self, role: Role = "training", limit: int | None = SHOWN_PER_CODE) -> None:
        self.counts: Counter[str] = Counter()
        self._role: Role = role
        self._limit = limit
        self._kept: list[Finding] = []
        self._repeated: Counter[tuple[str, str]] = Counter()

    def add(
        self,
        code: str,
        line: int,
        text: str,
        *,
        example: int | None = None,
        message: int | None = None,
        path: str = "",
        hint: str = "",
        group: str = "",
    ) -> None:
        """Add a finding; `hint` replaces the one of its kind. Findings of each `group` have their own cap."""
        self.counts[code] += 1
        self._repeated[code, group] += 1
        if self._limit is not None and self._repeated[code, group] > self._limit:
            return
        kind = CODES[code]
        self._kept.append(
            Finding(
                line=line,
                code=code,
                severity=kind.severity,
                text=text,
                hint=hint or kind.hint,
                example=example,
                message=message,
                path=path,
                service_code=self._service_code(code, line) if kind.severity == "error" else None,
                file=self._role,
            )
        )

    def _service_code(self, code: str, line: int) -> str:
        if code == "grader-field" and not line:
            return "invalid_grader"
        return "invalid_n_examples" if code in _OF_COUNT else f"invalid_{self._role}_file"

    def join(self, code: str, group: str, text: str) -> None:
        """Replace the findings of a group by one about the whole file, with the text of the first of them."""
        gone = [finding for finding in self._kept if (finding.code, finding.path) == (code, group)]
        self._kept = [finding for finding in self._kept if finding not in gone]
        self.counts[code] -= self._repeated.pop((code, group))
        self.add(code, 0, f"{gone[0].text}: {text}", path=group, hint=gone[0].hint)

    def replace(self, codes: frozenset[str], code: str, text: str, *, hint: str = "") -> None:
        """Replace all findings with these codes by one, at the line of the first of them."""
        gone = [finding for finding in self._kept if finding.code in codes]
        self._kept = [finding for finding in self._kept if finding.code not in codes]
        for old in codes:
            del self.counts[old]
        first = gone[0] if gone else None
        line = first.line if first else 1
        self.add(code, line, text, example=first.example if first else None, hint=hint)

    def __iter__(self) -> Iterator[Finding]:
        """Iterate in the order of the file; what is about the whole file comes first."""
        return iter(sorted(self._kept, key=lambda finding: finding.line))
