"""What accounts for the difference between two plans: the part of each key in which their scenarios differ.

Up to four keys get their Shapley values. With v(S) the value of the best plan of the base with the keys S as in the
other scenario, a key k accounts for the mean, over all orders of the n keys, of what it changes when its turn comes:

    sum over S without k of |S|! (n - |S| - 1)! / n! * (v(S with k) - v(S))

More keys are changed one after the other, in file order, and each accounts for what it changes then. Either way the
parts sum exactly to the whole difference.

Shapley, "A value for n-person games", 1953.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from math import factorial, inf

from optimizer.errors import ScenarioError
from optimizer.loading.differing import Between, Key
from optimizer.loading.load import dotted
from optimizer.planning.optimize import Planned, Terms
from optimizer.planning.searched import Searched, checked, searched
from optimizer.results.comparison import Account, AccountedBy, KeyChange
from optimizer.results.plan import Plan
from optimizer.solving.clock import Clock

_SHAPLEY_MOST = 4
_KEYS_MOST = 20  # beyond which keys are taken together by the section that they are in
_ROUNDS = 2_000  # of work for one mix of the two scenarios

Chosen = frozenset[int]


def key_changes(between: Between) -> tuple[KeyChange, ...]:
    """The keys in which two scenarios differ, with their values in both."""
    return tuple(KeyChange(key.name, key.before, key.after) for key in between.keys)


@dataclass(frozen=True)
class Accounts:
    """What each key accounts for, None where it cannot be told; `note` says why, or why it is told in file order."""

    parts: tuple[Account, ...] | None
    note: str | None = None


def accounts(between: Between, names: tuple[str, str], plans: tuple[Planned, Planned], terms: Terms) -> Accounts:
    """What each key in which two scenarios differ accounts for in the difference between the values of their plans.

    Parameters
    ----------
    names, plans
        Those of the base and of the other scenario; both have a plan, and the same objective.
    terms
        Each mix of the two scenarios is planned with this gap and limit; without rounds, within 2,000 of them.
    """
    groups = _groups([key for key in between.keys if key.counts])
    mixes = _Mixes(between, tuple(groups.values()), tuple(groups), names, plans, terms)
    whole = frozenset(range(len(groups)))
    if not groups:
        return Accounts((), None if mixes.value(whole) == mixes.value(frozenset()) else _NOTHING)
    together = None if len(groups) == sum(map(len, groups.values())) else _TOGETHER
    notes = [together] if together else []
    if len(groups) <= _SHAPLEY_MOST:
        every = [frozenset(some) for size in whole for some in combinations(sorted(whole), size)]
        failed = mixes.first_failure(every)
        if failed is None:
            parts = tuple(mixes.shapley(at) for at in sorted(whole))
            return Accounts(parts, together)
        notes.append(f"in file order, because {failed}")
    else:
        most = f"more than {_SHAPLEY_MOST} {'sections' if together else 'keys'} differ"
        notes.append(f"in file order, because {most}")
    failed = mixes.first_failure([frozenset(range(size)) for size in whole])
    if failed is not None:
        return Accounts(None, f"what each key accounts for cannot be told: {failed}")
    return Accounts(tuple(mixes.in_turn(at) for at in sorted(whole)), "; ".join(notes))


_STOPPED = "it was stopped"
_NOTHING = "no key differs that could change the value: the plans differ within their gaps"
_TOGETHER = f"keys of a section are taken together, because more than {_KEYS_MOST} differ"


def _groups(keys: Sequence[Key]) -> dict[str, list[Key]]:
    """The keys that are changed together, by their common name: each by itself, unless there are too many."""
    found: dict[str, list[Key]] = {}
    for key in keys:
        name = key.name if len(keys) <= _KEYS_MOST else dotted(key.path[:1])
        found.setdefault(name, []).append(key)
    return found


@dataclass
class _Mixes:
    """The values of the mixes of two scenarios, each planned once."""

    between: Between
    groups: tuple[Sequence[Key], ...]
    labels: tuple[str, ...]
    names: tuple[str, str]
    plans: tuple[Planned, Planned]
    terms: Terms
    known: dict[Chosen, _Part] = field(default_factory=dict)
    failures: dict[Chosen, str] = field(default_factory=dict)
    done: list[Searched | Planned] = field(default_factory=list)

    def __post_init__(self) -> None:
        ends = frozenset[int](), frozenset(range(len(self.groups)))
        for end, plan in reversed(list(zip(ends, self.plans, strict=True))):  # the base last: it stands without keys
            if not isinstance(plan.result, Plan):
                raise ValueError("both scenarios have a plan")
            stated = plan.result.objective
            self.known[end] = _Part.of(
                stated.value, stated.bound, proved=plan.result.claim == "optimal", single=not plan.result.goals
            )
            self.done.append(plan)

    def value(self, chosen: Chosen) -> Fraction:
        """The value of a mix that was planned."""
        return self.known[chosen].value

    def first_failure(self, asked: Sequence[Chosen]) -> str | None:
        """Plan mixes until one has no value, and say why; None if all have one."""
        for chosen in asked:
            if chosen not in self.known and chosen not in self.failures:
                self._plan(chosen)
            if chosen in self.failures:
                return self.failures[chosen]
        return None

    def _plan(self, chosen: Chosen) -> None:
        terms, said = self.terms, self._said(chosen)
        stopped = terms.cancel or (lambda: False)
        if stopped():
            self.failures[chosen] = _STOPPED
            return
        limit = None if terms.rounds is not None else terms.time_limit_s
        deadline = inf if limit is None else time.monotonic() + limit
        clock = Clock(deadline, stopped, terms.rounds or _ROUNDS)
        try:
            mixed = self.between.mixed([key for at in sorted(chosen) for key in self.groups[at]])
            like = [one for one in self.done if one.estimates.scenario.pool is mixed.pool]
            found = searched(
                mixed,
                terms.gap,
                [clock for _ in mixed.objectives],
                known=like[-1].estimates if like else None,
                before=like[-1].solution.beginning if like else None,
            )
        except ScenarioError as error:
            self.failures[chosen] = f"{said} there is no scenario to plan ({error.problems[0].cause})"
            return
        if stopped():
            self.failures[chosen] = _STOPPED
            return
        if found.steps.last.plan is None:
            none = "no plan keeps the rules" if found.proved else "no plan was found"
            self.failures[chosen] = f"{said} {none}"
            return
        checked(found.estimates, found.steps)
        goal = found.goals()[0]
        self.known[chosen] = _Part.of(goal.value, goal.bound, proved=found.proved, single=not mixed.goals)
        self.done.append(found)

    def _said(self, chosen: Chosen) -> str:
        base, other = self.names
        labels = [self.labels[at] for at in sorted(chosen)]
        named = ", ".join(labels[:_SHAPLEY_MOST]) + (", ..." if len(labels) > _SHAPLEY_MOST else "")
        return f"with {named} as in {other}, all else as in {base},"

    def shapley(self, key: int) -> Account:
        """The Shapley value of a key."""
        count = len(self.groups)
        others = [at for at in range(count) if at != key]
        part = _Part(Fraction(0), (Fraction(0), Fraction(0)), proved=True)
        for before in (frozenset(some) for size in range(count) for some in combinations(others, size)):
            weight = Fraction(factorial(len(before)) * factorial(count - len(before) - 1), factorial(count))
            part = part.plus(self._step(before, key), weight)
        return part.account(self.labels[key], "shapley")

    def in_turn(self, key: int) -> Account:
        """What a key changes after those before it."""
        return self._step(frozenset(range(key)), key).account(self.labels[key], "in file order")

    def _step(self, before: Chosen, key: int) -> _Part:
        return self.known[before | {key}].plus(self.known[before], Fraction(-1))


@dataclass(frozen=True)
class _Part:
    """A value that was found, or a sum of such, and the ends between which it is for the best plans (None: unknown)."""

    value: Fraction
    ends: tuple[Fraction, Fraction] | None
    proved: bool

    @classmethod
    def of(cls, value: float, bound: float, *, proved: bool, single: bool) -> _Part:
        """The value of a plan; of one for goals in order, the bound does not say what the best one is worth."""
        found = _exact(value)
        if proved:
            return cls(found, (found, found), proved)
        low, high = sorted((found, _exact(bound)))
        return cls(found, (low, high) if single else None, proved)

    def plus(self, other: _Part, times: Fraction) -> _Part:
        """The sum with another part, taken so many times."""
        ends = None
        if self.ends is not None and other.ends is not None:
            low, high = sorted(times * end for end in other.ends)
            ends = self.ends[0] + low, self.ends[1] + high
        return _Part(self.value + times * other.value, ends, self.proved and other.proved)

    def account(self, key: str, how: AccountedBy) -> Account:
        """The part as the result states it."""
        shown = float(self.value)
        exact = None if _exact(shown) == self.value else str(self.value)
        low, high = self.ends or (None, None)
        return Account(
            key=key,
            change=shown,
            exact_change=exact,
            low=None if low is None else float(low),
            high=None if high is None else float(high),
            how=how,
            proved=self.proved,
        )


def _exact(value: float) -> Fraction:
    """A value as it is stated, in decimals."""
    return Fraction(repr(value))
