-- What a newer server does not take from this one, by pg_restore either: functions in a library that
-- was built for this version, types that changed, and columns that a child of an inheritance tree
-- generates by itself.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
DO $$
DECLARE
  gone regprocedure;
BEGIN
  FOR gone IN SELECT oid FROM pg_proc WHERE probin LIKE '/tmp/%' LOOP
    IF EXISTS (SELECT FROM pg_proc WHERE oid = gone) THEN
      EXECUTE format('DROP ROUTINE %s CASCADE', gone);
    END IF;
  END LOOP;
END $$;
ALTER TABLE public.tab_core_types DROP COLUMN aclitem;
DROP TABLE public.gtest_normal_child, public.gtest_normal_child2;
