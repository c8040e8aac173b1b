-- What servers counted of functions, by minute and the same again by hour.
create table metric (
  -- A row without service and function is about the whole region.
  region text not null,
  service text not null,
  function text not null,
  qualifier text not null,
  -- Milliseconds: of a minute or of an hour.
  width_ms integer not null,
  -- The beginning.
  at_ms integer not null,
  -- JSON of model::Figures.
  figures text not null,
  primary key (region, service, function, width_ms, at_ms, qualifier)
) strict, without rowid;

-- Every function at a time, and what is old.
create index metric_by_time on metric (width_ms, at_ms);
