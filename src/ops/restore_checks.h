// Whether a restored instance is what it should be: the last gate before the application is let in.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/contents.h"
#include "core/restore_steps.h"
#include "postgres/catalog/catalog.h"
#include "postgres/conn/connection.h"

namespace tidemark::ops {

struct SqlCheck {
  std::string name;
  std::string sql;
  std::string database;  // empty: that of the connection
};

struct RestoreChecks {
  // Host and port are the restored instance's; without a password only the TLS handshake is
  // checked.
  postgres::ConnectionOptions connection;
  // Where the instance before answers now, or empty: a name that leads there still is not believed,
  // nor one of which nobody can tell.
  std::string replaced_address;
  std::uint16_t replaced_port = 0;               // which need not be that of the restored one
  bool password_is_new = false;                  // it was set by this restore, and may not hold yet
  bool trust_name = false;                       // it is, when the instance before cannot be asked
  std::string version;                           // of PostgreSQL that was restored, "15.20"
  std::optional<core::ServerContents> recorded;  // with the point
  // Of the automated backups: the record is that of the nearest point before, so that what differs
  // from it is only doubtful.
  bool to_a_moment = false;
  std::vector<SqlCheck> sql;
  Seconds patience = std::chrono::minutes(10);  // for names and ports to come up
  Millis pause{500};                            // between two tries, doubled up to 15 s
};

// Whether the server that was found is proven not to be the one before; false when nobody can tell
// and the name is trusted. Fails with unavailable, since both may change by themselves, when it is
// the same server, and when nobody can tell otherwise.
Result<bool> prove_other_server(const RestoreChecks& checks, const postgres::ServerIdentity& found,
                                const Result<postgres::ServerIdentity>& before);

// In this order: a server answers with a certificate that is valid for its name; it is not the
// instance before; its version; it is no standby; databases, extensions and row estimates against
// the record; the operator's own checks. Fails at the first that does not hold; what is only
// doubtful is added to doubts.
Status check_restored(const RestoreChecks& checks, Clock& clock, const StopSignal& stop,
                      std::vector<core::Problem>& doubts);

}  // namespace tidemark::ops
