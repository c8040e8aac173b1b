-- The request that the console sends to an HTTP function, beside the event of task_parameter: JSON of model::HttpParameters.
create table http_parameter (
  region text collate "C" not null,
  service text collate "C" not null,
  function text collate "C" not null,
  request text not null,
  primary key (region, service, function),
  constraint http_parameter_function_fk foreign key (region, service, function)
    references function (region, service, name) on delete cascade
);
