"""New endpoints, resources, fields and views in the contract reach both clients by generation alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PATHS = """
  /fine_tuning/notes:
    get:
      operationId: listNotes
      tags: [notes]
      summary: List notes.
      x-client: {resource: notes, method: list, plan: page}
      security: [ApiKeyAuth: []]
      parameters:
        - {name: after, in: query, schema: {type: string}}
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 50}}
        - {name: color, in: query, description: Only notes of this color., schema: {type: string}}
      responses:
        '200':
          description: A page of notes.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/ListNotesResponse'
  /fine_tuning/notes/{note_id}:
    get:
      operationId: retrieveNote
      tags: [notes]
      summary: Retrieve a note.
      x-client: {resource: notes, method: retrieve, plan: fetch}
      security: [ApiKeyAuth: []]
      parameters:
        - {name: note_id, in: path, required: true, description: Id of the note., schema: {type: string}}
      responses:
        '200':
          description: The note.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Note'
    delete:
      operationId: deleteNote
      tags: [notes]
      summary: Delete a note.
      x-client: {resource: notes, method: delete, plan: delete, returns: Deleted}
      security: [ApiKeyAuth: []]
      parameters:
        - {name: note_id, in: path, required: true, schema: {type: string}}
      responses:
        '200':
          description: What was deleted.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/DeleteFileResponse'
  /fine_tuning/jobs/{fine_tuning_job_id}/rating:
    get:
      operationId: rateFineTuningJob
      tags: [fine_tuning]
      summary: Rate a job.
      x-client:
        resource: jobs
        method: rate
        plan: fetch
        returns: Rating
        arguments: {fine_tuning_job_id: job_id}
        handle: true
      security: [ApiKeyAuth: []]
      parameters:
        - {name: fine_tuning_job_id, in: path, required: true, schema: {type: string}}
      responses:
        '200':
          description: The rating.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Rating'
"""
SCHEMAS = """
    Note:
      type: object
      description: A note.
      required: [id, text]
      properties:
        id: {type: string, description: Id of the note.}
        text: {type: string, description: What it says.}
    ListNotesResponse:
      type: object
      description: A page of notes.
      required: [data]
      properties:
        data:
          type: array
          items:
            $ref: '#/components/schemas/Note'
        has_more: {type: boolean}
    Rating:
      type: object
      x-client: {view: Rating, shows: '{stars} stars'}
      description: A rating.
      required: [stars]
      properties:
        stars: {type: integer, description: Number of stars.}
        rated_at: {type: integer, format: unixtime, description: "When it was given, in Unix seconds."}
        by: {type: [string, 'null'], description: Who gave it.}
"""
FIELDS = """
        planet:
          type: [string, 'null']
          description: Where the job trains, such as `eu-west`.
        last_rating:
          $ref: '#/components/schemas/Rating'
          description: The last rating of the job.
"""
PROGRAM = """
import asyncio, json
import httpx
from finetuning_client import AsyncFineTuning, FineTuning, InvalidRequestError, InvalidResponse, RetryPolicy
from finetuning_api.models import Note
from finetuning_client.views import Rating

NOTES = [{"id": f"note-{n}", "text": str(n)} for n in range(5)]
failures = ["once"]

def serve(request):
    path = request.url.path.removeprefix("/v1")
    if path == "/fine_tuning/notes":
        after, limit = request.url.params.get("after"), int(request.url.params.get("limit", 2))
        start = 1 + [note["id"] for note in NOTES].index(after) if after else 0
        found = NOTES[start : start + limit]
        return httpx.Response(200, json={"data": found, "has_more": start + limit < len(NOTES)})
    if path.endswith("/rating"):
        return httpx.Response(200, json={"stars": 4, "rated_at": 1})
    if request.method == "DELETE":
        return httpx.Response(200, json={"id": path.rsplit("/", 1)[1], "object": "file", "deleted": True})
    if path == "/fine_tuning/notes/note-3":
        if failures:
            failures.pop()
            return httpx.Response(503, json={"error": {"message": "busy"}})
        return httpx.Response(200, json=NOTES[3])
    if path.startswith("/fine_tuning/jobs/"):
        job = {"id": path.rsplit("/", 1)[1], "object": "fine_tuning.job", "status": "queued"}
        job.update(planet="mars", last_rating={"stars": 5})
        return httpx.Response(200, json=job)
    return httpx.Response(200, json=NOTES[0])

options = dict(api_key="x", retry=RetryPolicy(initial_delay=0.0))
client = FineTuning(http_client=httpx.Client(transport=httpx.MockTransport(serve)), **options)
note = client.notes.retrieve("note-3")
assert isinstance(note, Note) and note.text == "3" and not failures
assert [n.id for n in client.notes.list(page_size=2)] == [n["id"] for n in NOTES]
assert [n.id for n in client.notes.list(limit=3, color="red")] == ["note-0", "note-1", "note-2"]
assert client.notes.delete("note-1").deleted is True
rating = client.jobs.rate("ftjob-1")
assert isinstance(rating, Rating) and rating.stars == 4
assert (rating.rated_at.isoformat(), rating.by) == ("1970-01-01T00:00:01+00:00", None)
assert repr(rating) == "<Rating 4 stars>"
job = client.jobs.retrieve("ftjob-1")
assert job.rate().stars == 4
assert (job.planet, job.last_rating.stars) == ("mars", 5)
for call, error in (
    (lambda: client.notes.retrieve("note-2"), InvalidResponse),
    (lambda: list(client.notes.list(page_size=0)), InvalidRequestError),
):
    try:
        call()
    except error:
        pass
    else:
        raise AssertionError(error)

async def main():
    failures.append("again")
    pool = httpx.AsyncClient(transport=httpx.MockTransport(serve))
    async with AsyncFineTuning(http_client=pool, **options) as client:
        assert (await client.notes.retrieve("note-3")).text == "3" and not failures
        assert [n.id async for n in client.notes.list(page_size=2)] == [n["id"] for n in NOTES]
        assert (await client.jobs.rate("ftjob-1")).stars == 4
        assert (await client.jobs.retrieve("ftjob-1")).planet == "mars"
        assert (await (await client.jobs.retrieve("ftjob-1")).rate()).stars == 4

asyncio.run(main())
help(client.notes.list)
"""


def generate(root: Path) -> None:
    """Run `make generate` in a copy of the repository."""
    command = [sys.executable, "-m", "tools.generate"]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def generated(root: Path) -> dict[str, str]:
    """Return the texts of both clients by path."""
    package = root / "overlay" / "finetuning_client"
    return {
        path.relative_to(package).as_posix(): path.read_text(encoding="utf-8")
        for path in package.glob("_*/*.py")
    }


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository with the new endpoints and fields in its contract, after generation."""
    target = tmp_path_factory.mktemp("copy")
    for name in ("generated", "overlay", "tools", "templates"):
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("generator-config.yaml", "pyproject.toml"):
        shutil.copy(ROOT / name, target)
    text = (ROOT / "openapi.yaml").read_text(encoding="utf-8")
    text = text.replace("\npaths:\n", "\npaths:\n" + PATHS, 1).replace(
        "\n  schemas:\n", "\n  schemas:\n" + SCHEMAS
    )
    head, job, rest = text.partition("\n    FineTuningJob:\n")
    text = head + job + rest.replace("      properties:\n", "      properties:" + FIELDS, 1)
    text = text.replace("\ntags:\n", "\ntags:\n  - {name: notes, description: Notes of a team.}\n", 1)
    (target / "openapi.yaml").write_text(text, encoding="utf-8")
    generate(target)
    return target


def test_new_endpoints_and_fields_work_on_both_clients(copy: Path) -> None:
    """They have retries, pages, methods and fields of a handle, and the contract's documentation."""
    path = os.pathsep.join(str(copy / name) for name in ("generated", "overlay"))
    environment = {**os.environ, "PYTHONPATH": path}
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "Only notes of this color." in run.stdout


def test_what_is_removed_from_the_contract_leaves_both_clients(copy: Path) -> None:
    """With the old contract everything is as it was: the modules of the resource are gone."""
    assert {f"_{kind}/methods_of_notes.py" for kind in ("async", "sync")} <= generated(copy).keys()
    shutil.copy(ROOT / "openapi.yaml", copy)
    generate(copy)
    assert generated(copy) == generated(ROOT)
