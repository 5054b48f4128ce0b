// Which failures to read an object will be the same tomorrow: it is damaged, or it is not there.
#pragma once

#include "base/result.h"

namespace tidemark::repo {

inline bool lasting(const Error& error) {
  return error.kind == ErrorKind::corrupt || error.kind == ErrorKind::not_found;
}

}  // namespace tidemark::repo
