#include "postgres/conn/sqlstate.h"

namespace tidemark::postgres {
namespace {

struct Rule {
  std::string_view prefix;
  ErrorKind kind;
};

// The first that fits counts: codes stand before their class.
constexpr Rule kRules[] = {
    {"08", ErrorKind::unavailable},        // connection exceptions
    {"0A", ErrorKind::unsupported},        // feature not supported
    {"23505", ErrorKind::already_exists},  // unique violation
    {"25P03", ErrorKind::timed_out},       // idle in transaction
    {"25P04", ErrorKind::timed_out},       // transaction timeout
    {"28", ErrorKind::denied},             // invalid authorization
    {"3D000", ErrorKind::not_found},       // database
    {"3F000", ErrorKind::not_found},       // schema
    {"40", ErrorKind::conflict},           // rolled back: serialization, deadlock, recovery
    {"42501", ErrorKind::denied},          // insufficient privilege
    {"42704", ErrorKind::not_found},       // object
    {"42P01", ErrorKind::not_found},       // table
    {"42P04", ErrorKind::already_exists},  // database
    {"42P06", ErrorKind::already_exists},  // schema
    {"42P07", ErrorKind::already_exists},  // table
    {"42710", ErrorKind::already_exists},  // object
    {"53300", ErrorKind::unavailable},     // too many connections
    {"53", ErrorKind::exhausted},          // disk, memory
    {"55", ErrorKind::conflict},           // in use, lock not available
    {"57014", ErrorKind::timed_out},       // cancelled, or statement_timeout
    {"57P04", ErrorKind::not_found},       // the database was dropped
    {"57P", ErrorKind::unavailable},       // shutting down, starting up
    {"58", ErrorKind::unavailable},        // system error
    {"XX001", ErrorKind::corrupt},         // data corrupted
    {"XX002", ErrorKind::corrupt},         // index corrupted
};

}  // namespace

ErrorKind kind_of_sqlstate(std::string_view sqlstate) {
  for (const Rule& rule : kRules)
    if (sqlstate.substr(0, rule.prefix.size()) == rule.prefix) return rule.kind;
  return ErrorKind::rejected;
}

}  // namespace tidemark::postgres
