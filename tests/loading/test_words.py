"""What pay terms, segments, wallets, costs, own quantities, logic and benchmark packs mean, and how slips are told."""

from __future__ import annotations

from fractions import Fraction

import pytest

from optimizer import Plan, load_scenario, try_optimize, verify
from optimizer.domain.constraints import Constraint, Logic
from optimizer.domain.pay import Commission, Costs, Fee, Product
from optimizer.domain.scenario import Scenario
from tests.loading.desk import Desk, text_of


def loaded(desk: Desk, text: str, **parts: str | None) -> Scenario:
    return desk.load(text_of(**parts) + text)


def codes(desk: Desk, text: str, **parts: str | None) -> list[str]:
    return [problem.code for problem in desk.faults(text_of(**parts) + text)]


def rule(scenario: Scenario, name: str) -> Constraint:
    found = next(one for one in scenario.constraints if one.name == name)
    assert isinstance(found, Constraint)
    return found


# --- pay terms ---


def test_each_model_pays_as_it_says(desk: Desk) -> None:
    scenario = loaded(
        desk,
        """
economics: {order_value: 20}
pay:
  fee: {model: fee, minimum_fee: 80, rights: 10%}
  gift: {model: gift, product: {cost: 18, value: 35}, shipping: 6, post_rate: 70%}
  affiliate: {model: commission, rate: 12%, cap: 500}
  per sale: {model: commission, per_conversion: 4.50}
  both: {model: hybrid, fee: 50%, rate: 6%, rights: 25}
offers:
  a: {deliver: {post: 1}}
  b: {deliver: {post: 1}, pay: gift}
  c: {deliver: {post: 1}, pay: affiliate}
  d: {deliver: {post: 1}, pay: per sale}
  e: {deliver: {post: 1}, pay: both, rights: 5%}
""",
    )
    fee, gift, affiliate, per_sale, both = (offer.pay for offer in scenario.offers)
    assert (fee.components, fee.pays_fee) == ((Fee(10**6, 8_000),), True)
    assert (set(gift.components), gift.post_rate, gift.pays_fee) == ({Product(1_800, 3_500), Costs(600)}, 0.7, False)
    assert affiliate.components == (Commission(rate=120_000, cap=50_000),)
    assert per_sale.components == (Commission(per_conversion=450),)
    assert set(both.components) == {Fee(500_000), Commission(60_000)}
    rights = [(offer.rights.share, offer.rights.amount) for offer in scenario.offers]
    assert rights == [(100_000, 0), (0, 0), (0, 0), (0, 0), (50_000, 0)]


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ("{model: fee, rate: 5%}", "pay-model"),
        ("{model: gift, cap: 5}", "pay-model"),
        ("{model: fee, fee: 50%}", "pay-model"),
        ("{model: commission}", "missing-key"),
        ("{model: hybrid, rate: 5%}", "missing-key"),
        ("{model: hybrid, fee: 50%}", "missing-key"),
        ("{model: commission, rate: 5%, per_conversion: 4}", "pay-model"),
        ("{model: commission, rate: 5%, rights: 10%}", "pay-model"),
        ("{model: commission, rate: 12}", "share-above-one"),
        ("{model: fee, rights: -5}", "negative"),
        ("{model: fee, rights: 0.1}", "rights"),
        ("{model: fee, minimum_fee: 0.001}", "finer-than-currency"),
    ],
)
def test_keys_that_do_not_fit_a_model_are_refused(desk: Desk, terms: str, code: str) -> None:
    assert codes(desk, f"pay: {{t: {terms}}}\n") == [code]


# --- segments ---

SEGMENTS = (
    "segments: [{name: typical, tier: nano, niche: food, followers: 4_000, engagement_rate: 5%, available: 60MORE}]\n"
)


def test_a_segment_is_a_row_of_the_pool_with_the_same_meanings(desk: Desk) -> None:
    scenario = loaded(desk, SEGMENTS.replace("MORE", ""), assume="{fee: 100}", objective="{maximize: creators}")
    at = scenario.pool.position("typical")
    assert at is not None
    assert scenario.pool.columns["followers"].values[at] == 4_000
    assert scenario.pool.columns["engagement_rate"].values[at] == 0.05
    assert [(one.position, one.available, one.widths) for one in scenario.segments] == [(at, 60, (Fraction(60),))]


def test_segments_alone_make_a_pool(desk: Desk) -> None:
    scenario = loaded(
        desk, "segments: [{name: tv, fee: 15, available: 3}, {name: radio, fee: 2_000, available: 9}]\n", creators=None
    )
    assert list(scenario.pool.ids) == ["radio", "tv"]


def test_returns_end_where_no_more_are_available(desk: Desk) -> None:
    steps = ", returns: [{up_to: 15, keep: 100%}, {up_to: 25, keep: 60%}, {up_to: 90, keep: 20%}]"
    (segment,) = loaded(desk, SEGMENTS.replace("MORE", steps)).segments
    assert segment.widths == (15, 10, 35)
    assert [step.keep for step in segment.steps] == [1.0, 0.6, 0.2]


def test_nothing_is_booked_beyond_the_last_step(desk: Desk) -> None:
    scenario = loaded(desk, SEGMENTS.replace("MORE", ", returns: [{up_to: 15, keep: 100%}]"))
    assert scenario.segments[0].available == 15
    assert any("its returns end at 15" in warning for warning in scenario.warnings)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (", returns: [{up_to: 15, keep: 50%}, {up_to: 10, keep: 40%}]", "returns"),
        (", returns: [{up_to: 15, keep: 50%}, {up_to: 25, keep: 60%}]", "returns"),
        (", returns: [{up_to: 2.5, keep: 50%}]", "not-whole"),
        (", folowers: 5", "unknown-key"),
        (", tier: nan", "duplicate-key"),
    ],
)
def test_a_segment_at_fault_is_refused(desk: Desk, more: str, code: str) -> None:
    assert code in codes(desk, SEGMENTS.replace("MORE", more))


@pytest.mark.parametrize(
    ("segment", "code"),
    [
        ("{name: x, tier: micro, followers: 4_000, available: 3}", "segment-tier"),
        ("{name: x, tier: mikro, available: 3}", "segment-tier"),
        ("{name: x, available: 2.5}", "not-whole"),
        ("{name: x, available: 3e6}", "number-too-large"),
        ("{name: '@ana', available: 3}", "duplicate-creator"),
        ("{available: 3}", "missing-key"),
        ("{name: x}", "missing-key"),
        ("{name: x, followers: many, available: 3}", "not-a-number"),
        ("{name: x, available: 3}, {name: '@X', available: 4}", "duplicate-creator"),
    ],
)
def test_a_segment_that_cannot_be_meant_is_refused_at_its_line(desk: Desk, segment: str, code: str) -> None:
    found = desk.faults(text_of() + f"segments: [{segment}]\n")
    assert [problem.code for problem in found] == [code]
    assert found[0].place is not None
    assert found[0].place.file.endswith("s.yaml")
    assert found[0].place.line == 6


def test_a_segment_may_have_no_tier(desk: Desk) -> None:
    scenario = loaded(desk, "segments: [{name: radio, fee: 5, available: 3}]\n")
    assert scenario.pool.position("radio") is not None


def test_a_key_that_nothing_uses_is_told(desk: Desk) -> None:
    scenario = loaded(desk, SEGMENTS.replace("MORE", ", vibe: calm"))
    assert 'segments give "vibe", which nothing uses' in scenario.warnings


def test_a_rule_may_name_a_segment_by_its_column_or_as_a_creator(desk: Desk) -> None:
    text = (
        SEGMENTS.replace("MORE", "")
        + "constraints: {a: {quantity: creators, group: {segment: typical}, at_most: 3},"
        + " b: {quantity: creators, group: {creator: Typical}, at_most: 3}}\n"
    )
    scenario = loaded(desk, text)
    groups = [scenario.pool.matches(rule(scenario, name).group).sum() for name in "ab"]
    assert groups == [1, 1]


def test_parts_of_bookings_are_of_the_scenario_or_of_a_segment(desk: Desk) -> None:
    scenario = loaded(desk, SEGMENTS.replace("MORE", ", whole: true") + "whole: false\n")
    assert (scenario.whole, scenario.segments[0].whole) == (False, True)
    assert loaded(desk, SEGMENTS.replace("MORE", ", whole: no")).segments[0].whole is False


def test_a_flag_is_true_or_false(desk: Desk) -> None:
    assert codes(desk, "whole: perhaps\n") == ["not-a-flag"]


# --- budgets ---


def test_each_wallet_is_a_rule(desk: Desk) -> None:
    scenario = loaded(desk, "wallets: {spend: 25_000, cash: 20_000, gifts: 60, hours: 80}\n")
    found = [(one.name, one.measure.quantity, one.at_most) for one in scenario.rules]
    assert found == [
        ("budget spend", "spend", 25_000),
        ("budget cash", "cash", 20_000),
        ("budget gifts", "gifts", 60),
        ("budget hours", "hours", 80),
    ]


def test_costs_come_out_of_the_budget_and_the_agencys_fee_counts_against_it(desk: Desk) -> None:
    scenario = loaded(desk, "budget: 20_000\ncosts: {agency: 15%, fixed: 1_500, reserve: 5%}\n")
    budget = rule(scenario, "budget")
    assert (budget.measure.quantity, budget.at_most) == ("cost", 17_500)
    assert scenario.agency == 150_000


@pytest.mark.parametrize(
    ("text", "spend", "cash"),
    [
        ("budget: 20_000\n", 20_000, 20_000),
        ("budget: 20_000\nwallets: {cash: 8_000}\n", 20_000, 20_000),
        ("wallets: {spend: 20_000, cash: 8_000}\n", 20_000, 8_000),
        ("wallets: {spend: 20_000, hours: 8}\n", 20_000, 20_000),
        ("wallets: {cash: 8_000}\n", None, 8_000),
    ],
)
def test_a_share_of_the_budget_is_of_the_budget_as_written(desk: Desk, text: str, spend: int | None, cash: int) -> None:
    text += "costs: {agency: 10%, reserve: 5%}\nconstraints:\n"
    text += "  b: {quantity: cash, group: {tier: nano}, at_most: 10%, of: budget}\n"
    of_spend = "  a: {quantity: spend, group: {tier: nano}, at_most: 10%, of: budget}\n"
    assert rule(loaded(desk, text), "b").of == cash
    if spend is None:
        problem = desk.fault(text_of() + text + of_spend)
        assert problem.cause.endswith("a wallet of cash is not a budget of spend")
    else:
        assert rule(loaded(desk, text + of_spend), "a").of == spend


def test_a_plan_may_have_a_share_of_the_budget_that_a_wallet_of_cash_is_larger_than() -> None:
    """As planned, and as the verifier works it out again."""
    said = {
        "format": 1,
        "currency": "EUR",
        "budget": 876,
        "wallets": {"cash": 1_543},
        "objective": {"maximize": "creators"},
        "constraints": {
            "youtube": {"quantity": "cash", "group": {"platform": "youtube"}, "at_least": "68.3%", "of": "budget"}
        },
    }
    frame = {"creator": ["a", "b"], "platform": ["instagram", "youtube"], "followers": [2_000, 3_000]}
    scenario = load_scenario(said, creators={**frame, "fee": ["1200", "662"]})
    plan = try_optimize(scenario, gap=0)
    assert isinstance(plan, Plan)
    assert [booking.creator for booking in plan.allocations] == ["b"]
    assert verify(plan, scenario).holds


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("budget: 5\nwallets: {spend: 5}\n", "bounds"),
        ("wallets: {cpm: 5}\n", "wallet"),
        ("wallets: {profit: 5}\n", "wallet"),
        ("wallets: {spnd: 5}\n", "unknown-quantity"),
        ("costs: {fixed: 5}\n", "costs"),
        ("budget: 100\ncosts: {fixed: 99, reserve: 5%}\n", "costs"),
        ("budget: 100\nconstraints: {budget: {quantity: spend, at_most: 5}}\n", "name-taken"),
        ("wallets: {hours: 5}\nconstraints: {budget hours: {quantity: hours, at_most: 5}}\n", "name-taken"),
    ],
)
def test_budgets_that_cannot_be_meant_are_refused(desk: Desk, text: str, code: str) -> None:
    assert codes(desk, text) == [code]


# --- quantities ---


@pytest.mark.parametrize("said", ["[fee_post]", "{fee_post: fee_post}", "{fee_post: {column: fee_post, falls: false}}"])
def test_own_quantities_are_columns_of_numbers(desk: Desk, said: str) -> None:
    pool = "creator,followers,fee,women\n@a,5000,5,0.7\n@b,6000,5,-2\n"
    text = text_of(objective="{maximize: women}") + "quantities: " + said.replace("fee_post", "women") + "\n"
    scenario = desk.load(text, pool)
    assert scenario.quantities["women"].signed


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("quantities: [spend]\n", "name-taken"),
        ("quantities: [cpm]\n", "name-taken"),
        ("quantities: [reach]\n", "name-taken"),
        ("quantities: [nich]\n", "unknown-column"),
        ("quantities: {mine: {column: niche}}\n", "unknown-column"),
        ("quantities: [niche]\n", "name-taken"),
        ("quantities: {count: {column: women}}\n", "name-taken"),
        ("quantities: women\n", "quantities"),
    ],
)
def test_own_quantities_that_cannot_be_are_refused(desk: Desk, text: str, code: str) -> None:
    assert codes(desk, text) == [code]


def test_with_falling_returns_each_own_quantity_says_whether_it_falls(desk: Desk) -> None:
    text = (
        "segments: [{name: tv, seen: 5, available: 4, returns: [{up_to: 4, "
        "keep: 0.5}]}]\nquantities: {seen: {falls: %s}}\n"
    )
    assert codes(desk, text.replace(" {falls: %s}", " {}"), creators=None) == ["falls"]
    assert loaded(desk, text % "true", creators=None).segments


def test_a_kind_of_deliverable_that_is_offered_can_be_counted(desk: Desk) -> None:
    text = (
        "offers: {a: {deliver: {video: 1, live: 2}}}\nconstraints: {two: {quantity: deliverables.live, exactly: 2}}\n"
    )
    assert rule(loaded(desk, text), "two").measure.quantity == "deliverables.live"
    (problem,) = desk.faults(text_of() + text.replace("deliverables.live", "deliverables.lives"))
    assert problem.mend == 'did you mean "deliverables.live"?'


# --- rules ---


def test_values_of_per_may_have_bounds_of_their_own(desk: Desk) -> None:
    text = (
        "constraints: {r: {quantity: spend, per: platform, at_least: 5, "
        "at_most: {tiktok: 15_000, instagram: 10_000}}}\n"
    )
    assert rule(loaded(desk, text), "r").own == (("tiktok", 5, 15_000), ("instagram", 5, 10_000))


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("quantity: spend, at_most: {tiktok: 5}", "bounds"),
        ("quantity: spend, per: creator, at_most: {tiktok: 5}", "bounds"),
        ("quantity: spend, per: platform, at_most: {tiktk: 5}", "unknown-value"),
        ("quantity: spend, per: platform, at_most: {tiktok: 5, instagram: 5%}", "bounds"),
        ("quantity: spend, per: platform, at_least: {tiktok: 9}, at_most: {tiktok: 5}", "bounds"),
        ("quantity: spend, per: platform, at_most: {}", "empty"),
        ("quantity: creators, per: platform, at_most: {tiktok: 1.5}", "not-whole"),
        ("quantity: spend, per: creator, at_least: 5", "each-at-least"),
        ("quantity: spend, per: creator, exactly: 5", "each-at-least"),
        ("quantity: spend, per: creator, among: ['@ana'], at_most: 5", "among"),
    ],
)
def test_bounds_that_cannot_be_meant_are_refused(desk: Desk, said: str, code: str) -> None:
    assert codes(desk, f"constraints: {{r: {{{said}}}}}\n") == [code]


def test_logic_speaks_of_creators_segments_and_filters(desk: Desk) -> None:
    text = (
        SEGMENTS.replace("MORE", "")
        + "constraints:\n  a: {at_most_one_of: ['@ana', Typical, {niche: food, offer: booking}]}\n"
        + "  b: {if: '@ana', then: ['@bea', '@cia']}\n"
    )
    first, second = loaded(desk, text).constraints
    assert isinstance(first, Logic)
    assert isinstance(second, Logic)
    assert [str(part) for part in first.parts] == ["creator @ana", "creator Typical", "niche food, offer booking"]
    assert (second.kind, len(second.parts), len(second.then)) == ("if", 1, 2)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("at_most_one_of: ['@ana']", "too_short"),
        ("at_most_one_of: ['@ana', '@nobody']", "unknown-creator"),
        ("at_most_one_of: ['@ana', {nich: food}]", "unknown-column"),
        ("at_most_one_of: ['@ana', '@bea'], together: ['@ana', '@cia']", "logic"),
        ("if: '@ana'", "missing-key"),
        ("then: '@ana'", "missing-key"),
        ("together: ['@ana', '@bea'], quantity: spend", "unknown-key"),
        ("together: '@ana'", "not-a-list"),
        ("together: ['@ana', 5: 3]", "not-a-mapping"),
    ],
)
def test_logic_at_fault_is_refused(desk: Desk, said: str, code: str) -> None:
    found = codes(desk, f"constraints: {{r: {{{said}}}}}\n")
    assert found == [{"too_short": "empty", "not-a-mapping": "unknown-column"}.get(code, code)]


# --- benchmarks ---

PACKED = "creator,platform,followers\n@a,tiktok,5000\n@b,instagram,5000\n"


def test_packs_fill_what_nothing_else_gives_in_their_order(desk: Desk) -> None:
    text = text_of(assume="{fee: 5}") + "benchmarks: [pap-tiktok, {pack: instagram-measured, level: low}]\n"
    scenario = desk.load(text, PACKED)
    lines = scenario.assume["engagement_rate"]
    assert [line.source for line in lines[:1]] == ["pap-tiktok"]
    assert {line.level for line in lines if line.source == "instagram-measured"} == {"low"}


def test_a_foreign_currency_needs_a_rate(desk: Desk) -> None:
    text = (
        text_of(assume="{engagement_rate: 3%}", objective="{maximize: engagements}")
        + "budget: 9_000\nbenchmarks: [pap-instagram]\n"
    )
    scenario = desk.load(text, PACKED)
    assert "fee" not in scenario.assume
    assert {reason.split(":")[0] for _, reason in scenario.unusable} == {"in USD"}
    converted = desk.load(text + "exchange: {USD: 0.92}\n", PACKED)
    assert converted.assume["fee"][0].value == 41_144  # 447.21 USD


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("benchmarks: [pap-tiktk]\n", "unknown-pack"),
        ("benchmarks: [pap-tiktok, pap-tiktok]\n", "pack-twice"),
        ("benchmarks: [{pack: pap-tiktok, level: mean}]\n", "unknown-choice"),
        ("exchange: {EUR: 1}\n", "exchange"),
        ("exchange: {USD: 0}\n", "exchange"),
        ("exchange: {XXQ: 1}\n", "unknown-currency"),
        ("benchmarks: pap-tiktok\n", "not-a-list"),
    ],
)
def test_packs_and_rates_that_cannot_be_are_refused(desk: Desk, text: str, code: str) -> None:
    assert codes(desk, text) == [code]


@pytest.mark.parametrize(
    ("written", "mend"),
    [
        ("10000 EUR", "10000"),
        ("€10k", "10000"),
        ("1k", "1000"),
        ("'10_000# the most'", "10_000"),
        ("USD 2m", "2000000"),
    ],
)
def test_an_amount_with_words_around_it_is_told_as_a_number(desk: Desk, written: str, mend: str) -> None:
    problem = desk.fault(text_of() + f"budget: {written}\n")
    assert problem.mend.startswith(f"write {mend};")


def test_a_segment_has_one_value_in_each_column(desk: Desk) -> None:
    problem = desk.fault(text_of() + "segments: [{name: x, followers: {from: 5, to: 9}, available: 3}]\n")
    assert problem.cause == "one value is expected here, not a range"


def test_a_segment_of_which_nothing_is_available_cannot_be_included(desk: Desk) -> None:
    text = "segments: [{name: radio, fee: 5, available: 0}]\ninclude: [radio]\n"
    assert codes(desk, text) == ["included-none-available"]


def test_keys_of_segments_are_one_column_in_any_case(desk: Desk) -> None:
    text = "segments: [{name: tv, Followers: 4_000, available: 3}, {name: radio, followers: 5_000, available: 3}]\n"
    scenario = loaded(desk, text, creators=None)
    assert scenario.pool.columns["followers"].values.tolist() == [5_000, 4_000]


def test_a_fault_of_a_key_in_capitals_is_told_at_its_place(desk: Desk) -> None:
    found = desk.faults(text_of(creators=None) + "segments: [{name: tv, Followers: many, available: 3}]\n")
    assert [(problem.code, problem.place and problem.place.column) for problem in found] == [("not-a-number", 34)]


def test_a_segment_is_named_by_name_alone(desk: Desk) -> None:
    text = "segments: [{name: tv, Creator: radio, available: 3}]\n"
    (problem,) = desk.faults(text_of(creators=None) + text)
    assert (problem.code, problem.mend) == ("unknown-key", "remove it; the key name says who it is")


@pytest.mark.parametrize(
    ("way", "offer", "code"),
    [
        ("{cpm: 0}", "{deliver: {video: 1}, boost: {spark: [0, 200]}}", "boost"),
        ("{cpm: 6}", "{deliver: {video: 1}, boost: {spork: 200}}", "unknown-boost"),
        ("{cpm: 6}", "{deliver: {video: [1, 2, 3, 4, 5]}, boost: {spark: [0, 1, 2, 3, 4]}}", "too-many"),
    ],
)
def test_what_rules_say_of_a_ladder_at_fault_is_no_fault_of_its_own(
    desk: Desk, way: str, offer: str, code: str
) -> None:
    rules = "{a: {quantity: boost, group: {offer: reels}, at_most: 50}, b: {quantity: impressions.paid, at_least: 1}}"
    said = (
        f"boost: {{spark: {way}}}\noffers: {{reels: {offer}, reelz: {{deliver: {{video: 1}}}}}}\nconstraints: {rules}\n"
    )
    assert codes(desk, said) == [code]
