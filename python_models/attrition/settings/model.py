"""The settings of the project: names, types, defaults, allowed values and meaning, defined once.

Everything else that knows about settings is derived from `Settings`: the check of
`attrition check`, the macro `settings_schema` that a plain `dbt build` checks with, and
`docs/settings.md`.
"""

import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Generic, Literal, Self, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    model_serializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from attrition.settings.schema import compact
from attrition.settings.time_grain import buckets_in_horizons, buckets_in_months

T = TypeVar("T")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class _Sparse(_Strict):
    """Keys that stand for nothing are left out, as the macro `setting` leaves them out."""

    @model_serializer(mode="wrap")
    def _only_what_is_given(self, handler: Any) -> dict[str, Any]:
        return {name: value for name, value in handler(self).items() if value is not None}


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _without_repetition(values: tuple[Any, ...]) -> tuple[Any, ...]:
    for position, value in enumerate(values):
        if value in values[:position]:
            raise PydanticCustomError("repeated", "{item} stands there twice", {"item": value})
    return values


def _mode_default(mode: str) -> BeforeValidator:
    """Give a mapping without `mode` the default mode, so that one other key can be set alone."""
    return BeforeValidator(
        lambda value: {"mode": mode, **value} if isinstance(value, Mapping) else value
    )


# What a setting decides beside the version that is trained, which is what the others decide: the
# task (only versions of one task can be compared), or no version, as where the data lies.
_TASK = {"decides": "the task"}
_NO_VERSION = {"decides": "no version"}

Domain = Literal["sales", "complaint", "touchpoint", "startright", "warranty", "demographics"]
_ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f]*$"
Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=250, pattern=_ONE_LINE),
    Field(json_schema_extra={"allowed": "a text on one line, up to 250 characters"}),
]
Place = Annotated[
    str,
    StringConstraints(min_length=1, max_length=1000, pattern=_ONE_LINE),
    Field(json_schema_extra={"allowed": "a text on one line, up to 1000 characters"}),
]
# Accepted records are dated from 1900 on.
Month = Annotated[
    str,
    StringConstraints(pattern=r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$"),
    Field(json_schema_extra={"allowed": "a month as 'YYYY-MM' from 1900 to 2199"}),
]
# In a sentence; the marks that a template is made of are none of its words.
Word = Annotated[
    str,
    StringConstraints(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f-\x9f{}|;]*$"),
    Field(
        json_schema_extra={
            "allowed": "a word up to 40 characters long, without braces, bars and semicolons"
        }
    ),
]
Delimiter = Annotated[
    str,
    StringConstraints(pattern=r"^[^\"\x00-\x08\n-\x1f\x7f-\x9f]$"),
    Field(json_schema_extra={"allowed": "one character, no quote and no line break"}),
]
# Ten years of weeks; longer than any history that still says something of today's customers.
Buckets = Annotated[int, Field(ge=1, le=520)]
WINDOWS_IN_HORIZONS = (0.5, 1, 2)
# What counts rows, customers or money stays below what warehouses and XGBoost count exactly.
MANY = 1_000_000_000
Count = Annotated[int, Field(ge=1, le=MANY)]


def _months(months: int, description: str, **more: str) -> Any:
    """Return a field in time buckets that is, where nothing is given, so many months long."""

    def in_buckets(values: Mapping[str, Any]) -> int:
        # a wrong grain is not among the values, and stops the check anyway
        return buckets_in_months(months, values.get("time_grain", "month"))

    extra = {"default_months": months, **more}
    return Field(default_factory=in_buckets, description=description, json_schema_extra=extra)


def _horizons(shares: tuple[float, ...], description: str) -> Any:
    """Return a field of windows that are, where nothing is given, such shares of the horizon."""

    def in_buckets(values: Mapping[str, Any]) -> tuple[int, ...]:
        # a wrong horizon is not among the values, and stops the check anyway
        return buckets_in_horizons(shares, values.get("attrition_horizon", 1))

    extra = {"default_horizons": shares}
    return Field(default_factory=in_buckets, description=description, json_schema_extra=extra)


def _list_of(item: Any, least: int = 0, most: int = 1000) -> Any:
    """Return the type of a list of `least` to `most` items, none twice."""
    limits = {"uniqueItems": True, "minItems": least, "maxItems": most}
    return Annotated[
        tuple[item, ...],
        Field(min_length=least, max_length=most),
        BeforeValidator(_as_tuple),
        AfterValidator(_without_repetition),
        Field(json_schema_extra=limits),
    ]


def _mapping_of(item: Any) -> Any:
    """Return the type of a mapping of names to items."""
    return Annotated[dict[Text, item], Field(max_length=1000)]


FeatureChoice = Annotated[
    Annotated[Literal["all", "core"], Tag("preset")] | Annotated[_list_of(Text, 1), Tag("names")],
    Discriminator(lambda value: "names" if isinstance(value, (list, tuple)) else "preset"),
]


ColumnName = Annotated[
    str,
    StringConstraints(max_length=100, pattern=r"^[a-z][a-z0-9_]*$"),
    Field(json_schema_extra={"allowed": "a name of lower-case letters, digits and _, up to 100"}),
]
DummyChoice = Annotated[
    Annotated[Literal["all"], Tag("preset")] | Annotated[_list_of(Text), Tag("names")],
    Discriminator(lambda value: "names" if isinstance(value, (list, tuple)) else "preset"),
]


class LastMonthsSplit(_Strict):
    """The snapshots of the newest labelled months are the test."""

    mode: Literal["last_n_months"]
    months: Buckets = Field(
        3, description="how many months; by week 3 are 13 weekly snapshots, 1 is 4 of them"
    )


class LastBucketsSplit(_Strict):
    """The newest labelled snapshots are the test, counted as they are."""

    mode: Literal["last_n_buckets"]
    buckets: Buckets = Field(1, description="how many snapshots, months or weeks as `time_grain`")


class RandomizedSplit(_Strict):
    """A share of the customers is the test."""

    mode: Literal["randomized"]
    perc_test: float = Field(0.2, ge=0.01, le=0.9, description="share of the customers in the test")


Split = Annotated[
    LastMonthsSplit | LastBucketsSplit | RandomizedSplit,
    Field(discriminator="mode"),
    _mode_default("last_n_months"),
]


Cost = Annotated[float, Field(ge=0, le=MANY)]
Worth = Annotated[float, Field(ge=0.01, le=MANY)]
# Less than one in ten thousand is nothing in XGBoost's 32 bits, or no customer at all.
Share = Annotated[float, Field(ge=0.0001, le=1)]


class _Money(_Sparse):
    """What acting costs and brings; all three or none, for `attrition_profit_curve`."""

    cost_of_contact: Cost | None = Field(None, description="cost of contacting one customer")
    value_of_customer: Worth | None = Field(None, description="worth of one customer kept")
    success_rate: Share | None = Field(
        None, description="share of leaving customers that stay when contacted"
    )


class F1Threshold(_Money):
    """The probability with the best F1 on the calibration customers."""

    mode: Literal["f1"]


class FixedThreshold(_Money):
    """A given probability."""

    mode: Literal["fixed"]
    value: float = Field(ge=0, le=1, description="the probability from which the decision is 1")


class CostThreshold(_Strict):
    """The probability from which contacting a customer pays."""

    mode: Literal["cost"]
    cost_of_contact: Cost = Field(description="cost of contacting one customer")
    value_of_customer: Worth = Field(description="worth of one customer kept")
    success_rate: Share = Field(description="share of leaving customers that stay when contacted")


class CapacityThreshold(_Money):
    """As many customers as can be contacted."""

    mode: Literal["capacity"]
    n: Count = Field(description="how many customers can be contacted")


Threshold = Annotated[
    F1Threshold | FixedThreshold | CostThreshold | CapacityThreshold,
    Field(discriminator="mode"),
    _mode_default("f1"),
]


class Range(_Strict, Generic[T]):
    """The values of one hyperparameter that the search may try, both ends included."""

    min: T
    max: T
    log: bool = False

    @model_validator(mode="after")
    def _can_be_searched(self) -> Self:
        if self.min > self.max:
            raise PydanticCustomError("reversed", "min is above max")
        if self.log and self.min <= 0:
            raise PydanticCustomError("log", "a logarithmic range needs a min above 0")
        return self


def _search(number: Any) -> Any:
    """Return the type of a hyperparameter: a fixed `number`, a range of them, or not named."""
    fixed = Annotated[number, Tag("fixed")]
    searched = Annotated[Range[number], Tag("range")]
    is_range = Discriminator(
        lambda value: "range" if isinstance(value, (Mapping, Range)) else "fixed"
    )
    return Annotated[fixed | searched, is_range] | None


Penalty = Annotated[float, Field(ge=0, le=1_000_000)]


class Hyperparameters(_Sparse):
    """Fixed values and ranges of XGBoost's parameters; one not named keeps the search's range."""

    eta: _search(Share) = Field(None, description="learning rate")
    gamma: _search(Penalty) = Field(None, description="smallest gain of a split")
    max_depth: _search(Annotated[int, Field(ge=1, le=10)]) = Field(
        None, description="levels of a tree"
    )
    min_child_weight: _search(Penalty) = Field(None, description="smallest weight of a leaf")
    num_round: _search(Annotated[int, Field(ge=1, le=10_000)]) = Field(
        None, description="number of trees"
    )
    reg_alpha: _search(Penalty) = Field(None, description="L1 penalty")
    reg_lambda: _search(Penalty) = Field(None, description="L2 penalty")
    subsample: _search(Share) = Field(None, description="share of the rows a tree sees")
    colsample_bytree: _search(Share) = Field(None, description="share of the columns a tree sees")
    objective: Literal["binary:logistic"] | None = Field(None, description="loss of the fit")


class Promotion(_Sparse):
    """What a challenger must show before it replaces the champion."""

    metric: Literal["roc_auc", "average_precision", "log_loss", "brier_score"] = Field(
        "roc_auc", description="what is compared on rows that neither version was fitted on"
    )
    min_gain: float = Field(0.0, ge=0, le=1, description="smallest improvement over the champion")
    min_rows: Count = Field(200, description="fewest rows for an automatic promotion")
    min_attritions: Count = Field(30, description="fewest attritions among these rows")
    evidence: Literal["gain", "interval"] = Field(
        "gain",
        description="promote on the measured gain, or only when its whole 95 % interval passes",
    )
    min_roc_auc: float = Field(
        0.6,
        ge=0.5,
        le=1,
        description="with an ROC AUC whose 95 % interval lies below it there is nothing to learn",
    )
    beat_baselines: bool = Field(
        False,
        description="refuse a version that ranks no better than recency, RFM or a logistic "
        "regression on these rows",
    )
    max_ece: float | None = Field(
        None, gt=0, le=1, description="largest expected calibration error on these rows"
    )


class RawCsv(_Strict):
    """How CSV files are written."""

    delimiter: Delimiter = Field(",", description="what stands between two columns")
    encoding: Literal["utf-8", "utf-16", "latin-1"] = Field(
        "utf-8", description="how their characters are written"
    )


class Publish(_Strict):
    """What the copy that people read holds of what is nobody's business."""

    rejected_records: Literal["rules", "records"] = Field(
        "rules",
        description="of a rejected record its table and rule, or key, customer and record too",
    )
    sensitive_features: Literal["selected", "all"] = Field(
        "selected",
        description="of the sensitive features in `modeling_dataset` those a model may use, or all",
    )


class Words(_Sparse):
    """What sentences call what the records hold."""

    event: Word = Field("order", description="a day on which a customer bought or did something")
    events: Word | None = Field(None, description="several of them; null for an s at its end")
    unit: Word = Field("unit", description="what `quantity` counts")
    units: Word | None = Field(None, description="several of them; null for an s at its end")
    product: Word = Field("product", description="what `product_id` names")
    products: Word | None = Field(None, description="several of them; null for an s at its end")
    line: Word = Field("line", description="one record of sales")
    lines: Word | None = Field(None, description="several of them; null for an s at its end")


class Contacts(_Sparse):
    """How many customers are put on the contact list, and how often the same."""

    capacity: Count | None = Field(
        None,
        description="customers for each snapshot; null for the n of `threshold` with mode capacity,"
        " else 100",
    )
    cooldown_days: int = Field(
        90, ge=0, le=3650, description="days until a customer may be on the list again"
    )


class DataSettings(_Strict):
    """Where the raw records come from, and what of the build is published."""

    raw_data: Literal["sample", "source"] = Field(
        "sample",
        description="read the sample in seeds/, or your own records",
        json_schema_extra=_TASK,
    )
    raw_location: Place | None = Field(
        None,
        description="folder or s3:// address that holds `<table>.parquet` or `.csv`",
        json_schema_extra=_NO_VERSION,
    )
    raw_csv: RawCsv = Field(
        RawCsv(), description='how `<table>.csv` is written; its quote is a `"`'
    )
    raw_columns: _mapping_of(_mapping_of(Text | None)) = Field(
        {},
        description="your names of the columns; null for one that is not to be read",
        json_schema_extra={"allowed": "{table: {contract column: your column, or null}}"},
    )
    feature_domains: _list_of(Domain, 1, len(get_args(Domain))) = Field(
        get_args(Domain),
        description="raw tables that exist and become features; `sales` is required",
    )
    publish: Publish = Field(
        Publish(),
        description="what the copy of a DuckDB build holds",
        json_schema_extra=_NO_VERSION,
    )


class TimeSettings(_Strict):
    """Time, population and label."""

    time_grain: Literal["month", "week"] = Field(
        "month",
        description="length of a time bucket",
        json_schema_extra=_TASK,
    )
    attrition_horizon: Buckets = _months(
        6, "time buckets without a purchase that make an attrition", **_TASK
    )
    lookback_windows: _list_of(Buckets, 1, 24) = _horizons(
        WINDOWS_IN_HORIZONS, "lengths of the windowed features, in time buckets"
    )
    supply_days_per_unit: float = Field(
        3, ge=0.0001, le=3650, description="days that one unit of a consumable lasts"
    )
    population: Literal["active", "ever"] = Field(
        "active",
        description="customers who bought within the horizon, or who ever bought",
        json_schema_extra=_TASK,
    )
    target: Literal["is_attrition_c", "is_attrition_s", "is_attrition_cs"] = Field(
        "is_attrition_c",
        description="what stops being bought: consumables, sensors, or either of them",
        json_schema_extra=_TASK,
    )
    num_month_forecast: int = Field(
        6,
        ge=1,
        le=60,
        description="months ahead in `attrition_forecast`, as weeks where buckets are weeks",
        json_schema_extra=_NO_VERSION,
    )
    min_history_months: int = Field(
        0, ge=0, le=520, description="months since the first purchase that a customer needs"
    )
    start_month: Month | None = Field(None, description="first month of the snapshots")
    max_month: Month | None = Field(
        None, description="last month of the snapshots; nothing later is used, as if built then"
    )


class FeatureSettings(_Strict):
    """Columns of the design matrix."""

    features: FeatureChoice = Field("all", description="features the model may use")
    drop: _list_of(Text) = Field(
        (), description="features it may not use; `sensitive` stands for all sensitive ones"
    )
    rename_cols: _mapping_of(ColumnName) = Field(
        {},
        description="your names for features, in the dataset and in all that follows from it",
        json_schema_extra={"allowed": "{feature: new name}"},
    )
    dummy_cols: DummyChoice = Field(
        "all",
        description="features with one column per value: `all` categories, or the named ones; "
        "a category that is not named becomes one column, its levels ranked by how common they are",
    )
    impute: _mapping_of(Literal["median", "mean", "zero", "most_frequent"]) = Field(
        {},
        description="what stands for a missing value, learnt from training rows; the feature `all` "
        "means every one not named; without it XGBoost sends missing values the better way",
        json_schema_extra={"allowed": "{feature, or all: median, mean, zero or most_frequent}"},
    )


class TrainingSettings(_Strict):
    """Split, search and fit."""

    split: Split = Field(
        LastMonthsSplit(mode="last_n_months"), description="how the test is set apart"
    )
    validation: Literal["auto", "last_n_months", "grouped"] = Field(
        "auto", description="tune on a later block of time, or on other customers"
    )
    refit: Literal["all_labelled", "none"] = Field(
        "all_labelled", description="score with a refit on all labels, or with the judged model"
    )
    sampling: Literal["none", "up", "down", "weight"] = Field(
        "none",
        description="balance the fit's rows by repeating, leaving out or weighting; "
        "probabilities are corrected back",
    )
    hyperparameters: Hyperparameters = Field(
        Hyperparameters(), description="fixed values, or ranges as {min, max, log}"
    )
    optimize: Literal["auc", "f1", "accuracy", "log_loss", "average_precision"] = Field(
        "log_loss", description="what tuning makes best on the validation rows"
    )
    num_tuning_rounds: int = Field(20, ge=1, le=10_000, description="trials of the search")
    max_tuning_minutes: float | None = Field(
        None,
        gt=0,
        le=7 * 24 * 60,
        description="no trial starts after this time; a search that it cuts is not reproducible",
    )
    backtest_quarters: int = Field(
        4,
        ge=0,
        le=40,
        description="past quarters on which a new version's recipe is fitted and judged",
        json_schema_extra=_NO_VERSION,
    )
    backtest_max_rows: Count = Field(
        100_000,
        description="most rows of each of these fits, and of each judgement; more are cut by "
        "whole customers",
        json_schema_extra=_NO_VERSION,
    )
    max_rows: Count = Field(
        1_000_000, description="most rows of a fit; more are cut by whole customers"
    )
    random_seed: int = Field(42, ge=0, le=2**31 - 1, description="the one seed")
    engine: Literal["local", "ray", "snowflake_ml_job"] = Field(
        "local",
        description="train where dbt's Python models run, with the final fits on a Ray cluster, "
        "or as a job on a compute pool",
    )
    num_workers: int = Field(
        1,
        ge=1,
        le=100,
        description="workers of `ray`, or nodes of `snowflake_ml_job`, that share a final fit",
    )
    ray_address: Text | None = Field(
        None,
        description="cluster that `ray` joins, as `auto` or host:port; one is started here if null",
        json_schema_extra=_NO_VERSION,
    )
    ray_storage: Place | None = Field(
        None,
        description="folder or s3:// address that all nodes of that cluster reach, for checkpoints",
        json_schema_extra=_NO_VERSION,
    )
    compute_pool: Text | None = Field(
        None,
        description="compute pool on which `snowflake_ml_job` trains",
        json_schema_extra=_NO_VERSION,
    )
    device: Literal["cpu", "cuda"] = Field(
        "cpu",
        description="what XGBoost fits on; what a graphics card fitted is not reproducible",
    )


class DecisionSettings(_Strict):
    """From probability to decision, and from version to champion."""

    calibration: Literal["auto", "none", "sigmoid", "isotonic", "seasonal"] = Field(
        "auto", description="how margins become probabilities"
    )
    threshold: Threshold = Field(
        F1Threshold(mode="f1"), description="probability from which the decision is 1"
    )
    retrain: Literal["when_due", "always", "never"] = Field(
        "when_due",
        description="train when settings or labels are new, at each build, or never",
        json_schema_extra=_NO_VERSION,
    )
    version_label: Text | None = Field(
        None,
        description="your name for what this build trains",
        json_schema_extra=_NO_VERSION,
    )
    champion_version: Text | None = Field(
        None,
        description="version that scores, whatever is best",
        json_schema_extra=_NO_VERSION,
    )
    score_with: Literal["library", "sql"] = Field(
        "library",
        description="scores with reasons by the library, or without reasons by SQL alone, which "
        "starts no procedure on Snowflake",
        json_schema_extra=_NO_VERSION,
    )
    shadow_versions: _list_of(Text, most=100) = Field(
        (),
        description="versions that are scored beside the champion",
        json_schema_extra=_NO_VERSION,
    )
    promotion: Promotion = Field(
        Promotion(),
        description="what a challenger must show to become champion",
        json_schema_extra=_NO_VERSION,
    )


class ActionSettings(_Strict):
    """What is made of the scores for who talks to customers."""

    words: Words = Field(
        Words(),
        description="what the sentences of reasons call things",
        json_schema_extra=_NO_VERSION,
    )
    contacts: Contacts = Field(
        Contacts(),
        description="how `attrition_contact_list` is filled",
        json_schema_extra=_NO_VERSION,
    )


class Settings(
    ActionSettings,
    DecisionSettings,
    TrainingSettings,
    FeatureSettings,
    TimeSettings,
    DataSettings,
):
    """All settings of the project, checked; the fields are the names in `vars`."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain lists, mappings and scalars, as the macro `settings` gives them."""
        return self.model_dump(mode="json")


GROUPS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("Data", DataSettings),
    ("Time, population and label", TimeSettings),
    ("Features", FeatureSettings),
    ("Split, search and fit", TrainingSettings),
    ("Decision and champion", DecisionSettings),
    ("Sentences and contacts", ActionSettings),
)


@functools.cache
def settings_schema() -> Mapping[str, Mapping[str, Any]]:
    """Return {setting: node} in the order of `GROUPS`; see `schema.py` for nodes.

    All callers get the same one, made once.
    """
    nodes = compact(Settings.model_json_schema())
    return MappingProxyType(
        {
            name: {**nodes[name], "group": group}
            for group, model in GROUPS
            for name in model.model_fields
        }
    )


def is_unset(value: Any, node: Mapping[str, Any]) -> bool:
    """Say whether a value stands for the default: nothing, or a text that means nothing."""
    if value is None:
        return True
    is_empty_text = isinstance(value, str) and value.strip().lower() in {"", "null", "none"}
    return bool(node.get("nullable")) and is_empty_text
