-- The tasks that re-execute a task, by age.
create index task_reexecution on task (region, service, function, origin_task_id, seq) where origin_task_id is not null;
