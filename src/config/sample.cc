#include "config/config.h"

namespace tidemark::config {

std::string sample_config() {
  return R"(# Tidemark protects Amazon RDS for PostgreSQL with snapshots that are kept for years.
# Check this file with `tidemark config check`, see what would happen with `tidemark plan`.

# Who made a snapshot: a tag on each one. Two installations in one account need two names.
owner = "tidemark"

# false leaves condemning and deleting to `tidemark prune`, run with other credentials
# thin = true

[aws]
region = "eu-west-1"
# profile = "backup"          # otherwise the usual chain: environment, files, container, instance
# snapshot_quota = 100        # manual snapshots that the account may have in the region

[source.orders]
instance = "orders-prod"      # the DB instance identifier
# policy = "default"

# [repository]                # archives: logical backups outside of RDS
# url = "/srv/backup/tidemark"          # or "s3://bucket/prefix"
# key_file = "/etc/tidemark/repository.key"

# [source.orders.archive]     # made by the daemon; needs [source.orders.database] to log in
# databases = ["shop"]
# policy = "default"

[policy.default]
schedule = "daily 02:30"      # or "weekly sun 03:00", "every 6h", "30 2 * * *"
time_zone = "UTC"             # an IANA zone such as "Europe/Berlin"
keep = { daily = 7, weekly = 8, monthly = 24, yearly = 10 }
# keep_min = 3                # this many newest good points are never deleted
# min_age = "7d"              # nothing younger is condemned
# grace = "7d"                # from condemned to deleted; `tidemark hold` saves a point meanwhile
# overdue_after = "6h"        # how late a point may be before the source counts as overdue
# adopt_legacy = false        # thin snapshots named WeeklyBackup-YYYY-MM-DD by the same rules
)";
}

}  // namespace tidemark::config
