#include "net/curl_failure.h"

#include <fmt/format.h>

#include "base/remote_text.h"

namespace tidemark::net {
namespace {

constexpr std::string_view kTrustHint =
    "Check this machine's clock; behind a proxy that opens TLS, set AWS_CA_BUNDLE to the PEM file "
    "of its authority.";
constexpr std::string_view kProxyHint =
    "Check HTTPS_PROXY, ALL_PROXY and NO_PROXY in the environment.";

Error make(const Failure& failure, ErrorKind kind, std::string_view what,
           std::string_view hint = {}) {
  std::string message = fmt::format("{}: {}", failure.host, what);
  if (const std::string detail = clean_remote_text(failure.detail); !detail.empty())
    message += fmt::format(" ({})", detail);
  return Error{kind, std::move(message), std::string(hint)};
}

// Whether everything up to TLS stood, so that the request may have been sent.
bool was_connected(const Failure& failure) {
  curl_off_t ready_after = 0;
  curl_easy_getinfo(failure.handle, CURLINFO_PRETRANSFER_TIME_T, &ready_after);
  return ready_after > 0;
}

Error timeout_error(const Failure& failure) {
  if (was_connected(failure))
    return make(failure, ErrorKind::timed_out, "no complete answer in time");
  return make(failure, ErrorKind::unavailable, "could not connect in time",
              "Check that a firewall or a missing NAT gateway or VPC endpoint is not in the way.");
}

// A proxy's refusal to open a tunnel; 0 when that is not what happened.
long proxy_status(const Failure& failure) {
  long status = 0;
  curl_easy_getinfo(failure.handle, CURLINFO_HTTP_CONNECTCODE, &status);
  return status >= 300 ? status : 0;
}

}  // namespace

Error failure_error(const Failure& failure) {
  if (const long status = proxy_status(failure); status != 0)
    return make(failure,
                status == 403 || status == 407 ? ErrorKind::denied : ErrorKind::unavailable,
                fmt::format("the proxy refused the connection with status {}", status), kProxyHint);
  switch (failure.code) {
    case CURLE_OPERATION_TIMEDOUT: return timeout_error(failure);
    case CURLE_COULDNT_RESOLVE_HOST:
      return make(failure, ErrorKind::unavailable, "could not resolve host",
                  "Check the region name, the endpoint and this machine's name servers.");
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
      return make(failure, ErrorKind::unavailable, "could not use the proxy", kProxyHint);
    case CURLE_COULDNT_CONNECT: return make(failure, ErrorKind::unavailable, "could not connect");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
      return make(failure, ErrorKind::denied, "TLS verification failed", kTrustHint);
    case CURLE_SSL_CONNECT_ERROR:
      return make(failure, ErrorKind::unavailable, "TLS handshake failed");
    case CURLE_PARTIAL_FILE:
      return make(failure, ErrorKind::unavailable, "the answer was cut short");
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR: return make(failure, ErrorKind::unavailable, "the connection broke");
    case CURLE_FILESIZE_EXCEEDED:
      return make(failure, ErrorKind::exhausted, "the answer is too large");
    case CURLE_URL_MALFORMAT:
      return make(failure, ErrorKind::invalid_input, "libcurl cannot use the url");
    case CURLE_OUT_OF_MEMORY:
    case CURLE_WRITE_ERROR:  // our own callbacks ran out of it
      return make(failure, ErrorKind::exhausted, "out of memory");
    case CURLE_UNSUPPORTED_PROTOCOL:  // of the answer: the url's was checked before
    case CURLE_WEIRD_SERVER_REPLY:
      return make(failure, ErrorKind::unavailable, "the answer is not HTTP");
    default: return make(failure, ErrorKind::unavailable, curl_easy_strerror(failure.code));
  }
}

}  // namespace tidemark::net
