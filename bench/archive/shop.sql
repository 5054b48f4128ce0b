-- Dataset B: the tables of a web shop, and what a day does to them. Variables: users, products,
-- orders, events. Helpers live in schema gen, which is not archived.
\set ON_ERROR_STOP on
SELECT setseed(0.42);
CREATE EXTENSION IF NOT EXISTS pgcrypto;
CREATE SCHEMA gen;

-- 50,000 pronounceable words, in random order.
CREATE TABLE gen.words AS
SELECT row_number() OVER (ORDER BY random()) - 1 AS id, word
FROM (SELECT DISTINCT string_agg(
        substr('bcdfghjklmnprstvwz', 1 + floor(random() * 18)::int, 1) ||
        substr('aeiou', 1 + floor(random() * 5)::int, 1) ||
        CASE WHEN random() < 0.4 THEN substr('nrslt', 1 + floor(random() * 5)::int, 1) ELSE '' END, ''
      ) AS word
      FROM generate_series(1, 60000) i, generate_series(1, 1 + i % 4) GROUP BY i) s
LIMIT 50000;
CREATE UNIQUE INDEX ON gen.words(id);

-- Common words are common: the rank is log-uniform below e^width. The salt keeps the planner from
-- evaluating it once.
CREATE FUNCTION gen.word(width float, salt int) RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT (array_agg(word))[1] FROM gen.words WHERE id = (SELECT floor(exp(random() * width))::int + 0 * salt)
$$;
CREATE FUNCTION gen.sentence(words int) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  sentence text := gen.word(10, 0);
BEGIN
  FOR i IN 2..words LOOP
    sentence := sentence || ' ' || coalesce(gen.word(10, i), 'and');
  END LOOP;
  RETURN sentence;
END $$;
CREATE FUNCTION gen.choice(options text[], skew float) RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT options[1 + floor(random() ^ skew * array_length(options, 1))::int]
$$;
CREATE TABLE gen.agents AS
SELECT i AS id, format(
    'Mozilla/5.0 (%s) AppleWebKit/537.36 (KHTML, like Gecko) %s/%s.0.%s.%s Safari/537.36',
    (ARRAY['Windows NT 10.0; Win64; x64', 'Macintosh; Intel Mac OS X 10_15_7', 'X11; Linux x86_64',
           'iPhone; CPU iPhone OS 16_5 like Mac OS X', 'Linux; Android 13; SM-S901B'])[1 + i % 5],
    (ARRAY['Chrome', 'Firefox', 'Edg'])[1 + i % 3], 90 + i % 30, 4000 + i * 7, i % 200) AS agent
FROM generate_series(0, 59) i;
CREATE UNIQUE INDEX ON gen.agents(id);

CREATE TABLE users(
  id bigserial PRIMARY KEY, uid uuid NOT NULL DEFAULT gen_random_uuid(), email text NOT NULL,
  full_name text NOT NULL, password_hash text NOT NULL, bio text, country char(2),
  settings jsonb NOT NULL, login_count int NOT NULL, is_active boolean NOT NULL,
  created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, last_login_at timestamptz);
CREATE TABLE products(
  id serial PRIMARY KEY, sku text NOT NULL, name text NOT NULL, description text,
  price numeric(10,2) NOT NULL, tags jsonb, created_at timestamptz NOT NULL);
CREATE TABLE orders(
  id bigserial PRIMARY KEY, ref uuid NOT NULL DEFAULT gen_random_uuid(),
  user_id bigint NOT NULL REFERENCES users, status text NOT NULL, total numeric(12,2) NOT NULL,
  currency char(3) NOT NULL, ship_to jsonb NOT NULL, note text, created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL);
CREATE TABLE order_lines(
  order_id bigint NOT NULL REFERENCES orders, line_no int NOT NULL,
  product_id int NOT NULL REFERENCES products, qty int NOT NULL, unit_price numeric(10,2) NOT NULL,
  discount numeric(4,2) NOT NULL, created_at timestamptz NOT NULL, PRIMARY KEY(order_id, line_no));
CREATE TABLE events(
  id bigserial PRIMARY KEY, ts timestamptz NOT NULL, session uuid NOT NULL,
  user_id bigint REFERENCES users, kind text NOT NULL, path text NOT NULL, ip inet NOT NULL,
  user_agent text, status smallint NOT NULL, duration_ms int NOT NULL, payload jsonb NOT NULL);

INSERT INTO users(email, full_name, password_hash, bio, country, settings, login_count, is_active,
                  created_at, updated_at, last_login_at)
SELECT given || '.' || family || i || '@' ||
    gen.choice(ARRAY['gmail.com', 'example.com', 'outlook.com', 'yahoo.com', 'proton.me'], 2),
  initcap(given) || ' ' || initcap(family),
  '$2b$12$' || translate(encode(gen_random_bytes(40), 'base64'), E'+=\n', './'),
  gen.sentence(5 + (random() * 25)::int + 0 * i),
  gen.choice(ARRAY['US', 'GB', 'DE', 'FR', 'BR', 'IN', 'JP', 'CA'], 2),
  jsonb_build_object('theme', gen.choice(ARRAY['light', 'dark', 'auto'], 1),
    'lang', gen.choice(ARRAY['en', 'de', 'fr', 'pt'], 2),
    'notifications', jsonb_build_object('email', random() < 0.7, 'push', random() < 0.4,
                                        'sms', random() < 0.1),
    'tz', 'UTC' || floor(random() * 24)::int - 12, 'items_per_page', 10 * (1 + floor(random() * 5)::int)),
  floor(random() * 500)::int, random() < 0.95, created,
  created + random() * interval '300 days', created + random() * interval '400 days'
FROM (SELECT i, gen.word(8, i) AS given, gen.word(10, i) AS family,
        timestamptz '2022-01-01' + i * (interval '1000 days' / :users) +
        random() * interval '600 s' AS created
      FROM generate_series(1, :users) i) s;

INSERT INTO products(sku, name, description, price, tags, created_at)
SELECT 'SKU-' || upper(substr(md5(i::text), 1, 8)), initcap(gen.sentence(3 + 0 * i)),
  gen.sentence(40 + (random() * 80)::int + 0 * i), round((random() * 300 + 1)::numeric, 2),
  jsonb_build_array(gen.sentence(1 + 0 * i), gen.sentence(1 + 0 * i)),
  timestamptz '2022-01-01' + i * interval '1 hour'
FROM generate_series(1, :products) i;
ANALYZE users, products, gen.words;

CREATE PROCEDURE gen.add_orders(count int, day timestamptz, span interval) LANGUAGE plpgsql AS $$
DECLARE
  user_max bigint := (SELECT max(id) FROM users);
  product_max int := (SELECT max(id) FROM products);
  last_order bigint := (SELECT coalesce(max(id), 0) FROM orders);
BEGIN
  INSERT INTO orders(user_id, status, total, currency, ship_to, note, created_at, updated_at)
  SELECT 1 + floor(random() * user_max)::bigint,
    gen.choice(ARRAY['delivered', 'shipped', 'paid', 'cancelled', 'pending'], 3), 0,
    gen.choice(ARRAY['USD', 'EUR', 'GBP'], 2),
    jsonb_build_object(
      'street', (1 + floor(random() * 999))::text || ' ' || initcap(gen.sentence(1 + 0 * i)) || ' St',
      'city', initcap(gen.word(7, i)), 'zip', lpad(floor(random() * 99999)::int::text, 5, '0'),
      'country', gen.choice(ARRAY['US', 'GB', 'DE', 'FR'], 2)),
    CASE WHEN random() < 0.15 THEN gen.sentence(4 + (random() * 10)::int + 0 * i) END,
    ts, ts + random() * interval '5 days'
  FROM (SELECT i, day + i * (span / count) + random() * interval '20 s' AS ts
        FROM generate_series(1, count) i) s;
  INSERT INTO order_lines
  SELECT o.id, line, p.id, 1 + floor(random() ^ 3 * 6)::int, p.price,
    CASE WHEN random() < 0.1 THEN 0.10 ELSE 0 END, o.created_at
  FROM (SELECT o.id, o.created_at, line, 1 + floor(random() * random() * product_max)::int AS product
        FROM orders o, LATERAL generate_series(1, 1 + floor(random() * 5 + 0 * o.id)::int) line
        WHERE o.id > last_order) o JOIN products p ON p.id = o.product ORDER BY o.id, line;
  UPDATE orders SET total = sums.total
  FROM (SELECT order_id, sum(qty * unit_price) AS total FROM order_lines
        WHERE order_id > last_order GROUP BY 1) sums
  WHERE sums.order_id = orders.id;
END $$;

CREATE PROCEDURE gen.add_events(count int, day timestamptz, span interval) LANGUAGE plpgsql AS $$
DECLARE
  user_max bigint := (SELECT max(id) FROM users);
  product_max int := (SELECT max(id) FROM products);
BEGIN
  INSERT INTO events(ts, session, user_id, kind, path, ip, user_agent, status, duration_ms, payload)
  SELECT ts, md5(who::text || date_trunc('hour', ts)::text)::uuid,
    CASE WHEN random() < 0.8 THEN who END, kind,
    CASE kind WHEN 'view' THEN '/products/' || what WHEN 'search' THEN '/search'
      WHEN 'cart' THEN '/cart/add' WHEN 'login' THEN '/account/login'
      ELSE '/checkout/' || floor(random() * 4)::int END,
    ('10.' || who % 200 || '.' || who * 7 % 251 || '.' || who * 13 % 253)::inet,
    (SELECT agent FROM gen.agents a WHERE a.id = who % 60),
    CASE WHEN random() < 0.97 THEN 200 ELSE 404 END, (exp(random() * 6) * 3)::int,
    CASE kind
      WHEN 'view' THEN jsonb_build_object('product', what,
        'ref', gen.choice(ARRAY['google', 'direct', 'newsletter', 'facebook'], 2),
        'scroll', round(random()::numeric, 3),
        'viewport', gen.choice(ARRAY['1920x1080', '390x844', '1366x768'], 1))
      WHEN 'search' THEN jsonb_build_object('q', gen.sentence(1 + (random() * 4)::int + 0 * i),
        'results', floor(random() * 400)::int, 'page', 1 + floor(random() ^ 4 * 9)::int)
      WHEN 'cart' THEN jsonb_build_object('product', what, 'qty', 1 + floor(random() ^ 3 * 5)::int,
        'value', round((random() * 300)::numeric, 2))
      ELSE jsonb_build_object('method', gen.choice(ARRAY['password', 'oauth', 'magic'], 1),
        'ok', random() < 0.93, 'trace', substr(md5(random()::text), 1, 16)) END
  FROM (SELECT i, day + i * (span / count) + random() * interval '1 s' AS ts,
          1 + floor(random() * random() * user_max)::bigint AS who,
          1 + floor(random() * random() * product_max)::int AS what,
          gen.choice(ARRAY['view', 'view', 'view', 'view', 'search', 'cart', 'login', 'checkout'],
                     1 + 0 * i) AS kind
        FROM generate_series(1, count) i) s;
END $$;

CALL gen.add_orders(:orders, timestamptz '2023-01-01', interval '700 days');
CALL gen.add_events(:events, timestamptz '2024-06-01', interval '180 days');
CREATE INDEX ON users(email);
CREATE INDEX ON orders(user_id);
CREATE INDEX ON orders(created_at);
CREATE INDEX ON order_lines(product_id);
CREATE INDEX ON events(ts);
CREATE INDEX ON events(user_id);
CLUSTER orders USING orders_pkey;  -- the totals were written twice
VACUUM ANALYZE;
