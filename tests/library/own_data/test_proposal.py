"""What is doubtful is said with what to do."""

import pytest
from attrition.own_data.doubts import Doubts
from attrition.own_data.proposal import figure_findings


@pytest.mark.parametrize(
    ("doubts", "words", "fix"),
    [
        (Doubts({"money": ("eur", "usd")}), "`money` names several currencies (eur, usd)", "null"),
        (Doubts(repeated=("total", "order")), "`total` is the same in all lines of each `order`",
         "amount: your_column"),
        (Doubts(heavy=("qty", 0.97, 0.004)), "97% of all units stand in 0.4% of the records: `qty`",
         "quantity: null"),
        (Doubts(no_units=("seats",)), "each sale counts as one", "quantity: your_column"),
        (Doubts(no_money=("fare", "fee")), "nothing reads: fare, fee", "amount: your_column"),
    ],
)  # fmt: skip
def test_each_doubt_is_one_warning_with_its_fix(doubts, words, fix):
    (finding,) = figure_findings(doubts)
    assert finding.status == "warning"
    assert words in finding.text
    assert fix in finding.fix


def test_without_doubts_nothing_is_said():
    assert list(figure_findings(Doubts())) == []
