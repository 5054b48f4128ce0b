-- A day of dataset C: 1 % of both kinds of files appended. Variables: scale, day.
\set ON_ERROR_STOP on
SELECT gen.add_files(greatest(1, :scale / 10)), gen.add_objects(greatest(1, :scale / 100));
VACUUM ANALYZE files, objects;
