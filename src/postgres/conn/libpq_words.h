// Words of libpq's, for our own connections and for its programs.
#pragma once

#include <string_view>

#include "postgres/conn/options.h"

namespace tidemark::postgres {

constexpr std::string_view word_of(SslMode mode) {
  switch (mode) {
    case SslMode::verify_full: return "verify-full";
    case SslMode::verify_ca: return "verify-ca";
    case SslMode::require: return "require";
    case SslMode::disable: break;
  }
  return "disable";
}

// A path that does not exist: libpq then goes on without the file.
inline constexpr std::string_view kNoFile = "/nonexistent";

}  // namespace tidemark::postgres
