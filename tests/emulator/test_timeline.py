"""Timelines are consistent at every time, after any actions on the job."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from finetuning_emulator.simulation.job_error import JobError
from finetuning_emulator.simulation.timeline import Event, EventKind, Interruption, Plan, Timeline

CREATED = 1_700_000_000_000
PROBLEM = JobError("invalid_training_file", "It is bad.", "training_file")


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Return a plan, from a tiny one to one with thousands of steps."""
    validated = draw(st.integers(0, 30_000))
    epochs, size = draw(st.integers(1, 6)), draw(st.integers(1, 60))
    problem = draw(st.none() | st.just(PROBLEM))
    return Plan(
        validated=validated,
        started=validated + draw(st.integers(1, 30_000)),
        step_time=draw(st.integers(1, 2000)),
        finishing=draw(st.integers(0, 10_000)),
        epochs=epochs,
        steps_per_epoch=size,
        stride=draw(st.integers(1, 20)),
        problem=problem,
        failing_step=None if problem is None else draw(st.none() | st.integers(0, epochs * size)),
        stops=draw(st.none() | st.just(validated)),
    )


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    """Return a timeline of any plan with pauses and resumes before its end, possibly cancelled."""
    timeline = Timeline(draw(plans()), CREATED)
    at = CREATED
    for number in range(draw(st.integers(0, 6))):
        at += draw(st.integers(0, 40_000))
        if timeline.status(at) in ("succeeded", "failed"):
            break
        what = draw(st.sampled_from(["next", "next", "next", "cancel"]))
        if what == "next":
            what = "resume" if number % 2 else "pause"
        timeline = with_action(timeline, at, what)
        if what == "cancel":
            break
    return timeline


def with_action(timeline: Timeline, at: int, what: str) -> Timeline:
    """Return the timeline after an action of a user."""
    happened = Interruption(at, what)  # type: ignore[arg-type]
    return Timeline(timeline.plan, timeline.created, (*timeline.interruptions, happened))


def all_events(timeline: Timeline, at: int) -> list[Event]:
    """Return the events up to a time, oldest first."""
    return [timeline.event(place) for place in range(timeline.event_count(at))]


times = st.integers(0, 1_500_000).map(lambda elapsed: CREATED + elapsed)
FAR = CREATED + 10**10


@given(timelines(), times)
def test_events_are_in_order_and_in_the_past(timeline: Timeline, at: int) -> None:
    """No event is later than now, or earlier than the one before it."""
    moments = [event.at for event in all_events(timeline, at)]
    assert moments == sorted(moments)
    assert all(CREATED <= moment <= at for moment in moments)


@given(timelines(), times, st.integers(0, 200_000))
def test_history_only_grows(timeline: Timeline, at: int, later: int) -> None:
    """The events at a time are a prefix of the events at a later time."""
    earlier = all_events(timeline, at)
    assert all_events(timeline, at + later)[: len(earlier)] == earlier


@given(timelines(), times)
def test_every_event_appears_at_its_time(timeline: Timeline, at: int) -> None:
    """It appears exactly at its millisecond."""
    for place, event in enumerate(all_events(timeline, at)):
        assert timeline.event_count(event.at) > place
        assert event.at == CREATED or timeline.event_count(event.at - 1) <= place


@given(timelines())
def test_the_end_is_when_the_status_becomes_final(timeline: Timeline) -> None:
    """A job that is paused, or stays queued, has no end."""
    end = timeline.end
    if end is None:
        assert timeline.status(FAR) in ("paused", "queued")
        assert timeline.status(timeline.settled) == timeline.status(FAR)
    else:
        assert timeline.status(end) in ("succeeded", "failed", "cancelled")
        assert timeline.status(end) == timeline.status(FAR)
        if end > max([CREATED, *(i.at for i in timeline.interruptions)]):
            assert timeline.status(end - 1) in ("validating_files", "queued", "running")


@given(timelines(), times)
def test_statuses_and_events_agree(timeline: Timeline, at: int) -> None:
    """The last event matches the status."""
    last = all_events(timeline, at)[-1].kind
    status = timeline.status(at)
    final = {
        "succeeded": {EventKind.COMPLETED},
        "failed": {EventKind.FAILED},
        "cancelled": {EventKind.CANCELLED},
        "paused": {EventKind.PAUSED},
    }
    if status in final:
        assert last in final[status]
    else:
        assert last not in set.union(*final.values())


@given(plans())
def test_every_epoch_is_reported_to_its_end(plan: Plan) -> None:
    """Steps increase, the last of each epoch is reported, and earlier epochs have a checkpoint."""
    events = all_events(Timeline(plan, CREATED), FAR)
    steps = [event.step for event in events if event.kind is EventKind.STEP]
    saved = [event.step for event in events if event.kind is EventKind.CHECKPOINT]
    if plan.is_invalid or plan.stops is not None:
        assert (steps, saved) == ([], [])
        return
    ends = [plan.steps_per_epoch * (epoch + 1) for epoch in range(plan.epochs)]
    reported = [plan.reported_step(number) for number in range(plan.reports)]
    assert reported == sorted(set(reported))
    assert set(ends) <= set(reported)
    assert steps == [step for step in reported if step <= plan.last_step]
    assert saved == [end for end in ends[:-1] if end <= plan.last_step]


@given(plans(), times, st.integers(0, 10**6))
def test_a_pause_shifts_everything_after_it_and_nothing_before(plan: Plan, at: int, pause: int) -> None:
    """The shift is the length of the pause."""
    plain = Timeline(plan, CREATED)
    if plain.status(at) in ("succeeded", "failed"):
        return
    shifted = with_action(with_action(plain, at, "pause"), at + pause, "resume")
    before = plain.event_count(at)
    undisturbed, disturbed = all_events(plain, FAR), all_events(shifted, FAR)
    assert disturbed[:before] == undisturbed[:before]
    assert [event.kind for event in disturbed[before : before + 2]] == [
        EventKind.PAUSED,
        EventKind.RESUMED,
    ]
    assert disturbed[before + 2 :] == [
        Event(event.at + pause, event.kind, event.step) for event in undisturbed[before:]
    ]


@given(plans(), times)
def test_a_cancellation_cuts_everything_after_it(plan: Plan, at: int) -> None:
    """Earlier events do not change; the only later event is that of the cancellation."""
    plain = Timeline(plan, CREATED)
    if plain.status(at) in ("succeeded", "failed"):
        return
    cut = with_action(plain, at, "cancel")
    assert all_events(cut, FAR) == [*all_events(plain, at), Event(at, EventKind.CANCELLED)]
    assert cut.end == at
    assert cut.steps_done(FAR) == plain.steps_done(at)
