-- Removes what up.sql made. attrition snowflake down leaves alone what up did not make; if you run this by hand,
-- leave out what was there before.

-- section: database
drop stage if exists $database.$schema.attrition_library;
-- With a schema go its tables, views, models, tasks and stages.
drop schema if exists $database.$schema;
drop database if exists $database;

-- section: raw_schema
-- With it go the raw tables.
drop schema if exists $raw_database.$raw_schema;

-- section: jobs
-- A pool can be dropped only when nothing runs on it.
alter compute pool if exists $compute_pool stop all;
drop compute pool if exists $compute_pool;

-- section: account
drop warehouse if exists $training_warehouse;
drop warehouse if exists $warehouse;
drop resource monitor if exists $monitor;

-- section: user
drop user if exists $user;

-- section: role
-- Last: what it still owned elsewhere goes to the role that drops it.
drop role if exists $role;
