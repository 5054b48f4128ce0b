// HTTP as the rest of the program sees it: a request, a response, and something that carries them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace tidemark::net {

using Headers = std::vector<std::pair<std::string, std::string>>;

// The first value of that name (names compare without case), or nullopt.
std::optional<std::string_view> find_header(const Headers& headers, std::string_view name);

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // absolute; path and query are sent as they stand, byte for byte
  Headers headers;  // sent in this order; transports add only Host, Content-Length and User-Agent
  std::string body;
  Millis deadline{60'000};                     // for the whole exchange
  std::size_t response_bytes_max = 16u << 20;  // a larger body is an error
  // Never sent a second time by the transport itself, when a kept connection breaks before the
  // answer: for what must not meet its own work, such as a creation.
  bool send_once = false;
};

struct HttpResponse {
  int status = 0;
  Headers headers;
  std::string body;
};

// Carries one request, once: no retry, no redirect. Fails with unavailable (connection refused,
// reset, cut short), timed_out, exhausted (body too large), denied (TLS verification), cancelled,
// or invalid_input (a URL it cannot use). Any HTTP status is a response, not an error.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  virtual Result<HttpResponse> send(const HttpRequest& request) = 0;
};

}  // namespace tidemark::net
