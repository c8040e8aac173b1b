-- One row per call of the writer, not per line.
create table log_chunk (
  request_id text collate "C" not null,
  -- Number of the chunk's first line, counted from 0 within the request.
  first_line bigint not null,
  line_count bigint not null,
  -- Instant of the last line: what the retention goes by.
  at_ms bigint not null,
  instance_id text collate "C" not null,
  -- JSON array of [milliseconds, stream, text].
  lines bytea not null,
  primary key (request_id, first_line)
);

create index log_chunk_age on log_chunk (at_ms);
