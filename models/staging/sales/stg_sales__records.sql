{{ attrition.staged_records('sales') }}
