-- A chunk's row becomes its index entry: whose it is, when and how grave its lines are, and how large. Lines are packed in `packed` or lie in
-- the log store under `object`; rows from before have them in `lines` and name no function.
alter table log_chunk add column region text not null default '';
alter table log_chunk add column service text not null default '';
alter table log_chunk add column function text not null default '';
-- Instant of the earliest line; `at_ms` is that of the latest.
alter table log_chunk add column first_at_ms integer not null default 0;
-- Bit 0: lines without a level; bits 1 to 5: DEBUG to CRITICAL. -1: nobody knows.
alter table log_chunk add column levels integer not null default -1;
-- Bytes of the lines before and after packing.
alter table log_chunk add column raw_bytes integer not null default 0;
alter table log_chunk add column stored_bytes integer not null default 0;
alter table log_chunk add column object text not null default '';
-- The last column, so that the others are read without it.
alter table log_chunk add column packed blob not null default x'';

-- Searches and the retention go by it.
drop index log_chunk_age;
create index log_chunk_function on log_chunk (region, service, function, at_ms, request_id, first_line);

-- Objects of the log store to which no row refers: about to be referred to until `after_ms`, to be deleted from then on. 0: being deleted.
create table log_garbage (
  object text not null primary key,
  after_ms integer not null
) strict;

create index log_garbage_age on log_garbage (after_ms);
