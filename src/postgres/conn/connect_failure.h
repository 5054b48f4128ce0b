// Why a connection did not come about, from what libpq says of it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "postgres/conn/options.h"

namespace tidemark::postgres {

// libpq's account of an attempt, with PQERRORS_VERBOSE so that it has the server's SQLSTATE: the
// words after it may be in any language.
struct ConnectFailure {
  std::string sqlstate;  // empty when the failure is not the server's
  std::string message;   // its first line, cleaned
};

ConnectFailure parse_connect_failure(std::string_view libpq_text);

// asked_for_password: the server asked and there was none to give.
Error connect_error(std::string_view libpq_text, bool asked_for_password,
                    const ConnectionOptions& options);

}  // namespace tidemark::postgres
