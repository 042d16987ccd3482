{{ attrition.staged_records('warranty', rules=[
    ('no_ends_on', 'ends_on is null'),
    ('ends_before_it_starts', 'ends_on < starts_on'),
]) }}
