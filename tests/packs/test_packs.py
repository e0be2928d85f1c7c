"""What the packs hold: sourced, ordered, and equal to what the sources state."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from math import isclose, sqrt

import pytest

from optimizer.domain.benchmarks import LEVELS, Benchmark
from optimizer.domain.figures import FIGURES
from optimizer.domain.pay import MODELS
from optimizer.packs import load, names

PACKS = [load(name) for name in names()]
BENCHMARKS = [benchmark for pack in PACKS for benchmark in pack.benchmarks]

PAP = ("pap-instagram", "pap-tiktok")
NANO, MICRO, MACRO = (0, 9_999), (10_000, 99_999), (100_000, 999_999)
STATED = [  # pack, figure, platform, followers, pay model, low, base, high; as the sources state them
    ("a25-europe", "engagement_rate", None, NANO, None, "0.05", None, "0.08"),
    ("a25-europe", "engagement_rate", None, (10_000, 49_999), None, "0.04", None, "0.07"),
    ("a25-europe", "engagement_rate", None, MACRO, None, "0.02", None, "0.05"),
    ("a26-europe", "engagement_rate", None, MICRO, None, "0.03", None, "0.07"),
    ("a26-europe", "engagement_rate", None, MACRO, None, "0.01", None, "0.03"),
    ("a26-europe", "fee", None, MICRO, None, "200", None, "2000"),
    ("creatoriq", "view_rate", "facebook", None, None, None, "0.157", None),
    ("creatoriq", "view_rate", "instagram", None, None, None, "0.157", None),
    ("creatoriq", "view_rate", "pinterest", None, None, None, "0.157", None),
    ("creatoriq", "view_rate", "x", None, None, None, "0.157", None),
    ("grin", "fee", None, None, None, "4", None, "9"),
    ("hashgifted", "post_rate", None, None, ("gift",), None, "0.8", None),
    ("instagram-measured", "engagement_rate", "instagram", (1_000, 9_999), None, "0.011", "0.041", "0.114"),
    ("instagram-measured", "engagement_rate", "instagram", MICRO, None, "0.008", "0.029", "0.079"),
    ("later", "post_rate", None, None, None, None, "0.8", None),
    ("pap-instagram", "engagement_rate", "instagram", NANO, ("gift",), None, "0.0276", None),
    ("pap-instagram", "engagement_rate", "instagram", MICRO, ("gift",), None, "0.0276", None),
    ("pap-instagram", "engagement_rate", "instagram", NANO, None, None, "0.0271", None),
    ("pap-instagram", "engagement_rate", "instagram", MICRO, None, None, "0.0181", None),
    ("pap-instagram", "engagement_rate", "instagram", MACRO, None, None, "0.012", None),
    ("pap-instagram", "engagement_rate", "instagram", (1_000_000, None), None, "0.005", None, "0.01"),
    ("pap-instagram", "fee", None, NANO, None, "200", None, "1000"),
    ("pap-instagram", "fee", None, MICRO, None, "1000", None, "5000"),
    ("pap-instagram", "fee", None, MACRO, None, "15000", None, "49000"),
    ("pap-tiktok", "engagement_rate", "tiktok", NANO, None, "0.103", None, "0.18"),
    ("pap-tiktok", "engagement_rate", "tiktok", MICRO, None, None, "0.087", None),
    ("pap-tiktok", "engagement_rate", "tiktok", MACRO, None, None, "0.053", None),
    ("pap-tiktok", "engagement_rate", "tiktok", (1_000_000, None), None, None, "0.026", None),
    ("pap-tiktok", "fee", None, NANO, None, "200", None, "1000"),
    ("pap-tiktok", "fee", None, MICRO, None, "1000", None, "5000"),
    ("pap-tiktok", "fee", None, MACRO, None, "15000", None, "49000"),
    ("stellar", "view_rate", "facebook", None, None, None, None, None),
    ("stellar", "view_rate", "x", None, None, None, None, None),
]
TIERS = {
    "katall": {"nano": (1_000, 9_999), "micro": MICRO},
    "pap-instagram": {"nano": NANO, "micro": MICRO, "macro": MACRO, "mega": (1_000_000, None)},
    "pap-tiktok": {"nano": NANO, "micro": MICRO, "macro": MACRO, "mega": (1_000_000, None)},
    "kolsquare": {"micro": (0, 49_999), "macro": (50_000, None)},
    "a26-europe": {"nano": (1_000, 9_999), "micro": MICRO, "macro": MACRO, "mega": (1_000_000, None)},
    "a25-europe": {"nano": NANO, "micro": (10_000, 49_999), "macro": MACRO, "mega": (1_000_000, None)},
}


def title(benchmark: Benchmark) -> str:
    return f"{benchmark.pack}: {benchmark.figure}, {benchmark.whom}"


def stated(benchmark: Benchmark) -> tuple[object, ...]:
    levels = [benchmark.at(level) if level in benchmark.stated else None for level in LEVELS]
    key = (benchmark.pack, benchmark.figure, benchmark.platform, benchmark.followers, benchmark.model)
    return (*key, *(None if level is None else level.normalize() for level in levels))


def one(pack: str, figure: str, tier: str | None = None, model: tuple[str, ...] | None = None) -> Benchmark:
    found = [b for b in load(pack).about(figure) if b.tier == tier and b.model == model]
    assert len(found) == 1
    return found[0]


def takes_all_of(first: Benchmark, later: Benchmark) -> bool:
    """Whether no booking is left for a later line of the same figure."""
    inside = first.followers is None or (
        later.followers is not None
        and first.followers[0] <= later.followers[0]
        and (first.followers[1] or 10**12) >= (later.followers[1] or 10**12)
    )
    same = all(getattr(first, name) in (None, getattr(later, name)) for name in ("platform", "deliverable", "model"))
    return first.figure == later.figure and inside and same


def test_the_numbers_are_those_that_the_sources_state() -> None:
    wanted = [(*row[:5], *(None if text is None else Decimal(text).normalize() for text in row[5:])) for row in STATED]
    assert [stated(benchmark) for benchmark in BENCHMARKS] == wanted


@pytest.mark.parametrize("name", TIERS)
def test_the_tiers_are_those_of_the_source(name: str) -> None:
    assert load(name).tiers == TIERS[name]


@pytest.mark.parametrize("benchmark", BENCHMARKS, ids=title)
def test_every_figure_has_source_date_denominator_and_tier_or_a_reason_for_none(benchmark: Benchmark) -> None:
    assert benchmark.figure in FIGURES
    assert set(benchmark.model or ()) <= set(MODELS)
    assert benchmark.title
    assert benchmark.source
    assert benchmark.date
    assert benchmark.denominator
    assert (benchmark.tier is None) == (benchmark.followers is None)
    assert (benchmark.followers is None) == bool(benchmark.any_size)
    assert (benchmark.currency is not None) == (FIGURES[benchmark.figure].unit == "money")


@pytest.mark.parametrize("benchmark", BENCHMARKS, ids=title)
def test_the_levels_rise_and_stay_within_what_is_believed(benchmark: Benchmark) -> None:
    most = FIGURES[benchmark.figure].most
    assert 0 < benchmark.at("low") <= benchmark.at("base") <= benchmark.at("high")
    assert most is None or benchmark.high <= Decimal(str(most))


@pytest.mark.parametrize("benchmark", BENCHMARKS, ids=title)
def test_what_is_not_stated_is_either_the_one_stated_number_or_says_how_it_was_derived(benchmark: Benchmark) -> None:
    if benchmark.stated == ("base",):
        assert benchmark.low == benchmark.base == benchmark.high
    elif benchmark.stated != LEVELS:
        assert benchmark.derived


def test_the_middle_of_a_range_is_geometric_for_fees_and_arithmetic_for_rates() -> None:
    assert one("pap-tiktok", "fee", "nano").base == Decimal("447.21")
    assert one("grin", "fee").base == 6
    assert one("pap-tiktok", "engagement_rate", "nano").base == Decimal("0.1415")
    assert "geometric" in one("grin", "fee").derived
    assert "arithmetic" in one("pap-tiktok", "engagement_rate", "nano").derived


def test_views_derived_from_reach_are_the_product_that_they_say() -> None:
    for benchmark in load("stellar").about("view_rate"):
        assert benchmark.base == Decimal("0.30") * Decimal("1.19")
        assert benchmark.stated == ()
        assert "30 %" in benchmark.derived
        assert "1.19" in benchmark.derived


def test_with_post_affiliate_pro_cash_favours_micro_and_a_gift_favours_nano() -> None:
    nano, micro = sqrt(1_000 * 10_000), sqrt(10_000 * 100_000)  # followers in the geometric middle

    def per_engagement(cost: Decimal, rate: Benchmark, followers: float) -> float:
        return float(cost) / (float(rate.base) * followers)

    def cash(tier: str, followers: float) -> float:
        rate = one("pap-instagram", "engagement_rate", tier)
        return per_engagement(one("pap-instagram", "fee", tier).base, rate, followers)

    gift = one("pap-instagram", "engagement_rate", "nano", ("gift",))
    assert isclose(cash("nano", nano), 5.2, rel_tol=0.01)
    assert isclose(cash("micro", micro), 3.9, rel_tol=0.01)
    assert isclose(per_engagement(Decimal(30), gift, nano), 0.34, rel_tol=0.02)


def test_both_packs_of_post_affiliate_pro_hold_the_same_fees_on_any_platform() -> None:
    fees = [[(b.tier, b.followers, b.low, b.base, b.high) for b in load(name).about("fee")] for name in PAP]
    assert fees[0] == fees[1]
    assert {b.platform for name in PAP for b in load(name).about("fee")} == {None}


@pytest.mark.parametrize("pack", PACKS, ids=names())
def test_no_line_of_a_pack_hides_behind_an_earlier_one(pack) -> None:
    lines = pack.benchmarks
    hidden = [title(later) for at, later in enumerate(lines) if any(takes_all_of(first, later) for first in lines[:at])]
    assert hidden == []


@pytest.mark.parametrize("pack", PACKS, ids=names())
def test_every_pack_says_something_and_each_thing_that_is_only_shown_says_why(pack) -> None:
    assert pack.benchmarks or pack.shown or pack.tiers
    assert all(shown.text and shown.value and shown.reason for shown in pack.shown)


@pytest.mark.parametrize("value", ["5.78 USD", "3 to 5 times", "40 % lower", "6.7 times"])
@pytest.mark.parametrize("name", PAP)
def test_averages_that_are_no_coefficients_are_only_shown(name: str, value: str) -> None:
    assert any(value in shown.value for shown in load(name).shown)


def test_a_ceiling_is_shown_and_no_level_is_made_of_it() -> None:
    assert not any(b.tier == "nano" for b in load("a26-europe").about("engagement_rate"))
    assert any(shown.value == "up to 8 to 10 %" for shown in load("a26-europe").shown)


def test_no_pack_claims_a_click_rate_or_a_conversion_rate() -> None:
    campaign = {"click_rate", "conversion_rate", "conversions_per_engagement"}
    assert campaign.isdisjoint(benchmark.figure for benchmark in BENCHMARKS)


def test_the_names_are_sorted_and_the_packs_of_the_design_are_there() -> None:
    assert list(names()) == sorted(names())
    assert {"pap-tiktok", "a26-europe"} <= set(names())
    assert [pack.name for pack in PACKS] == list(names())


def test_a_pack_is_read_once() -> None:
    assert load("grin") is load("grin")


@pytest.mark.parametrize("name", ["nothing", "", "../packs/read", "pap-tiktok.yaml"])
def test_an_unknown_pack_is_a_key_error(name: str) -> None:
    with pytest.raises(KeyError):
        load(name)


def test_packs_load_without_arrays_frames_or_schemas() -> None:
    code = (
        "import sys\nfrom optimizer.packs import load, names\n[load(name) for name in names()]\n"
        "print(sorted({'numpy', 'pyarrow', 'pydantic', 'highspy', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
