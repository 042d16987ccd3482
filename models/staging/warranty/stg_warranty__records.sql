{{ attrition.staged_records('warranty') }}
