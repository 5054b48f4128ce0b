// What went wrong in a transfer, in words that an operator can act on.
#pragma once

#include <string_view>

#include <curl/curl.h>

#include "base/result.h"

namespace tidemark::net {

struct Failure {
  std::string_view host;
  CURLcode code;
  std::string_view detail;  // libcurl's own words, or empty
  CURL* handle;             // to be asked how far the transfer came
};

// Before a connection stood nothing was sent, so a timeout then is unavailable, not timed_out.
Error failure_error(const Failure& failure);

}  // namespace tidemark::net
