{{ attrition.staged_records('complaint', rules=[
    ('closed_before_opened', 'closed_on < opened_on'),
    ('closed_on_beyond_today', 'closed_on > ' ~ attrition.today()),
]) }}
