-- One row per call of the writer, not per line.
create table log_chunk (
  request_id text not null,
  -- Number of the chunk's first line, counted from 0 within the request.
  first_line integer not null,
  line_count integer not null,
  -- Instant of the last line: what the retention goes by.
  at_ms integer not null,
  instance_id text not null,
  -- JSON array of [milliseconds, stream, text].
  lines blob not null,
  primary key (request_id, first_line)
) strict;

create index log_chunk_age on log_chunk (at_ms);
