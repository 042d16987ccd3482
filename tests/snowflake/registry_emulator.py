"""Snowflake's Model Registry on this machine: real packaging, real signatures, no server.

`emulated_registry` puts it in the place of `snowflake.ml.registry.Registry`. Arguments are held
against those of the installed class; a logged model is packaged by snowflake-ml, read back from the
package, and run on what the package holds. What is registered is told in the file that the variable
EMULATED_REGISTRY names, so that a test of another process can look.
"""

import contextlib
import inspect
import json
import os
import tempfile
from pathlib import Path, PurePosixPath
from unittest import mock

import yaml
from attrition.snowflake.package_source import CONDA, PYPI, REPOSITORIES, XGBOOST
from emulated_packages import RefusedError, resolve
from packaging.requirements import Requirement
from snowflake.ml._internal.platform_capabilities import PlatformCapabilities
from snowflake.ml._internal.utils.sql_identifier import SqlIdentifier
from snowflake.ml.model import model_signature
from snowflake.ml.model._client.model.model_impl import Model
from snowflake.ml.model._client.model.model_version_impl import ModelVersion
from snowflake.ml.model._model_composer.model_manifest.model_manifest import ModelManifest
from snowflake.ml.model._packager.model_packager import ModelPackager
from snowflake.ml.registry import Registry
from snowflake.ml.registry._manager import model_parameter_reconciler
from snowflake.ml.registry._manager.model_parameter_reconciler import ModelParameterReconciler

MODELS: dict[tuple[str, str, str], "EmulatedModel"] = {}


def checked(real):
    """Refuse arguments that the real method would not take."""

    def decorate(method):
        signature = inspect.signature(inspect.unwrap(real))

        def call(self, *arguments, **named):
            signature.bind(self, *arguments, **named)
            return method(self, *arguments, **named)

        return call

    return decorate


OURS = {"numpy", "pandas", "pyarrow", *XGBOOST.values()}
RECONCILED = (
    "conda_dependencies", "pip_requirements", "target_platforms", "artifact_repository_map",
    "options",
)  # fmt: skip


def reconciled(model, place, asked):
    """Return what snowflake-ml makes of these arguments, as if this were a procedure."""
    with (
        mock.patch.object(model_parameter_reconciler.snowpark_utils, "is_in_stored_procedure",
                          return_value=True),
        mock.patch.object(ModelParameterReconciler, "_pypi_shared_repository_accessible",
                          return_value=False),
    ):  # fmt: skip
        found = ModelParameterReconciler(
            model, None, *map(SqlIdentifier, place), **asked
        ).reconcile()
    kept = (*RECONCILED, "prefer_pip_for_automatic_dependencies")
    return {name: getattr(found, name) for name in kept}


def refuse_what_a_warehouse_cannot_run(folder, meta, settled):
    """Write the manifest as snowflake-ml sends it, and refuse what Snowflake would, or we should.

    What is looser than what trained, or of another source, is not what trained.
    """
    ModelManifest(folder).save(
        model_meta=meta,
        model_rel_path=PurePosixPath("model"),
        options=settled["options"],
        target_platforms=settled["target_platforms"],
    )
    manifest = yaml.safe_load((folder / "MANIFEST.yml").read_text())
    platforms = manifest.get("target_platforms")
    if platforms != ["WAREHOUSE"]:
        raise RefusedError(f"the model is for {platforms}, not for a warehouse")
    [runtime] = manifest["runtimes"].values()
    needed = runtime["dependencies"]
    if "pip" in needed:
        if needed["artifact_repository_map"].get("pip") != REPOSITORIES[PYPI].upper():
            raise RefusedError(f"pip has no repository: {needed['artifact_repository_map']}")
        packages = (folder / needed["pip"]).read_text().splitlines()
    else:
        listed = yaml.safe_load((folder / needed["conda"]).read_text())["dependencies"]
        packages = [one for one in listed if not one.startswith("python")]
    resolve(packages, PYPI if "pip" in needed else CONDA)
    ours = [one for one in packages if Requirement(one).name in OURS]
    loose = [one for one in ours if "==" not in one]
    if loose or len(ours) != len(OURS) - 1:
        raise RefusedError(f"{', '.join(loose or ours)}: not the versions that trained")
    return packages


class EmulatedVersion:
    def __init__(self, model, name, model_object, metrics):
        self.model, self.version_name, self.packaged, self.metrics = (
            model,
            name,
            model_object,
            metrics,
        )

    @checked(ModelVersion.set_alias)
    def set_alias(self, alias_name):
        alias = alias_name.upper()
        if alias in self.model.aliases:
            raise RuntimeError(f"alias {alias} is taken by {self.model.aliases[alias]}")
        if self.version_name in self.model.aliases.values():
            raise RuntimeError(f"version {self.version_name} has an alias already")
        self.model.aliases[alias] = self.version_name
        tell()

    @checked(ModelVersion.unset_alias)
    def unset_alias(self, version_or_alias):
        del self.model.aliases[version_or_alias.upper()]
        tell()

    @checked(ModelVersion.run)
    def run(self, X, *, function_name=None, **_options):
        signature = self.packaged.meta.signatures[function_name]
        rule = model_signature._validate_snowpark_data(X, signature.inputs)
        rows = X.to_pandas()
        names = {
            rule.get_identifier_from_feature(one.name).strip('"'): one.name
            for one in signature.inputs
        }
        given = rows.rename(columns=names)[list(names.values())]
        scored = getattr(self.packaged.model, function_name)(given)
        assert list(scored.columns) == [one.name for one in signature.outputs]
        for one in signature.outputs:
            rows[rule.get_identifier_from_feature(one.name).strip('"')] = scored[
                one.name
            ].to_numpy()
        return X.session.create_dataframe(rows.where(rows.notna(), None))


class EmulatedModel:
    def __init__(self):
        self.versions_by_name, self.aliases, self._default = {}, {}, None

    @checked(Model.version)
    def version(self, version_or_alias):
        name = version_or_alias.upper()
        name = self.aliases.get(name, name)
        if name not in self.versions_by_name:
            raise ValueError(f"Unable to find version or alias with name {name}")
        return self.versions_by_name[name]

    @property
    def default(self):
        return self._default

    @default.setter
    def default(self, version):
        self._default = version
        tell()


class EmulatedRegistry:
    @checked(Registry.__init__)
    def __init__(self, session, *, database_name=None, schema_name=None, options=None):
        self.place = (database_name, schema_name)

    @checked(Registry.get_model)
    def get_model(self, model_name):
        if (*self.place, model_name) not in MODELS:
            raise ValueError(f"Unable to find model {model_name}")
        return MODELS[(*self.place, model_name)]

    @checked(Registry.log_model)
    def log_model(self, model, *, model_name, version_name, metrics, comment, **packaging):
        folder = Path(tempfile.mkdtemp(prefix="emulated_registry_")) / "model"
        asked = {name: packaging.get(name) for name in RECONCILED}
        settled = reconciled(model, self.place, asked)
        ModelPackager(str(folder)).save(
            name=model_name, model=model, **{**packaging, **dict.fromkeys(RECONCILED), **settled}
        )
        packaged = ModelPackager(str(folder))
        packaged.load(as_custom_model=True)
        packages = refuse_what_a_warehouse_cannot_run(folder.parent, packaged.meta, settled)
        logged = MODELS.setdefault((*self.place, model_name), EmulatedModel())
        if version_name in logged.versions_by_name:
            raise ValueError(f"Model {model_name} version {version_name} already existed.")
        version = EmulatedVersion(logged, version_name, packaged, metrics)
        version.packages = packages
        logged.versions_by_name[version_name] = version
        tell()
        return version


def tell():
    """Write what is registered where a test can read it."""
    if path := os.environ.get("EMULATED_REGISTRY"):
        content = {
            ".".join(place): {
                "versions": {
                    name: version.metrics for name, version in model.versions_by_name.items()
                },
                "aliases": model.aliases,
                "default": model.default.version_name if model.default else None,
            }
            for place, model in MODELS.items()
        }
        Path(path).write_text(json.dumps(content))


@contextlib.contextmanager
def emulated_registry():
    # snowflake-ml would ask the account what it can do
    features = PlatformCapabilities.mock_features({})
    with features, mock.patch("snowflake.ml.registry.Registry", EmulatedRegistry):
        yield
