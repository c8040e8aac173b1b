-- Whose task it is: actions may be about several functions. The tasks of older ones are of the action's own.
alter table bulk_item add column service text collate "C" not null default '';
alter table bulk_item add column function text collate "C" not null default '';

update bulk_item set
  service = (select service from bulk where bulk.id = bulk_id),
  function = (select function from bulk where bulk.id = bulk_id);
