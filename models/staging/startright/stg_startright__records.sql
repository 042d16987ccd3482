{{ attrition.staged_records('startright') }}
