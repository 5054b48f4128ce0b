// DBInstance, DBSnapshot and DBInstanceAutomatedBackup elements as values.
#pragma once

#include "aws/rds/model.h"
#include "aws/wire/xml.h"

namespace tidemark::aws::rds {

// Fail with corrupt when what everything hangs on is missing (identifier, ARN, status) or when a
// member is not of its type.
Result<Instance> read_instance(const XmlNode& node);
Result<Snapshot> read_snapshot(const XmlNode& node);
Result<AutomatedBackup> read_automated_backup(const XmlNode& node);

}  // namespace tidemark::aws::rds
