-- What every RDS for PostgreSQL server has before the customer arrives.
CREATE ROLE rds_superuser;
CREATE ROLE rds_replication;
CREATE ROLE rds_password;
CREATE ROLE rds_iam;
CREATE ROLE rds_ad;
GRANT pg_monitor, pg_signal_backend, pg_checkpoint, rds_replication, rds_password
    TO rds_superuser WITH ADMIN OPTION;
CREATE DATABASE rdsadmin OWNER rdsadmin;
REVOKE ALL ON DATABASE rdsadmin FROM PUBLIC;
