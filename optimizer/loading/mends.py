"""Mends for parts of a scenario file that are written in another form than is taken."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.domain.exact import parse_number
from optimizer.loading.near import nearest
from optimizer.loading.source import Node, short


def entries(node: Node | None) -> dict[str, Node]:
    """The entries of a mapping; empty if the node is not a mapping."""
    return node.value if node is not None and isinstance(node.value, dict) else {}


def mend_here(path: list[str | int], node: Node) -> str:
    """A mend for this particular value, better than the one for its kind; empty if there is none."""
    names = [str(step) for step in path]
    if names == ["budget"] and isinstance(node.value, dict):
        return "write one amount; for several budgets use wallets: {spend: 10_000, hours: 80}"
    if names[:1] == ["pay"] and names[2:] == ["fee"]:
        return (
            "fee is the share of the creator's fee that is paid, such as 50%; an amount of money is minimum_fee here,"
            " or the price of an offer"
        )
    if names[:1] == ["offers"] and names[2:] == ["pay"]:
        return "name terms that are listed under the top key pay, as in pay: fee"
    if names[:1] == ["offers"] and names[2:3] == ["deliver"] and len(names) == 4 and parse_number(names[3]):
        return f"write {{{short(str(node.value))}: {names[3]}}}"
    return "write {country: FR}" if names[-1:] == ["people"] else ""


_MAPPINGS = {
    "objective": "{engagements: 1, conversions: 40}",
    "creators": "creators: pool.csv, or {file: pool.csv}",
    "columns": "{followers: subs}",
    "pay": "{gifted: {model: gift}}",
    "product": "{cost: 18, value: 35}",
    "boost": "{spark: {cpm: 6}}",
    "keeps": "{up_to: 200, keep: 100%}",
    "offers": "{one video: {deliver: {video: 1}}}",
    "deliver": "{video: 1}",
    "forecast": "{rates: expected}",
    "common": "{bias: 0.3}",
    "past_posts": "past_posts: posts.csv, or {file: posts.csv}",
    "economics": "{order_value: 17.90, margin: 45%}",
    "fit": "{fantasy: 1, other: 0.3}",
    "assume": "{engagement_rate: 3%}",
    "tiers": "{nano: [1_000, 9_999]}",
    "constraints": "{a name: {quantity: spend, at_most: 5_000}}",
    "segments": "{name: fantasy nano, followers: 4_000, available: 60}",
    "costs": "{agency: 15%, fixed: 1_500, reserve: 5%}",
    "wallets": "{spend: 25_000, hours: 80}",
    "exchange": "{USD: 0.92}",
    "returns": "{up_to: 15, keep: 100%}",
}
_FILTER = "{niche: food, followers: {above: 5_000}}"


def list_mend(path: Sequence[str | int]) -> str:
    """How to write a list that was written otherwise."""
    first, last = path[:1], path[-1:]
    if first in (["include"], ["exclude"]) or last in (["at_most_one_of"], ["exactly_one_of"], ["together"]):
        return 'write ["@name", {niche: fantasy}]'
    return _LISTS.get(str(last[0]) if last else "", "write [one, two]")


_LISTS = {
    "segments": "write [{name: fantasy nano, followers: 4_000, available: 60}]",
    "returns": "write [{up_to: 15, keep: 100%}, {up_to: 25, keep: 60%}]",
    "keeps": "write [{up_to: 200, keep: 100%}, {up_to: 500, keep: 60%}]",
    "benchmarks": "write [pap-tiktok, {pack: a26-europe, level: low}]",
}


def meant_rule(document: Node, path: Sequence[str | int]) -> str:
    """The rule that was meant where a rule with a similar name has nothing but bounds."""
    if not is_bare_rule(document, path):
        return ""
    return nearest(str(path[1]), [name for name in entries(document.at(path[:1])) if name != path[1]])


def is_bare_rule(document: Node, path: Sequence[str | int]) -> bool:
    """Whether a rule has nothing but bounds, as in a variant that changes a rule."""
    rule = document.at(path)
    if len(path) != 2 or path[0] != "constraints" or rule is None or not isinstance(rule.value, dict):
        return False
    return rule.value.keys() <= {"at_least", "at_most", "exactly"}


def mapping_mend(path: Sequence[str | int]) -> str:
    """How to write a mapping that was written otherwise."""
    last, first = str(path[-1]) if path else "", path[0] if path else ""
    if first == "assume" and len(path) > 2:
        return "write {tier: nano, is: 100}"
    if last in ("where", "group", "people", "to"):
        return f"write {_FILTER}"
    if last == "boost" and first == "offers":
        return "write {spark: 200}, or {spark: [0, 200, 500]} for a ladder"
    if last not in _MAPPINGS and first == "constraints":
        return "write {quantity: spend, at_most: 5_000}"
    if last not in _MAPPINGS and first == "pay":
        return "write {model: gift}"
    if last not in _MAPPINGS and first == "offers":
        return "write {deliver: {video: 1}}"
    return f"write {_MAPPINGS.get(last, _MAPPINGS.get(str(first), '{key: value}'))}"
