import datetime as dt
from types import SimpleNamespace
from unittest.mock import MagicMock, create_autospec

import pytest
from attrition.command_line import snowflake_project
from attrition.errors import AttritionError
from attrition.snowflake import feature_store
from attrition.snowflake.feature_store import register_feature_views, version_of
from snowflake.ml.feature_store import CreationMode, Entity, FeatureStore, FeatureView
from snowflake.ml.feature_store.feature_view import FeatureViewVersion
from snowflake.snowpark import Session
from snowflake.snowpark.exceptions import SnowparkSQLException

DESCRIPTIONS = {
    "order_count": "Orders so far.",
    "note_score_12m": "What notes say.",
    "of_another_domain": "Not in any of these tables.",
}
DATE = dt.date(2024, 1, 1)
TABLES = {
    "sales": ["CUSTOMER_ID", "AS_OF_DATE", "ORDER_COUNT", "UNDESCRIBED"],
    "complaint": ["CUSTOMER_ID", "AS_OF_DATE", "NOTE_SCORE_12M"],
}


@pytest.fixture
def session():
    created = Session.builder.config("local_testing", True).create()
    # local testing knows one database and schema
    place = f"{created.get_current_database()}.{created.get_current_schema()}".replace('"', "")
    for domain, columns in TABLES.items():
        row = ["c1", DATE, *([1.0] * (len(columns) - 2))]
        frame = created.create_dataframe([row], schema=columns)
        frame.write.save_as_table(f"{place}.int_features__{domain}", mode="overwrite")
    catalog = [[name, text] for name, text in DESCRIPTIONS.items()]
    created.create_dataframe(catalog, schema=["ORIGINAL_NAME", "DESCRIPTION"]).write.save_as_table(
        f"{place}.attrition_feature_catalog", mode="overwrite"
    )
    yield created
    created.close()


class Store:
    """The Feature Store of the installed package, as far as one can be without an account."""

    def __init__(self, monkeypatch):
        self.views, self.entities = {}, {}
        self.store = create_autospec(FeatureStore, instance=True)
        self.store.register_entity.side_effect = self._register_entity
        self.store.list_feature_views.side_effect = self._list
        self.store.register_feature_view.side_effect = self._register
        self.made = create_autospec(FeatureStore, return_value=self.store)
        monkeypatch.setattr("snowflake.ml.feature_store.FeatureStore", self.made)

    def _register_entity(self, entity):
        self.entities[str(entity.name)] = entity
        return entity

    def _list(self, *, entity_name=None, feature_view_name=None, verbose=False):
        rows = [{"NAME": name, "VERSION": version} for name, version in self.views]
        return SimpleNamespace(collect=lambda: rows)

    def _register(self, feature_view, version, *, block=True, overwrite=False):
        key = (str(feature_view.name), str(FeatureViewVersion(version)))
        assert key not in self.views
        assert all(str(entity.name) in self.entities for entity in feature_view.entities)
        self.views[key] = feature_view
        return feature_view


@pytest.fixture
def store(monkeypatch):
    return Store(monkeypatch)


def register(session, **changes):
    database, schema = (
        name.strip('"') for name in (session.get_current_database(), session.get_current_schema())
    )
    arguments = {
        "database": database,
        "schema": schema,
        "warehouse": "a_warehouse",
        "domains": list(TABLES),
        "descriptions": DESCRIPTIONS,
        "version": "V1",
    }
    return register_feature_views(session, **(arguments | changes))


def test_each_domain_is_a_view_of_its_table_by_customer_and_date(session, store):
    told = register(session)
    assert told == [
        "ATTRITION_SALES version V1 is registered.",
        "ATTRITION_COMPLAINT version V1 is registered.",
    ]
    assert set(store.views) == {("ATTRITION_SALES", "V1"), ("ATTRITION_COMPLAINT", "V1")}
    for view in store.views.values():
        assert isinstance(view, FeatureView)
        assert view.refresh_freq is None
        assert str(view.timestamp_col) == "AS_OF_DATE"
        assert [str(key) for entity in view.entities for key in entity.join_keys] == ["CUSTOMER_ID"]
    sales = store.views["ATTRITION_SALES", "V1"]
    assert [str(name) for name in sales.feature_names] == ["ORDER_COUNT", "UNDESCRIBED"]
    assert "from sales" in sales.desc


def test_features_are_described_as_in_the_catalog(session, store):
    register(session)
    described = {
        str(name): text
        for view in store.views.values()
        for name, text in view.feature_descs.items()
    }
    assert described == {
        "ORDER_COUNT": "Orders so far.",
        "UNDESCRIBED": "",
        "NOTE_SCORE_12M": "What notes say.",
    }


def test_the_store_lies_in_the_schema_of_the_tables_and_is_made_where_it_is_not(session, store):
    register(session)
    [call] = store.made.call_args_list
    schema = session.get_current_schema().strip('"')
    assert call.args[1:] == (session.get_current_database().strip('"'), schema, "a_warehouse")
    assert call.kwargs == {"creation_mode": CreationMode.CREATE_IF_NOT_EXIST}
    [entity] = store.entities.values()
    assert isinstance(entity, Entity)


def test_registering_again_leaves_what_is_there(session, store):
    register(session)
    views = dict(store.views)
    assert register(session) == [
        "ATTRITION_SALES version V1 was there already.",
        "ATTRITION_COMPLAINT version V1 was there already.",
    ]
    assert store.views == views
    register(session, version="V2")
    assert len(store.views) == 4


def test_the_version_is_that_of_the_columns_and_of_nothing_else():
    columns = {"sales": ["A", "B"], "complaint": ["C"]}
    version = version_of(columns)
    assert FeatureViewVersion(version) == version == version.upper()
    assert version == version_of({"complaint": ["c"], "sales": ["a", "b"]})
    assert version != version_of({"sales": ["A", "B", "D"], "complaint": ["C"]})
    assert version != version_of({"sales": ["A", "B"]})


def test_a_table_that_is_not_there_is_named_with_what_builds_it(session, store):
    with pytest.raises(AttritionError, match=r"int_features__warranty cannot be read: .*dbt build"):
        register(session, domains=["warranty"])


@pytest.mark.parametrize(
    "refusal",
    [
        SnowparkSQLException("Insufficient privileges to operate on schema 'DEV'.\nmore"),
        RuntimeError("Failed to create feature store DEV."),
        ValueError("Database ATTRITION does not exist."),
    ],
)
def test_a_refusal_says_where_and_which_grants(session, store, refusal):
    store.made.side_effect = refusal
    with pytest.raises(AttritionError, match=r"The Feature Store in .* create view and create tag"):
        register(session)


def test_a_wrong_argument_name_fails_against_the_installed_signatures(store):
    for call in (
        lambda: store.made(None, "d", "s", "w", mode=CreationMode.CREATE_IF_NOT_EXIST),
        lambda: store.store.register_feature_view(None, version_name="V1"),
        lambda: create_autospec(Entity)("CUSTOMER", keys=["CUSTOMER_ID"]),
        lambda: store.store.list_feature_views(entity=feature_store.ENTITY),
    ):
        with pytest.raises(TypeError):
            call()


def test_the_feature_view_takes_no_argument_that_it_does_not_know():
    from inspect import signature

    # FeatureView has **kwargs, which would swallow a misspelt name
    used = {"timestamp_col", "refresh_freq", "desc"}
    assert used <= set(signature(FeatureView.__init__).parameters)


def test_a_project_registers_what_its_settings_and_its_profile_say(session, store, monkeypatch):
    database, schema = (
        name.strip('"') for name in (session.get_current_database(), session.get_current_schema())
    )
    output = {"role": "r", "warehouse": "w", "database": database, "schema": schema}
    connection = MagicMock()
    asked = {}

    def snowflake_output(project_dir, target):
        asked["target"] = target
        return SimpleNamespace(output=output)

    def load_settings(project_dir, abilities):
        assert not abilities.reads_files
        return SimpleNamespace(feature_domains=tuple(TABLES))

    def configs(options):
        assert options == {"connection": connection}
        return SimpleNamespace(create=lambda: session)

    monkeypatch.setattr(snowflake_project, "snowflake_output", snowflake_output)
    monkeypatch.setattr(feature_store, "open_connection", lambda given: connection)
    monkeypatch.setattr(snowflake_project, "load_settings", load_settings)
    monkeypatch.setattr("snowflake.snowpark.Session.builder", SimpleNamespace(configs=configs))
    told = snowflake_project.register_features("a_project", "prod")
    version = version_of(TABLES)
    assert told[0] == f"ATTRITION_SALES version {version} is registered."
    assert asked["target"] == "prod"
    assert store.views["ATTRITION_SALES", version].feature_descs["ORDER_COUNT"] == "Orders so far."
    connection.close.assert_called_once_with()
