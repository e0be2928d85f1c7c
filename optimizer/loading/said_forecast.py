"""What is expected of creators, and past posts, as a scenario says them.

Each key has a description, which ends with its default in brackets where the default is no plain value: see `schema`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from optimizer.loading import forms
from optimizer.loading.fields import (
    DrawCount,
    Rate,
    Seed,
    Text,
    Whole,
)
from optimizer.loading.said_files import Column, ColumnSource
from optimizer.loading.strict import Strict


class CommonErrors(Strict, title="a mapping"):
    """How far figures may be off for many bookings at once, as standard deviations of logarithms: 0.2 is some 20 %."""

    bias: Rate | None = Field(None, description="of a figure, for all creators, lastingly (default: 0.3)")
    campaign: Rate | None = Field(None, description="of this campaign, for all figures (default: 0.2)")
    platform: Rate | None = Field(None, description="of each platform (default: 0.1)")
    niche: Rate | None = Field(None, description="of each niche (default: 0.1)")


class PostColumnsSaid(Strict, title="our names of columns, each with its name in the file"):
    """Which column of a file of posts is which of ours."""

    creator: Column | None = Field(None, description="the handle of the creator (default: the column creator)")
    platform: Column | None = Field(None, description="the platform of the account (default: the column platform)")
    date: Column | None = Field(None, description="when the post came out (default: the column date)")
    views: Column | None = Field(None, description="what it brought in views (default: the column views)")
    likes: Column | None = Field(None, description="what it brought in likes (default: the column likes)")
    comments: Column | None = Field(None, description="what it brought in comments (default: the column comments)")
    shares: Column | None = Field(None, description="what it brought in shares (default: the column shares)")
    interactions: Column | None = Field(
        None,
        description="what it brought in interactions of all kinds (default: the column interactions, else the sum of"
        " likes, comments and shares)",
    )
    sponsored: Column | None = Field(
        None, description="whether it was sponsored: yes or no (default: the column sponsored)"
    )
    pinned: Column | None = Field(
        None, description="whether it is pinned, and so left out: yes or no (default: the column pinned)"
    )
    paid: Column | None = Field(
        None,
        description="whether views were paid for, so that it is left out: yes or no (default: the column paid)",
    )

    @property
    def named(self) -> dict[str, ColumnSource]:
        """The columns that are named one by one."""
        pairs = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {name: source for name, source in pairs if source is not None}


class PostsFile(Strict, title="a file of posts"):
    """A file with single posts of creators, and how to read it."""

    file: Text = Field(
        title="a file's name",
        description="a file of any kind that creators can be in, with a row for each post; the path starts at this"
        " file",
    )
    sheet: Text | None = Field(
        None, description="the sheet of a workbook, as for creators (default: the only one that holds a table)"
    )
    header: Whole | None = Field(
        None, description="the row that has the names of the columns, as for creators (default: it is found)"
    )
    columns: PostColumnsSaid = Field(
        default_factory=lambda: PostColumnsSaid.model_validate({}),
        description="which of the file's columns is which of ours, as for creators (default: the file's own names)",
    )
    decimal: Literal["comma", "point"] | None = Field(
        None, description="what begins the decimals in this file, as for creators (default: told from the numbers)"
    )


PastPostsField = Annotated[PostsFile, BeforeValidator(forms.creators, json_schema_input_type=Text | PostsFile)]


class ForecastSaid(Strict, title="a mapping"):
    """Which figures are planned with, and how outcomes are drawn."""

    rates: Literal["expected", "pooled", "measured", "cautious"] = Field(
        "expected",
        description="expected: what the next post of a creator will bring, where 30 creators or more have the figure;"
        " pooled: the same for fewer creators; cautious: the lowest tenth of it; measured: the figures of the file",
    )
    unmeasured: Literal["assumed", "expected"] = Field(
        "assumed",
        description="what creators without a figure get: what assume says, or, before that, what is expected of"
        " creators like them",
    )
    past_posts: PastPostsField | None = Field(
        None,
        title="a file's name, or a file of posts",
        description="single posts of creators, which figures then rest on (default: none)",
    )
    common: CommonErrors = Field(
        default_factory=lambda: CommonErrors.model_validate({}),
        description="how far figures may be off for many bookings at once (default: our guesses)",
    )
    draws: DrawCount = Field(
        10_000, description="how often outcomes are drawn for the ranges, from 1,000 to 100,000 (default: 10,000)"
    )
    seed: Seed = Field(1, description="the number that draws begin with, from 0 to 1,000,000 (default: 1)")
