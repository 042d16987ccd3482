"""Raw files that are not the sample: what they must hold, and how `attrition init` reads them."""
