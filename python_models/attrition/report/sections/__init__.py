"""The sections of the report in their order: each asks a question and answers it in parts."""

from attrition.report.part import Section
from attrition.report.sections import data, forecast, made, risk, trust, why, worth

SECTIONS = (
    Section("risk", "Who is at risk?", risk.PARTS),
    Section("worth", "What is it worth?", worth.PARTS),
    Section("forecast", "How many will leave?", forecast.PARTS),
    Section("trust", "Can I trust it?", trust.PARTS),
    Section("why", "Why do they leave?", why.PARTS),
    Section("data", "What is in the data?", data.PARTS),
    Section("made", "How was it made?", made.PARTS),
)
