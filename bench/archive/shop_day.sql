-- A day of dataset B: 2 % of the events appended, 1 % of the users updated at random, 1 % of the
-- orders appended. Variables: day, users, orders, events.
\set ON_ERROR_STOP on
SELECT setseed(0.001 * :day);
CALL gen.add_events(:events / 50, timestamptz '2024-12-01' + :day * interval '1 day', interval '1 day');
UPDATE users SET
  last_login_at = timestamptz '2024-12-01' + :day * interval '1 day' + random() * interval '1 day',
  updated_at = timestamptz '2024-12-01' + :day * interval '1 day' + random() * interval '1 day',
  login_count = login_count + 1,
  settings = jsonb_set(settings, '{theme}', to_jsonb(gen.choice(ARRAY['light', 'dark', 'auto'], 1)))
WHERE id IN (SELECT 1 + floor(random() * :users)::bigint FROM generate_series(1, :users / 100));
CALL gen.add_orders(:orders / 100, timestamptz '2024-12-01' + :day * interval '1 day', interval '1 day');
VACUUM ANALYZE;
