create or replace table store.sales (
    sale_id varchar,
    customer_id varchar,
    sold_on date,
    product_type varchar,
    product_id varchar,
    quantity integer,
    amount decimal(12, 2),
    is_return boolean
);

create or replace table store.complaint (
    complaint_id varchar,
    customer_id varchar,
    opened_on date,
    closed_on date,
    reason varchar,
    is_harm boolean
);

create or replace table store.touchpoint (
    touchpoint_id varchar,
    customer_id varchar,
    occurred_on date,
    direction varchar,
    channel varchar,
    has_note boolean
);

create or replace table store.startright (
    event_id varchar,
    customer_id varchar,
    occurred_on date,
    event_type varchar
);

create or replace table store.warranty (
    warranty_id varchar,
    customer_id varchar,
    device_serial varchar,
    starts_on date,
    ends_on date
);

create or replace table store.demographics (
    customer_id varchar,
    valid_from date,
    birth_date date,
    insulin_since date,
    region varchar,
    payer_type varchar,
    diagnosis_type varchar,
    is_auto_reorder boolean
);
