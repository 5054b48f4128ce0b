-- What dataset C has beyond B: files as bytea and as large objects, random bytes. Variable: scale,
-- in percent of 52 MB and of 100 large objects of 512 KB.
\set ON_ERROR_STOP on
CREATE EXTENSION IF NOT EXISTS pgcrypto;
CREATE TABLE files (id bigserial PRIMARY KEY, name text NOT NULL, content bytea NOT NULL);
CREATE TABLE objects (id bigserial PRIMARY KEY, content oid NOT NULL);
CREATE FUNCTION gen.add_files(amount int) RETURNS void LANGUAGE sql AS $$
  INSERT INTO files (name, content)
    SELECT 'file ' || n, (SELECT string_agg(gen_random_bytes(1024), '') FROM generate_series(1, 50) WHERE n > 0)
      FROM generate_series(1, amount) n;
$$;
CREATE FUNCTION gen.add_objects(amount int) RETURNS void LANGUAGE sql AS $$
  INSERT INTO objects (content)
    SELECT lo_from_bytea(0, (SELECT string_agg(gen_random_bytes(1024), '') FROM generate_series(1, 512) WHERE n > 0))
      FROM generate_series(1, amount) n;
$$;
SELECT gen.add_files(10 * :scale), gen.add_objects(:scale);
VACUUM ANALYZE files, objects;
