"""What a scenario means: references followed, numbers exact, each contradiction named at its place."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from optimizer.domain.exact import CURRENCIES
from optimizer.domain.filters import EVERYTHING, Filter
from optimizer.domain.pay import FEE, Costs, Product
from optimizer.domain.scenario import Scenario
from optimizer.loading.resolve import DEFAULT_OFFER, DEFAULT_TIERS
from tests.loading.desk import POOL, Desk, spot, text_of

NEXT = 6  # the line behind the parts that every scenario of these tests has
BIG = "1 of 4 creators are in no tier (nano 1,000 to 9,999, micro 10,000 to 99,999) and cannot be booked"


def booked(scenario: Scenario) -> list[str]:
    """Who may be booked."""
    return list(scenario.pool.keys)


def rule(said: str) -> str:
    return f"{text_of(budget='500')}constraints:\n  r: {{{said}}}\n"


# --- currency and tiers ---


@pytest.mark.parametrize("code", ["EUR", "eur", "Jpy", "KWD"])
def test_a_currency_is_known_in_any_case(desk: Desk, code: str) -> None:
    assert desk.load(text_of(currency=code)).currency.code == code.upper()


@pytest.mark.parametrize(("code", "near"), [("EURO", "EUR"), ("USDD", "USD"), ("GPB", "GBP")])
def test_an_unknown_currency_is_refused_with_a_near_one(desk: Desk, code: str, near: str) -> None:
    problem = desk.fault(text_of(currency=code))
    assert spot(problem) == ("unknown-currency", 2, 11)
    assert problem.mend in {f'did you mean "{other}"?' for other in CURRENCIES}


def test_a_sign_of_a_currency_is_told_what_a_code_is(desk: Desk) -> None:
    assert desk.fault(text_of(currency="€")).mend == "write EUR"


@pytest.mark.parametrize(
    ("currency", "budget", "fits"),
    [
        ("EUR", "0.01", True),
        ("EUR", "0.001", False),
        ("JPY", "1.5", False),
        ("KWD", "0.001", True),
        ("EUR", "1e-3", False),
    ],
)
def test_an_amount_finer_than_the_currency_is_refused_and_never_rounded(
    desk: Desk, currency: str, budget: str, fits: bool
) -> None:
    text = text_of(currency=currency, budget=budget)
    if fits:
        (budget_rule,) = desk.load(text).constraints
        assert budget_rule.at_most == Fraction(budget)
    else:
        assert spot(desk.fault(text)) == ("finer-than-currency", NEXT, 9)


def test_without_tiers_the_default_ones_hold(desk: Desk) -> None:
    assert DEFAULT_TIERS == {"nano": (1_000, 9_999), "micro": (10_000, 99_999)}
    scenario = desk.load()
    assert scenario.pool.columns["tier"].matches(Filter().conditions or _nano()).tolist() == [True, False, True]


def _nano() -> Any:
    from optimizer.domain.filters import AnyOf

    return AnyOf(("nano",))


def test_creators_in_no_tier_cannot_be_booked_and_are_counted(desk: Desk) -> None:
    scenario = desk.load()
    assert (booked(scenario), scenario.warnings) == (["ana", "bea", "cia"], (BIG,))


def test_both_bounds_of_a_tier_belong_to_it(desk: Desk) -> None:
    pool = "creator,followers\na,999\nb,1000\nc,9999\nd,10000\n"
    assert booked(desk.load(text_of(tiers="{nano: [1_000, 9_999]}"), pool)) == ["b", "c"]


def test_creators_without_followers_are_in_no_tier_and_counted(desk: Desk) -> None:
    scenario = desk.load(pool="creator,followers,fee\na,,1\nb,5000,1\n")
    assert booked(scenario) == ["b"]
    assert "1 of 2 creators have no followers, so no tier, and cannot be booked" in scenario.warnings


def test_a_pool_without_followers_may_bring_its_tiers(desk: Desk) -> None:
    scenario = desk.load(text_of(objective="{maximize: creators}"), "creator,tier\na,Nano\nb,mega\nc,\n")
    assert booked(scenario) == ["a"]
    assert "2 of 3 creators are in none of the tiers nano, micro" in scenario.warnings


def test_a_pool_without_followers_and_tiers_is_booked_whole(desk: Desk) -> None:
    assert booked(desk.load(text_of(objective="{maximize: creators}"), "creator\na\nb\n")) == ["a", "b"]


def test_tiers_that_the_pool_brings_beside_followers_are_not_used(desk: Desk) -> None:
    scenario = desk.load(pool="creator,tier,followers\na,micro,5000\n")
    assert "the pool's column tier is not used: tiers follow from followers" in scenario.warnings
    assert scenario.pool.columns["tier"].matches(_nano()).tolist() == [True]


@pytest.mark.parametrize("tiers", ["{a: [1, 100_000], b: [100_000, 200_000]}", "{a: [1, 9e5], b: [50, 60]}"])
def test_tiers_that_overlap_are_refused(desk: Desk, tiers: str) -> None:
    problem = desk.fault(text_of(tiers=tiers))
    assert problem.code == "tiers-overlap"
    assert "tier b" in problem.cause
    assert "tier a" in problem.cause


# --- pay and offers ---


def test_without_offers_one_booking_is_sold_at_the_fee(desk: Desk) -> None:
    assert desk.load().offers == (DEFAULT_OFFER,)
    assert DEFAULT_OFFER.pay == FEE


def test_pay_terms_are_resolved_in_minor_units(desk: Desk) -> None:
    text = text_of(
        pay="{g: {model: gift, product: {cost: 18.50, value: 35}, shipping: 6, handling: 0.5, hours: 1,"
        " post_rate: 70%}}",
        offers="{a: {deliver: {Video: 1}, pay: g}}",
    )
    (offer,) = desk.load(text).offers
    pay = offer.pay
    assert set(pay.components) == {Product(1850, 3500), Costs(600, 50)}
    assert (pay.hours, pay.post_rate, offer.deliver) == (1.0, 0.7, (("video", 1),))


def test_a_product_needs_no_value(desk: Desk) -> None:
    text = text_of(pay="{g: {model: gift, product: {cost: 18}, post_rate: 1}}", offers="{a: {deliver: {v: 1}, pay: g}}")
    assert desk.load(text).offers[0].pay.part(Product) == Product(1800)


def test_a_gift_without_a_post_rate_is_warned_of(desk: Desk) -> None:
    scenario = desk.load(text_of(pay="{g: {model: gift}}", offers="{a: {deliver: {v: 1}, pay: g}}"))
    assert "pay terms g give no post_rate: every gifted creator is taken to post" in scenario.warnings


def test_a_commission_with_none_of_the_fee_is_warned_of_as_a_commission_alone(desk: Desk) -> None:
    text = text_of(pay="{h: {model: hybrid, fee: 0%, rate: 5%}}", offers="{a: {deliver: {v: 1}, pay: h}}")
    told = "pay terms h give no post_rate: every creator who is paid by commission alone is taken to post"
    assert told in desk.load(text).warnings


def test_the_terms_named_fee_may_have_costs_of_their_own(desk: Desk) -> None:
    text = text_of(pay="{fee: {model: fee, shipping: 3}}", offers="{a: {deliver: {v: 1}}}")
    assert desk.load(text).offers[0].pay.part(Costs).shipping == 300


def test_price_and_discount_are_exact(desk: Desk) -> None:
    offers = "{a: {deliver: {v: 1}, price: 99.99}, b: {deliver: {v: 1}, discount: 12.5%}}"
    first, second = desk.load(text_of(offers=offers)).offers
    assert (first.price, second.discount) == (9_999, 125_000)


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ("pay: {fee: {model: gift}}", "pay-model", 20),
        ("pay: {g: {model: fee, shipping: 0.001}}", "finer-than-currency", 33),
        ("offers: {a: {deliver: {v: 1}, pay: fees}}", "unknown-pay", 36),
        ("offers: {a: {deliver: {v: 1}, price: 5, discount: 1%}}", "price-and-discount", 51),
        ("offers: {a: {deliver: {v: 1}, price: 5.001}}", "finer-than-currency", 38),
        ("offers: {a: {deliver: {v: 1}, discount: 0.0000001}}", "finer-than-millionth", 41),
        ("offers: {a: {deliver: {v: 1}, to: {pay: fee}}}", "offer-column", 36),
        ("offers: {a: {deliver: {v: 1}, to: {nich: food}}}", "unknown-column", 36),
        ("offers: {a: {deliver: {v: 1}, to: {niche: foood}}}", "unknown-value", 43),
        ("offers: {a: {deliver: {v: 60, w: 60}}}", "too-many", 23),
        ("economics: {order_value: 17.905}", "finer-than-currency", 26),
        ("economics: {margin: 0.00000005}", "finer-than-millionth", 21),
    ],
)
def test_terms_that_cannot_be_are_refused_at_their_place(desk: Desk, line: str, code: str, column: int) -> None:
    assert spot(desk.fault(text_of() + line + "\n")) == (code, NEXT, column)


@pytest.mark.parametrize("key", ["price: 5", "discount: 5%"])
def test_a_gift_has_neither_price_nor_discount(desk: Desk, key: str) -> None:
    text = text_of(pay="{g: {model: gift, post_rate: 1}}", offers=f"{{a: {{deliver: {{v: 1}}, pay: g, {key}}}}}")
    assert desk.fault(text).code == "price-without-fee"


# --- assumptions ---


def test_an_assumption_is_a_table_of_which_a_number_is_one_line(desk: Desk) -> None:
    text = text_of(assume="{engagement_rate: 3%, fee: [{tier: nano, deliverable: post, is: 99.50}, {is: 100}]}")
    assume = desk.load(text).assume
    assert [line.value for line in assume["fee"]] == [9_950, 10_000]
    assert assume["fee"][0].deliverables == ("post",)
    assert str(assume["fee"][0].where) == "tier nano"
    assert [(line.value, line.where) for line in assume["engagement_rate"]] == [(0.03, EVERYTHING)]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("{clik_rate: 1%}", "unknown-figure"),
        ("{followers: 5}", "unknown-figure"),
        ("{audience_fr: 5%}", "unknown-figure"),
        ("{engagement_rate: 4}", "share-above-one"),
        ("{engagement_rate: -1%}", "negative"),
        ("{view_rate: 400}", "share-above-one"),
        ("{fee: 5%}", "not-an-amount"),
        ("{fee: 1.005}", "finer-than-currency"),
        ("{fee: -5}", "negative"),
        ("{fee_pots: 5}", "unknown-deliverable"),
        ("{fee: [{deliverable: pots, is: 5}]}", "unknown-deliverable"),
        ("{fee: [{nich: food, is: 5}]}", "unknown-column"),
        ("{fee: [{tier: nanno, is: 5}]}", "unknown-value"),
        ("{conversion_rate: 1%, conversions_per_engagement: 1%}", "both-conversions"),
    ],
)
def test_a_figure_that_cannot_be_assumed_is_refused(desk: Desk, said: str, code: str) -> None:
    pool = POOL.replace("engagement_rate", "x")
    assert desk.fault(text_of(assume=said), pool).code == code


def test_a_view_rate_that_is_not_believed_is_told_what_it_may_mean(desk: Desk) -> None:
    assert desk.fault(text_of(assume="{view_rate: 400}")).mend == "write 400% if percent is meant, else at most 10"


def test_a_figure_for_what_no_offer_delivers_is_warned_of(desk: Desk) -> None:
    scenario = desk.load(text_of(assume="{engagement_rate: 3%, fee: 100, fee_livestream: 3}"))
    assert 'assume > fee_livestream is not used: no offer delivers "livestream"' in scenario.warnings


def test_a_creator_with_two_ways_to_conversions_is_in_doubt(desk: Desk) -> None:
    pool = "creator,followers,conversion_rate,conversions_per_engagement\na,5000,0.1,0.1\nb,5000,0.1,\n"
    problem = desk.fault(pool=pool)
    assert problem.code == "both-conversions"
    assert problem.cause.startswith("1 creators have both")


# --- fit and economics ---


def test_fit_is_found_by_the_folded_niche(desk: Desk) -> None:
    assert desk.load(text_of(fit="{Food: 100%, other: 0.3}")).fit == {"food": 1.0, "other": 0.3}


def test_economics_are_exact(desk: Desk) -> None:
    scenario = desk.load(text_of(economics="{order_value: 17.90, margin: 45%}"))
    assert (scenario.order_value, scenario.margin) == (1_790, 450_000)


# --- objective ---


def test_an_objective_may_be_a_weighted_mix(desk: Desk) -> None:
    scenario = desk.load(text_of(objective="{minimize: {spend: 1, hours: 2.5, cash: 0}}"))
    assert (scenario.objective.sense, scenario.objective.weights) == (
        "minimize",
        (("spend", Fraction(1)), ("hours", Fraction(5, 2))),
    )


@pytest.mark.parametrize(
    ("objective", "code", "column"),
    [
        ("{maximize: cpa}", "ratio-objective", 13),
        ("{maximize: {spend: 1, roas: 2}}", "ratio-objective", 34),
        ("{minimize: reach}", "reach-not-convex", 13),
        ("{maximize: deliverables.video}", "unknown-quantity", 23),
        ("{maximize: engagement}", "unknown-quantity", 23),
        ("{maximize: {engagement: 2}}", "unknown-quantity", 36),
        ("{maximize: {spend: 0}}", "objective", 12),
    ],
)
def test_an_objective_that_cannot_be_is_refused(desk: Desk, objective: str, code: str, column: int) -> None:
    assert spot(desk.fault(text_of(objective=objective))) == (code, 3, column)


# --- rules ---


def test_the_budget_is_a_rule_like_any_other(desk: Desk) -> None:
    (budget,) = desk.load(text_of(budget="25_000.50")).constraints
    assert (budget.name, budget.measure.quantity, budget.at_most) == ("budget", "spend", Fraction("25000.5"))


@pytest.mark.parametrize(
    ("said", "low", "high", "of"),
    [
        ("quantity: spend, at_most: 5", None, Fraction(5), None),
        ("quantity: creators, exactly: 3", Fraction(3), Fraction(3), None),
        ("quantity: profit, at_least: -100", Fraction(-100), None, None),
        ("quantity: cpa, at_least: 1, at_most: 1.5", Fraction(1), Fraction(3, 2), None),
        ("quantity: engagement_rate, at_least: 3%", Fraction(3, 100), None, None),
        ("quantity: spend, group: {tier: nano}, at_least: 30%", Fraction(3, 10), None, EVERYTHING),
        ("quantity: spend, group: {tier: nano}, at_least: 0.3, of: plan", Fraction(3, 10), None, EVERYTHING),
        ("quantity: spend, group: {tier: nano}, at_least: 30%, of: budget", Fraction(3, 10), None, Fraction(500)),
        ("quantity: spend, at_most: 30%, of: budget", None, Fraction(3, 10), Fraction(500)),
        ("quantity: spend, per: niche, at_most: 40%", None, Fraction(2, 5), EVERYTHING),
    ],
)
def test_bounds_are_exact_and_know_what_they_are_a_share_of(
    desk: Desk, said: str, low: Any, high: Any, of: Any
) -> None:
    found = desk.load(rule(said)).constraints[1]
    assert (found.at_least, found.at_most, found.of) == (low, high, of)


def test_a_share_may_be_of_a_group_and_above_one(desk: Desk) -> None:
    found = desk.load(rule("quantity: spend, group: {tier: nano}, of: {tier: micro}, at_most: 150%")).constraints[1]
    assert (str(found.of), found.at_most) == ("tier micro", Fraction(3, 2))


def test_a_rule_knows_where_it_stands(desk: Desk) -> None:
    origin = desk.load(rule("quantity: spend, at_most: 5")).constraints[1].origin
    assert str(origin).endswith("s.yaml:8:3")


@pytest.mark.parametrize(
    ("said", "code", "column"),
    [
        ("quantity: spend", "no-bound", 3),
        ("quantity: spendings, at_most: 5", "unknown-quantity", 17),
        ("quantity: fee, at_most: 5", "unknown-quantity", 17),
        ("quantity: reach, at_most: 5", "reach-not-convex", 24),
        ("quantity: frequency, at_least: 5", "reach-not-convex", 28),
        ("quantity: deliverables.live, exactly: 2", "unknown-quantity", 17),
        ("quantity: spend, exactly: 5, at_most: 6", "bounds", 24),
        ("quantity: spend, at_least: 7, at_most: 6", "bounds", 34),
        ("quantity: spend, group: {tier: nano}, at_least: 5, at_most: 3%", "bounds", 3),
        ("quantity: spend, at_most: -1", "negative", 33),
        ("quantity: cpa, at_most: -1", "negative", 31),
        ("quantity: creators, at_most: 1.5", "not-whole", 36),
        ("quantity: hours, exactly: 0.00000001", "finer-than-counted", 33),
        ("quantity: spend, exactly: 1.005", "finer-than-currency", 33),
        ("quantity: spend, at_most: 30%", "share-of", 3),
        ("quantity: spend, at_most: 30%, of: plan", "share-of", 3),
        ("quantity: engagements, at_most: 30%, of: budget", "share-of", 48),
        ("quantity: cpa, of: plan, at_most: 3", "share-of", 22),
        ("quantity: profit, group: {tier: nano}, at_least: 5%", "share-of", 3),
        ("quantity: spend, group: {tier: nano}, at_most: 130%", "share-above-one", 54),
        ("quantity: engagement_rate, at_least: 3", "share-above-one", 44),
        ("quantity: spend, group: {tier: nano}, of: {tier: nanno}, at_most: 3%", "unknown-value", 56),
        ("quantity: spend, people: {country: FR}, at_most: 5", "people", 24),
        ("quantity: gross_reach, people: {country: DE}, at_least: 5", "unknown-people", 48),
        ("quantity: gross_reach, people: {country: {from: 1}}, at_least: 5", "range", 48),
        ("quantity: spend, per: nich, at_most: 40%", "unknown-column", 29),
        ("quantity: spend, per: qqqqqqq, at_most: 40%", "unknown-column", 29),
        ("quantity: spend, per: fee, at_most: 40%", "unknown-column", 29),
        ("quantity: spend, per: creator, at_least: 40", "each-at-least", 3),
        ("quantity: spend, among: [food], at_most: 40", "among", 24),
        ("quantity: spend, per: niche, among: [foood], at_most: 40", "unknown-value", 43),
        ("quantity: spend, group: {nich: food}, at_most: 4", "unknown-column", 32),
        ("quantity: spend, group: {zzzz: food}, at_most: 4", "unknown-column", 32),
        ("quantity: spend, group: {niche: foood}, at_most: 4", "unknown-value", 39),
        ("quantity: spend, group: {tier: mega}, at_most: 4", "unknown-value", 38),
        ("quantity: spend, group: {niche: {above: 3}}, at_most: 4", "range", 39),
        ("quantity: spend, group: {pay: {above: 3}}, at_most: 4", "range", 37),
        ("quantity: spend, group: {followers: big}, at_most: 4", "not-a-number", 43),
        ("quantity: spend, group: {offer: bookings}, at_most: 4", "unknown-value", 39),
        ('quantity: spend, group: {creator: "@anna"}, at_most: 4', "unknown-creator", 41),
    ],
)
def test_a_rule_that_cannot_be_is_refused_at_its_place(desk: Desk, said: str, code: str, column: int) -> None:
    assert spot(desk.fault(rule(said))) == (code, 8, column)


def test_a_share_of_a_budget_needs_one(desk: Desk) -> None:
    said = "{r: {quantity: spend, group: {tier: nano}, at_most: 30%, of: budget}}"
    assert desk.fault(text_of(constraints=said)).cause == "there is no budget that this could be a share of"
    assert "budget of 0" in desk.fault(text_of(budget="0", constraints=said)).cause


def test_a_rule_may_not_be_named_like_the_budget(desk: Desk) -> None:
    text = text_of(budget="5", constraints="{budget: {quantity: cash, at_most: 5}}")
    assert spot(desk.fault(text)) == ("name-taken", 7, 15)


def test_without_a_budget_its_name_is_free(desk: Desk) -> None:
    assert desk.load(text_of(constraints="{budget: {quantity: cash, at_most: 5}}"))


# --- filters ---


@pytest.mark.parametrize(
    ("where", "who"),
    [
        ("{niche: food}", ["ana", "cia"]),
        ("{NICHE: FOOD}", ["ana", "cia"]),
        ("{niche: [food, home]}", ["ana", "bea", "cia"]),
        ("{niche: home}", ["bea", "cia"]),
        ("{followers: {above: 5000}}", ["bea", "cia"]),
        ("{followers: {from: 5000, below: 20000}}", ["ana", "cia"]),
        ("{followers: 8e3}", ["cia"]),
        ("{niche: food, platform: tiktok, country: FR}", ["ana"]),
        ("{fee: {to: 100}}", ["ana"]),
        ("{tier: micro}", ["bea"]),
        ('{creator: ["@ANA", bea]}', ["ana", "bea"]),
    ],
)
def test_a_filter_keeps_who_meets_every_condition(desk: Desk, where: str, who: list[str]) -> None:
    assert booked(desk.load(text_of(creators=f"{{file: pool.csv, where: {where}}}"))) == who


def test_a_comparison_with_the_unknown_is_false_and_counted(desk: Desk) -> None:
    scenario = desk.load(text_of(creators="{file: pool.csv, where: {country: [FR, BE]}}"))
    assert booked(scenario) == ["ana", "bea"]
    assert "1 of 4 creators have no country: what asks for country passes them by" in scenario.warnings


def test_a_value_unlike_any_other_is_only_warned_of(desk: Desk) -> None:
    scenario = desk.load(rule("quantity: spend, group: {niche: chess, country: NO}, at_most: 4"))
    assert 'no creator in the pool has niche "chess"' in scenario.warnings
    assert 'no creator in the pool has country "NO"' in scenario.warnings


def test_an_offer_unlike_any_other_is_only_warned_of(desk: Desk) -> None:
    scenario = desk.load(rule("quantity: spend, group: {offer: zzz}, at_most: 4"))
    assert 'no offer has offer "zzz"; there are: booking' in scenario.warnings


def test_the_handle_that_is_suggested_is_written_as_in_the_pool(desk: Desk) -> None:
    assert desk.fault(text_of(include="[annna]")).mend == 'did you mean "@ana"?'


def test_a_handle_in_a_pool_too_large_to_look_through_is_refused_without_a_suggestion(desk: Desk) -> None:
    pool = "creator,followers\n" + "".join(f"c{number},5000\n" for number in range(20_001))
    assert desk.fault(text_of(include="[c20001]"), pool).mend == "correct the handle, or add the creator to the pool"


def test_a_near_name_is_found_among_thousands(desk: Desk) -> None:
    pool = "creator,followers\n" + "".join(f"@user.{number * 7919 % 10_007},5000\n" for number in range(3_000))
    pool += "@lea.lit.and.more,5000\n"
    assert desk.fault(text_of(include="[lea.litt.and.more]"), pool).mend == 'did you mean "@lea.lit.and.more"?'


def test_people_are_those_of_the_creator_or_of_a_measured_audience(desk: Desk) -> None:
    pool = "creator,followers,country,audience_DE\na,5000,FR,0.2\n"
    said = "quantity: gross_reach, people: {country: %s}, at_least: 5"
    assert desk.load(rule(said % "FR"), pool)
    assert desk.load(rule(said % "de"), pool)
    assert desk.fault(rule(said % "NL"), pool).code == "unknown-people"


# --- who must be in, and who may not ---


def test_an_included_creator_is_known_by_position_with_its_terms(desk: Desk) -> None:
    text = text_of(include='[{creator: "@CIA", offer: BOOKING, fee: 650.50}, bea]')
    first, second = desk.load(text).include
    assert (first.creator, first.offer, second.creator, second.offer, second.fee) == (1, None, 2, "booking", 65_050)


def test_a_filter_includes_each_match_that_may_be_booked(desk: Desk) -> None:
    scenario = desk.load(text_of(include="[{niche: food}]"))
    assert [scenario.pool.keys[term.creator] for term in scenario.include] == ["ana", "cia"]


def test_terms_stay_where_a_filter_includes_the_same_creator(desk: Desk) -> None:
    for order in ("[{niche: food}, {creator: ana, fee: 5}]", "[{creator: ana, fee: 5}, {niche: food}]"):
        assert [term.fee for term in desk.load(text_of(include=order)).include] == [500, None]


def test_the_excluded_are_gone(desk: Desk) -> None:
    assert booked(desk.load(text_of(exclude='["@ANA", {followers: {above: 10_000}}]'))) == ["cia"]


def test_an_excluded_creator_who_is_not_in_the_pool_is_warned_of(desk: Desk) -> None:
    assert 'excluded "@nobody" is not in the pool' in desk.load(text_of(exclude='["@nobody"]')).warnings


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ("include: [anna]", "unknown-creator", 11),
        ("include: [big]", "included-outside", 11),
        ("include: [{niche: chess}]", "included-nobody", 11),
        ("include: [{creator: ana, offer: book}]", "unknown-offer", 33),
        ("include: [{creator: ana, fee: 5, price: 6}]", "fee-and-price", 31),
        ("include: [{creator: ana, fee: 5.001}]", "finer-than-currency", 31),
        ("include: [{creator: ana, fee: 5}, {creator: '@ana', fee: 6}]", "included-twice", 35),
        ("include: [{nich: food}]", "unknown-column", 12),
        ("exclude: [{creator: ana, fee: 5}]", "exclude-terms", 11),
        ("exclude: [{nich: food}]", "unknown-column", 12),
        ("exclude: [{followers: {above: 1}}]", "nobody-left", 1),
    ],
)
def test_a_choice_of_creators_that_cannot_be_is_refused(desk: Desk, line: str, code: str, column: int) -> None:
    problem = desk.fault(text_of() + line + "\n")
    assert spot(problem) == (code, 4 if code == "nobody-left" else NEXT, column)


@pytest.mark.parametrize(
    ("include", "parts", "code"),
    [
        ("[ana]", {"exclude": "[ANA]"}, "included-and-excluded"),
        ("[{country: FR}]", {"exclude": "[ana]"}, "included-and-excluded"),
        ("[ana]", {"creators": "{file: pool.csv, where: {niche: home}}"}, "included-unmatched"),
        ("[ana]", {"offers": "{a: {deliver: {v: 1}, to: {tier: micro}}}"}, "included-without-offer"),
        (
            "[{creator: ana, offer: a}]",
            {"offers": "{a: {deliver: {v: 1}, to: {tier: micro}}, b: {deliver: {v: 1}}}"},
            "included-without-offer",
        ),
        (
            "[{creator: ana, offer: a, price: 5}]",
            {"pay": "{g: {model: gift}}", "offers": "{a: {deliver: {v: 1}, pay: g}, b: {deliver: {v: 1}}}"},
            "price-without-fee",
        ),
    ],
)
def test_who_must_be_in_and_may_not_is_a_contradiction(
    desk: Desk, include: str, parts: dict[str, str], code: str
) -> None:
    assert code in {problem.code for problem in desk.faults(text_of(include=include, **parts))}


def test_nobody_left_says_why(desk: Desk) -> None:
    problem = desk.fault(text_of(creators="{file: pool.csv, where: {niche: home}}", exclude="[bea, cia]"))
    assert problem.cause == (
        "no creator is left to book: of 4, 2 do not match `where`, 1 are in no tier, 2 are excluded"
    )


# --- the file of creators ---


@pytest.mark.parametrize(
    ("content", "code", "cause"),
    [
        ("", "pool-empty", "pool.csv: the file is empty"),
        ("creator,fee\n", "pool-no-rows", "there is a header but no row below it"),
        (b"PK\x03\x04xx", "pool-unreadable", "pool.csv: the file is damaged"),
    ],
)
def test_a_fault_of_a_whole_file_is_told_where_it_is_named(
    desk: Desk, content: Any, code: str, cause: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(desk.folder)
    problem = desk.fault(pool=content)
    assert (problem.code, problem.cause) == (code, cause)
    assert spot(problem)[1:] in ((4, 11), (1, None))


def test_a_missing_file_is_told_where_it_is_named(desk: Desk) -> None:
    problem = desk.fault(text_of(creators="{file: poool.csv}"))
    assert spot(problem) == ("pool-missing", 4, 18)


@pytest.mark.parametrize("creators", [None, "", "{bad_rows: skip}"])
def test_a_scenario_without_a_file_of_creators_is_refused_once(desk: Desk, creators: str | None) -> None:
    assert desk.fault(text_of(creators=creators)).code == "missing-key"


def test_a_faulty_key_of_creators_is_not_told_to_be_missing(desk: Desk) -> None:
    assert desk.fault(text_of(creators="[pool.csv]")).code == "not-a-mapping"


def test_a_frame_takes_the_place_of_the_file(desk: Desk) -> None:
    frame = {"creator": ["x"], "followers": np.array([5_000])}
    assert booked(desk.load(text_of(creators=None), creators=frame)) == ["x"]
