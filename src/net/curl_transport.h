// CurlTransport: HTTP/1.1 by libcurl. Together with curl_exchange and curl_failure it is the only
// user of that library.
//
// Promises, beyond those of HttpTransport:
//   - TLS 1.2 or newer, certificate and name always verified;
//   - plain http only to this machine and to the metadata addresses of AWS, unless options say so;
//   - no redirect is followed, no cookie kept, no encoding asked for, no ~/.netrc read;
//   - the path and the query go out byte for byte;
//   - proxies come from http_proxy, HTTPS_PROXY, ALL_PROXY and NO_PROXY, read by libcurl; this
//     machine and the metadata addresses are never reached through one;
//   - a stop request ends a transfer at once, also while a name is being resolved.
//
// libcurl sends a request a second time, by itself, when a kept connection turns out to be dead
// before a single byte of the answer came; but not one with send_once, which is then unavailable.
//
// Thread-safe: requests of several threads run at the same time. Connections are kept for the next
// request; a few handles are kept, so an idle transport costs little memory.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/stop.h"
#include "net/http.h"

namespace tidemark::net {

struct CurlOptions {
  std::string ca_bundle;  // PEM file to trust in place of the system's (AWS_CA_BUNDLE), or empty
  std::string user_agent = "tidemark";
  Millis connect_timeout{10'000};
  long low_speed_bytes = 1;  // slower than this a second, for this long, is given up
  Seconds low_speed_time{30};
  bool plain_http_anywhere = false;  // for a sandbox on another machine
};

class CurlExchange;

class CurlTransport final : public HttpTransport {
 public:
  // Borrows the stop signal. Fails with denied when the CA bundle cannot be read.
  static Result<std::unique_ptr<CurlTransport>> open(CurlOptions options, const StopSignal& stop);
  ~CurlTransport() override;
  CurlTransport(const CurlTransport&) = delete;
  CurlTransport& operator=(const CurlTransport&) = delete;

  Result<HttpResponse> send(const HttpRequest& request) override;

 private:
  CurlTransport(CurlOptions options, const StopSignal& stop);
  std::unique_ptr<CurlExchange> take();
  void keep(std::unique_ptr<CurlExchange> exchange);

  const CurlOptions options_;
  const StopSignal& stop_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<CurlExchange>> idle_;
};

}  // namespace tidemark::net
