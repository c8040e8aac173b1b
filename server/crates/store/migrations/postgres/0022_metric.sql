-- What servers counted of functions, by minute and the same again by hour.
create table metric (
  -- A row without service and function is about the whole region.
  region text collate "C" not null,
  service text collate "C" not null,
  function text collate "C" not null,
  qualifier text collate "C" not null,
  -- Milliseconds: of a minute or of an hour.
  width_ms bigint not null,
  -- The beginning.
  at_ms bigint not null,
  -- JSON of model::Figures.
  figures text collate "C" not null,
  primary key (region, service, function, width_ms, at_ms, qualifier)
);

-- Every function at a time, and what is old.
create index metric_by_time on metric (width_ms, at_ms);
