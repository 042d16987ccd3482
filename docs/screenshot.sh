#!/usr/bin/env bash
# Take the picture of the report that stands in the README, of the build and report that are there.
set -euo pipefail
cd "$(dirname "$0")/.."
report=target/report/report.html
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
    echo "There is no Chromium: install it (Debian: apt-get install chromium)." >&2
    exit 1
}
[ -f "$report" ] || {
    echo "There is no $report: run make build and make report first." >&2
    exit 1
}
"$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1280,1040 \
    --screenshot=docs/report.png "file://$PWD/$report" 2>/dev/null
ls -l docs/report.png
