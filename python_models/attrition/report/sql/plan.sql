select
    newest_as_of_date,
    newest_label_date,
    test_starts_on,
    validation_mode,
    fit_row_count,
    fit_attrition_count,
    test_row_count,
    reason,
    settings
from training_plan
