{{ attrition.staged_records('complaint') }}
