"""The script that draws the figures of the report: run this file to write it after Altair moved.

It is Vega, Vega-Lite and vega-embed as vl-convert-python carries them, for the version that Altair
writes for. The report brings the script along because a page that asks for it would need a
network, and because vl-convert-python itself would take 84 MB of every install.
"""

import altair
import vl_convert
from attrition.report.templates import FOLDER


def bundle() -> str:
    """Return the script for the Vega-Lite that Altair writes for."""
    version = ".".join(altair.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    return f"(()=>{{{vl_convert.javascript_bundle(vl_version=version)}}})();\n"


if __name__ == "__main__":
    FOLDER.joinpath("vega.js").write_text(bundle(), encoding="utf-8")
