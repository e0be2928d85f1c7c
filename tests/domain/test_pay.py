"""Pay models and components: each has its keys, its twin in the verifier, and its row in the reference."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from optimizer.domain.pay import MODELS, Commission, Costs, Fee, PayTerms, Product
from optimizer.loading.schema import Pay
from optimizer.loading.schema import Product as SaidProduct
from optimizer.verification.quantities import PARTS

KINDS = {type(part) for model in MODELS.values() for part in model.parts()}
REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "scenario.md"


def test_each_component_has_a_twin_that_counts_it_alike() -> None:
    assert {kind: kind.counts_as for kind in KINDS} == {kind: counts_as for kind, (counts_as, _) in PARTS.items()}


def test_only_the_commission_is_told_as_one_since_draws_know_its_terms() -> None:
    assert {kind for kind in KINDS if kind.counts_as == "commission"} == {Commission}


def test_each_field_of_a_component_is_a_key_of_a_scenario() -> None:
    said = {"": Pay, "product": SaidProduct}
    for kind in KINDS:
        assert {part.name for part in fields(kind)} <= said[kind.under].model_fields.keys()
        assert set(kind.shares) <= {part.name for part in fields(kind)}
    assert {key for model in MODELS.values() for key in model.needs} <= Pay.model_fields.keys()


@pytest.mark.parametrize("name", MODELS)
def test_each_model_has_a_row_in_the_reference(name: str) -> None:
    table = REFERENCE.read_text(encoding="utf-8").split("| model | fee | commission |")[1].split("\n\n")[0]
    assert f"\n| `{name}` | " in table


@pytest.mark.parametrize("name", MODELS)
def test_a_model_has_its_own_components_as_they_are_set_and_all_others_empty(name: str) -> None:
    parts = {type(part): part for part in MODELS[name].parts()}
    own = {type(part): part for part in MODELS[name].components}
    assert parts == {kind: kind() for kind in (Fee, Commission, Product, Costs)} | own


def test_terms_find_a_component_by_its_kind_and_one_of_nothing_where_they_have_none() -> None:
    terms = PayTerms("both", "hybrid", (Fee(500_000, 300), Commission(60_000)))
    assert (terms.part(Fee), terms.part(Commission)) == terms.components
    assert (terms.part(Product), terms.part(Costs)) == (Product(), Costs())
    assert [terms.has(counts_as) for counts_as in ("fee", "commission", "product", "cash")] == [
        True,
        True,
        False,
        False,
    ]
    assert terms.pays_fee
    assert not PayTerms("gift", "gift", (Fee(minimum_fee=300), Product())).pays_fee
