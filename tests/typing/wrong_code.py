"""Wrong code of users: each marked line must have an error of the named code; never run."""

from __future__ import annotations

from finetuning_client import DPO, FineTuning, JobId, Supervised


def wrong(client: FineTuning) -> None:
    """Mistakes that users make."""
    client.jobs.create(model="m")  # wrong: call-overload
    client.jobs.create("m", "file-1")  # wrong: call-overload
    client.jobs.create(model="m", training_file=b"{}")  # wrong: call-overload
    client.jobs.create(model="m", training_file=None, extra=None)  # wrong: call-overload
    client.jobs.create(model="m", extra={1: "a"})  # wrong: dict-item
    FineTuning(limits="few")  # wrong: arg-type
    Supervised(n_epochs="three")  # wrong: arg-type
    Supervised(beta=0.1)  # wrong: call-arg
    DPO(0.1)  # wrong: misc, call-arg
    job = client.jobs.retrieve("ftjob-1")
    job.wait(timeout="1h")  # wrong: arg-type
    job.finished_at.year  # noqa: B018  # wrong: union-attr
    job.stauts  # noqa: B018  # wrong: attr-defined
    job.id = JobId("ftjob-2")  # wrong: misc
    for item in client.jobs.list(limit="3"):  # wrong: arg-type
        item.wait()
