-- Rows for schema.sql. psql variables: orders (how many), seed. Every value comes from a hash of
-- seed and row number, so the same seed gives the same rows.
SET client_min_messages = warning;
SET TIME ZONE 'UTC';
SELECT set_config('shop.seed', :'seed', true) \g /dev/null

-- A number in [0, n) that looks random.
CREATE FUNCTION pg_temp.pick(what text, row_number bigint, n bigint) RETURNS bigint
LANGUAGE sql AS $$
    SELECT (hashtextextended(what || ':' || row_number, current_setting('shop.seed')::bigint)
            & 9223372036854775807) % n
$$;

INSERT INTO users (email, name, home, attributes, profile, password_hash, created_at)
SELECT 'user' || i || '@example.org',
       (ARRAY['Ada', 'Øyvind', '李雷', 'O''Brien', 'Zoë "Z"', 'back\slash', E'tab\there', ''])
           [1 + pg_temp.pick('name', i, 8)] || ' ' || i,
       ROW('Street, ' || i, 'Cörk', CASE WHEN i % 3 > 0 THEN 'T12' END)::address,
       CASE WHEN i % 4 > 0 THEN hstore(ARRAY['colour', 'odd "key"'], ARRAY['blue', NULL]) END,
       jsonb_build_object('visits', pg_temp.pick('visits', i, 1000),
                          'tags', jsonb_build_array(i % 7, NULL, 'ü'),
                          'nested', jsonb_build_object('deep', jsonb_build_object('x', i))),
       sha256(convert_to('password' || i, 'UTF8')),
       timestamptz '2023-05-01' + pg_temp.pick('created', i, 20000000) * interval '1 second'
FROM generate_series(1, GREATEST(1, :orders / 5)) AS i;

INSERT INTO orders (user_id, state, net, tax, wanted, lines, labels, exact, weight, placed_at)
SELECT 1 + pg_temp.pick('user', i, GREATEST(1, :orders / 5)),
       (ARRAY['new', 'paid', 'sent', 'it''s back'])[1 + pg_temp.pick('state', i, 4)]::order_state,
       pg_temp.pick('net', i, 1000000), pg_temp.pick('tax', i, 100000),
       CASE WHEN i % 5 > 0 THEN daterange(date '2024-01-01' + (i % 300)::int,
                                          CASE WHEN i % 11 > 0 THEN date '2025-03-01' END) END,
       (SELECT jsonb_agg(jsonb_build_object('sku', 'S' || pg_temp.pick('sku', i * 10 + l, 500),
                                            'count', 1 + l, 'gift', l % 2 = 0))
        FROM generate_series(1, 1 + i % 4) AS l),
       CASE WHEN i % 6 > 0 THEN ARRAY['a,b', 'with "quotes"', NULL, '{brace}'] ELSE '{}' END,
       CASE i % 9 WHEN 0 THEN 'NaN'::numeric WHEN 1 THEN NULL
            ELSE (i::numeric ^ 7) / 1000003 END,
       CASE i % 10 WHEN 0 THEN 'Infinity'::float8 WHEN 1 THEN '-0'::float8
            ELSE sqrt(i::float8) END,
       timestamptz '2024-01-01' + pg_temp.pick('placed', i, 60000000) * interval '1 second'
FROM generate_series(1, :orders) AS i;

UPDATE users u SET first_order_id = f.id
FROM (SELECT user_id, min(id) AS id FROM orders GROUP BY user_id) f WHERE f.user_id = u.id;
UPDATE orders SET state = 'sent' WHERE id % 50 = 0;

INSERT INTO events
SELECT md5('event' || i || current_setting('shop.seed'))::uuid,
       timestamptz '2023-11-01' + pg_temp.pick('at', i, 80000000) * interval '1 second',
       CASE WHEN i % 8 > 0 THEN 1 + pg_temp.pick('who', i, GREATEST(1, :orders / 5)) END,
       (ARRAY['click', 'view', 'buy'])[1 + pg_temp.pick('kind', i, 3)],
       CASE WHEN i % 3 > 0 THEN jsonb_build_object('path', '/p/' || i % 97, 'ms', i % 1013) END
FROM generate_series(1, :orders * 3) AS i;

INSERT INTO files (order_id, s3_key, thumbnail, original)
SELECT i, 'uploads/' || i / 100 || '/photo ' || i || ' +&?=ü.jpg',
       decode(repeat(md5(i::text), 1 + (i % 40)::int), 'hex'),
       CASE WHEN i <= 20
            THEN lo_from_bytea(0, decode(repeat(md5('lo' || i), 500 * i::int), 'hex')) END
FROM generate_series(1, GREATEST(1, :orders / 10)) AS i;
SELECT lo_from_bytea(0, ''::bytea) \g /dev/null

INSERT INTO "Odd Schema"."select" VALUES
    (1, 'plain', NULL, '', E'\\N', DEFAULT),
    (2, E'tab\tand\nnewline\rand\\backslash', '表', '\.', NULL, 'nobody'),
    (3, repeat('x', 100000), E'\u00e9 and e\u0301', E'\x01', '"', '');
INSERT INTO "Odd Schema"."a.b/c\d%s" VALUES (1), (NULL);
INSERT INTO no_columns DEFAULT VALUES;
INSERT INTO no_columns DEFAULT VALUES;
INSERT INTO sessions VALUES ('t', '{"lost": "at a crash"}');
INSERT INTO wide_values SELECT i, repeat(md5(i::text), 40000) FROM generate_series(1, 3) AS i;
SELECT setval('invoice_number', 100000 + 7 * :orders % 800000) \g /dev/null
REFRESH MATERIALIZED VIEW revenue;
