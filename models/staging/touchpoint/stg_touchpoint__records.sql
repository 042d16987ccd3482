{{ attrition.staged_records('touchpoint') }}
