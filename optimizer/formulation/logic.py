"""Binary columns: rules about who is booked together, and steps of returns that open one after the other.

A switch is a binary column that is 1 if some bookings are made, else 0. Its rows link it to them in both directions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from optimizer.domain.constraints import AT_MOST_ONE, EXACTLY_ONE, TOGETHER, Measure
from optimizer.domain.exact import Ints
from optimizer.formulation.program import Program, possible
from optimizer.formulation.rules import AnyRule, LogicRule
from optimizer.formulation.terms import STRUCTURE, Row, Switch, Term

if TYPE_CHECKING:
    from optimizer.formulation.build import Supply

COUNTED = Measure("booked")  # the measure of terms over both bookings and switches
_APART = 1_000  # up to so many units, a switch is linked to each one, which is tighter than to their sum


@dataclass
class Switches:
    """The switches of a program that is being built; `bookings` is the number of columns before the first one."""

    bookings: int
    found: list[Switch] = field(default_factory=list)

    def counted(self, multiplier: int, members: Ints) -> Term:
        """A term that counts bookings and switches; extended to the length of the program at the end."""
        return Term(multiplier, COUNTED, np.ones(self.bookings, dtype=np.int64), members)

    def add(self, members: Ints, at: Fraction) -> Ints:
        """Add a switch; returns the position of its column."""
        column = self.bookings + len(self.found)
        self.found.append(Switch(column, members, at))
        return np.array([column], dtype=np.int64)

    def orders(self, supply: Supply) -> Iterator[Row]:
        """Rows and switches by which each further step of a segment opens when the one before it is full."""
        for unit in np.flatnonzero(supply.follows).tolist():
            before, mine = (np.flatnonzero(supply.unit == one) for one in (unit - 1, unit))
            filled, room = int(supply.available[unit - 1]), int(supply.available[unit])
            full, name = self.add(before, Fraction(filled, supply.parts)), f"returns of {supply.name(unit)}"
            filling = (self.counted(supply.parts, before), self.counted(-filled, full))
            opening = (self.counted(supply.parts, mine), self.counted(-room, full))
            yield Row(STRUCTURE, filling, 0, None, f"{name}: full")
            yield Row(STRUCTURE, opening, None, 0, f"{name}: open")

    def program(self, program: Program, rows: Iterable[Row]) -> Program:
        """The program with its rows and switches; measures are 0 for a switch."""
        known: dict[int, Ints] = {}
        more = len(self.found)

        def longer(term: Term) -> Term:
            if not more:
                return term
            key = id(term.values)
            if key not in known:
                filler = np.full(more, 1 if term.measure == COUNTED else 0, dtype=np.int64)
                known[key] = np.concatenate([term.values, filler])
            return replace(term, values=known[key])

        every = [replace(row, terms=tuple(map(longer, row.terms))) for row in rows]
        rules = tuple(_longer(rule, longer) for rule in program.rules)
        if more:
            units = np.arange(more) + len(program.available)
            program = replace(
                program,
                unit=np.concatenate([program.unit, units]),
                whole=np.concatenate([program.whole, np.ones(more, np.bool_)]),
                available=np.concatenate([program.available, np.full(more, program.parts, dtype=np.int64)]),
                required=np.concatenate([program.required, np.zeros(more, dtype=np.int64)]),
            )
        allowed = possible(every, program.whole, program.required[program.unit] > 0)
        return replace(
            program,
            most=allowed * program.available[program.unit],
            costs=tuple(map(longer, program.costs)),
            rules=rules,
            rows=tuple(every),
            switches=tuple(self.found),
        )


def _longer(rule: AnyRule, longer: Callable[[Term], Term]) -> AnyRule:
    if isinstance(rule, LogicRule):
        return rule
    base = longer(rule.base) if isinstance(rule.base, Term) else rule.base
    return replace(rule, measured=longer(rule.measured), base=base)


def logic_rows(rule: LogicRule, at: int, switches: Switches, supply: Supply) -> Iterator[Row]:
    """The rows of a logic rule, and those that link its switches to bookings."""
    parts, then, ties = list[Ints](), list[Ints](), list[Row]()
    for members, found in [*((part, parts) for part in rule.parts), *((part, then) for part in rule.then)]:
        found.append(_booked(rule.name, members, switches, supply, ties))
    yield from ties
    kind = rule.constraint.kind
    if kind in (AT_MOST_ONE, EXACTLY_ONE):
        terms = tuple(switches.counted(1, part) for part in parts)
        yield Row(at, terms, 1 if kind == EXACTLY_ONE else None, 1)
    elif kind == TOGETHER:
        for other in parts[1:]:
            yield Row(at, (switches.counted(1, parts[0]), switches.counted(-1, other)), 0, 0)
    else:
        for follows in then:
            terms = tuple(switches.counted(1, part) for part in parts)
            yield Row(at, (*terms, switches.counted(-1, follows)), None, len(parts) - 1)


def _booked(name: str, members: Ints, switches: Switches, supply: Supply, ties: list[Row]) -> Ints:
    """Columns whose sum is 1 if one of `members` is booked, else 0: the columns of a single creator, else a switch."""
    units = np.unique(supply.unit[members])
    if not len(units) or (len(units) == 1 and supply.available[units[0]] == supply.parts):
        return members
    on = switches.add(members, Fraction(1))
    tied = (switches.counted(1, members), switches.counted(-1, on))
    ties.append(Row(STRUCTURE, tied, 0, None, f"{name}: booked"))
    apart = [members[supply.unit[members] == unit] for unit in units] if len(units) <= _APART else [members]
    for mine in apart:
        most = int((supply.available[np.unique(supply.unit[mine])] // supply.parts).sum())
        tied = (switches.counted(1, mine), switches.counted(-most, on))
        ties.append(Row(STRUCTURE, tied, None, 0, f"{name}: only if booked"))
    return on
