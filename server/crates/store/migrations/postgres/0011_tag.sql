create table service_tag (
  region text collate "C" not null,
  service text collate "C" not null,
  name text collate "C" not null,
  value text collate "C" not null,
  primary key (region, service, name),
  -- Tags go with their service.
  constraint service_tag_service_fk foreign key (region, service) references service (region, name) on delete cascade
);
