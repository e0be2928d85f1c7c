"""What requests say, and what answers about scenarios, jobs and plans hold; results are documents of their own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, model_validator

from optimizer.service.api.parameters import ID
from optimizer.service.settings import MEGABYTE
from optimizer.service.store.jobs import Job
from optimizer.service.store.plans import Saved
from optimizer.service.store.scenarios import FILES_MOST, MAIN, Kept

_Name = Annotated[str, Field(min_length=1, max_length=200)]
_Names = Annotated[list[_Name], Field(max_length=1_000)]
_Path = Annotated[str, Field(min_length=1, max_length=500, description="a path of keys, as `budget`")]


def _bounded(value: JsonValue) -> JsonValue:
    """A value that is no larger and no deeper than a change of a scenario can be."""
    waiting: list[tuple[JsonValue, int]] = [(value, 0)]
    for count, (one, depth) in enumerate(waiting):
        if count > 1_000 or depth > 12 or (isinstance(one, str) and len(one) > 10_000):
            raise ValueError("it is too large for a single change")
        inside = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        waiting += [(each, depth + 1) for each in inside]
    return value


_Changed = Annotated[JsonValue, AfterValidator(_bounded)]
_Changes = dict[_Path, _Changed]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Case(_Said):
    """A scenario as it is asked about."""

    variant: _Name | None = Field(None, description="the name of one of the scenario's variants")
    changes: _Changes = Field(
        default_factory=dict, max_length=100, description="paths with new values, as `--set` takes them"
    )
    book: _Names = Field(default_factory=list, description="creators who must be booked, beside those of the scenario")
    leave_out: _Names = Field(
        default_factory=list, description="creators who may not be booked, beside those of the scenario"
    )


class _Searched(_Said):
    gap: float | None = Field(None, ge=0, lt=1, description="how far from the best plan is near enough")
    time_limit_s: float | None = Field(None, gt=0, le=86_400, description="seconds of the search")
    rounds: int | None = Field(
        None, ge=1, le=1_000_000_000, description="the work of the search, the same on every machine"
    )


class _Leased(_Said):
    lease_s: float | None = Field(
        None, ge=1, le=86_400, description="give the work up when nobody asks about the job for so many seconds"
    )


class _Spoken(_Said):
    language: Literal["en", "fr"] = Field("en", description="the language of pages and workbooks")


class CheckAsked(Case, _Leased):
    """What `check` is asked."""

    solve: bool = Field(False, description="also look for any plan at all")


class PlanAsked(Case, _Searched, _Leased):
    """What `plan` is asked."""


class ExplainAsked(Case, _Searched, _Leased, _Spoken):
    """What `explain` is asked."""

    creators: _Names | None = Field(None, description="creators to look at; by default those who are booked")
    rules: bool = Field(True, description="whether to look at each rule")
    figures: bool = Field(True, description="whether to look at each assumed figure")


class AlternativesAsked(Case, _Searched, _Leased, _Spoken):
    """What `alternatives` is asked."""

    within: Annotated[float, Field(ge=0, lt=1)] | Literal["forecast"] | None = Field(
        None, description="how much of the value another plan may give up"
    )
    count: int | None = Field(None, ge=1, le=50, description="how many plans at most")


class SweepAsked(Case, _Searched, _Leased, _Spoken):
    """What `sweep` is asked: inputs to vary, or a second goal."""

    vary: dict[_Path, str | list[_Changed]] | None = Field(None, min_length=1, max_length=2)
    frontier: _Name | None = Field(None, description="a second goal, as `minimize spend`")
    points: int | None = Field(None, ge=2, le=1_000, description="points of a frontier at most")
    ranges: bool = Field(False, description="whether to draw the range of each goal")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.vary is None) == (self.frontier is None):
            raise ValueError("say either which inputs to vary, or the second goal of a frontier")
        return self


class ComparedCase(Case):
    """A case of a comparison: a scenario as it is asked about, or a saved plan."""

    name: _Name
    plan: str | None = Field(None, pattern=ID, description="a saved plan; the rest is then left out")


class CompareAsked(_Searched, _Leased, _Spoken):
    """What `compare` is asked."""

    cases: list[ComparedCase] = Field(min_length=1, max_length=20)
    why: bool = Field(False, description="what each difference accounts for")

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if len({case.name for case in self.cases}) < len(self.cases):
            raise ValueError("two cases have the same name")
        return self


class Answered(_Said):
    """One row of what creators answered."""

    creator: _Name
    offer: Annotated[str, Field(max_length=200)] = ""
    status: Literal["", "signed", "declined", "posted", "paid"] = ""
    fee: float | None = Field(None, ge=0, le=1e12)


class ReplanAsked(_Searched, _Leased):
    """What `replan` is asked: a plan, and answers as rows or as a file of the scenario."""

    plan: str = Field(pattern=ID, description="the id of a saved plan, or of the job that made a plan")
    changes: _Changes = Field(default_factory=dict, max_length=100, description="what else is changed for this plan")
    results: list[Answered] | None = Field(None, min_length=1, max_length=5_000)
    file: _Name | None = Field(None, description="the name of one of the scenario's files")
    keep: float | None = Field(None, ge=0, le=1, description="the share of the best value that is kept")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.results is None) == (self.file is None):
            raise ValueError("say either the results, or the file that holds them")
        return self


class VerifyAsked(_Leased):
    """What `verify` is asked."""

    plan: str = Field(pattern=ID)
    ranges: bool = Field(False, description="draw the ranges of the forecast again, too")


class NewScenario(_Said):
    """A scenario to keep: its file, and other files of text that it names; all of them in one small request."""

    name: Annotated[str, Field(max_length=200)] = ""
    main: _Name = MAIN
    files: dict[_Name, Annotated[str, Field(max_length=MEGABYTE)]] = Field(min_length=1, max_length=FILES_MOST)


class Named(_Said):
    """A new name."""

    name: _Name


class SavedAsked(_Said):
    """A plan to save: the job that made it."""

    job: str = Field(pattern=ID)
    name: _Name
    notes: Annotated[str, Field(max_length=10_000)] = ""


class Described(_Said):
    """A new name, or new notes."""

    name: _Name | None = None
    notes: Annotated[str, Field(max_length=10_000)] | None = None


class ForgetAsked(_Said):
    """Who is to be forgotten."""

    creator: _Name


# --- answers ---


class ScenarioShown(BaseModel):
    """A scenario without the content of its files."""

    id: str
    name: str
    main: str
    etag: str = Field(description="names all that can be changed: the files and the name")
    version: str = Field(description="names what the files hold, as plans know it")
    created: str
    changed: str
    files: dict[str, int] = Field(description="the files, with their sizes in bytes")

    @classmethod
    def of(cls, kept: Kept) -> Self:
        """As it is kept."""
        return cls(
            id=kept.id,
            name=kept.name,
            main=kept.main,
            etag=kept.etag,
            version=kept.version,
            created=_time(kept.created),
            changed=_time(kept.changed),
            files=dict(kept.files),
        )


class JobShown(BaseModel):
    """A job: how far it is, and where its answer is."""

    id: str
    scenario: str
    verb: str
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    created: str
    begun: str | None
    ended: str | None
    lease_s: float
    progress: dict[str, Any] | None
    problem: dict[str, Any] | None
    forms: list[str] = Field(description="the forms in which there is an answer")

    @classmethod
    def of(cls, job: Job) -> Self:
        """As it is registered."""
        begun, ended = (None if one is None else _time(one) for one in (job.begun, job.ended))
        return cls(
            id=job.id,
            scenario=job.scenario,
            verb=job.verb,
            state=job.state,
            created=_time(job.created),
            begun=begun,
            ended=ended,
            lease_s=job.lease,
            progress=None if job.progress is None else dict(job.progress),
            problem=None if job.problem is None else dict(job.problem),
            forms=list(job.forms),
        )


class PlanShown(BaseModel):
    """A saved plan without its content."""

    id: str
    scenario: str
    name: str
    notes: str
    etag: str
    asked: dict[str, Any] = Field(description="what the job was asked")
    version: str | None = Field(description="the version of the scenario that it plans; null if it is not known")
    outdated: bool | None = Field(description="whether the scenario has changed since; null if that is not known")
    created: str
    changed: str

    @classmethod
    def of(cls, saved: Saved) -> Self:
        """As it is saved."""
        return cls(
            id=saved.id,
            scenario=saved.scenario,
            name=saved.name,
            notes=saved.notes,
            etag=saved.etag,
            asked=dict(saved.arguments),
            version=saved.version,
            outdated=saved.outdated,
            created=_time(saved.created),
            changed=_time(saved.changed),
        )


class Forgotten(BaseModel):
    """What was removed for a creator to be forgotten."""

    files: list[str] = Field(description="files out of which rows were taken, as scenario/name")
    plans: int
    jobs: int
    remaining: list[str] = Field(description="scenarios and files that are called by their name, or still mention it")


class ProblemShown(BaseModel):
    """What is wrong, and what to do (RFC 9457); `problems` has the faults of a scenario with their places."""

    type: str
    status: int
    title: str
    detail: str | None = None
    problems: list[dict[str, Any]] | None = None


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
